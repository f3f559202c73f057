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
INLINE void max_of_vectors(const PoolSizes *size, const float *x, Span rows, Span columns,
                           int32_t S, size_t i, float *y, void *argmax, size_t indexSize) {
  int32_t first = (int32_t)rows.first * S + (int32_t)columns.first;
  v16 best;
  i16 position = (i16){0} + first;
  load(x, &best);
  for (size_t r = 0; r < rows.count; r++)
    for (size_t s = 0; s < columns.count; s++) {
      v16 value;
      load(x + r * size->line + s * size->channels, &value);
      if (argmax) take_larger(&value, first + (int32_t)r * S + (int32_t)s, &best, &position);
      else keep_larger(&value, &best);
    }
  store(y + i, &best);
  store_positions(argmax, indexSize, i, &position);
}

INLINE void max_pool_forward(const MCWindow *w, size_t batch, const float *x, float *y,
                             void *argmax, size_t indexSize) {
  if (MC_PLAIN) return plain_max_pool_forward(w, batch, x, y, argmax, indexSize);
  PoolSizes size = pool_sizes(w, batch);
  const Span two = {0, 2, 0};
  for (size_t n = 0, i = 0; n < batch; n++)
    for (size_t p = 0; p < size.outHeight; p++) {
      Span rows = row_span(w, p);
      for (size_t q = 0; q < size.outWidth; q++, i += size.channels) {
        Span columns = column_span(w, q);
        size_t from = n * size.image + rows.start * size.line + columns.start * size.channels;
        size_t last = from + (rows.count - 1) * size.line + (columns.count - 1) * size.channels;
        bool oneByOne = rows.count == 0 || columns.count == 0 || !has_room(&size, last, i);
        for (size_t c = 0; c < size.channels && oneByOne; c++)
          max_of_window(w, x + n * size.image + c, p, q, i + c, y, argmax, indexSize);
        for (size_t c = 0; c < size.channels && !oneByOne; c += 16) {
          size_t at = vector_start(&size, c);
          // Of the usual window the loops are unrolled.
          bool isPair = w->kernelHeight == 2 && w->kernelWidth == 2 && rows.count == 2 &&
                        columns.count == 2;
          if (isPair && !argmax)
            max_of_vectors(&size, x + from + at, two, two, 2, i + at, y, NULL, indexSize);
          else if (isPair)
            max_of_vectors(&size, x + from + at, two, two, 2, i + at, y, argmax, indexSize);
          else if (!argmax)
            max_of_vectors(&size, x + from + at, rows, columns, w->kernelWidth, i + at, y, NULL,
                           indexSize);
          else
            max_of_vectors(&size, x + from + at, rows, columns, w->kernelWidth, i + at, y, argmax,
                           indexSize);
        }
      }
    }
}

// Where windows overlap or lie apart, every pixel asks the windows that it lies in.
INLINE void max_pool_collect(const MCWindow *w, size_t batch, const float *dy, const void *argmax,
                             float *dx, size_t indexSize) {
  PoolSizes size = pool_sizes(w, batch);
  size_t out = size.outHeight * size.outWidth * size.channels;
  for (size_t line = 0; line < batch * size.height; line++) {
    size_t h = line % size.height, image = line / size.height * out;
    Cover down = rows_covering(w, h);
    for (size_t column = 0; column < size.width; column++) {
      Cover across = columns_covering(w, column);
      size_t to = line * size.line + column * size.channels, last = image + out;
      if (down.end > down.first && across.end > across.first)
        last = image + ((down.end - 1) * size.outWidth + across.end - 1) * size.channels;
      size_t lanes = vector_lanes(&size, has_room(&size, to, last));
      for (size_t c = 0; c < size.channels; c += 16) {
        size_t at = vector_start(&size, c);
        v16 sum = {0};
        for (size_t p = down.first; p < down.end; p++)
          for (size_t q = across.first; q < across.end; q++) {
            size_t i = image + (p * size.outWidth + q) * size.channels + at;
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
}

// Where windows tile the image, dx is written in memory order: dy where a pixel is the maximum of
// its window, 0 where it is not, and 0 where there is no window.
INLINE void max_pool_backward(const MCWindow *w, size_t batch, const float *dy,
                              const void *argmax, float *dx, size_t indexSize) {
  if (MC_PLAIN) return plain_max_pool_backward(w, batch, dy, argmax, dx, indexSize);
  if (!tiles(w)) return max_pool_collect(w, batch, dy, argmax, dx, indexSize);
  PoolSizes size = pool_sizes(w, batch);
  size_t R = (size_t)w->kernelHeight, S = (size_t)w->kernelWidth;
  for (size_t line = 0; line < batch * size.height; line++) {
    size_t n = line / size.height, h = line % size.height, p = h / R, to = line * size.line;
    size_t i = (n * size.outHeight + p) * size.outWidth * size.channels;
    for (size_t q = 0; q < size.outWidth && p < size.outHeight; q++, i += size.channels)
      for (size_t s = 0; s < S; s++, to += size.channels) {
        int32_t here = (int32_t)(h % R * S + s);
        bool room = has_room(&size, to, i);
        for (size_t c = 0; c < size.channels && !room; c++)
          dx[to + c] = get_position(argmax, indexSize, i + c) == here ? dy[i + c] : 0;
        for (size_t c = 0; c < size.channels && room; c += 16) {
          size_t at = vector_start(&size, c);
          v16 gradient;
          i16 position;
          load(dy + i + at, &gradient);
          load_positions(argmax, indexSize, i + at, 16, &position);
          // A comparison is all ones in the lanes where it holds.
          gradient = (v16)((i16)gradient & (position == here));
          store(dx + to + at, &gradient);
        }
      }
    memset(dx + to, 0, ((line + 1) * size.line - to) * sizeof(float));
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
