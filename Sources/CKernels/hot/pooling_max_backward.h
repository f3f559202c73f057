// The way back through max pooling: all of dy goes to where the maximum was (pooling_max.h).

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

void mc_max_pool2d_backward(const MCWindow *w, size_t batch, const float *dy, const uint8_t *argmax,
                            float *dx) {
  max_pool_backward(w, batch, dy, argmax, dx, 1);
}

void mc_max_pool2d_backward_wide(const MCWindow *w, size_t batch, const float *dy,
                                 const int32_t *argmax, float *dx) {
  max_pool_backward(w, batch, dy, argmax, dx, 4);
}
