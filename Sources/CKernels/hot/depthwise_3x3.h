// Depthwise convolution by 3x3 kernels (depthwise_is_3x3), and the gradient of its input: images
// are read and written as they are. A strip of some columns of outputs goes down the image; its
// sums, of one vector of channels at a time, stay in registers, and each column that is read goes
// into all the sums that it is part of. The last vector begins early enough to end with the
// channels: what it computes of channels that were computed before is the same once more.
//
// The sum of each output starts with the bias and goes over the rows of the kernel and their taps
// in order, whatever the strip and the vector.

// The vector: one register, or two of SSE or NEON; sums of MC_STRIP outputs fit.
#if MC_ROWS >= 12
typedef v16 StripVector;
INLINE void rectify_strip(const int n, const MCRectifier *r, v16 *v) { rectify16(n, r, v); }
#else
typedef v8 StripVector;
INLINE void rectify_strip(const int n, const MCRectifier *r, v8 *v) { rectify8(n, r, v); }
#endif
#if MC_ROWS >= 6
#define MC_STRIP 8
#else
#define MC_STRIP 4
#endif
enum { STRIP_LANES = sizeof(StripVector) / sizeof(float) };

INLINE void load_strip(const float *p, StripVector *v) { __builtin_memcpy(v, p, sizeof *v); }
INLINE void store_strip(float *p, const StripVector *v) { __builtin_memcpy(p, v, sizeof *v); }

// A strip of outputs, and what it reads. Distances are in floats.
typedef struct {
  size_t channels;
  const float *x;
  ptrdiff_t line;     // of a row of what is read
  ptrdiff_t column;   // the first one that is read, from -2 on
  int first, end;     // those of the columns that are read which lie inside
  KernelAxis down;    // of rows of outputs; strip_of_pairs uses its size alone
  const float *kernel, *bias;
  ptrdiff_t kernelRow, kernelColumn;
  MCRectifier rectifier;
  float *y;
  size_t yLine, firstRow, endRow;
  size_t padTop;      // read by strip_of_pairs, as are the next two
  bool left, right;   // whether the strip's first and last outputs lie inside
} Strip;

// Where the last vector of channels begins.
INLINE size_t strip_start(size_t channels, size_t c) {
  return c + STRIP_LANES <= channels ? c : channels - STRIP_LANES;
}

// Only the two outermost columns on either side may lie outside.
INLINE bool is_outside(int j, int columns, int first, int end) {
  return (j < 2 && j < first) || (j >= columns - 2 && j >= end);
}

// n outputs in each row: output i of row p is the sum over r and s of the pixel at row p*stride + r
// and column i*stride + s.
INLINE void strip(const int n, const int stride, const void *operands) {
  const Strip t = *(const Strip *)operands;
  const int columns = (n - 1) * stride + 3;
  const ptrdiff_t pixel = (ptrdiff_t)t.channels;
  for (size_t p = t.firstRow; p < t.endRow; p++) {
    Run rows = taps_inside(&t.down, p);
    ptrdiff_t top = t.down.start + (ptrdiff_t)(p * (size_t)stride + rows.first);
    const float *x = t.x + top * t.line + t.column * pixel;
    const float *kernel = t.kernel + (ptrdiff_t)rows.first * t.kernelRow;
    for (size_t c = 0; c < t.channels; c += STRIP_LANES) {
      size_t at = strip_start(t.channels, c);
      StripVector sum[MC_STRIP], start = {0};
      if (t.bias) load_strip(t.bias + at, &start);
#pragma clang loop unroll(full)
      for (int i = 0; i < n; i++) sum[i] = start;
      const float *from = x + at, *taps = kernel + at;
      for (size_t r = rows.first; r < rows.end; r++, from += t.line, taps += t.kernelRow) {
        StripVector tap[3];
#pragma clang loop unroll(full)
        for (int s = 0; s < 3; s++) load_strip(taps + s * t.kernelColumn, &tap[s]);
#pragma clang loop unroll(full)
        for (int j = 0; j < columns; j++) {
          if (is_outside(j, columns, t.first, t.end)) continue;
          StripVector value;
          load_strip(from + j * pixel, &value);
#pragma clang loop unroll(full)
          for (int s = 0; s < 3; s++) {
            const int i = j - s;
            if (i >= 0 && i % stride == 0 && i / stride < n) sum[i / stride] += value * tap[s];
          }
        }
      }
      float *to = t.y + p * t.yLine + at;
      rectify_strip(n, &t.rectifier, sum);
#pragma clang loop unroll(full)
      for (int i = 0; i < n; i++) store_strip(to + i * pixel, &sum[i]);
    }
  }
}

INLINE void strip_by_1(const int n, const void *operands) { strip(n, 1, operands); }
INLINE void strip_by_2(const int n, const void *operands) { strip(n, 2, operands); }

MC_BLOCKS(strip_by_1, MC_STRIP)
MC_BLOCKS(strip_by_2, MC_STRIP)

// The gradient of the input where the stride is 2, n pairs of columns of it in each row: column 2*i
// of row h is the sum of the pixels of dy at columns i and i + 1 by taps 2 and 0 of the kernel's
// row, column 2*i + 1 that at column i + 1 by tap 1. Rows go by 2 likewise.
INLINE void strip_of_pairs(const int n, const void *operands) {
  const Strip t = *(const Strip *)operands;
  const ptrdiff_t pixel = (ptrdiff_t)t.channels;
  for (size_t h = 0; h < t.endRow; h++) {
    size_t place = h + t.padTop, odd = place % 2;
    KernelAxis down = {.tap = odd, .tapStep = 2, .taps = 2 - odd, .start = (ptrdiff_t)(place / 2),
                       .tapMove = -1, .size = t.down.size};
    Run rows = taps_inside(&down, 0);
    const float *x = t.x + (down.start - (ptrdiff_t)rows.first) * t.line + t.column * pixel;
    const float *kernel = t.kernel + (ptrdiff_t)(odd + 2 * rows.first) * t.kernelRow;
    for (size_t c = 0; c < t.channels; c += STRIP_LANES) {
      size_t at = strip_start(t.channels, c);
      StripVector even[MC_STRIP / 2] = {{0}}, between[MC_STRIP / 2] = {{0}};
      const float *from = x + at, *taps = kernel + at;
      for (size_t r = rows.first; r < rows.end; r++, from -= t.line, taps += 2 * t.kernelRow) {
        StripVector tap[3];
#pragma clang loop unroll(full)
        for (int s = 0; s < 3; s++) load_strip(taps + s * t.kernelColumn, &tap[s]);
#pragma clang loop unroll(full)
        for (int j = 0; j <= n; j++) {
          if ((j == 0 && t.first > 0) || (j == n && t.end <= n)) continue;
          StripVector value;
          load_strip(from + j * pixel, &value);
          if (j < n) even[j] += value * tap[2];
          if (j > 0) even[j - 1] += value * tap[0];
          if (j > 0) between[j - 1] += value * tap[1];
        }
      }
      float *to = t.y + h * t.yLine + at;
#pragma clang loop unroll(full)
      for (int i = 0; i < n; i++) {
        if (i > 0 || t.left) store_strip(to + 2 * i * pixel, &even[i]);
        if (i < n - 1 || t.right) store_strip(to + (2 * i + 1) * pixel, &between[i]);
      }
    }
  }
}

MC_BLOCKS(strip_of_pairs, MC_STRIP / 2)

// All strips of an image of `columns` outputs, which read `width` columns.
static void strips(Strip t, size_t stride, ptrdiff_t pad, size_t columns, ptrdiff_t width) {
  float *y = t.y;
  for (size_t q = 0, n; q < columns; q += n) {
    n = even_rows(columns - q, MC_STRIP);
    t.column = (ptrdiff_t)(q * stride) - pad;
    t.first = t.column < 0 ? (int)-t.column : 0;
    t.end = (int)(width - t.column < 32 ? width - t.column : 32);
    t.y = y + q * t.channels;
    if (stride == 1) strip_by_1_of[n](&t);
    else strip_by_2_of[n](&t);
  }
}

static void forward_3x3(const MCWindow *w, size_t firstRow, size_t endRow, const float *x,
                        const float *kernel, const float *bias, const MCRectifier *rectifier,
                        float *y) {
  size_t channels = (size_t)w->inChannels, width = depthwise_width(w);
  Strip t = {.channels = channels, .x = x, .line = (ptrdiff_t)((size_t)w->inWidth * channels),
             .down = forward_axis(w->strideHeight, 1, w->padTop, 3, w->inHeight),
             .kernel = kernel, .bias = bias, .kernelRow = (ptrdiff_t)(3 * width),
             .kernelColumn = (ptrdiff_t)width, .y = y,
             .yLine = (size_t)w->outWidth * channels, .firstRow = firstRow, .endRow = endRow,
             .rectifier = *rectifier};
  strips(t, (size_t)w->strideWidth, w->padLeft, (size_t)w->outWidth, w->inWidth);
}

// Where the stride is 1, a convolution of dy by the kernel rotated by 180 degrees.
static void input_gradient_3x3(const MCWindow *w, const float *dy, const float *kernel, float *dx) {
  size_t channels = (size_t)w->inChannels, width = depthwise_width(w);
  Strip t = {.channels = channels, .x = dy, .line = (ptrdiff_t)((size_t)w->outWidth * channels),
             .down = forward_axis(1, 1, 2 - w->padTop, 3, w->outHeight), .kernel = kernel,
             .kernelRow = (ptrdiff_t)(3 * width), .kernelColumn = (ptrdiff_t)width, .y = dx,
             .yLine = (size_t)w->inWidth * channels, .endRow = (size_t)w->inHeight};
  if (w->strideWidth == 1) {
    t.kernel += 8 * width;
    t.kernelRow = -t.kernelRow;
    t.kernelColumn = -t.kernelColumn;
    return strips(t, 1, 2 - w->padLeft, (size_t)w->inWidth, w->outWidth);
  }
  t.padTop = (size_t)w->padTop;
  // With one column of padding, the first of the first pair is outside.
  size_t columns = (size_t)(w->inWidth + w->padLeft), pairs = (columns + 1) / 2;
  for (size_t i = 0, n; i < pairs; i += n) {
    n = even_rows(pairs - i, MC_STRIP / 2);
    t.column = (ptrdiff_t)i - 1;
    t.first = i == 0 ? 1 : 0;
    t.end = (int)(w->outWidth - t.column < 32 ? w->outWidth - t.column : 32);
    t.left = i > 0 || w->padLeft == 0;
    t.right = 2 * (i + n) <= columns;
    t.y = dx + ((ptrdiff_t)(2 * i) - w->padLeft) * (ptrdiff_t)channels;
    strip_of_pairs_of[n](&t);
  }
}
