// Which loops a convolution runs through, and where they find what they need. The rules depend on the
// shape alone, so that every machine and every run takes the same path.
#pragma once
#include "convolution_form.h"
#include "packing.h"

typedef enum { FORWARD_DIRECT, FORWARD_SINGLE_CHANNEL, FORWARD_WINOGRAD } ForwardPath;
typedef enum { BACKWARD_DIRECT, BACKWARD_WINOGRAD, BACKWARD_SPARSE } BackwardPath;
// Of the kernel; where a pooling was fused, the sparse loops compute it along with the input's.
typedef enum { GRADIENT_DIRECT, GRADIENT_WINOGRAD } GradientPath;

// Tiles that Winograd's products work on at once, and output channels of a vector.
enum { WINOGRAD_TILES = 12, LANES = 16 };

// Kernels of few channels are cheaper to compute a row at a time than a channel at a time.
enum { FEW_OUTPUTS = 16 };

typedef struct {
  ConvolutionForm forward, backward;
  ForwardPath forwardPath;
  BackwardPath backwardPath;
  GradientPath gradientPath;
  size_t forwardPrepared, backwardPrepared;  // floats of each layout
  size_t lastRows, lastWidth;                // extents of what comes out in the end
} ConvolutionPlan;

// Unless the environment variable MINICNN_WINOGRAD is "off", which lets results be compared.
bool mc_winograd_is_wanted(void);

// F(2x2, 3x3) of Lavin and Gray 2016 asks for a 3x3 kernel without stride or dilation; below a whole
// vector of channels its transforms cost more than they save.
static inline bool suits_winograd(const ConvolutionForm *f) {
  return f->kernelHeight == 3 && f->kernelWidth == 3 && f->strideHeight == 1 &&
         f->strideWidth == 1 && f->dilationHeight == 1 && f->dilationWidth == 1 &&
         f->spreadHeight == 1 && f->spreadWidth == 1 && f->groups == 1 && f->inputs >= LANES &&
         f->inputs % LANES == 0 && f->outputs % LANES == 0 && f->outHeight > 1 && f->outWidth > 1 &&
         mc_winograd_is_wanted();
}

// The form whose border has room for tiles of two by two outputs.
static inline ConvolutionForm winograd_form(const ConvolutionForm *f) {
  ConvolutionForm w = *f;
  w.paddedHeight = (f->outHeight + 1) / 2 * 2 + 2;
  w.paddedWidth = (f->outWidth + 1) / 2 * 2 + 2;
  w.direct = w.top == 0 && w.left == 0 && w.paddedHeight <= w.height && w.paddedWidth <= w.width;
  return w;
}

// Tiles of 4x4 gradients pay off where they are not too empty. Below a whole vector of channels the
// transforms cost more than they save; above the most, the sums would take more memory than the gain
// is worth.
static inline bool suits_gradient_winograd(const ConvolutionForm *f) {
  enum { MOST_CHANNELS = 256 };
  size_t tiles = (f->outHeight + 3) / 4 * ((f->outWidth + 3) / 4);
  return f->kernelHeight == 3 && f->kernelWidth == 3 && f->strideHeight == 1 &&
         f->strideWidth == 1 && f->dilationHeight == 1 && f->dilationWidth == 1 &&
         f->groups == 1 && f->inputs >= LANES && f->outputs >= LANES &&
         f->inputs <= MOST_CHANNELS && f->outputs <= MOST_CHANNELS &&
         64 * tiles <= 9 * f->outHeight * f->outWidth && mc_winograd_is_wanted();
}

static inline size_t direct_count(const ConvolutionForm *f) {
  return f->groups * blocks_of_16(f->groupOutputs) * f->depth * LANES;
}

static inline size_t winograd_count(const ConvolutionForm *f) { return 16 * f->inputs * f->outputs; }

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

static inline ConvolutionPlan convolution_plan(const MCConvolution *c) {
  ConvolutionPlan plan = {.forward = forward_form(&c->window), .backward = backward_form(&c->window)};
  const ConvolutionForm *f = &plan.forward;
  plan.forwardPath = FORWARD_DIRECT;
  plan.forwardPrepared = direct_count(f);
  if (suits_winograd(f)) {
    plan.forwardPath = FORWARD_WINOGRAD;
    plan.forwardPrepared = winograd_count(f);
  } else if (f->inputs == 1 && f->outputs < FEW_OUTPUTS && f->strideHeight == 1 &&
             f->strideWidth == 1 && f->dilationHeight == 1 && f->dilationWidth == 1) {
    plan.forwardPath = FORWARD_SINGLE_CHANNEL;
    plan.forwardPrepared = f->depth * f->outputs;
  }
  if (c->pooled) {
    plan.backwardPath = BACKWARD_SPARSE;
    plan.backwardPrepared = sparse_count(f);
  } else if (suits_winograd(&plan.backward)) {
    plan.backwardPath = BACKWARD_WINOGRAD;
    plan.backwardPrepared = winograd_count(&plan.backward);
  } else {
    plan.backwardPath = BACKWARD_DIRECT;
    plan.backwardPrepared = direct_count(&plan.backward);
  }
  plan.gradientPath =
      !c->pooled && suits_gradient_winograd(f) ? GRADIENT_WINOGRAD : GRADIENT_DIRECT;
  plan.lastRows = c->pooled ? (size_t)c->pool.outHeight : f->outHeight;
  plan.lastWidth = c->pooled ? (size_t)c->pool.outWidth : f->outWidth;
  return plan;
}

// ---- Scratch ----------------------------------------------------------------------------------

// A bordered image and room for a vector that starts at its last float.
static inline size_t image_room(const ConvolutionForm *f) {
  return (f->paddedHeight * f->paddedWidth * f->inputs + 2 * LANES - 1) / LANES * LANES;
}

static inline size_t winograd_room(const ConvolutionForm *f) {
  ConvolutionForm w = winograd_form(f);
  return image_room(&w) + 16 * WINOGRAD_TILES * (f->inputs + LANES);
}

// Tiles whose products make the kernel's gradient at once.
enum { GRADIENT_TILES = 32 };

// The image and the gradient with borders that make them whole tiles.
static inline ConvolutionForm gradient_image_form(const ConvolutionForm *f) {
  ConvolutionForm w = *f;
  w.paddedHeight = (f->outHeight + 3) / 4 * 4 + 2;
  w.paddedWidth = (f->outWidth + 3) / 4 * 4 + 2;
  w.direct = w.top == 0 && w.left == 0 && w.paddedHeight <= w.height && w.paddedWidth <= w.width;
  return w;
}

static inline ConvolutionForm gradient_tiles_form(const ConvolutionForm *f) {
  ConvolutionForm w = {.inputs = f->outputs, .height = f->outHeight, .width = f->outWidth,
                       .spreadHeight = 1, .spreadWidth = 1,
                       .paddedHeight = (f->outHeight + 3) / 4 * 4,
                       .paddedWidth = (f->outWidth + 3) / 4 * 4};
  w.direct = w.paddedHeight == w.height && w.paddedWidth == w.width;
  return w;
}

// Floats of one position of all tiles, and an empty line: a power of 2 between the positions would
// put them all in the same few lines of the first cache.
static inline size_t gradient_image_position(const ConvolutionForm *f) {
  return GRADIENT_TILES * f->inputs + LANES;
}

static inline size_t gradient_tiles_position(const ConvolutionForm *f) {
  return GRADIENT_TILES * blocks_of_16(f->outputs) * LANES + LANES;
}

static inline size_t gradient_winograd_room(const ConvolutionForm *f) {
  ConvolutionForm image = gradient_image_form(f), tiles = gradient_tiles_form(f);
  size_t sums = f->inputs * blocks_of_16(f->outputs) * LANES;
  return image_room(&image) + image_room(&tiles) +
         36 * (gradient_image_position(f) + gradient_tiles_position(f) + sums);
}

// What the kernel's gradient wants: tiles and the sums of their products, or the bordered image and
// dy in rows of whole blocks.
static inline size_t kernel_gradient_room(const ConvolutionPlan *plan) {
  const ConvolutionForm *f = &plan->forward;
  if (plan->gradientPath == GRADIENT_WINOGRAD) return gradient_winograd_room(f);
  return image_room(f) +
         f->outHeight * f->outWidth * f->groups * blocks_of_16(f->groupOutputs) * LANES;
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
  // One row more, because a Winograd tile may begin one too early and end one too late.
  size_t rows = pooled_rows_at_once(c) * (size_t)c->pool.strideHeight + 2;
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
