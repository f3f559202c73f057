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

// The outputs of one axis that see the same places of the kernel: first, first + step, ... Output i of
// them has its first place at `start` + i*move of the bordered image, and the kernel's places `tap`,
// tap + tapStep, ... are tapMove apart there.
typedef struct {
  size_t first, step, count;
  size_t tap, tapStep, taps;
  ptrdiff_t start;
  size_t move, tapMove;
} Phase;

// One phase where the image is not spread. Where it is, by a step of S (the way back through a stride),
// only every S-th place of the kernel meets a pixel and not a zero between pixels; which ones
// depends on the output's number modulo S. The border before the unspread image is `before` wide.
INLINE Phase axis_phase(size_t number, size_t spread, size_t out, size_t extent, size_t stride,
                        size_t dilation, ptrdiff_t top, size_t before) {
  if (spread == 1) {
    Phase all = {0, 1, out, 0, 1, extent, 0, stride, dilation};
    return all;
  }
  ptrdiff_t step = (ptrdiff_t)spread, offset = ((ptrdiff_t)number - top) % step;
  size_t tap = (size_t)((step - (offset < 0 ? offset + step : offset)) % step);
  Phase p = {.first = number, .step = spread, .tap = tap, .tapStep = spread, .move = 1, .tapMove = 1};
  p.count = out > number ? (out - number + spread - 1) / spread : 0;
  p.taps = tap < extent ? (extent - tap + spread - 1) / spread : 0;
  // Divides without a rest.
  p.start = ((ptrdiff_t)number + (ptrdiff_t)tap - top) / step + (ptrdiff_t)before;
  return p;
}

// One block of up to 16 outputs over the phase's part of the image.
static void convolve_block(const ConvolutionForm *f, const Phase *down, const Phase *across,
                           const float *image, size_t line, ptrdiff_t border, const float *kernel,
                           const v16 *start, float *y, size_t columns, size_t room) {
  // The columns of a kernel touch in memory unless it is dilated, used in part or sees only some of
  // the channels; then a whole row of the kernel is one segment.
  bool touches = across->tapMove == 1 && across->tapStep == 1 && f->groups == 1;
  size_t place = f->groupInputs * 16;
  Segments s = {.rowStride = across->move * f->inputs,
                .outerStride = down->tapMove * line,
                .bOuter = down->tapStep * f->kernelWidth * place,
                .inner = touches ? 1 : across->taps,
                .innerStride = across->tapMove * f->inputs,
                .bInner = across->tapStep * place,
                .length = touches ? across->taps * f->groupInputs : f->groupInputs};
  size_t most = most_rows(columns), yStride = across->step * f->outputs;
  ptrdiff_t end = border + (ptrdiff_t)f->height;
  for (size_t i = 0; i < down->count; i++) {
    ptrdiff_t top = down->start + (ptrdiff_t)(i * down->move);
    // Rows of the kernel that lie in the border add nothing.
    size_t skip = 0, last = down->taps;
    if (f->spreadHeight == 1 || down->step > 1) {
      while (skip < last && top + (ptrdiff_t)(skip * down->tapMove) < border) skip++;
      while (last > skip && top + (ptrdiff_t)((last - 1) * down->tapMove) >= end) last--;
    }
    s.outer = last - skip;
    const float *row = image;
    const float *b = kernel;
    if (s.outer > 0 && s.inner > 0) {
      row += (size_t)(top + (ptrdiff_t)(skip * down->tapMove)) * line +
             (size_t)across->start * f->inputs;
      b += (down->tap + skip * down->tapStep) * f->kernelWidth * place + across->tap * place;
    } else {
      s.outer = 0;
    }
    size_t offset = (down->first + i * down->step) * f->outWidth * f->outputs;
    for (size_t q = 0, rows; q < across->count; q += rows) {
      rows = even_rows(across->count - q, most);
      size_t to = offset + (across->first + q * across->step) * f->outputs;
      product_rows(rows, s.outer ? row + q * s.rowStride : row, &s, b, start, y + to, yStride,
                   columns, room > to ? room - to : 0);
    }
  }
}

// y[n,p,q,o] = bias[o] + sum over r,s,c of image[n, p*stride + r*dilation, ..., c] * kernel[r,s,c,o].
// An output row is a product of a matrix whose rows lie in the image, strideWidth pixels apart, so
// nothing is copied but the border. A block of outputs goes over the whole image before the next
// one: its part of the kernel stays in the first cache.
static void convolve(const ConvolutionForm *form, size_t batch, const float *x, const float *packed,
                     const float *bias, float *y, float *scratch) {
  ConvolutionForm f = *form;
  size_t phasesDown = 1, phasesAcross = 1;
  bool phased = f.dilationHeight == 1 && f.dilationWidth == 1 &&
                (f.spreadHeight > 1 || f.spreadWidth > 1);
  size_t spreadHeight = f.spreadHeight, spreadWidth = f.spreadWidth;
  ptrdiff_t top = f.top, left = f.left;
  if (phased) {
    phasesDown = spreadHeight;
    phasesAcross = spreadWidth;
    f = unspread_form(form);
  } else {
    spreadHeight = spreadWidth = 1;
  }
  size_t line = (f.direct ? f.width : f.paddedWidth) * f.inputs;
  size_t pixels = f.outHeight * f.outWidth, blocks = blocks_of_16(f.groupOutputs);
  size_t image = f.height * f.width * f.inputs, total = batch * pixels * f.outputs;
  // Whole vectors may be written over pixels that come later only where pixels come in their order.
  bool ordered = !phased && f.outputs <= 16 && f.groups == 1;
  for (size_t n = 0; n < batch; n++) {
    const float *from = x + n * image;
    if (!f.direct) {
      pad_image(&f, from, scratch);
      from = scratch;
    }
    for (size_t block = 0; block < f.groups * blocks; block++) {
      size_t g = block / blocks, first = (block % blocks) * 16;
      size_t columns = f.groupOutputs - first < 16 ? f.groupOutputs - first : 16;
      size_t o = g * f.groupOutputs + first, to = n * pixels * f.outputs + o;
      v16 start = {0};
      if (bias) load_part(bias + o, columns, &start);
      for (size_t a = 0; a < phasesDown; a++)
        for (size_t b = 0; b < phasesAcross; b++) {
          Phase down = axis_phase(a, spreadHeight, f.outHeight, f.kernelHeight, f.strideHeight,
                                  f.dilationHeight, top, (size_t)f.top);
          Phase across = axis_phase(b, spreadWidth, f.outWidth, f.kernelWidth, f.strideWidth,
                                    f.dilationWidth, left, (size_t)f.left);
          convolve_block(&f, &down, &across, from + g * f.groupInputs, line, f.top,
                         packed + block * f.depth * 16, &start, y + to, columns,
                         ordered ? total - to : 0);
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

// The kernel's rows as segments over the image, for its gradient.
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

// Copies dy [lines, outputs] to rows of whole blocks: [group][block][line][16].
static void spread_lines(size_t lines, const ConvolutionForm *f, const float *dy, float *wide) {
  size_t blocks = blocks_of_16(f->groupOutputs);
  for (size_t block = 0; block < f->groups * blocks; block++) {
    size_t first = (block % blocks) * 16;
    size_t columns = f->groupOutputs - first < 16 ? f->groupOutputs - first : 16;
    const float *from = dy + block / blocks * f->groupOutputs + first;
    float *to = wide + block * lines * 16;
    for (size_t t = 0; t < lines; t++) {
      v16 line;
      if (columns == 16) load(from + t * f->outputs, &line);
      else load_part(from + t * f->outputs, columns, &line);
      store(to + t * 16, &line);
    }
  }
}

// Output rows for one pass of the kernel's gradient: as many as stay in the first cache, image and
// dy together, while all tiles of a block of outputs go over them.
INLINE size_t lines_of_pass(const ConvolutionForm *f, size_t line) {
  enum { ROOM = 24 * 1024 / sizeof(float) };
  size_t border = (f->kernelHeight - 1) * f->dilationHeight * line;
  size_t each = f->strideHeight * line + f->outWidth * 16;
  size_t lines = ROOM > border ? (ROOM - border) / each : 0;
  // Below a hundred steps or so, fetching and storing the sums costs more than the cache gives.
  size_t least = 96 / f->outWidth + 1;
  lines = lines > least ? lines : least;
  size_t passes = (f->outHeight + lines - 1) / lines;
  return (f->outHeight + passes - 1) / passes;
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
  // Lines that lie apart by a multiple of some hundred bytes share few places of the first cache, so
  // they are copied, unless a kernel of few places would read them too seldom for that to pay.
  bool shallow = f.depth < 64;
  bool whole = f.groupOutputs % 16 == 0 && (shallow || f.outputs == 16);
  if (pixels == 0) return;
  size_t pass = shallow ? f.outHeight : lines_of_pass(&f, line);
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
      for (size_t p = 0; p < f.outHeight; p += pass) {
        size_t count = f.outHeight - p < pass ? f.outHeight - p : pass;
        for (size_t r = 0; r < s.outer; r++)
          for (size_t i = 0; i < s.inner; i++)
            for (size_t k = 0, rows; k < s.length; k += rows) {
              rows = even_rows(s.length - k, most_rows(columns));
              const float *from = image + p * f.strideHeight * line + g * f.groupInputs +
                                  r * s.outerStride + i * s.innerStride + k;
              outer_rows(rows, from, s.rowStride, f.strideHeight * line,
                         lines + p * f.outWidth * stride, stride, f.outWidth * stride, f.outWidth,
                         count, target + ((r * s.inner + i) * s.length + k) * f.outputs, f.outputs,
                         columns);
            }
      }
    }
  }
}
