// Activations: each number by itself, but for the softmax. `slope` gives dy/dx from x and y.

function elementwise(value, slope) {
  return {
    shape: (node, [shape]) => shape,
    forward: (node, [x]) => ({y: x.map((x, i) => value(x, node, i))}),
    backward: (node, dy, [x], shapes, {y}) => [dy.map((d, i) => d * slope(x[i], node, y[i], i))],
  };
}

// max(0, x): the gradient passes where x was above 0, and is masked elsewhere.
layers.relu = elementwise(x => x > 0 ? x : 0, x => x > 0 ? 1 : 0);
layers.relu6 = elementwise(x => Math.min(Math.max(x, 0), 6), x => x > 0 && x < 6 ? 1 : 0);
layers.leaky_relu = elementwise(
  (x, node) => x > 0 ? x : node.slope * x, (x, node) => x > 0 ? 1 : node.slope);
layers.prelu = elementwise(
  (x, node, i) => x > 0 ? x : alphaOf(node, i) * x,
  (x, node, y, i) => x > 0 ? 1 : alphaOf(node, i));
const alphaOf = (node, i) => node.weights.alpha[i % node.weights.alpha.length];
layers.elu = elementwise(
  (x, node) => x > 0 ? x : node.alpha * Math.expm1(x), (x, node, y) => x > 0 ? 1 : y + node.alpha);
const logistic = x => 1 / (1 + Math.exp(-x));
layers.sigmoid = elementwise(logistic, (x, node, y) => y * (1 - y));
layers.tanh = elementwise(Math.tanh, (x, node, y) => 1 - y * y);
layers.silu = elementwise(x => x * logistic(x), x => {
  const share = logistic(x);
  return share * (1 + x * (1 - share));
});
layers.gelu = elementwise(
  x => x * normal(x), x => normal(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI));

/** The distribution function of the standard normal, by the series of its integral. */
function normal(x) {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  let term = x, sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
    term *= x * x / (2 * n + 1);
    sum += term;
  }
  return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
}

/** eˣ / Σ eˣ of each group of `width` numbers. */
function softmax(x, width = x.length) {
  const y = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    const row = Array.from(x.subarray(start, start + width)), most = Math.max(...row);
    const powers = row.map(x => Math.exp(x - most)), sum = powers.reduce((a, b) => a + b, 0);
    y.set(powers.map(power => power / sum), start);
  }
  return y;
}

layers.softmax = {
  shape: (node, [shape]) => shape,
  forward: (node, [x], [shape]) => ({y: softmax(x, shape[shape.length - 1])}),

  // dx = y · (dy − Σ dy · y)
  backward(node, dy, [x], [shape], {y}) {
    const width = shape[shape.length - 1], dx = new Float32Array(x.length);
    for (let start = 0; start < x.length; start += width) {
      let sum = 0;
      for (let i = start; i < start + width; i++) sum += dy[i] * y[i];
      for (let i = start; i < start + width; i++) dx[i] = y[i] * (dy[i] - sum);
    }
    return [dx];
  },
};
