// mask ? a : b, lane by lane.
INLINE void choose_floats(const i16 *mask, const v16 *a, const v16 *b, v16 *result) {
  *result = (v16)(((i16)*a & *mask) | ((i16)*b & ~*mask));
}

// best = value where that is larger, place = where there. A NaN counts as larger than any number, so
// that it is not hidden.
INLINE void take_larger(const v16 *value, int32_t where, v16 *best, i16 *place) {
  i16 wins = ~(*value <= *best) & (*best == *best);
  choose_floats(&wins, value, best, best);
  i16 here = (i16){0} + where;
  *place = (here & wins) | (*place & ~wins);
}

// The maximum of one window for 16 channels, and its position in the window. Lanes beyond the channels
// hold what follows in memory and are not used.
INLINE void max_of_window(const float *x, const PoolSizes *s, int32_t extent, Span rows,
                          Span columns, v16 *best, i16 *place) {
  const float *from = x + (rows.start * s->width + columns.start) * s->channels;
  load(from, best);
  *place = (i16){0} + (int32_t)rows.first * extent + (int32_t)columns.first;
  for (size_t r = rows.first; r < rows.end; r++)
    for (size_t t = columns.first; t < columns.end; t++) {
      v16 value;
      load(from + ((r - rows.first) * s->width + (t - columns.first)) * s->channels, &value);
      take_larger(&value, (int32_t)r * extent + (int32_t)t, best, place);
    }
}

// The same for one channel, where the image ends before 16 floats.
INLINE float max_of_channel(const float *x, const PoolSizes *s, int32_t extent, Span rows,
                            Span columns, int32_t *place) {
  const float *from = x + (rows.start * s->width + columns.start) * s->channels;
  float best = *from;
  *place = (int32_t)rows.first * extent + (int32_t)columns.first;
  for (size_t r = rows.first; r < rows.end; r++)
    for (size_t t = columns.first; t < columns.end; t++) {
      float value = from[((r - rows.first) * s->width + (t - columns.first)) * s->channels];
      if (beats(value, best)) {
        best = value;
        *place = (int32_t)r * extent + (int32_t)t;
      }
    }
  return best;
}

// y = max over the window; argmax = its position there, the first one in a tie. With fewer than 16
// channels left, whole vectors are still read and written wherever the arrays continue: the lanes
// beyond are overwritten by the pixels that follow.
#define MAX_POOL_FORWARD(name, Index, store_places)                                             \
  void MC_NAME(name)(const MCWindow *w, size_t batch, const float *x, float *y, Index *argmax) { \
    PoolSizes s = pool_sizes(w);                                                                \
    size_t image = s.height * s.width * s.channels;                                             \
    size_t inTotal = batch * image, outTotal = batch * s.outHeight * s.outWidth * s.channels;   \
    size_t out = 0;                                                                             \
    bool pairs = w->kernelHeight == 2 && w->kernelWidth == 2;                                   \
    for (size_t n = 0; n < batch; n++)                                                          \
      for (size_t p = 0; p < s.outHeight; p++) {                                                \
        Span rows = window_span(p, w->strideHeight, w->padTop, w->kernelHeight, w->inHeight);   \
        for (size_t q = 0; q < s.outWidth; q++, out += s.channels) {                            \
          Span columns =                                                                        \
              window_span(q, w->strideWidth, w->padLeft, w->kernelWidth, w->inWidth);           \
          if (rows.first == rows.end || columns.first == columns.end) {                         \
            for (size_t c = 0; c < s.channels; c++) {                                           \
              y[out + c] = 0;                                                                   \
              if (argmax) argmax[out + c] = 0;                                                  \
            }                                                                                   \
            continue;                                                                           \
          }                                                                                     \
          size_t last = n * image + ((rows.start + rows.end - rows.first - 1) * s.width +       \
                                     columns.start + columns.end - columns.first - 1) *         \
                                        s.channels;                                             \
          for (size_t c = 0; c < s.channels;) {                                                 \
            bool roomy = last + c + 16 <= inTotal && out + c + 16 <= outTotal;                  \
            if (roomy && (s.channels < 16 || c + 16 <= s.channels)) {                           \
              v16 best;                                                                         \
              i16 place;                                                                        \
              if (pairs && rows.end - rows.first == 2 && columns.end - columns.first == 2)      \
                max_of_window(x + n * image + c, &s, 2, (Span){0, 2, rows.start},               \
                              (Span){0, 2, columns.start}, &best, &place);                      \
              else                                                                              \
                max_of_window(x + n * image + c, &s, w->kernelWidth, rows, columns, &best,      \
                              &place);                                                          \
              store(y + out + c, &best);                                                        \
              if (argmax) store_places(argmax + out + c, &place);                               \
              c += 16;                                                                          \
            } else {                                                                            \
              int32_t place;                                                                    \
              y[out + c] = max_of_channel(x + n * image + c, &s, w->kernelWidth, rows, columns, \
                                          &place);                                              \
              if (argmax) argmax[out + c] = (Index)place;                                       \
              c += 1;                                                                           \
            }                                                                                   \
          }                                                                                     \
        }                                                                                       \
      }                                                                                         \
  }

INLINE void store_byte_places(uint8_t *to, const i16 *place) {
  b16 bytes = __builtin_convertvector(*place, b16);
  __builtin_memcpy(to, &bytes, sizeof bytes);
}

INLINE void store_wide_places(int32_t *to, const i16 *place) {
  __builtin_memcpy(to, place, sizeof *place);
}

MAX_POOL_FORWARD(mc_max_pool2d_forward, uint8_t, store_byte_places)
MAX_POOL_FORWARD(mc_max_pool2d_forward_wide, int32_t, store_wide_places)

// Whether windows tile the image, so that every pixel in one belongs to that window alone.
INLINE bool tiles(const MCWindow *w) {
  return w->strideHeight == w->kernelHeight && w->strideWidth == w->kernelWidth &&
         w->padTop == 0 && w->padLeft == 0 && w->outHeight * w->strideHeight <= w->inHeight &&
         w->outWidth * w->strideWidth <= w->inWidth;
}

// dx of tiling windows, in memory order: each pixel gets its window's dy where it was the maximum and
// 0 where it was not, and the rest of the image 0.
static void tiled_backward(const MCWindow *w, size_t batch, const float *dy, const uint8_t *argmax,
                           float *dx) {
  PoolSizes s = pool_sizes(w);
  size_t total = batch * s.height * s.width * s.channels;
  size_t outTotal = batch * s.outHeight * s.outWidth * s.channels;
  size_t covered = s.outWidth * (size_t)w->kernelWidth * s.channels;
  size_t line = s.width * s.channels;
  for (size_t n = 0; n < batch; n++)
    for (size_t h = 0; h < s.height; h++) {
      size_t to = (n * s.height + h) * line;
      size_t p = h / (size_t)w->kernelHeight;
      if (p >= s.outHeight) {
        memset(dx + to, 0, line * sizeof(float));
        continue;
      }
      int32_t row = (int32_t)(h % (size_t)w->kernelHeight) * w->kernelWidth;
      size_t from = (n * s.outHeight + p) * s.outWidth * s.channels;
      for (size_t q = 0; q < s.outWidth; q++, from += s.channels)
        for (int32_t t = 0; t < w->kernelWidth; t++, to += s.channels)
          for (size_t c = 0; c < s.channels;) {
            bool roomy = to + c + 16 <= total && from + c + 16 <= outTotal;
            if (roomy && (s.channels < 16 || c + 16 <= s.channels)) {
              v16 gradient;
              b16 bytes;
              load(dy + from + c, &gradient);
              __builtin_memcpy(&bytes, argmax + from + c, sizeof bytes);
              i16 place = __builtin_convertvector(bytes, i16);
              v16 routed = (v16)((i16)gradient & (place == row + t));
              store(dx + to + c, &routed);
              c += 16;
            } else {
              dx[to + c] = argmax[from + c] == row + t ? dy[from + c] : 0;
              c += 1;
            }
          }
      memset(dx + to, 0, (line - covered) * sizeof(float));
    }
}

// dx[where argmax points] += dy, all else 0.
#define MAX_POOL_SCATTER(name, Index)                                                          \
  static void name(const MCWindow *w, size_t batch, const float *dy, const Index *argmax,      \
                   float *dx) {                                                                \
    PoolSizes s = pool_sizes(w);                                                               \
    size_t image = s.height * s.width * s.channels;                                            \
    memset(dx, 0, batch * image * sizeof(float));                                              \
    for (size_t n = 0; n < batch; n++, dx += image)                                            \
      for (size_t p = 0; p < s.outHeight; p++)                                                 \
        for (size_t q = 0; q < s.outWidth; q++, dy += s.channels, argmax += s.channels) {      \
          ptrdiff_t top = (ptrdiff_t)p * w->strideHeight - w->padTop;                          \
          ptrdiff_t left = (ptrdiff_t)q * w->strideWidth - w->padLeft;                         \
          for (size_t c = 0; c < s.channels; c++) {                                            \
            ptrdiff_t h = top + (ptrdiff_t)argmax[c] / w->kernelWidth;                         \
            ptrdiff_t v = left + (ptrdiff_t)argmax[c] % w->kernelWidth;                        \
            if (h < 0 || v < 0 || h >= w->inHeight || v >= w->inWidth) continue;               \
            dx[((size_t)h * s.width + (size_t)v) * s.channels + c] += dy[c];                   \
          }                                                                                    \
        }                                                                                      \
  }

MAX_POOL_SCATTER(scatter_bytes, uint8_t)
MAX_POOL_SCATTER(scatter_wide, int32_t)

void MC_NAME(mc_max_pool2d_backward)(const MCWindow *w, size_t batch, const float *dy,
                                     const uint8_t *argmax, float *dx) {
  if (tiles(w)) tiled_backward(w, batch, dy, argmax, dx);
  else scatter_bytes(w, batch, dy, argmax, dx);
}

void MC_NAME(mc_max_pool2d_backward_wide)(const MCWindow *w, size_t batch, const float *dy,
                                          const int32_t *argmax, float *dx) {
  scatter_wide(w, batch, dy, argmax, dx);
}
