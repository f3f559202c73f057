// Global pooling: one window, which is the whole image. These loops are plain ones already.

// y[c] = mean over all positions of x[c]; dx[c] = dy[c] / their number.
void mc_global_avg_pool_forward(size_t batch, size_t positions, size_t channels, const float *x,
                                float *y) {
  for (size_t n = 0; n < batch; n++, y += channels) {
    for (size_t c = 0; c < channels; c++) y[c] = 0;
    for (size_t i = 0; i < positions; i++, x += channels)
      for (size_t c = 0; c < channels; c++) y[c] += x[c];
    for (size_t c = 0; c < channels; c++) y[c] /= (float)positions;
  }
}

void mc_global_avg_pool_backward(size_t batch, size_t positions, size_t channels, const float *dy,
                                 float *dx) {
  for (size_t n = 0; n < batch; n++, dy += channels)
    for (size_t i = 0; i < positions; i++, dx += channels)
      for (size_t c = 0; c < channels; c++) dx[c] = dy[c] / (float)positions;
}

// y[c] = max over all positions of x[c]; dx[c] = dy[c] at that position, 0 at all others.
void mc_global_max_pool_forward(size_t batch, size_t positions, size_t channels, const float *x,
                                float *y, int32_t *argmax) {
  for (size_t n = 0; n < batch; n++, x += positions * channels, y += channels)
    for (size_t c = 0; c < channels; c++) {
      size_t best = 0;
      for (size_t i = 1; i < positions; i++)
        if (beats(x[i * channels + c], x[best * channels + c])) best = i;
      y[c] = x[best * channels + c];
      if (argmax) argmax[n * channels + c] = (int32_t)best;
    }
}

void mc_global_max_pool_backward(size_t batch, size_t positions, size_t channels, const float *dy,
                                 const int32_t *argmax, float *dx) {
  memset(dx, 0, batch * positions * channels * sizeof(float));
  for (size_t n = 0; n < batch; n++, dx += positions * channels)
    for (size_t c = 0; c < channels; c++)
      dx[(size_t)argmax[n * channels + c] * channels + c] = dy[n * channels + c];
}
