// The outputs along one axis that use the same taps of the kernel: first, first + step, ... Output i
// of them reads the bordered image from `start` + i*move on, and the taps `tap`, tap + tapStep, ... are
// tapMove apart there.
typedef struct {
  size_t first, step, count;
  size_t tap, tapStep, taps;
  ptrdiff_t start;
  size_t move, tapMove;
} Phase;

// One phase where the image is not spread. Where it is, by a step of S (the backward pass of a stride),
// only every S-th tap of the kernel meets a pixel and not a zero between pixels; which ones
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
  // Divides without a remainder.
  p.start = ((ptrdiff_t)number + (ptrdiff_t)tap - top) / step + (ptrdiff_t)before;
  return p;
}

// One block of up to BLOCK_COLUMNS + MORE_COLUMNS outputs over the phase's part of the image; the
// phase's first output goes to y.
static void convolve_block(const ConvolutionForm *f, const Phase *down, const Phase *across,
                           const float *image, size_t line, ptrdiff_t border, const float *kernel,
                           const v16 *start, const MCRectifier *rectifier, float *y, size_t columns,
                           size_t room) {
  // The columns of a kernel are contiguous unless it is dilated, used in part or reads only some of the
  // channels; where they are, a row of the kernel is one segment.
  bool touches = across->tapMove == 1 && across->tapStep == 1 && f->groups == 1;
  size_t tap = f->groupInputs * 16;  // floats of one tap of the kernel
  Segments s = {.rowStride = across->move * f->inputs,
                .outerStride = down->tapMove * line,
                .bOuter = down->tapStep * f->kernelWidth * tap,
                .inner = touches ? 1 : across->taps,
                .innerStride = across->tapMove * f->inputs,
                .bInner = across->tapStep * tap,
                .length = touches ? across->taps * f->groupInputs : f->groupInputs};
  Product product = {.s = &s, .bNext = f->depth * 16, .start = start, .rectifier = *rectifier,
                     .columns = columns, .yStride = across->step * f->outputs};
  size_t most = most_rows(columns);
  ptrdiff_t end = border + (ptrdiff_t)f->height;
  for (size_t i = 0; i < down->count; i++) {
    ptrdiff_t top = down->start + (ptrdiff_t)(i * down->move);
    // Rows of the kernel that fall on the border add nothing.
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
      b += (down->tap + skip * down->tapStep) * f->kernelWidth * tap + across->tap * tap;
    } else {
      s.outer = 0;
    }
    size_t offset = i * down->step * f->outWidth * f->outputs;
    for (size_t q = 0, rows; q < across->count; q += rows) {
      rows = even_rows(across->count - q, most);
      size_t to = offset + (across->first + q * across->step) * f->outputs;
      product.a = s.outer ? row + q * s.rowStride : row;
      product.b = b;
      product.y = y + to;
      product.room = room > to ? room - to : 0;
      product_rows(rows, &product);
    }
  }
}

// y[p,q,o] = bias[o] + sum over r,s,c of image[p*stride + r*dilation, ..., c] * kernel[r,s,c,o] for the
// output rows firstRow to below endRow, of which the first goes to y. An output row is a product of a
// matrix whose rows are in the image, strideWidth pixels apart, so nothing is copied but the border. A
// block of outputs goes over all rows before the next one: its part of the kernel stays in the first
// cache. The last block comes first: what its whole vectors write beyond a pixel's outputs are the
// first outputs of the next pixel, which come later.
//
// image: with the border of `form`; without zeros between pixels where their phases are told apart.
static void direct_rows(const ConvolutionForm *form, const ConvolutionForm *f, size_t firstRow,
                        size_t endRow, const float *image, const float *packed, const float *bias,
                        const MCRectifier *rectifier, float *y) {
  bool phased = form->spreadHeight > f->spreadHeight || form->spreadWidth > f->spreadWidth;
  size_t spreadHeight = phased ? form->spreadHeight : 1;
  size_t spreadWidth = phased ? form->spreadWidth : 1;
  size_t line = bordered_line(f), blocks = blocks_of_16(f->groupOutputs);
  size_t total = (endRow - firstRow) * f->outWidth * f->outputs;
  // That holds only where pixels come in order.
  bool ordered = !phased && f->groups == 1;
  size_t parts = part_count(f->groupOutputs);
  for (size_t part = f->groups * parts; part-- > 0;) {
    size_t g = part / parts, first = part_start(part % parts, f->groupOutputs);
    size_t columns = part_columns(part % parts, f->groupOutputs);
    size_t block = g * blocks + first / 16;
    size_t o = g * f->groupOutputs + first;
    v16 start[2] = {{0}};
    for (size_t i = 0; bias && i < columns; i += 16)
      load_part(bias + o + i, columns - i < 16 ? columns - i : 16, &start[i / 16]);
    for (size_t a = 0; a < spreadHeight; a++)
      for (size_t b = 0; b < spreadWidth; b++) {
        Phase down = axis_phase(a, spreadHeight, endRow, f->kernelHeight, f->strideHeight,
                                f->dilationHeight, form->top, (size_t)f->top);
        Phase across = axis_phase(b, spreadWidth, f->outWidth, f->kernelWidth, f->strideWidth,
                                  f->dilationWidth, form->left, (size_t)f->left);
        // The phase's first row that was asked for.
        size_t skip = firstRow > down.first ? (firstRow - down.first + down.step - 1) / down.step : 0;
        if (skip >= down.count) continue;
        down.first += skip * down.step;
        down.start += (ptrdiff_t)(skip * down.move);
        down.count -= skip;
        size_t to = (down.first - firstRow) * f->outWidth * f->outputs + o;
        convolve_block(f, &down, &across, image + g * f->groupInputs, line, f->top,
                       packed + block * f->depth * 16, start, rectifier, y + to, columns,
                       ordered ? total - to : 0);
      }
  }
}

// The maxima of windows of 2x2 that tile the convolution's output, rows firstRow to below endRow of
// `width` windows; their positions where `argmax` is not NULL. image: with the border of f.
static void direct_windows(const ConvolutionForm *f, size_t width, size_t firstRow, size_t endRow,
                           const float *image, const float *packed, const float *bias,
                           const MCRectifier *rectifier, float *y, uint8_t *argmax) {
  size_t line = bordered_line(f), total = (endRow - firstRow) * width * f->outputs;
  size_t run = f->kernelWidth * f->inputs;
  Segments s = {.rowStride = f->strideWidth * f->inputs, .outerStride = line, .bOuter = run * 16,
                .length = run};
  WindowProduct product = {.s = &s, .below = f->strideHeight * line, .bNext = f->depth * 16,
                           .rectifier = *rectifier, .yStride = f->outputs};
  size_t parts = (f->outputs + BLOCK_COLUMNS - 1) / BLOCK_COLUMNS;
  for (size_t part = parts; part-- > 0;) {
    size_t first = part * BLOCK_COLUMNS, left = f->outputs - first;
    v16 start[2] = {{0}};
    product.columns = left < BLOCK_COLUMNS ? left : BLOCK_COLUMNS;
    product.start = start;
    for (size_t i = 0; bias && i < product.columns; i += 16)
      load_part(bias + first + i, left - i < 16 ? left - i : 16, &start[i / 16]);
    for (size_t p = firstRow; p < endRow; p++) {
      // Rows of the kernel that fall on the border for both rows of the windows add nothing.
      ptrdiff_t top = (ptrdiff_t)(2 * p * f->strideHeight), end = f->top + (ptrdiff_t)f->height;
      size_t skip = 0, last = f->kernelHeight;
      while (skip < last && top + (ptrdiff_t)(f->strideHeight + skip) < f->top) skip++;
      while (last > skip && top + (ptrdiff_t)(last - 1) >= end) last--;
      s.outer = last - skip;
      const float *row = s.outer ? image + ((size_t)top + skip) * line : image;
      product.b = packed + first * f->depth + skip * s.bOuter;
      for (size_t q = 0, windows; q < width; q += windows) {
        windows = even_rows(width - q, BLOCK_WINDOWS);
        size_t to = ((p - firstRow) * width + q) * f->outputs + first;
        product.a = row + 2 * q * s.rowStride;
        product.y = y + to;
        product.argmax = argmax ? argmax + to : NULL;
        product.room = total - to;
        product_windows(windows, &product);
      }
    }
  }
}

// Whether each output sees one pixel, its own.
INLINE bool is_pointwise(const ConvolutionForm *f) {
  return f->kernelHeight == 1 && f->kernelWidth == 1 && f->strideHeight == 1 &&
         f->strideWidth == 1 && f->direct && f->outHeight == f->height && f->outWidth == f->width;
}

// Then rows and images do not matter, and any number of pixels is one row; as many at a time as stay
// in the first cache while all blocks of outputs go over them.
static void direct_pixels(const ConvolutionForm *form, size_t pixels, const float *x,
                          const float *packed, const float *bias, const MCRectifier *rectifier,
                          float *y) {
  enum { ROOM = 16 * 1024 / sizeof(float), STEP = 4 * MC_ROWS };
  size_t most = (ROOM / form->inputs + STEP - 1) / STEP * STEP;
  ConvolutionForm f = *form;
  f.height = f.outHeight = f.paddedHeight = 1;
  for (size_t p = 0, count; p < pixels; p += count) {
    count = pixels - p < most ? pixels - p : most;
    f.width = f.outWidth = f.paddedWidth = count;
    direct_rows(&f, &f, 0, 1, x + p * f.inputs, packed, bias, rectifier, y + p * f.outputs);
  }
}

// The form whose bordered image direct_rows wants.
INLINE ConvolutionForm direct_form(const ConvolutionForm *form) {
  bool phased = form->dilationHeight == 1 && form->dilationWidth == 1 &&
                (form->spreadHeight > 1 || form->spreadWidth > 1);
  return phased ? unspread_form(form) : *form;
}
