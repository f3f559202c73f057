// The gradient of the kernel of a 3x3 depthwise convolution: nine sums, of one vector of channels at a time,
// stay in registers while they go over some rows of the image.

// Products of a sum before it is added to the others, whose error grows with the number of them; and floats
// that may be read until then, so that the next vector of channels finds them in the first cache.
enum { MOST_PRODUCTS = 256, MOST_READ = 6144 };

// sums[r*3 + s] += the product of dy and the pixel at row r, column s, for rows `top` to below `bottom`
// and columns `left` to below `right` of the kernel. All four are constants wherever this is called.
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

// A row of outputs, of which the first and the last may read outside by one column. x: what tap 0 of the
// first output reads.
typedef struct {
  size_t count;
  ptrdiff_t line, pixel, move;
  bool left, right;  // whether the first output lacks tap 0, the last one tap 2
} GradientRow;

INLINE void add_row_products(const int top, const int bottom, const GradientRow *g, const float *x,
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

// sums [vectors of channels][9][STRIP_LANES] added to.
static void kernel_gradient_3x3(const MCWindow *w, const float *x, const float *dy, float *sums) {
  size_t channels = (size_t)w->inChannels, count = (size_t)w->outWidth;
  ptrdiff_t pixel = (ptrdiff_t)channels, line = w->inWidth * pixel;
  GradientRow g = {.count = count, .line = line, .pixel = pixel, .move = w->strideWidth * pixel,
                   .left = w->padLeft > 0};
  g.right = (w->outWidth - 1) * w->strideWidth - w->padLeft + 2 >= w->inWidth;
  KernelAxis down = forward_axis(w->strideHeight, 1, w->padTop, 3, w->inHeight);
  size_t height = (size_t)w->outHeight, stride = (size_t)w->strideHeight;
  size_t band = MOST_PRODUCTS / count;
  size_t fits = MOST_READ / (stride * (size_t)line + count * channels);
  if (band > fits) band = fits;
  if (band == 0) band = 1;
  for (size_t start = 0, end; start < height; start = end) {
    end = height - start < band ? height : start + band;
    float *total = sums;
    for (size_t c = 0; c < channels; c += STRIP_LANES, total += 9 * STRIP_LANES) {
      size_t at = strip_start(channels, c);
      StripVector sum[9] = {{0}};
      for (size_t p = start; p < end; p++) {
        Run rows = taps_inside(&down, p);
        const float *from = x + (down.start + (ptrdiff_t)p * down.move) * line -
                            w->padLeft * pixel + at;
        const float *gradient = dy + p * count * channels + at;
        if (rows.first == 0 && rows.end == 3) add_row_products(0, 3, &g, from, gradient, sum);
        else if (rows.first == 1 && rows.end == 3)
          add_row_products(1, 3, &g, from, gradient, sum);
        else if (rows.first == 0 && rows.end == 2)
          add_row_products(0, 2, &g, from, gradient, sum);
        else {
          if (rows.first == 0 && rows.end > 0) add_row_products(0, 1, &g, from, gradient, sum);
          if (rows.first <= 1 && rows.end > 1) add_row_products(1, 2, &g, from, gradient, sum);
          if (rows.first <= 2 && rows.end > 2) add_row_products(2, 3, &g, from, gradient, sum);
        }
      }
#pragma clang loop unroll(full)
      for (int t = 0; t < 9; t++) {
        StripVector before;
        load_strip(total + t * STRIP_LANES, &before);
        before += sum[t];
        store_strip(total + t * STRIP_LANES, &before);
      }
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
