'use strict';
// How a kernel or a pooling window slides over an image. Images are [height, width, channels], row by
// row, the channels of a pixel side by side.

/** The kinds of layers: how each finds its output's shape, computes forwards and backwards. */
const layers = {};

const count = shape => shape.reduce((product, extent) => product * extent, 1);

/** What does not fit, in words for the reader. */
class Misfit extends Error {}

/** The windows over an image of a shape: {height, …, outHeight, outWidth, top, left, places}. */
function windowsOver(node, shape) {
  const known = knownWindows.get(node);
  if (known?.key === shape.join()) return known.windows;
  const windows = makeWindows(node, shape);
  knownWindows.set(node, {key: shape.join(), windows});
  return windows;
}
const knownWindows = new WeakMap();

function makeWindows(node, shape) {
  if (shape.length !== 3) throw new Misfit(`${node.name} takes an image, not ${shape.join('×')}`);
  const {kernel, stride, padding} = node.window;
  const dilation = node.window.dilation ?? [1, 1];
  const axis = i => {
    const reach = (kernel[i] - 1) * dilation[i] + 1;
    let before, after;
    if (padding === 'same') {
      const outputs = Math.ceil(shape[i] / stride[i]);
      const total = Math.max((outputs - 1) * stride[i] + reach - shape[i], 0);
      before = Math.floor(total / 2);
      after = total - before;
    } else {
      [before, after] = i === 0 ? [padding[0], padding[1]] : [padding[2], padding[3]];
    }
    const outputs = Math.floor((shape[i] + before + after - reach) / stride[i]) + 1;
    if (outputs < 1) {
      throw new Misfit(`a window of ${kernel.join('×')} does not fit into ${shape[0]}×${shape[1]}`);
    }
    return [before, outputs];
  };
  const [top, outHeight] = axis(0), [left, outWidth] = axis(1);
  const [height, width, channels] = shape;
  const w = {height, width, channels, kernel, stride, dilation, top, left, outHeight, outWidth};
  w.places = [];
  for (let p = 0; p < outHeight; p++) {
    for (let q = 0; q < outWidth; q++) w.places.push(Int32Array.from(placesOfWindow(w, p, q)));
  }
  return w;
}

// The pixels of the window of output (p, q) that are inside the image, two numbers each: its place,
// row · width + column, and its tap, that of the kernel: row · columns + column.
function placesOfWindow(w, p, q) {
  const places = [];
  for (let r = 0; r < w.kernel[0]; r++) {
    const row = p * w.stride[0] - w.top + r * w.dilation[0];
    if (row < 0 || row >= w.height) continue;
    for (let s = 0; s < w.kernel[1]; s++) {
      const column = q * w.stride[1] - w.left + s * w.dilation[1];
      if (column >= 0 && column < w.width) {
        places.push(row * w.width + column, r * w.kernel[1] + s);
      }
    }
  }
  return places;
}
