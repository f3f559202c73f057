// Normalizations, as they are outside of training, and what shifts and scales.

// Batch normalization with its running statistics: a factor and a shift for each channel.
layers.batch_norm = {
  shape: (node, [shape]) => shape,

  forward(node, [x]) {
    const {gamma, beta, moving_mean: mean} = node.weights, factors = factorsOf(node);
    const channels = mean.length;
    return {
      y: x.map((x, i) => {
        const c = i % channels;
        return (x - mean[c]) * factors[c] * (gamma ? gamma[c] : 1) + (beta ? beta[c] : 0);
      }),
    };
  },

  backward(node, dy) {
    const {gamma} = node.weights, factors = factorsOf(node), channels = factors.length;
    return [dy.map((d, i) => d * factors[i % channels] * (gamma ? gamma[i % channels] : 1))];
  },
};
const factorsOf = node =>
  Array.from(node.weights.moving_variance, variance => 1 / Math.sqrt(variance + node.epsilon));

layers.normalization = {
  shape: (node, [shape]) => shape,

  forward(node, [x]) {
    const {mean, variance} = node.weights, channels = mean.length;
    const factors = Array.from(variance, variance => 1 / Math.max(Math.sqrt(variance), 1e-7));
    return {y: x.map((x, i) => (x - mean[i % channels]) * factors[i % channels])};
  },

  backward(node, dy) {
    const {variance} = node.weights, channels = variance.length;
    return [dy.map((d, i) => d / Math.max(Math.sqrt(variance[i % channels]), 1e-7))];
  },
};

/** Normalizes sets of numbers, each by its own mean and variance; `setOf` tells a number's set. */
function normalizer(setsIn, setOf) {
  const affine = (node, i) => {
    const {gamma, beta} = node.weights, width = (gamma ?? beta)?.length ?? 1;
    return [gamma ? gamma[i % width] : 1, beta ? beta[i % width] : 0];
  };
  const statistics = (node, x, shape) => {
    const sets = setsIn(node, shape), size = x.length / sets;
    const means = new Float64Array(sets), variances = new Float64Array(sets);
    x.forEach((x, i) => { means[setOf(node, shape, i)] += x / size; });
    x.forEach((x, i) => {
      const set = setOf(node, shape, i);
      variances[set] += (x - means[set]) ** 2 / size;
    });
    return {size, means, factors: variances.map(v => 1 / Math.sqrt(v + node.epsilon))};
  };
  return {
    shape: (node, [shape]) => shape,

    forward(node, [x], [shape]) {
      const {means, factors} = statistics(node, x, shape);
      return {
        y: x.map((x, i) => {
          const set = setOf(node, shape, i), [gamma, beta] = affine(node, i);
          return (x - means[set]) * factors[set] * gamma + beta;
        }),
      };
    },

    // With g = dy · γ and n the normalized numbers: dx = factor · (g − mean of g − n · mean of g · n)
    backward(node, dy, [x], [shape]) {
      const {size, means, factors} = statistics(node, x, shape);
      const sums = new Float64Array(means.length), products = new Float64Array(means.length);
      const normalized = (x, set) => (x - means[set]) * factors[set];
      dy.forEach((d, i) => {
        const set = setOf(node, shape, i), g = d * affine(node, i)[0];
        sums[set] += g / size;
        products[set] += g * normalized(x[i], set) / size;
      });
      return [dy.map((d, i) => {
        const set = setOf(node, shape, i), g = d * affine(node, i)[0];
        return factors[set] * (g - sums[set] - normalized(x[i], set) * products[set]);
      })];
    },
  };
}

// The channels of each position, or all numbers of a sample.
layers.layer_norm = normalizer(
  (node, shape) => node.axes === 'all' ? 1 : count(shape) / shape[shape.length - 1],
  (node, shape, i) => node.axes === 'all' ? 0 : Math.floor(i / shape[shape.length - 1]));

layers.group_norm = normalizer(
  node => node.groups,
  (node, shape, i) => {
    const channels = shape[shape.length - 1];
    return Math.floor((i % channels) / (channels / node.groups));
  });

layers.rescaling = {
  shape: (node, [shape]) => shape,
  forward: (node, [x]) => ({y: x.map(x => x * node.scale + node.offset)}),
  backward: (node, dy) => [dy.map(d => d * node.scale)],
};
