// Shapes of convolutions, written as they differ from a 3x3 kernel that moves by one pixel over two images
// of 7x6, without a border, from 3 channels to 5.
#pragma once
#include <stdbool.h>

#include "CKernels.h"

typedef struct {
  int batch;
  int height, width;                     // of the images
  int inputs, outputs;                   // channels
  int kernel[2], stride[2], dilation[2]; // rows, columns
  int border[4];                         // zeros at the top, left, bottom, right
  int groups;
  int pool[2], poolStride[2];            // {0, 0}: none is fused; or its stride is that of tiles
} Shape;

#define BATCH(n) .batch = n
#define IMAGE(h, w) .height = h, .width = w
#define CHANNELS(c, o) .inputs = c, .outputs = o
#define KERNEL(r, s) .kernel = {r, s}
#define STRIDE(h, w) .stride = {h, w}
#define DILATION(h, w) .dilation = {h, w}
#define BORDER(t, l, b, r) .border = {t, l, b, r}
#define AROUND(n) BORDER(n, n, n, n)
#define GROUPS(g) .groups = g
#define POOL(h, w) .pool = {h, w}
#define POOL_STRIDE(h, w) .poolStride = {h, w}

static inline int32_t or_else(int stated, int otherwise) { return stated > 0 ? stated : otherwise; }

// How often a window fits.
static inline int32_t fits(int32_t size, int border, int32_t window, int32_t dilation, int32_t stride) {
  int32_t room = size + border - (window - 1) * dilation - 1;
  return room < 0 ? 0 : room / stride + 1;
}

static inline MCWindow window_of(const Shape *s) {
  MCWindow w = {
      .inHeight = or_else(s->height, 7), .inWidth = or_else(s->width, 6),
      .inChannels = or_else(s->inputs, 3), .outChannels = or_else(s->outputs, 5),
      .kernelHeight = or_else(s->kernel[0], 3), .kernelWidth = or_else(s->kernel[1], 3),
      .strideHeight = or_else(s->stride[0], 1), .strideWidth = or_else(s->stride[1], 1),
      .dilationHeight = or_else(s->dilation[0], 1), .dilationWidth = or_else(s->dilation[1], 1),
      .padTop = s->border[0], .padLeft = s->border[1], .groups = or_else(s->groups, 1)};
  w.outHeight = fits(w.inHeight, s->border[0] + s->border[2], w.kernelHeight, w.dilationHeight,
                     w.strideHeight);
  w.outWidth = fits(w.inWidth, s->border[1] + s->border[3], w.kernelWidth, w.dilationWidth,
                    w.strideWidth);
  return w;
}

static inline MCConvolution convolution_of(const Shape *s, const MCRectifier *rectifier) {
  MCConvolution c = {.window = window_of(s), .rectifier = *rectifier, .pooled = s->pool[0] > 0};
  if (!c.pooled) return c;
  const MCWindow *w = &c.window;
  c.pool = (MCWindow){
      .inHeight = w->outHeight, .inWidth = w->outWidth, .inChannels = w->outChannels,
      .outChannels = w->outChannels, .kernelHeight = s->pool[0], .kernelWidth = s->pool[1],
      .strideHeight = or_else(s->poolStride[0], s->pool[0]),
      .strideWidth = or_else(s->poolStride[1], s->pool[1]),
      .dilationHeight = 1, .dilationWidth = 1, .groups = 1};
  c.pool.outHeight = fits(w->outHeight, 0, c.pool.kernelHeight, 1, c.pool.strideHeight);
  c.pool.outWidth = fits(w->outWidth, 0, c.pool.kernelWidth, 1, c.pool.strideWidth);
  return c;
}

static inline size_t batch_of(const Shape *s) { return (size_t)or_else(s->batch, 2); }

// Numbers of an image that goes in or comes out, and of a kernel.
static inline size_t input_count(const MCWindow *w) {
  return (size_t)w->inHeight * (size_t)w->inWidth * (size_t)w->inChannels;
}
static inline size_t output_count(const MCWindow *w) {
  return (size_t)w->outHeight * (size_t)w->outWidth * (size_t)w->outChannels;
}
static inline size_t kernel_count(const MCWindow *w) {
  return (size_t)w->kernelHeight * (size_t)w->kernelWidth * (size_t)w->inChannels *
         (size_t)w->outChannels / (size_t)w->groups;
}
