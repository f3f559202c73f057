// Which loops a convolution runs through, and where they find what they need. The rules depend on the
// shape alone, so that every machine and every run takes the same path.
#pragma once
#include "convolution_form.h"
#include "packing.h"
#include "winograd.h"

typedef enum { FORWARD_DIRECT, FORWARD_SINGLE_CHANNEL, FORWARD_WINOGRAD } ForwardPath;
typedef enum { BACKWARD_DIRECT, BACKWARD_WINOGRAD, BACKWARD_SPARSE } BackwardPath;

// Channels of a vector.
enum { LANES = 16 };

// Kernels of few channels are cheaper to compute a row at a time than a channel at a time.
enum { FEW_OUTPUTS = 16 };

typedef struct {
  ConvolutionForm forward, backward;
  ForwardPath forwardPath;
  BackwardPath backwardPath;
  TileCut forwardTiles, backwardTiles;       // of Winograd's paths
  size_t forwardPrepared, backwardPrepared;  // floats of each layout
  size_t lastRows, lastWidth;                // extents of what comes out in the end
} ConvolutionPlan;

static inline size_t direct_count(const ConvolutionForm *f) {
  return f->groups * blocks_of_16(f->groupOutputs) * f->depth * LANES;
}

// The vectors of one row of a kernel: its columns and channels are contiguous in memory.
static inline size_t run_vectors(const ConvolutionForm *f) {
  return (f->kernelWidth * f->inputs + LANES - 1) / LANES;
}

static inline size_t sparse_count(const ConvolutionForm *f) {
  return f->outputs * f->kernelHeight * run_vectors(f) * LANES;
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

// Whether a pooling's windows of 2x2 tile the output, so that they are parts of Winograd's tiles.
static inline bool pools_pairs(const MCConvolution *c) {
  const MCWindow *p = &c->pool;
  return c->pooled && p->kernelHeight == 2 && p->kernelWidth == 2 && p->strideHeight == 2 &&
         p->strideWidth == 2;
}

static inline ConvolutionPlan convolution_plan(const MCConvolution *c) {
  ConvolutionPlan plan = {.forward = forward_form(&c->window), .backward = backward_form(&c->window)};
  const ConvolutionForm *f = &plan.forward;
  plan.forwardPath = FORWARD_DIRECT;
  plan.forwardPrepared = direct_count(f);
  bool pairs = pools_pairs(c);
  // A last row or column that no window reads is not computed.
  plan.forwardTiles = winograd_cut(f, pairs ? 2 * (size_t)c->pool.outHeight : f->outHeight,
                                   pairs ? 2 * (size_t)c->pool.outWidth : f->outWidth, pairs);
  if (plan.forwardTiles.height != NO_TILE) {
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
  } else if (plan.backwardTiles.height != NO_TILE) {
    plan.backwardPath = BACKWARD_WINOGRAD;
    plan.backwardPrepared = winograd_count(b);
  } else {
    plan.backwardPath = BACKWARD_DIRECT;
    plan.backwardPrepared = direct_count(b);
  }
  plan.lastRows = c->pooled ? (size_t)c->pool.outHeight : f->outHeight;
  plan.lastWidth = c->pooled ? (size_t)c->pool.outWidth : f->outWidth;
  return plan;
}

// ---- Scratch ----------------------------------------------------------------------------------

// A bordered image and room for a vector that starts at its last float.
static inline size_t image_room(const ConvolutionForm *f) {
  return (f->paddedHeight * f->paddedWidth * f->inputs + 2 * LANES - 1) / LANES * LANES;
}

// What the loops for one channel keep of an output row of one channel: whole pairs of vectors.
static inline size_t single_room(const ConvolutionForm *f) { return (f->outWidth + 31) / 32 * 32; }

// Rows of the convolution's output that are at hand for the pooling at once, in pooled rows: some 32 KB.
static inline size_t pooled_rows_at_once(const MCConvolution *c) {
  size_t each = (size_t)c->pool.strideHeight * (size_t)c->window.outWidth *
                (size_t)c->window.outChannels;
  size_t rows = 8192 / (each > 0 ? each : 1);
  return rows > 0 ? rows : 1;
}

static inline size_t stripe_room(const MCConvolution *c) {
  if (!c->pooled) return 0;
  size_t rows = pooled_rows_at_once(c) * (size_t)c->pool.strideHeight;
  return rows * (size_t)c->window.outWidth * (size_t)c->window.outChannels + LANES;
}

// Pooled rows whose gradients are gathered at once: the part of the image that they read should stay in
// the first cache.
static inline size_t sparse_band(const MCConvolution *c, const ConvolutionForm *f) {
  enum { ROOM = 20 * 1024 / sizeof(float) };
  size_t line = f->paddedWidth * f->inputs;
  size_t border = f->kernelHeight * line;
  size_t each = (size_t)c->pool.strideHeight * f->strideHeight * line;
  size_t rows = ROOM > border ? (ROOM - border) / (each > 0 ? each : 1) : 0;
  size_t most = (size_t)c->pool.outHeight;
  return rows < 1 ? 1 : rows > most ? most : rows;
}

// Pixels whose vectors overlap add their gradients to this many copies in rotation, as the processor
// stalls where it loads part of what it has just stored. A power of 2.
static inline size_t sparse_copies(const ConvolutionForm *f) {
  return f->inputs * f->strideWidth % LANES == 0 ? 1 : 4;
}
