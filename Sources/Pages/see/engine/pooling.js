// Pooling: one number for each window of each channel.

const poolShape = (node, [shape]) => {
  const w = windowsOver(node, shape);
  return [w.outHeight, w.outWidth, w.channels];
};

// The largest number of the window, of equal ones the first. Its derivative is 1 for that one and 0 for
// all others, so the gradient goes to it whole; argmax says where it was: row · columns + column of the
// window.
layers.max_pool2d = {
  shape: poolShape,

  forward(node, [x], [shape]) {
    const w = windowsOver(node, shape), size = w.outHeight * w.outWidth * w.channels;
    const y = new Float32Array(size), argmax = new Int32Array(size);
    w.places.forEach((places, window) => {
      const start = window * w.channels;
      for (let c = 0; c < w.channels; c++) {
        let best = 0, winner = -1;
        for (let n = 0; n < places.length; n += 2) {
          const value = x[places[n] * w.channels + c], tap = places[n + 1];
          if (winner < 0 || value > best) [best, winner] = [value, tap];
        }
        y[start + c] = best;
        argmax[start + c] = Math.max(winner, 0);
      }
    });
    return {y, argmax};
  },

  // dx is the sum of dy over the windows that a pixel has won
  backward(node, dy, [x], [shape], {argmax}) {
    const w = windowsOver(node, shape), dx = new Float32Array(x.length);
    w.places.forEach((places, window) => {
      const start = window * w.channels;
      for (let n = 0; n < places.length; n += 2) {
        const pixel = places[n] * w.channels, tap = places[n + 1];
        for (let c = 0; c < w.channels; c++) {
          if (argmax[start + c] === tap) dx[pixel + c] += dy[start + c];
        }
      }
    });
    return [dx];
  },
};

// The mean of the window's pixels inside the image; each gets an equal share of the gradient.
layers.avg_pool2d = {
  shape: poolShape,

  forward(node, [x], [shape]) {
    const w = windowsOver(node, shape);
    const y = new Float32Array(w.outHeight * w.outWidth * w.channels);
    w.places.forEach((places, window) => {
      const start = window * w.channels;
      for (let c = 0; c < w.channels; c++) {
        let sum = 0;
        for (let n = 0; n < places.length; n += 2) sum += x[places[n] * w.channels + c];
        y[start + c] = places.length === 0 ? 0 : 2 * sum / places.length;
      }
    });
    return {y};
  },

  backward(node, dy, [x], [shape]) {
    const w = windowsOver(node, shape), dx = new Float32Array(x.length);
    w.places.forEach((places, window) => {
      const start = window * w.channels;
      const share = 2 / places.length;
      for (let n = 0; n < places.length; n += 2) {
        const pixel = places[n] * w.channels;
        for (let c = 0; c < w.channels; c++) dx[pixel + c] += dy[start + c] * share;
      }
    });
    return [dx];
  },
};

const globalShape = (node, [shape]) => {
  if (shape.length !== 3) throw new Misfit(`${node.name} takes an image, not ${shape.join('×')}`);
  return [shape[2]];
};

layers.global_max_pool2d = {
  shape: globalShape,

  forward(node, [x], [shape]) {
    const channels = shape[2], y = new Float32Array(channels), argmax = new Int32Array(channels);
    y.set(x.subarray(0, channels));
    for (let i = channels; i < x.length; i++) {
      const c = i % channels;
      if (x[i] > y[c]) [y[c], argmax[c]] = [x[i], (i - c) / channels];
    }
    return {y, argmax};
  },

  backward(node, dy, [x], [shape], {argmax}) {
    const channels = shape[2], dx = new Float32Array(x.length);
    for (let c = 0; c < channels; c++) dx[argmax[c] * channels + c] = dy[c];
    return [dx];
  },
};

layers.global_avg_pool2d = {
  shape: globalShape,

  forward(node, [x], [shape]) {
    const channels = shape[2], sums = new Float64Array(channels);
    for (let i = 0; i < x.length; i++) sums[i % channels] += x[i];
    return {y: Float32Array.from(sums, sum => sum / (shape[0] * shape[1]))};
  },

  backward(node, dy, [x], [shape]) {
    return [x.map((_, i) => dy[i % shape[2]] / (shape[0] * shape[1]))];
  },
};
