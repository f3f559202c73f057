// Layers that move numbers and compute none, and those that join what several give.

const identity = {
  shape: (node, [shape]) => shape,
  forward: (node, [x]) => ({y: x}),
  backward: (node, dy) => [dy],
};

// Outside of training these let everything through.
layers.dropout = layers.spatial_dropout2d = layers.gaussian_noise = identity;

layers.flatten = {...identity, shape: (node, [shape]) => [count(shape)]};

layers.reshape = {
  ...identity,
  shape(node, [shape]) {
    if (count(shape) === count(node.shape)) return node.shape;
    throw new Misfit(`${node.name} makes ${node.shape.join('×')} and gets ${shape.join('×')}`);
  },
};

layers.zero_padding2d = {
  shape: (node, [[height, width, channels]]) => {
    const [top, bottom, left, right] = node.margins;
    return [top + height + bottom, left + width + right, channels];
  },

  forward(node, [x], [shape]) {
    const out = this.shape(node, [shape]), y = new Float32Array(count(out));
    eachRow(node, shape, out, (from, to, size) => y.set(x.subarray(from, from + size), to));
    return {y};
  },

  backward(node, dy, [x], [shape]) {
    const out = this.shape(node, [shape]), dx = new Float32Array(x.length);
    eachRow(node, shape, out, (from, to, size) => dx.set(dy.subarray(to, to + size), from));
    return [dx];
  },
};

/** Where each row of an image is before and after padding: body(from, to, size). */
function eachRow(node, shape, out, body) {
  const size = shape[1] * shape[2], [top, , left] = node.margins;
  for (let row = 0; row < shape[0]; row++) {
    body(row * size, ((row + top) * out[1] + left) * shape[2], size);
  }
}

// Every pixel as a block of equal ones.
layers.up_sampling2d = {
  shape: (node, [[height, width, channels]]) => [
    height * node.size[0], width * node.size[1], channels],

  forward(node, [x], [shape]) {
    const y = new Float32Array(count(this.shape(node, [shape])));
    return {y: y.map((_, i) => x[sourceOf(node, shape, i)])};
  },

  backward(node, dy, [x], [shape]) {
    const dx = new Float32Array(x.length);
    dy.forEach((d, i) => { dx[sourceOf(node, shape, i)] += d; });
    return [dx];
  },
};

function sourceOf(node, [, width, channels], i) {
  const wide = width * node.size[1], pixel = Math.floor(i / channels);
  const row = Math.floor(Math.floor(pixel / wide) / node.size[0]);
  const column = Math.floor((pixel % wide) / node.size[1]);
  return (row * width + column) * channels + i % channels;
}

layers.add = {
  shape(node, [a, b]) {
    if (a.join() === b.join()) return a;
    throw new Misfit(`${node.name} cannot add ${a.join('×')} and ${b.join('×')}`);
  },
  forward: (node, [a, b]) => ({y: a.map((a, i) => a + b[i])}),
  backward: (node, dy) => [dy, dy],
};

// The second may be a vector that scales the channels of the first.
layers.multiply = {
  shape(node, [a, b]) {
    if (a.join() === b.join() || a[a.length - 1] === count(b)) return a;
    throw new Misfit(`${node.name} cannot multiply ${a.join('×')} and ${b.join('×')}`);
  },
  forward: (node, [a, b]) => ({y: a.map((a, i) => a * b[i % b.length])}),

  backward(node, dy, [a, b]) {
    const db = new Float64Array(b.length);
    dy.forEach((d, i) => { db[i % b.length] += d * a[i]; });
    return [dy.map((d, i) => d * b[i % b.length]), Float32Array.from(db)];
  },
};

// Along the channels, one input's after the other's.
layers.concatenate = {
  shape: (node, shapes) => [
    ...shapes[0].slice(0, -1), shapes.reduce((sum, shape) => sum + shape[shape.length - 1], 0)],

  forward(node, inputs, shapes) {
    const width = this.shape(node, shapes).pop();
    const y = new Float32Array(inputs.reduce((sum, x) => sum + x.length, 0));
    eachPart(shapes, (input, own, first) => {
      inputs[input].forEach((x, i) => { y[Math.floor(i / own) * width + first + i % own] = x; });
    });
    return {y};
  },

  backward(node, dy, inputs, shapes) {
    const width = this.shape(node, shapes).pop(), gradients = [];
    eachPart(shapes, (input, own, first) => {
      gradients.push(inputs[input].map((_, i) => dy[Math.floor(i / own) * width + first + i % own]));
    });
    return gradients;
  },
};

function eachPart(shapes, body) {
  let first = 0;
  shapes.forEach((shape, input) => {
    const own = shape[shape.length - 1];
    body(input, own, first);
    first += own;
  });
}
