#include "../convolution_form.h"

// Copies an image [height, width, inputs] into its border of zeros.
static void pad_image(const ConvolutionForm *f, const float *image, float *padded) {
  size_t line = f->paddedWidth * f->inputs;
  memset(padded, 0, f->paddedHeight * line * sizeof(float));
  for (size_t h = 0; h < f->height; h++) {
    ptrdiff_t row = (ptrdiff_t)(h * f->spreadHeight) + f->top;
    if (row < 0 || row >= (ptrdiff_t)f->paddedHeight) continue;
    const float *from = image + h * f->width * f->inputs;
    float *to = padded + (size_t)row * line;
    // The columns that land inside: left + w * spread in [0, paddedWidth).
    size_t first = f->left < 0 ? ((size_t)-f->left + f->spreadWidth - 1) / f->spreadWidth : 0;
    ptrdiff_t space = (ptrdiff_t)f->paddedWidth - 1 - f->left;
    size_t end = space < 0 ? 0 : (size_t)space / f->spreadWidth + 1;
    if (end > f->width) end = f->width;
    if (first >= end) continue;
    float *start = to + (size_t)((ptrdiff_t)(first * f->spreadWidth) + f->left) * f->inputs;
    if (f->spreadWidth == 1) {
      memcpy(start, from + first * f->inputs, (end - first) * f->inputs * sizeof(float));
    } else {
      for (size_t w = first; w < end; w++)
        memcpy(start + (w - first) * f->spreadWidth * f->inputs, from + w * f->inputs,
               f->inputs * sizeof(float));
    }
  }
}

// The columns of a kernel touch in memory unless it is dilated or sees only some of the channels;
// then a whole row of the kernel is one segment.
INLINE Segments kernel_segments(const ConvolutionForm *f, size_t line) {
  bool touches = f->dilationWidth == 1 && f->groups == 1;
  Segments s = {.rowStride = f->strideWidth * f->inputs,
                .outer = f->kernelHeight,
                .outerStride = f->dilationHeight * line,
                .inner = touches ? 1 : f->kernelWidth,
                .innerStride = f->dilationWidth * f->inputs,
                .length = touches ? f->kernelWidth * f->inputs : f->groupInputs};
  return s;
}

// y[n,p,q,o] = bias[o] + sum over r,s,c of image[n, p*stride + r*dilation, ..., c] * kernel[r,s,c,o].
// An output row is a product of a matrix whose rows lie in the image, strideWidth pixels apart, so
// nothing is copied but the border. A block of outputs goes over the whole image before the next
// one: its part of the kernel stays in the first cache.
static void convolve(const ConvolutionForm *f, size_t batch, const float *x, const float *packed,
                     const float *bias, float *y, float *scratch) {
  size_t line = (f->direct ? f->width : f->paddedWidth) * f->inputs;
  size_t pixels = f->outHeight * f->outWidth;
  size_t total = batch * pixels * f->outputs;
  Segments s = kernel_segments(f, line);
  size_t blocks = blocks_of_16(f->groupOutputs);
  for (size_t n = 0; n < batch; n++) {
    const float *image = x + n * f->height * f->width * f->inputs;
    if (!f->direct) {
      pad_image(f, image, scratch);
      image = scratch;
    }
    for (size_t block = 0; block < f->groups * blocks; block++) {
      size_t g = block / blocks, first = (block % blocks) * 16;
      size_t columns = f->groupOutputs - first < 16 ? f->groupOutputs - first : 16;
      size_t o = g * f->groupOutputs + first;
      const float *kernel = packed + block * f->depth * 16;
      v16 start = {0};
      if (bias) load_part(bias + o, columns, &start);
      for (size_t p = 0; p < f->outHeight; p++) {
        const float *row = image + p * f->strideHeight * line + g * f->groupInputs;
        size_t offset = (n * pixels + p * f->outWidth) * f->outputs + o;
        for (size_t q = 0; q < f->outWidth; q += MC_ROWS) {
          size_t rows = f->outWidth - q < MC_ROWS ? f->outWidth - q : MC_ROWS;
          size_t place = offset + q * f->outputs;
          product_rows(rows, row + q * s.rowStride, &s, kernel, &start, y + place, f->outputs,
                       columns, f->outputs <= 16 && f->groups == 1 ? total - place : 0);
        }
      }
    }
  }
}

void MC_NAME(mc_conv2d_forward)(const MCWindow *w, size_t batch, const float *x,
                                const float *prepared, const float *bias, float *y,
                                float *scratch) {
  ConvolutionForm f = forward_form(w);
  convolve(&f, batch, x, prepared, bias, y, scratch);
}

void MC_NAME(mc_conv2d_backward_input)(const MCWindow *w, size_t batch, const float *dy,
                                       const float *prepared, float *dx, float *scratch) {
  ConvolutionForm forward = forward_form(w), f = backward_form(w);
  size_t skip = forward.groups * blocks_of_16(forward.groupOutputs) * forward.depth * 16;
  convolve(&f, batch, dy, prepared + skip, NULL, dx, scratch);
}

// Copies dy [lines, outputs] to rows of whole blocks: [group][block][line][16].
static void spread_lines(size_t lines, const ConvolutionForm *f, const float *dy, float *wide) {
  size_t blocks = blocks_of_16(f->groupOutputs);
  for (size_t block = 0; block < f->groups * blocks; block++) {
    size_t first = (block % blocks) * 16;
    size_t columns = f->groupOutputs - first < 16 ? f->groupOutputs - first : 16;
    const float *from = dy + block / blocks * f->groupOutputs + first;
    float *to = wide + block * lines * 16;
    for (size_t t = 0; t < lines; t++) {
      for (size_t l = 0; l < columns; l++) to[t * 16 + l] = from[t * f->outputs + l];
      for (size_t l = columns; l < 16; l++) to[t * 16 + l] = 0;
    }
  }
}

// dbias[o] += sum of dy over all lines; four sums, so that additions need not wait for each other.
static void add_bias_gradient(size_t lines, size_t stride, size_t columns, const float *dy,
                              float *dbias) {
  v16 sum[4] = {{0}};
  size_t t = 0;
  for (; t + 4 <= lines; t += 4)
    for (int i = 0; i < 4; i++) {
      v16 line;
      load(dy + (t + (size_t)i) * stride, &line);
      sum[i] += line;
    }
  for (; t < lines; t++) {
    v16 line;
    load(dy + t * stride, &line);
    sum[0] += line;
  }
  v16 old;
  load_part(dbias, columns, &old);
  old += (sum[0] + sum[1]) + (sum[2] + sum[3]);
  store_part(dbias, columns, &old);
}

// dkernel[r,s,c,o] += sum over n,p,q of x[n, p*stride + r*dilation - pad, ..., c] * dy[n,p,q,o].
void MC_NAME(mc_conv2d_backward_kernel)(const MCWindow *w, size_t batch, const float *x,
                                        const float *dy, float *dkernel, float *dbias,
                                        float *scratch) {
  ConvolutionForm f = forward_form(w);
  size_t line = (f.direct ? f.width : f.paddedWidth) * f.inputs;
  size_t pixels = f.outHeight * f.outWidth;
  Segments s = kernel_segments(&f, line);
  size_t blocks = blocks_of_16(f.groupOutputs);
  bool whole = f.groupOutputs % 16 == 0;
  float *wide = scratch + padded_count(&f);
  for (size_t n = 0; n < batch; n++) {
    const float *image = x + n * f.height * f.width * f.inputs;
    const float *gradient = dy + n * pixels * f.outputs;
    if (!f.direct) {
      pad_image(&f, image, scratch);
      image = scratch;
    }
    if (!whole) spread_lines(pixels, &f, gradient, wide);
    for (size_t block = 0; block < f.groups * blocks; block++) {
      size_t g = block / blocks, first = (block % blocks) * 16;
      size_t columns = f.groupOutputs - first < 16 ? f.groupOutputs - first : 16;
      size_t o = g * f.groupOutputs + first;
      const float *lines = whole ? gradient + o : wide + block * pixels * 16;
      size_t stride = whole ? f.outputs : 16;
      if (dbias) add_bias_gradient(pixels, stride, columns, lines, dbias + o);
      float *target = dkernel + o;
      for (size_t r = 0; r < s.outer; r++)
        for (size_t i = 0; i < s.inner; i++)
          for (size_t k = 0; k < s.length; k += MC_ROWS) {
            size_t rows = s.length - k < MC_ROWS ? s.length - k : MC_ROWS;
            const float *from =
                image + g * f.groupInputs + r * s.outerStride + i * s.innerStride + k;
            outer_rows(rows, from, s.rowStride, f.strideHeight * line, lines, stride,
                       f.outWidth * stride, f.outWidth, f.outHeight,
                       target + ((r * s.inner + i) * s.length + k) * f.outputs, f.outputs, columns);
          }
    }
  }
}
