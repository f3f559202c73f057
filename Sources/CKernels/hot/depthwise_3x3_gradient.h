// The gradient of the kernel of a 3x3 depthwise convolution: nine sums, of one vector of channels
// at a time, stay in registers while they go over some rows of the image.

// Products of a sum before it is added to the others, whose error grows with the number of them;
// and floats that may be read until then, so that the next vector of channels finds them in the
// first cache.
enum { MOST_PRODUCTS = 256, MOST_READ = 6144 };

// Rows of the image and of dy. Distances are in floats.
typedef struct {
  size_t width, count;          // columns of the image, and of dy
  ptrdiff_t line, pixel, move;  // move: of the image from one column of dy to the next
  bool left, right;             // whether the first column of dy lacks tap 0, the last one tap 2
} GradientRow;

// sums[r*3 + s] += the product of dy and the pixel at row r, column s, for rows `top` to below
// `bottom` and columns `left` to below `right` of the kernel. All four are constants wherever this
// is called.
INLINE void add_tap_products(const int top, const int bottom, const int left, const int right,
                             const float *x, ptrdiff_t line, ptrdiff_t pixel, const float *dy,
                             StripVector *sums) {
  StripVector gradient;
  load_strip(dy, &gradient);
#pragma clang loop unroll(full)
  for (int r = top; r < bottom; r++)
#pragma clang loop unroll(full)
    for (int s = left; s < right; s++) {
      StripVector value;
      load_strip(x + r * line + s * pixel, &value);
      sums[r * 3 + s] += value * gradient;
    }
}

// A row of dy, column by column. x: what its first column reads by tap 0, which may be outside.
INLINE void add_by_gradients(const int top, const int bottom, const GradientRow *g, const float *x,
                             const float *dy, StripVector *sums) {
  const ptrdiff_t line = g->line, pixel = g->pixel, move = g->move;
  size_t q = 0, end = g->right ? g->count - 1 : g->count;
  if (g->left && g->right && g->count == 1) {
    add_tap_products(top, bottom, 1, 2, x, line, pixel, dy, sums);
    return;
  }
  if (g->left) {
    add_tap_products(top, bottom, 1, 3, x, line, pixel, dy, sums);
    x += move;
    dy += pixel;
    q = 1;
  }
  for (; q < end; q++, x += move, dy += pixel)
    add_tap_products(top, bottom, 0, 3, x, line, pixel, dy, sums);
  if (g->right) add_tap_products(top, bottom, 0, 2, x, line, pixel, dy, sums);
}

// The same where the stride is 1, by the columns of the image: each goes into three taps with three
// columns of dy, of which two were loaded for the columns before. Those of dy that do not exist are
// 0, so a pixel that is not finite shows in all taps of its row.
INLINE void add_by_pixels(const int top, const int bottom, const GradientRow *g, const float *x,
                          const float *dy, StripVector *sums) {
  const ptrdiff_t line = g->line, pixel = g->pixel;
  const size_t width = g->width, count = g->count;
  StripVector gradient[3] = {{0}};
  size_t next = 0;  // column of dy
  if (g->left) {
    load_strip(dy, &gradient[1]);
    x += pixel;
    next = 1;
  }
  for (size_t j = 0; j < width; j++, next++, x += pixel) {
    gradient[0] = (StripVector){0};
    if (next < count) load_strip(dy + (ptrdiff_t)next * pixel, &gradient[0]);
#pragma clang loop unroll(full)
    for (int r = top; r < bottom; r++) {
      StripVector value;
      load_strip(x + r * line, &value);
#pragma clang loop unroll(full)
      for (int s = 0; s < 3; s++) sums[r * 3 + s] += value * gradient[s];
    }
    gradient[2] = gradient[1];
    gradient[1] = gradient[0];
  }
}

INLINE void add_row_products(const bool byPixels, const int top, const int bottom,
                             const GradientRow *g, const float *x, const float *dy,
                             StripVector *sums) {
  if (byPixels) add_by_pixels(top, bottom, g, x, dy, sums);
  else add_by_gradients(top, bottom, g, x, dy, sums);
}

// Rows of dy from `start` to below `end`, one vector of channels. x, dy: those of the image.
INLINE void add_rows(const bool byPixels, const MCWindow *w, const GradientRow *g, size_t start,
                     size_t end, const float *x, const float *dy, float *total) {
  KernelAxis down = forward_axis(w->strideHeight, 1, w->padTop, 3, w->inHeight);
  StripVector sum[9] = {{0}};
  for (size_t p = start; p < end; p++) {
    Run rows = taps_inside(&down, p);
    const float *from = x + (down.start + (ptrdiff_t)p * down.move) * g->line -
                        w->padLeft * g->pixel;
    const float *gradient = dy + (ptrdiff_t)(p * g->count) * g->pixel;
    if (rows.first == 0 && rows.end == 3)
      add_row_products(byPixels, 0, 3, g, from, gradient, sum);
    else if (rows.first == 1 && rows.end == 3)
      add_row_products(byPixels, 1, 3, g, from, gradient, sum);
    else if (rows.first == 0 && rows.end == 2)
      add_row_products(byPixels, 0, 2, g, from, gradient, sum);
    else if (rows.first == 0 && rows.end == 1)
      add_row_products(byPixels, 0, 1, g, from, gradient, sum);
    else if (rows.first == 1 && rows.end == 2)
      add_row_products(byPixels, 1, 2, g, from, gradient, sum);
    else if (rows.first == 2 && rows.end == 3)
      add_row_products(byPixels, 2, 3, g, from, gradient, sum);
  }
#pragma clang loop unroll(full)
  for (int t = 0; t < 9; t++) {
    StripVector before;
    load_strip(total + t * STRIP_LANES, &before);
    before += sum[t];
    store_strip(total + t * STRIP_LANES, &before);
  }
}

static void add_rows_by_pixels(const MCWindow *w, const GradientRow *g, size_t start, size_t end,
                               const float *x, const float *dy, float *total) {
  add_rows(true, w, g, start, end, x, dy, total);
}

static void add_rows_by_gradients(const MCWindow *w, const GradientRow *g, size_t start,
                                  size_t end, const float *x, const float *dy, float *total) {
  add_rows(false, w, g, start, end, x, dy, total);
}

// sums [vectors of channels][9][STRIP_LANES] added to.
static void kernel_gradient_3x3(const MCWindow *w, const float *x, const float *dy, float *sums) {
  size_t channels = (size_t)w->inChannels, width = (size_t)w->inWidth;
  size_t height = (size_t)w->outHeight, count = (size_t)w->outWidth;
  ptrdiff_t pixel = (ptrdiff_t)channels;
  GradientRow g = {.width = width, .count = count, .line = w->inWidth * pixel, .pixel = pixel,
                   .move = w->strideWidth * pixel, .left = w->padLeft > 0};
  g.right = (w->outWidth - 1) * w->strideWidth - w->padLeft + 2 >= w->inWidth;
  size_t fits = MOST_READ / (((size_t)w->strideHeight * width + count) * channels);
  size_t band = MOST_PRODUCTS / count < fits ? MOST_PRODUCTS / count : fits;
  if (band == 0) band = 1;
  for (size_t start = 0, end; start < height; start = end) {
    end = height - start < band ? height : start + band;
    float *total = sums;
    for (size_t c = 0; c < channels; c += STRIP_LANES, total += 9 * STRIP_LANES) {
      size_t at = strip_start(channels, c);
      if (w->strideWidth == 1) add_rows_by_pixels(w, &g, start, end, x + at, dy + at, total);
      else add_rows_by_gradients(w, &g, start, end, x + at, dy + at, total);
    }
  }
}

static void add_kernel_gradient_3x3(size_t channels, const float *sums, float *dkernel) {
  for (size_t c = 0; c < channels; c += STRIP_LANES, sums += 9 * STRIP_LANES) {
    size_t at = strip_start(channels, c);
    // Channels of the vector before have theirs already.
    for (size_t t = 0; t < 9; t++)
      for (size_t l = c - at; l < STRIP_LANES; l++)
        dkernel[t * channels + at + l] += sums[t * STRIP_LANES + l];
  }
}
