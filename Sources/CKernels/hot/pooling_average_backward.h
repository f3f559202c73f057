// The way back through average pooling: each pixel of a window gets the same share of dy
// (pooling_average.h).

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

// What a pixel gets from the windows at q in all rows that `down` covers. The border cuts none of
// those at `whole`.
INLINE void share_of_windows(const MCWindow *w, const PoolSizes *size, const float *dy,
                             const Cover *down, const Cover *whole, size_t q, v16 *sum) {
  bool isWhole = q >= whole->first && q < whole->end;
  float usual = 1.0f / (float)(w->kernelHeight * w->kernelWidth);
  *sum = (v16){0};
  for (size_t p = down->first; p < down->end; p++) {
    v16 gradient;
    load(dy + (p * size->outWidth + q) * size->channels, &gradient);
    *sum += gradient * (isWhole ? usual : window_share(w, p, q));
  }
}

// The gradient of one row of the image, where its windows are S wide and move by `stride`, both
// constants, at most WIDEST_WINDOW.
INLINE void average_row_gradient(const MCWindow *w, const PoolSizes *size, const float *dy,
                                 const Cover *down, const Cover *whole, const size_t S,
                                 const size_t stride, float *dx) {
  v16 gradients[WIDEST_WINDOW] = {{0}};
  for (size_t q = 0; q < size->outWidth; q++) {
    v16 sum;
    share_of_windows(w, size, dy, down, whole, q, &sum);
    for (size_t s = 0; s < S; s++) gradients[s] += sum;
    leave_window(w, S, stride, q, gradients, dx);
  }
  leave_row(w, S, gradients, dx);
}

// The same where no window lies on a column of another one.
INLINE void average_apart_gradient(const MCWindow *w, const PoolSizes *size, const float *dy,
                                   const Cover *down, const Cover *whole, size_t S,
                                   size_t stride, float *dx) {
  const v16 none = {0};
  for (size_t q = 0; q < size->outWidth; q++) {
    v16 sum;
    share_of_windows(w, size, dy, down, whole, q, &sum);
    ptrdiff_t column = column_at(w, q, 0);
    for (size_t s = 0; s < stride; s++, column++)
      if (column >= 0 && column < w->inWidth)
        store(dx + column * w->inChannels, s < S ? &sum : &none);
  }
  leave_row(w, 0, NULL, dx);
}

// Any windows: every pixel asks those that it lies in.
INLINE void average_collect(const MCWindow *w, const PoolSizes *size, const float *dy, size_t n,
                            size_t h, const Cover *down, float *dx) {
  size_t image = output_start(size, n, 0, 0);
  for (size_t column = 0; column < size->width; column++) {
    Cover across = columns_covering(w, column);
    size_t to = n * size->image + h * size->line + column * size->channels, last = image;
    if (down->end > down->first && across.end > across.first)
      last = output_start(size, n, down->end - 1, across.end - 1);
    size_t lanes = vector_lanes(size, has_room(size, to, last));
    for (size_t c = 0; c < size->channels; c += 16) {
      size_t at = vector_start(size, c);
      v16 sum = {0};
      for (size_t q = across.first; q < across.end; q++) {
        v16 sumOfColumn = {0};
        for (size_t p = down->first; p < down->end; p++) {
          v16 gradient;
          load_lanes(dy + output_start(size, n, p, q) + at, lanes, &gradient);
          sumOfColumn += gradient * window_share(w, p, q);
        }
        sum += sumOfColumn;
      }
      store_lanes(dx + to + at, lanes, &sum);
    }
  }
}

// Row h of an image's gradient.
INLINE void average_gradient(const MCWindow *w, const PoolSizes *size, const float *dy, size_t n,
                             size_t h, float *dx) {
  size_t S = (size_t)w->kernelWidth, stride = (size_t)w->strideWidth;
  Cover down = rows_covering(w, h), high = whole_rows(w), whole = whole_columns(w);
  if (down.first < high.first || down.end > high.end) whole.end = whole.first;
  if ((stride < S && !has_unrolled_width(w)) || !row_has_room(size, n, h, &down))
    return average_collect(w, size, dy, n, h, &down, dx);
  for (size_t c = 0; c < size->channels; c += 16) {
    size_t at = vector_start(size, c);
    const float *from = dy + output_start(size, n, 0, 0) + at;
    float *to = dx + n * size->image + h * size->line + at;
    if (!has_unrolled_width(w))
      average_apart_gradient(w, size, from, &down, &whole, S, stride, to);
    else if (S == 2) average_row_gradient(w, size, from, &down, &whole, 2, 2, to);
    else if (stride == 2) average_row_gradient(w, size, from, &down, &whole, 3, 2, to);
    else average_row_gradient(w, size, from, &down, &whole, 3, 1, to);
  }
}

// Where windows overlap by less than half, each has a row of the image that lies in no other one
// above or below: that row of the image.
INLINE ptrdiff_t own_row(const MCWindow *w, size_t p) {
  int32_t overlap = w->kernelHeight - w->strideHeight;
  return row_at(w, p, overlap > 0 ? overlap : 0);
}

INLINE bool has_own_rows(const MCWindow *w) {
  return w->kernelHeight < 2 * w->strideHeight && own_row(w, 0) >= 0 &&
         own_row(w, (size_t)w->outHeight - 1) < w->inHeight;
}

// A window gives the same gradient to each of its rows. So all others follow from the windows' own
// rows, line by line.
INLINE void average_other_rows(const MCWindow *w, const PoolSizes *size, float *dx) {
  const MCRectifier nothing = {0};
  for (size_t h = 0; h < size->height; h++) {
    Cover down = rows_covering(w, h);
    float *to = dx + h * size->line;
    if (down.first >= down.end) {
      memset(to, 0, size->line * sizeof(float));
      continue;
    }
    const float *from = dx + own_row(w, down.first) * (ptrdiff_t)size->line;
    if (down.end - down.first == 2)
      mc_sum(size->line, &nothing, from, dx + own_row(w, down.first + 1) * (ptrdiff_t)size->line, to);
    else if (to != from) memcpy(to, from, size->line * sizeof(float));
  }
}

void mc_avg_pool2d_backward(const MCWindow *w, size_t batch, const float *dy, float *dx) {
  if (MC_PLAIN) return plain_average_backward(w, batch, dy, dx);
  PoolSizes size = pool_sizes(w, batch);
  bool ownRows = has_own_rows(w);
  for (size_t n = 0; n < batch; n++) {
    // In the order of memory, as a vector of few channels reaches into the next row.
    for (size_t p = 0; p < size.outHeight && ownRows; p++)
      average_gradient(w, &size, dy, n, (size_t)own_row(w, p), dx);
    if (ownRows) average_other_rows(w, &size, dx + n * size.image);
    for (size_t h = 0; h < size.height && !ownRows; h++)
      average_gradient(w, &size, dy, n, h, dx);
  }
}
