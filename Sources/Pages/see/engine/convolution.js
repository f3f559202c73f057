// Convolutions and the dense layer: every output is a weighted sum. Sums are in double precision.

// kernel: [rows, columns, inputs of a group, filters]
layers.conv2d = {
  shape(node, [shape]) {
    const w = windowsOver(node, shape);
    return [w.outHeight, w.outWidth, node.filters];
  },

  // y[p,q,k] = bias[k] + Σ over taps and channels of x · kernel
  forward(node, [x], [shape]) {
    const w = windowsOver(node, shape), filters = node.filters, {kernel, bias} = node.weights;
    const groups = node.groups ?? 1, inputs = w.channels / groups, width = filters / groups;
    const y = new Float32Array(w.outHeight * w.outWidth * filters), sums = new Float64Array(filters);
    w.places.forEach((places, window) => {
      const start = window * filters;
      if (bias) sums.set(bias); else sums.fill(0);
      for (let n = 0; n < places.length; n += 2) {
        const pixel = places[n] * w.channels, tap = places[n + 1];
        for (let c = 0; c < w.channels; c++) {
          const value = x[pixel + c];
          if (value === 0) continue;
          const group = Math.floor(c / inputs), first = group * width;
          const taps = (tap * inputs + c - group * inputs) * filters;
          for (let k = first; k < first + width; k++) sums[k] += value * kernel[taps + k];
        }
      }
      y.set(sums, start);
    });
    return {y};
  },

  // every output's gradient goes back to the pixels of its window, each times its weight
  backward(node, dy, [x], [shape]) {
    const w = windowsOver(node, shape), filters = node.filters, {kernel} = node.weights;
    const groups = node.groups ?? 1, inputs = w.channels / groups, width = filters / groups;
    const dx = new Float64Array(x.length);
    const live = new Int32Array(filters);
    w.places.forEach((places, window) => {
      const start = window * filters;
      let lives = 0;
      for (let k = 0; k < filters; k++) if (dy[start + k] !== 0) live[lives++] = k;
      if (lives === 0) return;
      for (let n = 0; n < places.length; n += 2) {
        const pixel = places[n] * w.channels, tap = places[n + 1];
        for (let i = 0; i < inputs; i++) {
          const taps = (tap * inputs + i) * filters;
          for (let j = 0; j < lives; j++) {
            const k = live[j];
            dx[pixel + Math.floor(k / width) * inputs + i] += dy[start + k] * kernel[taps + k];
          }
        }
      }
    });
    return [Float32Array.from(dx)];
  },
};

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
