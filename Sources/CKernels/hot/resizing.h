// Images made larger by whole factors. y[p,q] of the nearest neighbour is x[p / rows, q / columns]; of the
// bilinear interpolation it is a mean of the four pixels round the place where its centre falls.

void mc_upsample_nearest_forward(const MCUpsampling *u, size_t batch, const float *x, float *y) {
  size_t columns = (size_t)u->columns, channels = (size_t)u->channels;
  size_t line = (size_t)u->width * columns * channels;
  for (size_t i = 0; i < batch * (size_t)u->height; i++) {
    float *first = y;
    for (size_t q = 0; q < (size_t)u->width; q++, x += channels)
      for (size_t s = 0; s < columns; s++, y += channels) {
        MC_ELEMENTWISE
        for (size_t c = 0; c < channels; c++) y[c] = x[c];
      }
    for (int32_t r = 1; r < u->rows; r++, y += line) memcpy(y, first, line * sizeof(float));
  }
}

// dx = the sum of dy over the pixels that x was copied to.
void mc_upsample_nearest_backward(const MCUpsampling *u, size_t batch, const float *dy, float *dx) {
  size_t columns = (size_t)u->columns, channels = (size_t)u->channels, width = (size_t)u->width;
  memset(dx, 0, batch * (size_t)u->height * width * channels * sizeof(float));
  for (size_t i = 0; i < batch * (size_t)u->height; i++, dx += width * channels)
    for (int32_t r = 0; r < u->rows; r++)
      for (size_t q = 0; q < width; q++)
        for (size_t s = 0; s < columns; s++, dy += channels) {
          float *to = dx + q * channels;
          MC_ELEMENTWISE
          for (size_t c = 0; c < channels; c++) to[c] += dy[c];
        }
}

// Where output i falls between pixels: at low + share. The centre of an output is (i + 1/2) / factor - 1/2;
// at the edges the outermost pixel goes on.
typedef struct {
  size_t low, high;
  float share;
} Between;

INLINE Between between(size_t i, int32_t factor, int32_t size) {
  ptrdiff_t numerator = 2 * (ptrdiff_t)i + 1 - factor, denominator = 2 * (ptrdiff_t)factor;
  if (numerator < 0) {
    Between edge = {0, 0, 0};
    return edge;
  }
  size_t low = (size_t)(numerator / denominator);
  Between b = {low, low + 1 < (size_t)size ? low + 1 : low,
               (float)(numerator % denominator) / (float)denominator};
  return b;
}

void mc_upsample_bilinear_forward(const MCUpsampling *u, size_t batch, const float *x, float *y) {
  size_t channels = (size_t)u->channels, line = (size_t)u->width * channels;
  for (size_t n = 0; n < batch; n++, x += (size_t)u->height * line)
    for (size_t p = 0; p < (size_t)u->height * (size_t)u->rows; p++) {
      Between down = between(p, u->rows, u->height);
      for (size_t q = 0; q < (size_t)u->width * (size_t)u->columns; q++, y += channels) {
        Between across = between(q, u->columns, u->width);
        const float *above = x + down.low * line, *below = x + down.high * line;
        const float *a = above + across.low * channels, *b = above + across.high * channels;
        const float *d = below + across.low * channels, *e = below + across.high * channels;
        MC_ELEMENTWISE
        for (size_t c = 0; c < channels; c++) {
          float upper = a[c] + (b[c] - a[c]) * across.share;
          float lower = d[c] + (e[c] - d[c]) * across.share;
          y[c] = upper + (lower - upper) * down.share;
        }
      }
    }
}

INLINE void add_scaled(size_t count, float factor, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] += factor * x[i];
}

// dx[each of the four] += dy * its weight.
void mc_upsample_bilinear_backward(const MCUpsampling *u, size_t batch, const float *dy,
                                   float *dx) {
  size_t channels = (size_t)u->channels, line = (size_t)u->width * channels;
  memset(dx, 0, batch * (size_t)u->height * line * sizeof(float));
  for (size_t n = 0; n < batch; n++, dx += (size_t)u->height * line)
    for (size_t p = 0; p < (size_t)u->height * (size_t)u->rows; p++) {
      Between down = between(p, u->rows, u->height);
      for (size_t q = 0; q < (size_t)u->width * (size_t)u->columns; q++, dy += channels) {
        Between across = between(q, u->columns, u->width);
        float upper = 1 - down.share, left = 1 - across.share;
        add_scaled(channels, upper * left, dy, dx + down.low * line + across.low * channels);
        add_scaled(channels, upper * across.share, dy,
                   dx + down.low * line + across.high * channels);
        add_scaled(channels, down.share * left, dy, dx + down.high * line + across.low * channels);
        add_scaled(channels, down.share * across.share, dy,
                   dx + down.high * line + across.high * channels);
      }
    }
}
