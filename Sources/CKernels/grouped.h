// When a convolution in small groups takes loops of its own, and the memory that they take.
#pragma once
#include "convolution_form.h"
#include "packing.h"
#include "winograd.h"

// Groups of few outputs leave most of a vector empty in the direct loops, and waste most products of a
// block of Winograd's. More inputs would take longer to expand than they save; against Winograd's tiles
// all blocks have to be full as well.
static inline bool suits_groups(const ConvolutionForm *f, bool tiled) {
  enum { MOST_OUTPUTS = 4, MOST_INPUTS = 8, MOST_TILED = 4 };
  return f->groups > 1 && f->groupOutputs <= MOST_OUTPUTS &&
         f->groupInputs <= (tiled ? MOST_TILED : MOST_INPUTS) && f->outputs >= LANES &&
         (!tiled || f->outputs % LANES == 0) && f->spreadHeight == 1 && f->spreadWidth == 1;
}

// In the direct loops the gradient of a kernel of few inputs waits for its own sums.
static inline bool suits_gradient_groups(const ConvolutionForm *f, bool tiled) {
  enum { MOST_INPUTS = 4, MOST_WEIGHTS = 16 };
  return f->groups > 1 && f->groupInputs <= MOST_INPUTS &&
         f->groupInputs * f->groupOutputs <= MOST_WEIGHTS && f->outputs >= LANES &&
         (!tiled || f->outputs % LANES == 0);
}

// Outputs are cut into blocks of 16. The last one begins early enough to end with the outputs.
static inline size_t grouped_start(const ConvolutionForm *f, size_t block) {
  size_t start = block * LANES;
  return start + LANES <= f->outputs ? start : f->outputs - LANES;
}

// [block][r][s][input of the group][16].
static inline size_t grouped_count(const ConvolutionForm *f) {
  return blocks_of_16(f->outputs) * f->depth * LANES;
}

// Floats from one row of the expanded image to the next: an odd number of cache lines, so that rows do
// not fall into the same sets of the first cache.
static inline size_t grouped_line(const ConvolutionForm *f) {
  return (f->paddedWidth * f->groupInputs | 1) * LANES;
}

// Rows of the image that so many rows of outputs read.
static inline size_t grouped_reach(const ConvolutionForm *f, size_t rows) {
  return (rows - 1) * f->strideHeight + (f->kernelHeight - 1) * f->dilationHeight + 1;
}

// Floats of the part of the image that is expanded at once: the kernel's gradient goes over it again and
// again, the outputs once.
enum { OUTPUT_BAND = 32 * 1024, GRADIENT_BAND = 16 * 1024 };

// Rows of outputs that it has room for.
static inline size_t grouped_band(const ConvolutionForm *f, size_t room) {
  size_t rows = 1;
  while (rows < f->outHeight && grouped_reach(f, rows + 1) * grouped_line(f) <= room) rows++;
  return rows;
}

// A band of the expanded image and what aligns it, or sixteen rows of outputs.
static inline size_t grouped_room(const ConvolutionForm *f) {
  size_t band = grouped_reach(f, grouped_band(f, OUTPUT_BAND)) * grouped_line(f) + LANES;
  size_t rows = LANES * f->outputs;
  return band > rows ? band : rows;
}
