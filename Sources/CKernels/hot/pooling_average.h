// Average pooling, forwards and backwards, over the K pixels of a window that are inside the image:
//
//   y[p,q,c]  = (sum over r,s of x[p*stride + r - pad, q*stride + s - pad, c]) / K
//   dx[h,w,c] = sum of dy / K over the windows that pixel is in
//
// Each of the K pixels had the same share in the output, and gets the same share of its gradient. A
// window with no pixel inside gives 0.

// K of one window.
INLINE size_t pixels_inside(const MCWindow *w, size_t p, size_t q) {
  size_t pixels = 0;
  for (int32_t r = 0; r < w->kernelHeight; r++)
    for (int32_t s = 0; s < w->kernelWidth; s++)
      pixels += is_inside(w, row_at(w, p, r), column_at(w, q, s));
  return pixels;
}

INLINE void plain_average_forward(const MCWindow *w, size_t batch, const float *x, float *y) {
  PoolSizes size = pool_sizes(w, batch);
  for (size_t n = 0, i = 0; n < batch; n++)
    for (size_t p = 0; p < size.outHeight; p++)
      for (size_t q = 0; q < size.outWidth; q++)
        for (size_t c = 0; c < size.channels; c++, i++) {
          double sum = 0;
          for (int32_t r = 0; r < w->kernelHeight; r++)
            for (int32_t s = 0; s < w->kernelWidth; s++) {
              ptrdiff_t row = row_at(w, p, r), column = column_at(w, q, s);
              if (is_inside(w, row, column))
                sum += (double)x[n * size.image + pixel_at(w, row, column) + c];
            }
          size_t pixels = pixels_inside(w, p, q);
          y[i] = pixels > 0 ? (float)(sum / (double)pixels) : 0;
        }
}

INLINE void plain_average_backward(const MCWindow *w, size_t batch, const float *dy, float *dx) {
  PoolSizes size = pool_sizes(w, batch);
  memset(dx, 0, size.count * sizeof(float));
  for (size_t n = 0, i = 0; n < batch; n++, dx += size.image)
    for (size_t p = 0; p < size.outHeight; p++)
      for (size_t q = 0; q < size.outWidth; q++)
        for (size_t c = 0; c < size.channels; c++, i++) {
          float share = dy[i] / (float)pixels_inside(w, p, q);
          for (int32_t r = 0; r < w->kernelHeight; r++)
            for (int32_t s = 0; s < w->kernelWidth; s++) {
              ptrdiff_t row = row_at(w, p, r), column = column_at(w, q, s);
              if (is_inside(w, row, column)) dx[pixel_at(w, row, column) + c] += share;
            }
        }
}

// The fast loops go over all channels of a pixel before the next one: neighbours in memory, which
// the compiler takes a register at a time.
void mc_avg_pool2d_forward(const MCWindow *w, size_t batch, const float *x, float *y) {
  if (MC_PLAIN) return plain_average_forward(w, batch, x, y);
  PoolSizes size = pool_sizes(w, batch);
  for (size_t n = 0; n < batch; n++, x += size.image)
    for (size_t p = 0; p < size.outHeight; p++) {
      Span rows = row_span(w, p);
      for (size_t q = 0; q < size.outWidth; q++, y += size.channels) {
        Span columns = column_span(w, q);
        size_t pixels = rows.count * columns.count;
        for (size_t c = 0; c < size.channels; c++) y[c] = 0;
        for (size_t r = 0; r < rows.count; r++)
          for (size_t s = 0; s < columns.count; s++) {
            const float *from =
                x + (rows.start + r) * size.line + (columns.start + s) * size.channels;
            for (size_t c = 0; c < size.channels; c++) y[c] += from[c];
          }
        float share = pixels ? 1.0f / (float)pixels : 0;
        for (size_t c = 0; c < size.channels; c++) y[c] *= share;
      }
    }
}

void mc_avg_pool2d_backward(const MCWindow *w, size_t batch, const float *dy, float *dx) {
  if (MC_PLAIN) return plain_average_backward(w, batch, dy, dx);
  PoolSizes size = pool_sizes(w, batch);
  memset(dx, 0, size.count * sizeof(float));
  for (size_t n = 0; n < batch; n++, dx += size.image)
    for (size_t p = 0; p < size.outHeight; p++) {
      Span rows = row_span(w, p);
      for (size_t q = 0; q < size.outWidth; q++, dy += size.channels) {
        Span columns = column_span(w, q);
        size_t pixels = rows.count * columns.count;
        float share = pixels ? 1.0f / (float)pixels : 0;
        for (size_t r = 0; r < rows.count; r++)
          for (size_t s = 0; s < columns.count; s++) {
            float *to = dx + (rows.start + r) * size.line + (columns.start + s) * size.channels;
            for (size_t c = 0; c < size.channels; c++) to[c] += dy[c] * share;
          }
      }
    }
}
