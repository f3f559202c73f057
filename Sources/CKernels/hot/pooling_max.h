// Max pooling over windows of R rows and S columns:
//
//   y[p,q,c]      = max over r,s of x[p*stride + r - pad, q*stride + s - pad, c]
//   argmax[p,q,c] = r*S + s of that maximum, its position in the window
//   dx[h,w,c]     = sum of dy over the windows whose maximum is x[h,w,c]
//
// Move a pixel of a window a little: the output moves along with the largest one and does not feel
// the others. So its derivative is 1 for the maximum and 0 for all else; the backward pass routes the
// whole of dy to where the maximum was, and the forward pass remembers where that is: the argmax.
//
// Of equal values the first wins; padding never does, and a window that is all padding gives 0.

// One window, one channel: output i. x: the image, from that channel on.
INLINE void max_of_window(const MCWindow *w, const float *x, size_t p, size_t q, size_t i, float *y,
                          void *argmax, size_t indexSize) {
  float best = 0;
  int32_t position = -1;
  for (int32_t r = 0; r < w->kernelHeight; r++)
    for (int32_t s = 0; s < w->kernelWidth; s++) {
      ptrdiff_t row = row_at(w, p, r), column = column_at(w, q, s);
      if (!is_inside(w, row, column)) continue;
      float value = x[pixel_at(w, row, column)];
      if (position >= 0 && !beats(value, best)) continue;
      best = value;
      position = r * w->kernelWidth + s;
    }
  y[i] = best;
  set_position(argmax, indexSize, i, position < 0 ? 0 : position);
}

INLINE void plain_max_pool_forward(const MCWindow *w, size_t batch, const float *x, float *y,
                                   void *argmax, size_t indexSize) {
  PoolSizes size = pool_sizes(w, batch);
  for (size_t n = 0, i = 0; n < batch; n++)
    for (size_t p = 0; p < size.outHeight; p++)
      for (size_t q = 0; q < size.outWidth; q++)
        for (size_t c = 0; c < size.channels; c++, i++)
          max_of_window(w, x + n * size.image + c, p, q, i, y, argmax, indexSize);
}

// The fast loops: 16 channels at once. x: the first pixel of the window that is inside the image.
// The rows of a window are compared each by itself, so that none waits for the one before.
INLINE void max_of_vectors(const PoolSizes *size, const float *x, Span rows, Span columns,
                           int32_t S, size_t i, float *y, void *argmax, size_t indexSize) {
  v16 best = {0};
  i16 position = {0};
  for (size_t r = 0; r < rows.count; r++) {
    int32_t first = (int32_t)(rows.first + r) * S + (int32_t)columns.first;
    v16 largest;
    i16 where = (i16){0} + first;
    load(x + r * size->line, &largest);
    for (size_t s = 1; s < columns.count; s++) {
      v16 value;
      load(x + r * size->line + s * size->channels, &value);
      if (argmax) take_larger(&value, first + (int32_t)s, &largest, &where);
      else keep_larger(&value, &largest);
    }
    if (r == 0) best = largest, position = where;
    else if (argmax) take_larger_at(&largest, &where, &best, &position);
    else keep_larger(&largest, &best);
  }
  store(y + i, &best);
  store_positions(argmax, indexSize, i, &position);
}

// Windows `first` to below `end` of row p, wherever they lie.
INLINE void max_each(const MCWindow *w, const PoolSizes *size, const float *x, size_t n, size_t p,
                     size_t first, size_t end, float *y, void *argmax, size_t indexSize) {
  Span rows = row_span(w, p);
  for (size_t q = first; q < end; q++) {
    Span columns = column_span(w, q);
    size_t i = output_start(size, n, p, q);
    size_t from = n * size->image + rows.start * size->line + columns.start * size->channels;
    size_t last = from + (rows.count - 1) * size->line + (columns.count - 1) * size->channels;
    bool oneByOne = rows.count == 0 || columns.count == 0 || !has_room(size, last, i);
    for (size_t c = 0; c < size->channels && oneByOne; c++)
      max_of_window(w, x + n * size->image + c, p, q, i + c, y, argmax, indexSize);
    for (size_t c = 0; c < size->channels && !oneByOne; c += 16) {
      size_t at = vector_start(size, c);
      max_of_vectors(size, x + from + at, rows, columns, w->kernelWidth, i + at, y, argmax,
                     indexSize);
    }
  }
}

// Windows side by side, none of them cut at the left or right; i: the first one's output.
INLINE void max_windows(const PoolSizes *size, const float *x, Span rows, size_t S, size_t stride,
                        size_t windows, size_t i, float *y, void *argmax, size_t indexSize) {
  const Span columns = {0, S, 0};
  for (size_t q = 0; q < windows; q++, x += stride * size->channels, i += size->channels)
    max_of_vectors(size, x, rows, columns, (int32_t)S, i, y, argmax, indexSize);
}

// Of the usual windows the loops are unrolled. argmax is NULL or not in the whole of this.
INLINE void max_usual_windows(const PoolSizes *size, const float *x, Span rows, size_t S,
                              size_t stride, size_t windows, size_t i, float *y, void *argmax,
                              size_t indexSize) {
  const Span two = {0, 2, 0}, three = {0, 3, 0};
  bool isHigh = rows.first == 0 && rows.count == S;
  if (S == 2 && stride == 2 && isHigh)
    max_windows(size, x, two, 2, 2, windows, i, y, argmax, indexSize);
  else if (S == 3 && isHigh)
    max_windows(size, x, three, 3, stride, windows, i, y, argmax, indexSize);
  else
    max_windows(size, x, rows, S, stride, windows, i, y, argmax, indexSize);
}

INLINE void max_pool_forward(const MCWindow *w, size_t batch, const float *x, float *y,
                             void *argmax, size_t indexSize) {
  if (MC_PLAIN) return plain_max_pool_forward(w, batch, x, y, argmax, indexSize);
  PoolSizes size = pool_sizes(w, batch);
  size_t S = (size_t)w->kernelWidth, stride = (size_t)w->strideWidth;
  for (size_t line = 0; line < batch * size.outHeight; line++) {
    size_t n = line / size.outHeight, p = line % size.outHeight;
    Span rows = row_span(w, p);
    Cover whole = whole_windows_of_row(w, &size, n, p, &rows);
    size_t windows = whole.end - whole.first;
    max_each(w, &size, x, n, p, 0, whole.first, y, argmax, indexSize);
    for (size_t c = 0; c < size.channels && windows > 0; c += 16) {
      size_t at = vector_start(&size, c), i = output_start(&size, n, p, whole.first) + at;
      const float *from = x + n * size.image + rows.start * size.line +
                          column_span(w, whole.first).start * size.channels + at;
      if (argmax)
        max_usual_windows(&size, from, rows, S, stride, windows, i, y, argmax, indexSize);
      else
        max_usual_windows(&size, from, rows, S, stride, windows, i, y, NULL, indexSize);
    }
    max_each(w, &size, x, n, p, whole.end, size.outWidth, y, argmax, indexSize);
  }
}

void mc_max_pool2d_forward(const MCWindow *w, size_t batch, const float *x, float *y,
                           uint8_t *argmax) {
  max_pool_forward(w, batch, x, y, argmax, 1);
}

void mc_max_pool2d_forward_wide(const MCWindow *w, size_t batch, const float *x, float *y,
                                int32_t *argmax) {
  max_pool_forward(w, batch, x, y, argmax, 4);
}
