// When the kernel's gradient is computed by Winograd's tiles, and the memory that it takes.
#pragma once
#include "convolution_form.h"
#include "packing.h"
#include "winograd.h"

enum { MOST_GRADIENT_CHANNELS = 256 };

// Tiles of 4x4 gradients pay off where they are not too empty. Below a whole vector of channels the
// transforms cost more than they save; above the most, the sums would take more memory than the gain
// is worth.
static inline bool suits_gradient_winograd(const ConvolutionForm *f) {
  size_t tiles = (f->outHeight + 3) / 4 * ((f->outWidth + 3) / 4);
  return f->kernelHeight == 3 && f->kernelWidth == 3 && f->strideHeight == 1 &&
         f->strideWidth == 1 && f->dilationHeight == 1 && f->dilationWidth == 1 &&
         f->inputs >= LANES && f->outputs >= LANES &&
         f->inputs <= MOST_GRADIENT_CHANNELS && f->outputs <= MOST_GRADIENT_CHANNELS &&
         64 * tiles <= 9 * f->outHeight * f->outWidth && mc_winograd_is_wanted();
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

// Outputs from `first` on that are multiplied at once, `most` at most or a vector of groups.
static inline OutputBlock gradient_block(const ConvolutionForm *f, size_t first, size_t most) {
  if (f->groups > 1) most = LANES;
  return outputs_at(f, first, f->outputs - first < most ? f->outputs - first : most);
}

// The most inputs that a block of outputs meets.
static inline size_t gradient_inputs(const ConvolutionForm *f) {
  size_t most = 0;
  for (size_t o = 0; o < f->outputs; o += LANES) {
    OutputBlock block = gradient_block(f, o, LANES);
    if (block.inputs > most) most = block.inputs;
  }
  return most;
}

static inline size_t gradient_winograd_room(const ConvolutionForm *f) {
  ConvolutionForm image = gradient_image_form(f), tiles = gradient_tiles_form(f);
  size_t sums = gradient_inputs(f) * blocks_of_16(f->outputs) * LANES;
  return image_room(&image) + image_room(&tiles) +
         36 * (gradient_image_position(f) + gradient_tiles_position(f) + sums);
}
