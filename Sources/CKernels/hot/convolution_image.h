#include "../convolution_plan.h"

// Copies an image [height, width, inputs] into its border of zeros.
static void pad_image(const ConvolutionForm *f, const float *image, float *padded) {
  size_t line = f->paddedWidth * f->inputs;
  // The columns that land inside: left + w * spread in [0, paddedWidth).
  size_t first = f->left < 0 ? ((size_t)-f->left + f->spreadWidth - 1) / f->spreadWidth : 0;
  ptrdiff_t space = (ptrdiff_t)f->paddedWidth - 1 - f->left;
  size_t end = space < 0 ? 0 : (size_t)space / f->spreadWidth + 1;
  if (end > f->width) end = f->width;
  size_t count = first < end ? end - first : 0;
  size_t before = (size_t)((ptrdiff_t)(first * f->spreadWidth) + f->left) * f->inputs;
  for (size_t r = 0; r < f->paddedHeight; r++) {
    float *to = padded + r * line;
    ptrdiff_t down = (ptrdiff_t)r - f->top;
    size_t h = (size_t)down / f->spreadHeight;
    if (count == 0 || down < 0 || (size_t)down % f->spreadHeight != 0 || h >= f->height) {
      memset(to, 0, line * sizeof(float));
      continue;
    }
    const float *from = image + (h * f->width + first) * f->inputs;
    if (f->spreadWidth > 1) {
      memset(to, 0, line * sizeof(float));
      for (size_t w = 0; w < count; w++)
        memcpy(to + before + w * f->spreadWidth * f->inputs, from + w * f->inputs,
               f->inputs * sizeof(float));
      continue;
    }
    size_t inside = count * f->inputs;
    memset(to, 0, before * sizeof(float));
    memcpy(to + before, from, inside * sizeof(float));
    memset(to + before + inside, 0, (line - before - inside) * sizeof(float));
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
