// Which loops a convolution runs through, and where they find what they need. The rules depend on the
// shape alone, so that every machine and every run takes the same path.
#pragma once
#include "convolution_form.h"
#include "gradient_winograd.h"
#include "grouped.h"
#include "packing.h"
#include "winograd.h"

typedef enum {
  FORWARD_DIRECT,
  FORWARD_SINGLE_CHANNEL,
  FORWARD_GROUPED,
  FORWARD_WINOGRAD
} ForwardPath;
typedef enum {
  BACKWARD_DIRECT,
  BACKWARD_GROUPED,
  BACKWARD_WINOGRAD,
  BACKWARD_SPARSE
} BackwardPath;
// Of the kernel; where a pooling was fused, the sparse loops compute it along with the input's.
typedef enum {
  GRADIENT_DIRECT,
  GRADIENT_GROUPED,
  GRADIENT_TAPS,
  GRADIENT_WINOGRAD
} GradientPath;

// Kernels of few channels are cheaper to compute a row at a time than a channel at a time.
enum { FEW_OUTPUTS = 16 };

typedef struct {
  ConvolutionForm forward, backward;
  ForwardPath forwardPath;
  BackwardPath backwardPath;
  TileCut forwardTiles, backwardTiles;       // of Winograd's paths
  GradientPath gradientPath;
  size_t forwardPrepared, backwardPrepared;  // floats of each layout
  size_t lastRows, lastWidth;                // extents of what comes out in the end
  bool sampled;  // `backward` makes the sampled pixels alone, which are then spread over dx
} ConvolutionPlan;

// A kernel over one channel whose taps are read together. For half a vector of outputs the register
// blocks do as well.
static inline bool suits_gradient_taps(const ConvolutionForm *f) {
  bool isWidth = f->kernelWidth == 3 || f->kernelWidth == 5 || f->kernelWidth == 7;
  return f->inputs == 1 && f->outputs > LANES / 2 && isWidth && f->dilationHeight == 1 &&
         f->dilationWidth == 1 && f->outHeight > 0 && f->outWidth > 0;
}

// Rows of the output that its passes go over in turn: dy and its mask stay in the first cache. Below
// a hundred pixels or so, fetching and storing the sums costs more than the cache gives.
static inline size_t tap_band(const ConvolutionForm *f) {
  enum { ROOM = 24 * 1024 / sizeof(float), LEAST = 96 };
  size_t rows = ROOM / (2 * f->outWidth * f->outputs), least = LEAST / f->outWidth + 1;
  return rows > least ? rows : least;
}

// The bordered image; where a vector has more lanes than there are outputs, also the gradients in
// whole vectors, and the last band of dy with what is read beyond it.
static inline size_t tap_room(const ConvolutionForm *f) {
  if (f->outputs >= LANES) return image_room(f);
  size_t rows = tap_band(f) < f->outHeight ? tap_band(f) : f->outHeight;
  return image_room(f) + (f->depth + 2) * LANES + rows * f->outWidth * f->outputs;
}

static inline size_t direct_count(const ConvolutionForm *f) {
  return f->groups * blocks_of_16(f->groupOutputs) * f->depth * LANES;
}

// Floats of one row of a kernel, whose columns and channels are contiguous in memory: whole vectors,
// or half of one where that is enough.
static inline size_t run_room(const ConvolutionForm *f) {
  size_t run = f->kernelWidth * f->inputs;
  return run <= LANES / 2 ? LANES / 2 : (run + LANES - 1) / LANES * LANES;
}

static inline size_t sparse_count(const ConvolutionForm *f) {
  return f->outputs * f->kernelHeight * run_room(f);
}

static inline bool can_pool(const MCConvolution *c) {
  const MCWindow *w = &c->window, *p = &c->pool;
  int32_t positions = p->kernelHeight * p->kernelWidth;
  return w->groups == 1 && w->dilationHeight == 1 && w->dilationWidth == 1 &&
         p->kernelHeight <= 16 && p->kernelWidth <= 16 && positions >= 4 && positions <= 256 &&
         p->strideHeight >= p->kernelHeight && p->strideWidth >= p->kernelWidth &&
         p->padTop == 0 && p->padLeft == 0 &&
         (p->outHeight - 1) * p->strideHeight + p->kernelHeight <= p->inHeight &&
         (p->outWidth - 1) * p->strideWidth + p->kernelWidth <= p->inWidth;
}

// Whether a pooling's windows of 2x2 tile the output: they are parts of Winograd's tiles and of register
// blocks, so that the maxima are found there.
static inline bool pools_pairs(const MCConvolution *c) {
  const MCWindow *p = &c->pool;
  return c->pooled && p->kernelHeight == 2 && p->kernelWidth == 2 && p->strideHeight == 2 &&
         p->strideWidth == 2;
}

static inline ConvolutionPlan convolution_plan(const MCConvolution *c) {
  ConvolutionPlan plan = {.forward = forward_form(&c->window), .sampled = samples_pixels(&c->window)};
  MCWindow backward = plan.sampled ? sampled_window(&c->window) : c->window;
  plan.backward = backward_form(&backward);
  const ConvolutionForm *f = &plan.forward;
  plan.forwardPath = FORWARD_DIRECT;
  plan.forwardPrepared = direct_count(f);
  bool pairs = pools_pairs(c);
  // A last row or column that no window reads is not computed.
  plan.forwardTiles = winograd_cut(f, pairs ? 2 * (size_t)c->pool.outHeight : f->outHeight,
                                   pairs ? 2 * (size_t)c->pool.outWidth : f->outWidth, pairs);
  if (suits_groups(f, plan.forwardTiles.height != NO_TILE)) {
    plan.forwardPath = FORWARD_GROUPED;
    plan.forwardPrepared = grouped_count(f);
  } else if (plan.forwardTiles.height != NO_TILE) {
    plan.forwardPath = FORWARD_WINOGRAD;
    plan.forwardPrepared = winograd_count(f);
  } else if (f->inputs == 1 && f->outputs < FEW_OUTPUTS && f->strideHeight == 1 &&
             f->strideWidth == 1 && f->dilationHeight == 1 && f->dilationWidth == 1) {
    plan.forwardPath = FORWARD_SINGLE_CHANNEL;
    plan.forwardPrepared = f->depth * f->outputs;
  }
  const ConvolutionForm *b = &plan.backward;
  if (!c->pooled) plan.backwardTiles = winograd_cut(b, b->outHeight, b->outWidth, false);
  if (c->pooled) {
    plan.backwardPath = BACKWARD_SPARSE;
    plan.backwardPrepared = sparse_count(f);
  } else if (suits_groups(b, plan.backwardTiles.height != NO_TILE)) {
    plan.backwardPath = BACKWARD_GROUPED;
    plan.backwardPrepared = grouped_count(b);
  } else if (plan.backwardTiles.height != NO_TILE) {
    plan.backwardPath = BACKWARD_WINOGRAD;
    plan.backwardPrepared = winograd_count(b);
  } else {
    plan.backwardPath = BACKWARD_DIRECT;
    plan.backwardPrepared = direct_count(b);
  }
  bool tiled = !c->pooled && suits_gradient_winograd(f);
  plan.gradientPath = tiled ? GRADIENT_WINOGRAD : GRADIENT_DIRECT;
  if (suits_gradient_groups(f, tiled)) plan.gradientPath = GRADIENT_GROUPED;
  if (suits_gradient_taps(f)) plan.gradientPath = GRADIENT_TAPS;
  plan.lastRows = c->pooled ? (size_t)c->pool.outHeight : f->outHeight;
  plan.lastWidth = c->pooled ? (size_t)c->pool.outWidth : f->outWidth;
  return plan;
}

// ---- Scratch ----------------------------------------------------------------------------------

// Rows of sampled pixels whose gradients are computed before they are spread over the image.
static inline size_t sampled_rows(const ConvolutionForm *b) {
  enum { PIXELS = 96 };
  size_t rows = (PIXELS + b->width - 1) / b->width;
  return rows < b->height ? rows : b->height;
}

// What the kernel's gradient wants: tiles and the sums of their products, or the bordered image and
// dy in rows of whole blocks.
static inline size_t kernel_gradient_room(const ConvolutionPlan *plan) {
  const ConvolutionForm *f = &plan->forward;
  if (plan->gradientPath == GRADIENT_WINOGRAD) return gradient_winograd_room(f);
  if (plan->gradientPath == GRADIENT_GROUPED) return grouped_room(f);
  if (plan->gradientPath == GRADIENT_TAPS) return tap_room(f);
  return image_room(f) +
         f->outHeight * f->outWidth * f->groups * blocks_of_16(f->groupOutputs) * LANES;
}

// Output channels and rows that the loops for one channel work on at once: their sums fill the
// registers.
enum { SINGLE_OUTPUTS = 6, SINGLE_ROWS = 2 };

// What they keep of an output row of one channel: whole pairs of vectors.
static inline size_t single_room(const ConvolutionForm *f) { return (f->outWidth + 31) / 32 * 32; }

// Some rows of all channels, in whole vectors of channels.
static inline size_t single_planes(const ConvolutionForm *f) {
  size_t whole = f->outputs <= LANES / 2 ? LANES / 2 : LANES;
  size_t blocks = (whole + SINGLE_OUTPUTS - 1) / SINGLE_OUTPUTS;
  return blocks * SINGLE_OUTPUTS * SINGLE_ROWS * single_room(f);
}

// Rows of the convolution's output that are at hand for the pooling at once, in pooled rows: some 32 KB.
static inline size_t pooled_rows_at_once(const MCConvolution *c) {
  size_t each = (size_t)c->pool.strideHeight * (size_t)c->window.outWidth *
                (size_t)c->window.outChannels;
  size_t rows = 8192 / (each > 0 ? each : 1);
  return rows > 0 ? rows : 1;
}

static inline size_t stripe_room(const MCConvolution *c) {
  if (!c->pooled || pools_pairs(c)) return 0;
  size_t rows = pooled_rows_at_once(c) * (size_t)c->pool.strideHeight;
  return rows * (size_t)c->window.outWidth * (size_t)c->window.outChannels + LANES;
}

// Pooled rows whose gradients are gathered at once: the part of the image that they read should
// stay in the first cache, their lists in the second.
static inline size_t sparse_band(const MCConvolution *c, const ConvolutionForm *f) {
  enum { IMAGE = 32 * 1024 / sizeof(float), LISTS = 256 * 1024 / sizeof(float) };
  size_t line = f->paddedWidth * f->inputs;
  size_t border = f->kernelHeight * line;
  size_t each = (size_t)c->pool.strideHeight * f->strideHeight * line;
  size_t rows = IMAGE > border ? (IMAGE - border) / (each > 0 ? each : 1) : 0;
  size_t positions = (size_t)c->pool.kernelHeight * (size_t)c->pool.kernelWidth;
  size_t lists = 2 * (size_t)c->pool.outWidth * positions * f->outputs;
  if (rows * lists > LISTS) rows = LISTS / lists;
  size_t most = (size_t)c->pool.outHeight;
  return rows < 1 ? 1 : rows > most ? most : rows;
}

// Pixels of few channels, whose vectors overlap, add their gradients to two copies in turn, as the
// processor stalls where it loads part of what it has just stored.
static inline size_t sparse_copies(const ConvolutionForm *f) {
  return f->inputs * f->strideWidth >= LANES ? 1 : 2;
}

// What a band has at most, and the room of its lists: whole registers are written there.
typedef struct {
  size_t rows, windows, positions, pixels;
  size_t channelRoom, pixelRoom;
} SparseSizes;

static inline SparseSizes sparse_sizes(const MCConvolution *c, const ConvolutionForm *f) {
  SparseSizes s = {.rows = sparse_band(c, f)};
  s.windows = s.rows * (size_t)c->pool.outWidth;
  s.positions = (size_t)c->pool.kernelHeight * (size_t)c->pool.kernelWidth;
  s.pixels = s.windows * s.positions;
  s.channelRoom = (s.windows + 7) / 8 * 8;
  s.pixelRoom = (f->outputs + 7) / 8 * 8;
  return s;
}

// Two bordered images, the gradients of kernel and bias, the lists, and where their windows begin.
static inline size_t sparse_room(const MCConvolution *c, const ConvolutionForm *f) {
  SparseSizes s = sparse_sizes(c, f);
  return image_room(f) * (1 + sparse_copies(f)) + sparse_count(f) + s.pixelRoom +
         2 * f->outputs * (s.channelRoom + 1) + 2 * s.pixels * (s.pixelRoom + 1) + s.channelRoom;
}
