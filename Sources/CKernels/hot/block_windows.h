// Register blocks of a convolution whose output is pooled by windows of 2x2 that tile it: the rows of
// a block are the pixels of whole windows, so that the maxima are found while the sums are in
// registers, and the output of the convolution itself is written nowhere.

enum { WINDOW_PIXELS = 4, BLOCK_WINDOWS = MC_ROWS / WINDOW_PIXELS };

// y[w][0..columns) = the maximum over the four pixels of window w of start + sum over k of
// a[pixel][k] * b[k][0..columns), after which the rectifier commutes with it.
typedef struct {
  const float *a;     // of the first window's upper left pixel
  const Segments *s;  // rowStride: from a pixel to the next one in its row
  size_t below;       // from there to the pixel below
  const float *b;     // [K][16]
  size_t bNext;       // how far from there the next 16 columns are
  const v16 *start;   // one for each 16 columns
  MCRectifier rectifier;
  float *y;
  uint8_t *argmax;          // may be NULL
  size_t yStride, columns;  // columns: at most BLOCK_COLUMNS
  size_t room;              // see Product
} WindowProduct;

// Maxima and their positions of the windows whose sums are at hand.
INLINE void max_of_sums(const bool places, const int windows, const int vectors, v16 (*sum)[2],
                        v16 (*best)[2], i16 (*position)[2]) {
#pragma clang loop unroll(full)
  for (int w = 0; w < windows; w++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) {
      best[w][j] = sum[w * WINDOW_PIXELS][j];
      position[w][j] = (i16){0};
#pragma clang loop unroll(full)
      for (int i = 1; i < WINDOW_PIXELS; i++) {
        const v16 *value = &sum[w * WINDOW_PIXELS + i][j];
        if (places) take_larger(value, i, &best[w][j], &position[w][j]);
        else keep_larger(value, &best[w][j]);
      }
    }
}

INLINE void store_window(const WindowProduct *p, const int w, const int j, const bool whole,
                         const v16 *best, const i16 *position) {
  size_t at = (size_t)w * p->yStride + (size_t)j * 16, count = p->columns - (size_t)j * 16;
  if (whole || count >= 16) {
    store(p->y + at, best);
    store_positions(p->argmax, 1, at, position);
    return;
  }
  store_part(p->y + at, count, best);
  for (size_t l = 0; p->argmax && l < count; l++) p->argmax[at + l] = (uint8_t)(*position)[l];
}

INLINE void window_block(const int windows, const int vectors, const void *operands) {
  const WindowProduct p = *(const WindowProduct *)operands;
  const Segments s = *p.s;
  v16 sum[BLOCK_WINDOWS * WINDOW_PIXELS][2], best[BLOCK_WINDOWS][2];
  i16 position[BLOCK_WINDOWS][2];
#pragma clang loop unroll(full)
  for (int i = 0; i < windows * WINDOW_PIXELS; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) sum[i][j] = p.start[j];
  for (size_t o = 0; o < s.outer; o++) {
    const float *upper = p.a + o * s.outerStride, *lower = upper + p.below;
    const float *lines = p.b + o * s.bOuter;
    for (size_t k = 0; k < s.length; k++) {
      v16 line[2];
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) load(lines + k * 16 + (size_t)j * p.bNext, &line[j]);
#pragma clang loop unroll(full)
      for (int i = 0; i < windows * WINDOW_PIXELS; i++) {
        const size_t column = (size_t)(i / WINDOW_PIXELS * 2 + i % 2);
        const float *row = i % WINDOW_PIXELS < 2 ? upper : lower;
#pragma clang loop unroll(full)
        for (int j = 0; j < vectors; j++) sum[i][j] += row[column * s.rowStride + k] * line[j];
      }
    }
  }
  if (p.argmax) max_of_sums(true, windows, vectors, sum, best, position);
  else max_of_sums(false, windows, vectors, sum, best, position);
  // As one array: its rows have two vectors each, in use or not.
  rectify16(2 * windows, &p.rectifier, best[0]);
  const bool whole = p.room >= (size_t)(windows - 1) * p.yStride + 16 * (size_t)vectors;
  if (whole) {
#pragma clang loop unroll(full)
    for (int w = 0; w < windows; w++)
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++)
        store_window(&p, w, j, true, &best[w][j], &position[w][j]);
    return;
  }
  for (int w = 0; w < windows; w++)
    for (int j = 0; j < vectors; j++)
      store_window(&p, w, j, false, &best[w][j], &position[w][j]);
}

INLINE void window_wide(const int windows, const void *operands) {
  window_block(windows, 1, operands);
}
INLINE void window_pair(const int windows, const void *operands) {
  window_block(windows, 2, operands);
}

MC_BLOCKS(window_wide, BLOCK_WINDOWS)
#if MC_ROWS >= 12
MC_BLOCKS(window_pair, BLOCK_WINDOWS)
#endif

static void product_windows(size_t windows, const WindowProduct *p) {
#if MC_ROWS >= 12
  if (p->columns > 16) return window_pair_of[windows](p);
#endif
  window_wide_of[windows](p);
}
