// Mean and squared deviations of each channel in two passes over the rows; channels of 16 at a time
// keep their sums in registers. The last block of fewer channels goes through a copy.
void mc_batch_norm_statistics(size_t rows, size_t channels, const float *x, float *mean,
                              float *m2) {
  for (size_t c = 0; c < channels; c += 16) {
    size_t width = channels - c < 16 ? channels - c : 16;
    // Blocks of rows are summed separately, so that the error grows with their number and not with that
    // of the rows.
    enum { BLOCK = 256 };
    v16 total = {0};
    for (size_t start = 0; start < rows; start += BLOCK) {
      v16 sum = {0};
      for (size_t i = start; i < rows && i < start + BLOCK; i++) {
        v16 value;
        if (width == 16) load(x + i * channels + c, &value);
        else load_part(x + i * channels + c, width, &value);
        sum += value;
      }
      total += sum;
    }
    v16 average = total / (float)(rows ? rows : 1);
    v16 deviations = {0};
    for (size_t start = 0; start < rows; start += BLOCK) {
      v16 sum = {0};
      for (size_t i = start; i < rows && i < start + BLOCK; i++) {
        v16 value;
        if (width == 16) load(x + i * channels + c, &value);
        else load_part(x + i * channels + c, width, &value);
        value -= average;
        sum += value * value;
      }
      deviations += sum;
    }
    store_part(mean + c, width, &average);
    store_part(m2 + c, width, &deviations);
  }
}

// y = (x - mean) * rstd * gamma + beta
void mc_batch_norm_forward(size_t rows, size_t channels, const float *x, const float *mean,
                           const float *rstd, const float *gamma, const float *beta, float *y) {
  for (size_t i = 0; i < rows; i++, x += channels, y += channels)
    for (size_t c = 0; c < channels; c++) {
      float factor = gamma ? gamma[c] * rstd[c] : rstd[c];
      y[c] = (x[c] - mean[c]) * factor + (beta ? beta[c] : 0);
    }
}

// sumDy = sum of dy, sumDyXhat = sum of dy * (x - mean) * rstd
void mc_batch_norm_backward_sums(size_t rows, size_t channels, const float *x, const float *dy,
                                 const float *mean, const float *rstd, float *sumDy,
                                 float *sumDyXhat) {
  for (size_t c = 0; c < channels; c += 16) {
    size_t width = channels - c < 16 ? channels - c : 16;
    v16 average, first = {0}, second = {0}, factor;
    load_part(mean + c, width, &average);
    load_part(rstd + c, width, &factor);
    for (size_t i = 0; i < rows; i++) {
      v16 value, gradient;
      if (width == 16) load(x + i * channels + c, &value);
      else load_part(x + i * channels + c, width, &value);
      if (width == 16) load(dy + i * channels + c, &gradient);
      else load_part(dy + i * channels + c, width, &gradient);
      first += gradient;
      second += gradient * (value - average);
    }
    second *= factor;
    store_part(sumDy + c, width, &first);
    store_part(sumDyXhat + c, width, &second);
  }
}

// dx = gamma * rstd * (dy - sumDy/total - xhat * sumDyXhat/total)
void mc_batch_norm_backward(size_t rows, size_t channels, size_t total, const float *x,
                            const float *dy, const float *mean, const float *rstd,
                            const float *gamma, const float *sumDy, const float *sumDyXhat,
                            float *dx) {
  float share = 1.0f / (float)total;
  for (size_t i = 0; i < rows; i++, x += channels, dy += channels, dx += channels)
    for (size_t c = 0; c < channels; c++) {
      float factor = gamma ? gamma[c] * rstd[c] : rstd[c];
      float xhat = (x[c] - mean[c]) * rstd[c];
      dx[c] = factor * (dy[c] - sumDy[c] * share - xhat * (sumDyXhat[c] * share));
    }
}
