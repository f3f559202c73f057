// Max pooling, forwards and backwards, over windows of R rows and S columns:
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

INLINE void plain_max_pool_backward(const MCWindow *w, size_t batch, const float *dy,
                                    const void *argmax, float *dx, size_t indexSize) {
  PoolSizes size = pool_sizes(w, batch);
  memset(dx, 0, size.count * sizeof(float));
  for (size_t n = 0, i = 0; n < batch; n++, dx += size.image)
    for (size_t p = 0; p < size.outHeight; p++)
      for (size_t q = 0; q < size.outWidth; q++)
        for (size_t c = 0; c < size.channels; c++, i++) {
          int32_t position = get_position(argmax, indexSize, i);
          ptrdiff_t row = row_at(w, p, position / w->kernelWidth);
          ptrdiff_t column = column_at(w, q, position % w->kernelWidth);
          if (is_inside(w, row, column)) dx[pixel_at(w, row, column) + c] += dy[i];
        }
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

// The gradient of row h of an image, where its windows are S wide and move by `stride`, both
// constants, at most WIDEST_WINDOW. dy and argmax: the image's, from a vector of channels on.
INLINE void max_row_gradient(const MCWindow *w, const PoolSizes *size, size_t h, const float *dy,
                             const void *argmax, size_t indexSize, const size_t S,
                             const size_t stride, float *dx) {
  Cover down = rows_covering(w, h);
  v16 gradients[WIDEST_WINDOW] = {{0}};
  for (size_t q = 0; q < size->outWidth; q++) {
    for (size_t p = down.first; p < down.end; p++) {
      size_t i = (p * size->outWidth + q) * size->channels;
      int32_t first = (int32_t)((ptrdiff_t)h - row_at(w, p, 0)) * (int32_t)S;
      v16 gradient;
      i16 position;
      load(dy + i, &gradient);
      load_positions(argmax, indexSize, i, 16, &position);
      // A comparison is all ones in the lanes where it holds.
      for (size_t s = 0; s < S; s++)
        gradients[s] += (v16)((i16)gradient & (position == first + (int32_t)s));
    }
    leave_window(w, S, stride, q, gradients, dx);
  }
  leave_row(w, S, gradients, dx);
}

// Any windows: every pixel of row h asks those that it lies in, in the order of the loop above, so
// that an image's bits do not depend on where in a batch it is.
INLINE void max_collect(const MCWindow *w, const PoolSizes *size, const float *dy,
                        const void *argmax, size_t indexSize, size_t n, size_t h, float *dx) {
  Cover down = rows_covering(w, h);
  for (size_t column = 0; column < size->width; column++) {
    Cover across = columns_covering(w, column);
    size_t to = n * size->image + h * size->line + column * size->channels;
    size_t last = output_start(size, n + 1, 0, 0);
    if (down.end > down.first && across.end > across.first)
      last = output_start(size, n, down.end - 1, across.end - 1);
    size_t lanes = vector_lanes(size, has_room(size, to, last));
    for (size_t c = 0; c < size->channels; c += 16) {
      size_t at = vector_start(size, c);
      v16 sum = {0};
      for (size_t q = across.first; q < across.end; q++)
        for (size_t p = down.first; p < down.end; p++) {
          size_t i = output_start(size, n, p, q) + at;
          int32_t here = (int32_t)((ptrdiff_t)h - row_at(w, p, 0)) * w->kernelWidth +
                         (int32_t)((ptrdiff_t)column - column_at(w, q, 0));
          v16 gradient;
          i16 position;
          load_lanes(dy + i, lanes, &gradient);
          load_positions(argmax, indexSize, i, lanes, &position);
          sum += (v16)((i16)gradient & (position == here));
        }
      store_lanes(dx + to + at, lanes, &sum);
    }
  }
}

// Row h of image n.
INLINE void max_gradient(const MCWindow *w, const PoolSizes *size, const float *dy,
                         const void *argmax, size_t indexSize, size_t n, size_t h, float *dx) {
  int32_t S = w->kernelWidth, stride = w->strideWidth;
  Cover down = rows_covering(w, h);
  if (!has_unrolled_width(w) || !row_has_room(size, n, h, &down))
    return max_collect(w, size, dy, argmax, indexSize, n, h, dx);
  for (size_t c = 0; c < size->channels; c += 16) {
    size_t at = vector_start(size, c), from = output_start(size, n, 0, 0) + at;
    const void *positions = (const char *)argmax + from * indexSize;
    float *to = dx + n * size->image + h * size->line + at;
    if (S == 2) max_row_gradient(w, size, h, dy + from, positions, indexSize, 2, 2, to);
    else if (stride == 2) max_row_gradient(w, size, h, dy + from, positions, indexSize, 3, 2, to);
    else max_row_gradient(w, size, h, dy + from, positions, indexSize, 3, 1, to);
  }
}

// Windows of S columns that tile the image: dx is dy where a pixel is the maximum of its window, 0
// where it is not, and 0 where there is no window.
INLINE void max_tile_gradient(const MCWindow *w, const PoolSizes *size, const float *dy,
                              const void *argmax, size_t indexSize, size_t n, size_t h, size_t S,
                              float *dx) {
  size_t R = (size_t)w->kernelHeight, p = h / R, i = output_start(size, n, p, 0);
  size_t to = n * size->image + h * size->line, end = to + size->line;
  int32_t first = (int32_t)(h % R * S);
  Cover down = rows_covering(w, h);
  bool room = row_has_room(size, n, h, &down);
  for (size_t q = 0; q < size->outWidth && p < size->outHeight; q++) {
    for (size_t s = 0; s < S && !room; s++)
      for (size_t c = 0; c < size->channels; c++)
        dx[to + s * size->channels + c] =
            get_position(argmax, indexSize, i + c) == first + (int32_t)s ? dy[i + c] : 0;
    for (size_t c = 0; c < size->channels && room; c += 16) {
      size_t at = vector_start(size, c);
      v16 gradient;
      i16 position;
      load(dy + i + at, &gradient);
      load_positions(argmax, indexSize, i + at, 16, &position);
      for (size_t s = 0; s < S; s++) {
        // A comparison is all ones in the lanes where it holds.
        v16 passed = (v16)((i16)gradient & (position == first + (int32_t)s));
        store(dx + to + s * size->channels + at, &passed);
      }
    }
    i += size->channels;
    to += S * size->channels;
  }
  memset(dx + to, 0, (end - to) * sizeof(float));
}

INLINE void max_pool_backward(const MCWindow *w, size_t batch, const float *dy,
                              const void *argmax, float *dx, size_t indexSize) {
  if (MC_PLAIN) return plain_max_pool_backward(w, batch, dy, argmax, dx, indexSize);
  PoolSizes size = pool_sizes(w, batch);
  bool inTiles = tiles(w);
  size_t S = (size_t)w->kernelWidth;
  for (size_t line = 0; line < batch * size.height; line++) {
    size_t n = line / size.height, h = line % size.height;
    if (!inTiles) max_gradient(w, &size, dy, argmax, indexSize, n, h, dx);
    else if (S == 2) max_tile_gradient(w, &size, dy, argmax, indexSize, n, h, 2, dx);
    else max_tile_gradient(w, &size, dy, argmax, indexSize, n, h, S, dx);
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

void mc_max_pool2d_backward(const MCWindow *w, size_t batch, const float *dy, const uint8_t *argmax,
                            float *dx) {
  max_pool_backward(w, batch, dy, argmax, dx, 1);
}

void mc_max_pool2d_backward_wide(const MCWindow *w, size_t batch, const float *dy,
                                 const int32_t *argmax, float *dx) {
  max_pool_backward(w, batch, dy, argmax, dx, 4);
}
