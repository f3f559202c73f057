// Global pooling: one window, which is the whole image.

// y[c] = mean over all positions of x[c]; dx[c] = dy[c] / their number. Sixteen channels at once, in four
// sums that need not wait for each other; of fewer channels a vector holds those of the next pixels too.
void mc_global_avg_pool_forward(size_t batch, size_t positions, size_t channels, const float *x,
                                float *y) {
  size_t lanes = channels < 16 ? channels : 16, count = positions * channels;
  for (size_t n = 0; n < batch; n++) {
    size_t whole = pixels_with_room(channels, positions, n * count, batch * count);
    for (size_t c = 0; c < channels; c += 16) {
      size_t at = c + lanes <= channels ? c : channels - 16;
      v16 sum[4] = {{0}};
      for (size_t i = 0; i < positions; i += 4)
        for (size_t j = 0; j < 4 && i + j < positions; j++) {
          v16 value;
          load_lanes(x + n * count + (i + j) * channels + at, i + j < whole ? 16 : lanes, &value);
          sum[j] += value;
        }
      sum[0] = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / (float)positions;
      store_lanes(y + n * channels + at, lanes, &sum[0]);
    }
  }
}

void mc_global_avg_pool_backward(size_t batch, size_t positions, size_t channels, const float *dy,
                                 float *dx) {
  size_t lanes = channels < 16 ? channels : 16, count = positions * channels;
  for (size_t n = 0; n < batch; n++) {
    size_t whole = pixels_with_room(channels, positions, n * count, batch * count);
    for (size_t c = 0; c < channels; c += 16) {
      size_t at = c + lanes <= channels ? c : channels - 16;
      v16 share;
      load_lanes(dy + n * channels + at, lanes, &share);
      share /= (float)positions;
      for (size_t i = 0; i < positions; i++)
        store_lanes(dx + n * count + i * channels + at, i < whole ? 16 : lanes, &share);
    }
  }
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
