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

// The fast loops take 16 channels at once, and write every output once: forwards a window after the
// other, backwards a pixel after the other, which asks the windows that it lies in.

// 1/K of the window at p, q; 0 where it has no pixel.
INLINE float window_share(const Span *rows, const Span *columns) {
  size_t pixels = rows->count * columns->count;
  return pixels ? 1.0f / (float)pixels : 0;
}

// x: the first pixel of the window that is inside the image.
INLINE void average_of_window(const PoolSizes *size, const float *x, const Span *rows,
                              const Span *columns, size_t lanes, float *y) {
  v16 sum = {0};
  for (size_t r = 0; r < rows->count; r++)
    for (size_t s = 0; s < columns->count; s++) {
      v16 value;
      load_lanes(x + r * size->line + s * size->channels, lanes, &value);
      sum += value;
    }
  sum *= window_share(rows, columns);
  store_lanes(y, lanes, &sum);
}

void mc_avg_pool2d_forward(const MCWindow *w, size_t batch, const float *x, float *y) {
  if (MC_PLAIN) return plain_average_forward(w, batch, x, y);
  PoolSizes size = pool_sizes(w, batch);
  for (size_t n = 0, i = 0; n < batch; n++)
    for (size_t p = 0; p < size.outHeight; p++) {
      Span rows = row_span(w, p);
      for (size_t q = 0; q < size.outWidth; q++, i += size.channels) {
        Span columns = column_span(w, q);
        bool isEmpty = rows.count == 0 || columns.count == 0;
        size_t from = n * size.image;
        if (!isEmpty) from += rows.start * size.line + columns.start * size.channels;
        size_t last = from;
        if (!isEmpty) last += (rows.count - 1) * size.line + (columns.count - 1) * size.channels;
        size_t lanes = vector_lanes(&size, has_room(&size, last, i));
        for (size_t c = 0; c < size.channels; c += 16) {
          size_t at = vector_start(&size, c);
          // Of the usual windows the loops are unrolled.
          const Span two = {0, 2, 0}, three = {0, 3, 0};
          if (rows.count == 2 && columns.count == 2 && lanes == 16)
            average_of_window(&size, x + from + at, &two, &two, 16, y + i + at);
          else if (rows.count == 3 && columns.count == 3 && lanes == 16)
            average_of_window(&size, x + from + at, &three, &three, 16, y + i + at);
          else
            average_of_window(&size, x + from + at, &rows, &columns, lanes, y + i + at);
        }
      }
    }
}

void mc_avg_pool2d_backward(const MCWindow *w, size_t batch, const float *dy, float *dx) {
  if (MC_PLAIN) return plain_average_backward(w, batch, dy, dx);
  PoolSizes size = pool_sizes(w, batch);
  size_t out = size.outHeight * size.outWidth * size.channels;
  bool isInside = windows_are_inside(w);
  float usual = 1.0f / (float)(w->kernelHeight * w->kernelWidth);
  for (size_t line = 0; line < batch * size.height; line++) {
    Cover down = rows_covering(w, line % size.height);
    size_t image = line / size.height * out;
    for (size_t column = 0; column < size.width; column++) {
      Cover across = columns_covering(w, column);
      size_t to = line * size.line + column * size.channels;
      size_t last = image + out;
      if (down.end > down.first && across.end > across.first)
        last = image + ((down.end - 1) * size.outWidth + across.end - 1) * size.channels;
      size_t lanes = vector_lanes(&size, has_room(&size, to, last));
      for (size_t c = 0; c < size.channels; c += 16) {
        size_t at = vector_start(&size, c);
        v16 sum = {0};
        for (size_t p = down.first; p < down.end; p++)
          for (size_t q = across.first; q < across.end; q++) {
            v16 gradient;
            load_lanes(dy + image + (p * size.outWidth + q) * size.channels + at, lanes, &gradient);
            float share = usual;
            if (!isInside) {
              Span rows = row_span(w, p), columns = column_span(w, q);
              share = window_share(&rows, &columns);
            }
            sum += gradient * share;
          }
        store_lanes(dx + to + at, lanes, &sum);
      }
    }
  }
}
