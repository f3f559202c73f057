// Convolutions and the dense layer: every output is a weighted sum. Sums are in double precision.

// kernel: [rows, columns, inputs of a group, filters]
layers.conv2d = {
  shape(node, [shape]) {
    const w = windowsOver(node, shape);
    return [w.outHeight, w.outWidth, node.filters];
  },

  // y[p,q,k] = bias[k] + Σ over taps and channels of x · kernel
  forward(node, [x], [shape]) {
    const w = windowsOver(node, shape), filters = node.filters, {bias} = node.weights;
    const {inputs, width} = groupsOf(node, w);
    const y = new Float32Array(w.outHeight * w.outWidth * filters), sums = new Float64Array(filters);
    const most = node.weights.kernel.length / filters;
    const values = new Float64Array(most), rows = new Int32Array(most);
    w.places.forEach((places, window) => {
      if (bias) sums.set(bias); else sums.fill(0);
      for (let first = 0; first < w.channels; first += inputs) {
        // What is 0 adds nothing.
        let terms = 0;
        for (let n = 0; n < places.length; n += 2) {
          const pixel = places[n] * w.channels + first, row = places[n + 1] * inputs;
          for (let i = 0; i < inputs; i++) {
            if (x[pixel + i] === 0) continue;
            values[terms] = x[pixel + i];
            rows[terms++] = (row + i) * filters;
          }
        }
        const group = first / inputs * width;
        addRows(sums, node.weights.kernel, values, rows, terms, group, group + width);
      }
      y.set(sums, window * filters);
    });
    return {y};
  },

  // every output's gradient goes back to the pixels of its window, each times its weight
  backward(node, dy, [x], [shape]) {
    const w = windowsOver(node, shape), filters = node.filters, {kernel} = node.weights;
    const {inputs, width} = groupsOf(node, w);
    const dx = new Float64Array(x.length);
    w.places.forEach((places, window) => {
      const start = window * filters;
      for (let first = 0; first < w.channels; first += inputs) {
        const group = first / inputs * width;
        let isAlive = false;
        for (let k = group; k < group + width; k++) isAlive ||= dy[start + k] !== 0;
        if (!isAlive) continue;
        for (let n = 0; n < places.length; n += 2) {
          const pixel = places[n] * w.channels + first, row = places[n + 1] * inputs;
          for (let i = 0; i < inputs; i++) {
            const taps = (row + i) * filters;
            let sum = 0;
            for (let k = group; k < group + width; k++) sum += dy[start + k] * kernel[taps + k];
            dx[pixel + i] += sum;
          }
        }
      }
    });
    return [Float32Array.from(dx)];
  },
};

/** The inputs and the filters of one of the groups that the channels are divided into. */
function groupsOf(node, w) {
  const groups = node.groups ?? 1;
  return {inputs: w.channels / groups, width: node.filters / groups};
}

/** Adds values times rows of weights to sums, from one filter to another: four at a time, as that is quicker. */
function addRows(sums, kernel, values, rows, terms, from, to) {
  let t = 0;
  for (; t + 4 <= terms; t += 4) {
    const a = values[t], b = values[t + 1], c = values[t + 2], d = values[t + 3];
    const p = rows[t], q = rows[t + 1], r = rows[t + 2], s = rows[t + 3];
    for (let k = from; k < to; k++) {
      sums[k] += a * kernel[p + k] + b * kernel[q + k] + c * kernel[r + k] + d * kernel[s + k];
    }
  }
  for (; t < terms; t++) {
    const a = values[t], p = rows[t];
    for (let k = from; k < to; k++) sums[k] += a * kernel[p + k];
  }
}

// Each channel by itself, into `multiplier` of them; kernel: [rows, columns, channels, multiplier]
layers.depthwise_conv2d = {
  shape(node, [shape]) {
    const w = windowsOver(node, shape);
    return [w.outHeight, w.outWidth, shape[2] * node.multiplier];
  },

  forward(node, [x], [shape]) {
    const w = windowsOver(node, shape), {kernel, bias} = node.weights;
    const filters = w.channels * node.multiplier;
    const y = new Float32Array(w.outHeight * w.outWidth * filters), sums = new Float64Array(filters);
    w.places.forEach((places, window) => {
      const start = window * filters;
      if (bias) sums.set(bias); else sums.fill(0);
      for (let n = 0; n < places.length; n += 2) {
        const pixel = places[n] * w.channels, tap = places[n + 1];
        for (let k = 0; k < filters; k++) {
          sums[k] += x[pixel + Math.floor(k / node.multiplier)] * kernel[tap * filters + k];
        }
      }
      y.set(sums, start);
    });
    return {y};
  },

  backward(node, dy, [x], [shape]) {
    const w = windowsOver(node, shape), {kernel} = node.weights;
    const filters = w.channels * node.multiplier, dx = new Float64Array(x.length);
    w.places.forEach((places, window) => {
      const start = window * filters;
      for (let n = 0; n < places.length; n += 2) {
        const pixel = places[n] * w.channels, tap = places[n + 1];
        for (let k = 0; k < filters; k++) {
          dx[pixel + Math.floor(k / node.multiplier)] += dy[start + k] * kernel[tap * filters + k];
        }
      }
    });
    return [Float32Array.from(dx)];
  },
};

// kernel: [inputs, units]
layers.dense = {
  shape(node, [shape]) {
    const inputs = node.weights.kernel.length / node.units;
    if (shape.length !== 1 || shape[0] !== inputs) {
      throw new Misfit(`${node.name} has weights for ${inputs} inputs and gets ${count(shape)}`);
    }
    return [node.units];
  },

  forward(node, [x]) {
    const {kernel, bias} = node.weights, units = node.units;
    const sums = new Float64Array(units);
    if (bias) sums.set(bias);
    for (let i = 0; i < x.length; i++) {
      const value = x[i];
      if (value === 0) continue;
      for (let j = 0; j < units; j++) sums[j] += value * kernel[i * units + j];
    }
    return {y: Float32Array.from(sums)};
  },

  backward(node, dy, [x]) {
    const {kernel} = node.weights, units = node.units;
    const dx = new Float32Array(x.length);
    for (let i = 0; i < x.length; i++) {
      let sum = 0;
      for (let j = 0; j < units; j++) sum += dy[j] * kernel[i * units + j];
      dx[i] = sum;
    }
    return [dx];
  },
};
