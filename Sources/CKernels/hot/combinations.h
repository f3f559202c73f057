// Where a block's activations meet. `repeats` is the number of positions that share a factor: 1 for arrays
// of one shape.

// y[n,i,c] = x[n,i,c] * factor[n,c]
void mc_multiply(size_t batch, size_t repeats, size_t columns, const float *x, const float *factor,
                 float *y) {
  for (size_t n = 0; n < batch; n++, factor += columns)
    for (size_t i = 0; i < repeats; i++, x += columns, y += columns) {
      MC_ELEMENTWISE
      for (size_t c = 0; c < columns; c++) y[c] = x[c] * factor[c];
    }
}

// dx[n,i,c] = dy[n,i,c] * factor[n,c]
void mc_multiply_backward(size_t batch, size_t repeats, size_t columns, const float *dy,
                          const float *factor, bool adds, float *dx) {
  for (size_t n = 0; n < batch; n++, factor += columns)
    for (size_t i = 0; i < repeats; i++, dy += columns, dx += columns) {
      MC_ELEMENTWISE
      for (size_t c = 0; c < columns; c++) dx[c] = (adds ? dx[c] : 0) + dy[c] * factor[c];
    }
}

// dfactor[n,c] = sum over i of dy[n,i,c] * x[n,i,c]
void mc_multiply_backward_factor(size_t batch, size_t repeats, size_t columns, const float *dy,
                                 const float *x, bool adds, float *dfactor) {
  for (size_t n = 0; n < batch; n++, dfactor += columns) {
    if (!adds) memset(dfactor, 0, columns * sizeof(float));
    for (size_t i = 0; i < repeats; i++, dy += columns, x += columns) {
      MC_ELEMENTWISE
      for (size_t c = 0; c < columns; c++) dfactor[c] += dy[c] * x[c];
    }
  }
}

void mc_copy_columns(size_t rows, size_t columns, const float *from, size_t fromStride, bool adds,
                     float *to, size_t toStride) {
  for (size_t i = 0; i < rows; i++, from += fromStride, to += toStride) {
    if (!adds) {
      memcpy(to, from, columns * sizeof(float));
      continue;
    }
    MC_ELEMENTWISE
    for (size_t c = 0; c < columns; c++) to[c] += from[c];
  }
}
