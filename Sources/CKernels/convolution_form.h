// A convolution in the form its loops want: stride, dilation and padding of any kind become an image
// with a border (and, backwards, with zeros between its rows and columns) over which a kernel moves.
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "CKernels.h"
#include "packing.h"

typedef struct {
  size_t groups, groupInputs, groupOutputs;
  size_t inputs, outputs;            // channels of all groups
  size_t height, width;              // of the image the kernel slides over, without its border
  size_t spreadHeight, spreadWidth;  // its rows and columns are that far apart in the bordered one
  ptrdiff_t top, left;               // border before it; negative where it is cut
  size_t paddedHeight, paddedWidth;  // of the bordered image
  size_t outHeight, outWidth;
  size_t kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth;
  size_t depth;  // terms of the sum: kernel taps times inputs of a group
  bool direct;   // the image can be used as it is
} ConvolutionForm;

static inline ConvolutionForm finish_form(ConvolutionForm f) {
  f.inputs = f.groups * f.groupInputs;
  f.outputs = f.groups * f.groupOutputs;
  // Without outputs there is nothing to lie over, and the formula below would wrap around.
  if (f.outHeight == 0 || f.outWidth == 0) {
    f.depth = f.kernelHeight * f.kernelWidth * f.groupInputs;
    f.direct = true;
    return f;
  }
  f.paddedHeight = (f.outHeight - 1) * f.strideHeight + (f.kernelHeight - 1) * f.dilationHeight + 1;
  f.paddedWidth = (f.outWidth - 1) * f.strideWidth + (f.kernelWidth - 1) * f.dilationWidth + 1;
  f.depth = f.kernelHeight * f.kernelWidth * f.groupInputs;
  f.direct = f.top == 0 && f.left == 0 && f.spreadHeight == 1 && f.spreadWidth == 1 &&
             f.paddedHeight <= f.height && f.paddedWidth <= f.width;
  return f;
}

// x to y.
static inline ConvolutionForm forward_form(const MCWindow *w) {
  ConvolutionForm f = {
      .groups = (size_t)w->groups,
      .groupInputs = (size_t)(w->inChannels / w->groups),
      .groupOutputs = (size_t)(w->outChannels / w->groups),
      .height = (size_t)w->inHeight, .width = (size_t)w->inWidth,
      .spreadHeight = 1, .spreadWidth = 1,
      .top = w->padTop, .left = w->padLeft,
      .outHeight = (size_t)w->outHeight, .outWidth = (size_t)w->outWidth,
      .kernelHeight = (size_t)w->kernelHeight, .kernelWidth = (size_t)w->kernelWidth,
      .strideHeight = (size_t)w->strideHeight, .strideWidth = (size_t)w->strideWidth,
      .dilationHeight = (size_t)w->dilationHeight, .dilationWidth = (size_t)w->dilationWidth};
  return finish_form(f);
}

// Whether a kernel of one tap steps over pixels of an image without a border: each dy makes the dx of
// one pixel, and those between are zero.
static inline bool samples_pixels(const MCWindow *w) {
  return w->groups == 1 && w->kernelHeight == 1 && w->kernelWidth == 1 &&
         (w->strideHeight > 1 || w->strideWidth > 1) && w->padTop == 0 && w->padLeft == 0 &&
         w->outHeight > 0 && w->outWidth > 0 &&
         (w->outHeight - 1) * w->strideHeight < w->inHeight &&
         (w->outWidth - 1) * w->strideWidth < w->inWidth;
}

// dy to the dx of those pixels side by side.
static inline MCWindow sampled_window(const MCWindow *w) {
  MCWindow s = *w;
  s.inHeight = w->outHeight;
  s.inWidth = w->outWidth;
  s.strideHeight = s.strideWidth = 1;
  return s;
}

// dy to dx: with stride 1 over dy, whose rows and columns are apart by the stride.
static inline ConvolutionForm backward_form(const MCWindow *w) {
  ConvolutionForm f = {
      .groups = (size_t)w->groups,
      .groupInputs = (size_t)(w->outChannels / w->groups),
      .groupOutputs = (size_t)(w->inChannels / w->groups),
      .height = (size_t)w->outHeight, .width = (size_t)w->outWidth,
      .spreadHeight = (size_t)w->strideHeight, .spreadWidth = (size_t)w->strideWidth,
      .top = (ptrdiff_t)(w->kernelHeight - 1) * w->dilationHeight - w->padTop,
      .left = (ptrdiff_t)(w->kernelWidth - 1) * w->dilationWidth - w->padLeft,
      .outHeight = (size_t)w->inHeight, .outWidth = (size_t)w->inWidth,
      .kernelHeight = (size_t)w->kernelHeight, .kernelWidth = (size_t)w->kernelWidth,
      .strideHeight = 1, .strideWidth = 1,
      .dilationHeight = (size_t)w->dilationHeight, .dilationWidth = (size_t)w->dilationWidth};
  return finish_form(f);
}

// The same without zeros between rows and columns, for loops that know which taps of the kernel
// meet a pixel. Only for a kernel without dilation.
static inline ConvolutionForm unspread_form(const ConvolutionForm *f) {
  ConvolutionForm u = *f;
  ptrdiff_t down = (ptrdiff_t)f->spreadHeight, across = (ptrdiff_t)f->spreadWidth;
  // The last pixel any output sees, in the spread image, is never before its first pixel.
  u.paddedHeight = (size_t)(((ptrdiff_t)f->paddedHeight - 1 - f->top) / down);
  u.paddedWidth = (size_t)(((ptrdiff_t)f->paddedWidth - 1 - f->left) / across);
  u.top = f->top > 0 || down == 1 ? f->top / down : 0;
  u.left = f->left > 0 || across == 1 ? f->left / across : 0;
  u.paddedHeight += (size_t)(u.top + 1);
  u.paddedWidth += (size_t)(u.left + 1);
  u.spreadHeight = u.spreadWidth = 1;
  u.strideHeight = u.strideWidth = 1;
  u.direct = u.top == 0 && u.left == 0 && u.paddedHeight <= u.height && u.paddedWidth <= u.width;
  return u;
}

// Floats of the bordered image; none where the image can be used as it is.
static inline size_t padded_count(const ConvolutionForm *f) {
  return f->direct ? 0 : f->paddedHeight * f->paddedWidth * f->inputs;
}

// A bordered image and room for a vector that starts at its last float.
static inline size_t image_room(const ConvolutionForm *f) {
  return (f->paddedHeight * f->paddedWidth * f->inputs + 2 * LANES - 1) / LANES * LANES;
}
