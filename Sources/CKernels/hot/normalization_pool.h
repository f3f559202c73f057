// Batch normalization, a ReLU and a max pooling whose windows do not overlap, in one pass. What comes
// before the pooling is a monotone function of x, so the maximum of a window is found among the x of it:
// the largest one, or the smallest one where the factor is negative.

// One window, one block of channels, `lanes` of them in use: the x with the largest y, and where it was.
INLINE void largest_of_window(const PoolSizes *size, size_t R, size_t S, const float *x,
                              size_t lanes, const i16 *sign, v16 *best, i16 *position) {
  load_lanes(x, lanes, best);
  *best = (v16)((i16)*best ^ *sign);
  *position = (i16){0};
  for (size_t r = 0; r < R; r++)
    for (size_t s = 0; s < S; s++) {
      v16 value;
      load_lanes(x + r * size->line + s * size->channels, lanes, &value);
      value = (v16)((i16)value ^ *sign);
      take_larger(&value, (int32_t)(r * S + s), best, position);
    }
  *best = (v16)((i16)*best ^ *sign);
}

// One row of windows, one block of channels. R and S are constants where they are 2. `room`: how many
// windows may use whole vectors.
INLINE void pool_normalized_row(const PoolSizes *size, const MCWindow *w, size_t R, size_t S,
                                size_t room, size_t channels, MCRectifier r, const Normal *normal,
                                const float *x, float *largest, float *y, uint8_t *argmax) {
  i16 sign = (i16)normal->factor & INT32_MIN;
  for (size_t q = 0; q < size->outWidth; q++) {
    size_t lanes = q < room ? NORM_LANES : channels, to = q * size->channels;
    v16 best, value;
    i16 position;
    largest_of_window(size, R, S, x + q * (size_t)w->strideWidth * size->channels, lanes, &sign,
                      &best, &position);
    normalize(normal, &best, &value);
    rectify16(1, &r, &value);
    store_lanes(y + to, lanes, &value);
    if (largest) store_lanes(largest + to, lanes, &best);
    if (argmax && lanes == NORM_LANES) store_positions(argmax + to, 1, 0, &position);
    for (size_t l = 0; argmax && lanes < NORM_LANES && l < lanes; l++)
      argmax[to + l] = (uint8_t)position[l];
  }
}

// How many windows of a row have room for whole vectors, in the image and in what comes out.
INLINE size_t windows_with_room(const PoolSizes *size, const MCWindow *w, size_t in, size_t out) {
  size_t room = pixels_with_room(size->channels, size->outWidth, out, size->outCount);
  size_t last = in + (size_t)(w->kernelHeight - 1) * size->line;
  size_t pixels = pixels_with_room(size->channels, size->width, last, size->count);
  while (room > 0 && (room - 1) * (size_t)w->strideWidth + (size_t)w->kernelWidth > pixels) room--;
  return room;
}

void mc_batch_norm_pool_forward(const MCBatchNorm *b, const MCWindow *w, size_t batch,
                                const float *x, float *largest, float *y, uint8_t *argmax) {
  PoolSizes size = pool_sizes(w, batch);
  NormColumns n = {.mean = b->mean, .rstd = b->rstd, .gamma = b->gamma, .beta = b->beta};
  bool isPair = w->kernelHeight == 2 && w->kernelWidth == 2;
  for (size_t row = 0; row < batch * size.outHeight; row++) {
    size_t image = row / size.outHeight, p = row % size.outHeight;
    size_t in = image * size.image + p * (size_t)w->strideHeight * size.line;
    size_t out = row * size.outWidth * size.channels;
    size_t room = windows_with_room(&size, w, in, out);
    for (size_t c = 0; c < size.channels; c += NORM_LANES) {
      size_t at = vector_start(&size, c);
      size_t channels = size.channels < NORM_LANES ? size.channels : NORM_LANES;
      Normal normal;
      load_normal(&n, at, channels, &normal);
      const float *from = x + in + at;
      float *best = largest ? largest + out + at : NULL, *to = y + out + at;
      uint8_t *positions = argmax ? argmax + out + at : NULL;
      if (isPair)
        pool_normalized_row(&size, w, 2, 2, room, channels, b->rectifier, &normal, from, best, to,
                            positions);
      else
        pool_normalized_row(&size, w, (size_t)w->kernelHeight, (size_t)w->kernelWidth, room,
                            channels, b->rectifier, &normal, from, best, to, positions);
    }
  }
}

// A line of the image: `r` is the row of a window that it is, or none where that is as many as the window
// has. `room`: how many pixels, and `windows` how many windows may use whole vectors.
typedef struct {
  size_t r, room, windows;
} PooledLine;

// One block of channels of it, in memory order. S and the stride are constants where they are 2,
// the rectifier where it is a ReLU.
INLINE void unpool_normalized_line(const PoolSizes *size, size_t R, size_t S, size_t stride,
                                   const MCRectifier rectifier, PooledLine line, size_t channels,
                                   const Normal *normal, const Correction *correction,
                                   const float *x, const float *largest, const float *dy,
                                   const uint8_t *argmax, float *dx) {
  size_t r = line.r, room = line.room, windows = line.windows;
  size_t pooled = r < R ? size->outWidth : 0;
  for (size_t q = 0, column = 0; column < size->width; q++) {
    v16 gradient = {0};
    i16 position = {0};
    if (q < pooled) {
      size_t lanes = q < windows ? NORM_LANES : channels, from = q * size->channels;
      v16 value;
      load_lanes(largest + from, lanes, &value);
      load_lanes(dy + from, lanes, &gradient);
      pass_gradient(&rectifier, normal, &value, &gradient);
      load_positions(argmax, 1, from, lanes, &position);
    }
    size_t end = column + stride < size->width ? column + stride : size->width;
    for (size_t s = 0; column < end; s++, column++) {
      size_t lanes = column < room ? NORM_LANES : channels;
      // A comparison is all ones in the lanes where it holds.
      int32_t here = s < S ? (int32_t)(r * S + s) : -1;
      v16 value, own = (v16)((i16)gradient & (position == here));
      load_lanes(x + column * size->channels, lanes, &value);
      input_gradient_of(normal, correction, &value, &own, &own);
      store_lanes(dx + column * size->channels, lanes, &own);
    }
  }
}

void mc_batch_norm_pool_backward(const MCBatchNorm *b, const MCWindow *w, size_t batch,
                                 size_t total, const float *x, const float *largest,
                                 const float *dy, const uint8_t *argmax, const float *sumDy,
                                 const float *sumDyXhat, float *dx) {
  PoolSizes size = pool_sizes(w, batch);
  NormColumns n = {.mean = b->mean, .rstd = b->rstd, .gamma = b->gamma, .beta = b->beta};
  bool isPair = w->kernelHeight == 2 && w->kernelWidth == 2 && w->strideWidth == 2;
  for (size_t line = 0; line < batch * size.height; line++) {
    size_t h = line % size.height, p = h / (size_t)w->strideHeight;
    size_t r = p < size.outHeight ? h % (size_t)w->strideHeight : (size_t)w->kernelHeight;
    size_t in = line * size.line;
    size_t out = (line / size.height * size.outHeight + (p < size.outHeight ? p : 0)) *
                 size.outWidth * size.channels;
    PooledLine pooled = {
        .r = r, .room = pixels_with_room(size.channels, size.width, in, size.count),
        .windows = pixels_with_room(size.channels, size.outWidth, out, size.outCount)};
    for (size_t c = 0; c < size.channels; c += NORM_LANES) {
      size_t at = vector_start(&size, c);
      size_t channels = size.channels < NORM_LANES ? size.channels : NORM_LANES;
      Normal normal;
      Correction correction;
      load_normal(&n, at, channels, &normal);
      load_correction(&normal, at, channels, 1.0f / (float)total, sumDy, sumDyXhat, &correction);
      const float *from = x + in + at, *best = largest + out + at, *gradient = dy + out + at;
      const uint8_t *positions = argmax + out + at;
      float *to = dx + in + at;
      if (isPair && is_relu(&b->rectifier))
        unpool_normalized_line(&size, 2, 2, 2, RELU, pooled, channels, &normal, &correction, from,
                               best, gradient, positions, to);
      else
        unpool_normalized_line(&size, (size_t)w->kernelHeight, (size_t)w->kernelWidth,
                               (size_t)w->strideWidth, b->rectifier, pooled, channels, &normal,
                               &correction, from, best, gradient, positions, to);
    }
  }
}
