// Normalizations whose statistics are of one sample alone.

// Of one sample [places, channels]: the mean and the reciprocal standard deviation of each group of channels,
// at every channel of the group. What the channels have by themselves is joined as Chan, Golub and LeVeque
// 1979 do.
INLINE void group_statistics(size_t places, size_t channels, size_t groups, float epsilon,
                             const float *x, float *mean, float *rstd) {
  size_t width = channels / groups;
  mc_batch_norm_statistics(places, channels, x, mean, rstd);
  for (size_t g = 0; g < groups; g++, mean += width, rstd += width) {
    double sum = 0, deviations = 0;
    for (size_t c = 0; c < width; c++) sum += (double)mean[c];
    double average = sum / (double)width;
    for (size_t c = 0; c < width; c++) {
      double distance = (double)mean[c] - average;
      deviations += (double)rstd[c] + (double)places * distance * distance;
    }
    float variance = (float)(deviations / (double)(places * width));
    float reciprocal = 1 / __builtin_elementwise_sqrt(variance + epsilon);
    for (size_t c = 0; c < width; c++) {
      mean[c] = (float)average;
      rstd[c] = reciprocal;
    }
  }
}

void mc_group_norm_forward(size_t batch, size_t places, size_t channels, size_t groups,
                           float epsilon, const float *x, const float *gamma, const float *beta,
                           float *y, float *mean, float *rstd) {
  for (size_t n = 0; n < batch; n++, mean += channels, rstd += channels) {
    const float *from = x + n * places * channels;
    group_statistics(places, channels, groups, epsilon, from, mean, rstd);
    MCBatchNorm sample = {.channels = channels, .mean = mean, .rstd = rstd, .gamma = gamma,
                          .beta = beta};
    mc_batch_norm_forward(&sample, places, from, y + n * places * channels);
  }
}

// dx = rstd * (gamma * dy - the group's mean of gamma * dy - xhat * its mean of gamma * dy * xhat)
void mc_group_norm_backward(size_t batch, size_t places, size_t channels, size_t groups,
                            const float *x, const float *dy, const float *mean, const float *rstd,
                            const float *gamma, float *dgamma, float *dbeta, float *dx,
                            float *scratch) {
  size_t width = channels / groups;
  float *first = scratch, *second = scratch + channels;
  for (size_t n = 0; n < batch; n++, mean += channels, rstd += channels) {
    MCBatchNorm sample = {.channels = channels, .mean = mean, .rstd = rstd};
    mc_batch_norm_backward_sums(&sample, places, x, dy, first, second);
    for (size_t c = 0; c < channels; c++) {
      if (dbeta) dbeta[c] += first[c];
      if (dgamma) dgamma[c] += second[c];
    }
    if (!dx) {
      x += places * channels;
      dy += places * channels;
      continue;
    }
    for (size_t start = 0; start < channels; start += width) {
      double sumDy = 0, sumDyXhat = 0;
      for (size_t c = start; c < start + width; c++) {
        double factor = gamma ? (double)gamma[c] : 1;
        sumDy += factor * (double)first[c];
        sumDyXhat += factor * (double)second[c];
      }
      double share = 1 / (double)(places * width);
      for (size_t c = start; c < start + width; c++) {
        first[c] = (float)(sumDy * share);
        second[c] = (float)(sumDyXhat * share);
      }
    }
    for (size_t i = 0; i < places; i++, x += channels, dy += channels, dx += channels) {
      MC_ELEMENTWISE
      for (size_t c = 0; c < channels; c++) {
        float xhat = (x[c] - mean[c]) * rstd[c];
        float gradient = gamma ? gamma[c] * dy[c] : dy[c];
        dx[c] = rstd[c] * (gradient - first[c] - xhat * second[c]);
      }
    }
  }
}

// The sum of sixteen lanes, always in the same order.
INLINE float lane_sum(const v16 *v) {
  float lanes[16];
  store(lanes, v);
  for (size_t half = 8; half; half /= 2)
    for (size_t l = 0; l < half; l++) lanes[l] += lanes[l + half];
  return lanes[0];
}

// The sum of x - shift, or of its squares, in blocks, so that the error grows with their number and not with
// that of the elements.
INLINE double row_sum(size_t count, const float *x, float shift, bool squares) {
  enum { BLOCK = 4096 };
  double total = 0;
  size_t whole = count / 16 * 16;
  for (size_t start = 0; start < whole; start += BLOCK) {
    v16 sum = {0};
    for (size_t i = start; i < whole && i < start + BLOCK; i += 16) {
      v16 value;
      load(x + i, &value);
      value -= shift;
      sum += squares ? value * value : value;
    }
    total += (double)lane_sum(&sum);
  }
  for (size_t i = whole; i < count; i++) {
    double value = (double)(x[i] - shift);
    total += squares ? value * value : value;
  }
  return total;
}

void mc_layer_norm_forward(size_t rows, size_t columns, float epsilon, const float *x,
                           const float *gamma, const float *beta, float *y, float *mean,
                           float *rstd) {
  for (size_t i = 0; i < rows; i++, x += columns, y += columns) {
    float average = (float)(row_sum(columns, x, 0, false) / (double)columns);
    float variance = (float)(row_sum(columns, x, average, true) / (double)columns);
    float reciprocal = 1 / __builtin_elementwise_sqrt(variance + epsilon);
    MC_ELEMENTWISE
    for (size_t c = 0; c < columns; c++) {
      float factor = gamma ? gamma[c] * reciprocal : reciprocal;
      y[c] = (x[c] - average) * factor + (beta ? beta[c] : 0);
    }
    mean[i] = average;
    rstd[i] = reciprocal;
  }
}

// The row's means of gamma * dy and of gamma * dy * xhat.
INLINE void layer_norm_means(size_t columns, const float *x, const float *dy, float mean,
                             float rstd, const float *gamma, float *first, float *second) {
  v16 sumDy = {0}, sumDyXhat = {0};
  for (size_t c = 0; c < columns; c += 16) {
    size_t width = columns - c < 16 ? columns - c : 16;
    v16 value, gradient, factor;
    // Beyond the last column the gradient is 0.
    if (width == 16) load(x + c, &value);
    else load_part(x + c, width, &value);
    if (width == 16) load(dy + c, &gradient);
    else load_part(dy + c, width, &gradient);
    if (gamma) {
      if (width == 16) load(gamma + c, &factor);
      else load_part(gamma + c, width, &factor);
      gradient *= factor;
    }
    sumDy += gradient;
    sumDyXhat += gradient * (value - mean);
  }
  *first = lane_sum(&sumDy) / (float)columns;
  *second = lane_sum(&sumDyXhat) * rstd / (float)columns;
}

// dx = rstd * (gamma * dy - the row's mean of gamma * dy - xhat * its mean of gamma * dy * xhat). What a
// sample adds to dgamma and dbeta is summed by itself first, as many rows would lose digits in one long sum.
void mc_layer_norm_backward(size_t batch, size_t places, size_t columns, const float *x,
                            const float *dy, const float *mean, const float *rstd,
                            const float *gamma, float *dgamma, float *dbeta, float *dx,
                            float *scratch) {
  float *sumDy = scratch, *sumDyXhat = scratch + columns;
  for (size_t n = 0; n < batch; n++) {
    memset(scratch, 0, 2 * columns * sizeof(float));
    for (size_t i = 0; i < places; i++, x += columns, dy += columns, mean++, rstd++) {
      float average = *mean, reciprocal = *rstd;
      MC_ELEMENTWISE
      for (size_t c = 0; c < (dgamma || dbeta ? columns : 0); c++) {
        sumDy[c] += dy[c];
        sumDyXhat[c] += dy[c] * ((x[c] - average) * reciprocal);
      }
      if (!dx) continue;
      float first, second;
      layer_norm_means(columns, x, dy, average, reciprocal, gamma, &first, &second);
      MC_ELEMENTWISE
      for (size_t c = 0; c < columns; c++) {
        float xhat = (x[c] - average) * reciprocal;
        float gradient = gamma ? gamma[c] * dy[c] : dy[c];
        dx[c] = reciprocal * (gradient - first - xhat * second);
      }
      dx += columns;
    }
    for (size_t c = 0; c < columns; c++) {
      if (dbeta) dbeta[c] += sumDy[c];
      if (dgamma) dgamma[c] += sumDyXhat[c];
    }
  }
}
