// Average pooling over the K pixels of a window that are inside the image:
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

// The fast loops take 16 channels at once, and write every output once.

// 1/K of the window at p, q; 0 where it has no pixel.
INLINE float window_share(const MCWindow *w, size_t p, size_t q) {
  size_t pixels = row_span(w, p).count * column_span(w, q).count;
  return pixels ? 1.0f / (float)pixels : 0;
}

// Windows `first` to below `end` of row p, wherever they lie. The sums run in the order of those
// below, so that an image's bits do not depend on where in a batch it is.
INLINE void average_each(const MCWindow *w, const PoolSizes *size, const float *x, size_t n,
                         size_t p, size_t first, size_t end, float *y) {
  Span rows = row_span(w, p);
  for (size_t q = first; q < end; q++) {
    Span columns = column_span(w, q);
    bool isEmpty = rows.count == 0 || columns.count == 0;
    size_t from = n * size->image, i = output_start(size, n, p, q);
    if (!isEmpty) from += rows.start * size->line + columns.start * size->channels;
    size_t last = from;
    if (!isEmpty) last += (rows.count - 1) * size->line + (columns.count - 1) * size->channels;
    size_t lanes = vector_lanes(size, has_room(size, last, i));
    float share = window_share(w, p, q);
    for (size_t c = 0; c < size->channels; c += 16) {
      size_t at = vector_start(size, c);
      v16 sum = {0};
      for (size_t s = 0; s < columns.count; s++) {
        v16 column = {0};
        for (size_t r = 0; r < rows.count; r++) {
          v16 value;
          load_lanes(x + from + at + r * size->line + s * size->channels, lanes, &value);
          column += value;
        }
        sum += column;
      }
      sum *= share;
      store_lanes(y + i + at, lanes, &sum);
    }
  }
}

INLINE void sum_column(const PoolSizes *size, const float *x, size_t rows, v16 *sum) {
  load(x, sum);
  for (size_t r = 1; r < rows; r++) {
    v16 value;
    load(x + r * size->line, &value);
    *sum += value;
  }
}

// Windows side by side, none of them cut at the left or right. The last `shared` columns of one
// are the first of the next, and are summed once.
INLINE void average_windows(const PoolSizes *size, const float *x, size_t rows, size_t S,
                            size_t stride, const size_t shared, size_t windows, float *y) {
  float share = 1.0f / (float)(rows * S);
  v16 columns[WIDEST_WINDOW];
  for (size_t s = 0; s < shared; s++)
    sum_column(size, x + s * size->channels, rows, &columns[stride + s]);
  for (size_t q = 0; q < windows; q++, x += stride * size->channels, y += size->channels) {
    v16 sum = {0};
    for (size_t s = 0; s < S; s++) {
      v16 column;
      if (s < shared) column = columns[s + stride];
      else sum_column(size, x + s * size->channels, rows, &column);
      if (shared > 0) columns[s] = column;
      sum += column;
    }
    sum *= share;
    store(y, &sum);
  }
}

void mc_avg_pool2d_forward(const MCWindow *w, size_t batch, const float *x, float *y) {
  if (MC_PLAIN) return plain_average_forward(w, batch, x, y);
  PoolSizes size = pool_sizes(w, batch);
  size_t S = (size_t)w->kernelWidth, stride = (size_t)w->strideWidth;
  for (size_t line = 0; line < batch * size.outHeight; line++) {
    size_t n = line / size.outHeight, p = line % size.outHeight;
    Span rows = row_span(w, p);
    Cover whole = whole_windows_of_row(w, &size, n, p, &rows);
    size_t windows = whole.end - whole.first;
    average_each(w, &size, x, n, p, 0, whole.first, y);
    for (size_t c = 0; c < size.channels && windows > 0; c += 16) {
      size_t at = vector_start(&size, c);
      const float *from = x + n * size.image + rows.start * size.line +
                          column_span(w, whole.first).start * size.channels + at;
      float *to = y + output_start(&size, n, p, whole.first) + at;
      // Of the usual windows the loops are unrolled.
      if (S == 2 && stride == 2 && rows.count == 2)
        average_windows(&size, from, 2, 2, 2, 0, windows, to);
      else if (S == 3 && stride == 2 && rows.count == 3)
        average_windows(&size, from, 3, 3, 2, 1, windows, to);
      else if (S == 3 && stride == 1 && rows.count == 3)
        average_windows(&size, from, 3, 3, 1, 2, windows, to);
      else
        average_windows(&size, from, rows.count, S, stride, 0, windows, to);
    }
    average_each(w, &size, x, n, p, whole.end, size.outWidth, y);
  }
}
