#include "../convolution_plan.h"

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

// The image with its border: itself where it needs none.
static const float *bordered(const ConvolutionForm *f, const float *image, float *scratch) {
  if (f->direct) return image;
  pad_image(f, image, scratch);
  return scratch;
}

// Floats from one row of that to the next.
INLINE size_t bordered_line(const ConvolutionForm *f) {
  return (f->direct ? f->width : f->paddedWidth) * f->inputs;
}
