void MC_NAME(mc_relu_forward)(size_t count, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] <= 0 ? 0 : x[i];
}

void MC_NAME(mc_relu_backward)(size_t count, const float *y, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float gradient = dy[i];
    dx[i] = y[i] > 0 ? gradient : 0;
  }
}

void MC_NAME(mc_leaky_relu_forward)(size_t count, float slope, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

void MC_NAME(mc_leaky_relu_backward)(size_t count, float slope, const float *x, const float *dy,
                                     float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) dx[i] = x[i] > 0 ? dy[i] : slope * dy[i];
}

void MC_NAME(mc_elu_forward)(size_t count, float alpha, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    // e^x - 1 loses digits near 0; there it is tanh(x/2) * (e^x + 1).
    float e = fast_exp(x[i] > 0 ? 0 : x[i]);
    float difference = x[i] > -0.5f ? fast_tanh(0.5f * x[i]) * (e + 1) : e - 1;
    y[i] = x[i] > 0 ? x[i] : alpha * difference;
  }
}

void MC_NAME(mc_elu_backward)(size_t count, float alpha, const float *x, const float *y,
                              const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) dx[i] = x[i] > 0 ? dy[i] : dy[i] * (y[i] + alpha);
}

void MC_NAME(mc_sigmoid_forward)(size_t count, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = fast_sigmoid(x[i]);
}

void MC_NAME(mc_sigmoid_backward)(size_t count, const float *y, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) dx[i] = dy[i] * y[i] * (1 - y[i]);
}

void MC_NAME(mc_tanh_forward)(size_t count, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = fast_tanh(x[i]);
}

void MC_NAME(mc_tanh_backward)(size_t count, const float *y, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) dx[i] = dy[i] * (1 - y[i] * y[i]);
}

void MC_NAME(mc_gelu_forward)(size_t count, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] * normal_distribution(x[i]);
}

void MC_NAME(mc_gelu_backward)(size_t count, const float *x, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++)
    dx[i] = dy[i] * (normal_distribution(x[i]) + x[i] * normal_density(x[i]));
}

void MC_NAME(mc_silu_forward)(size_t count, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] * fast_sigmoid(x[i]);
}

void MC_NAME(mc_silu_backward)(size_t count, const float *x, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float s = fast_sigmoid(x[i]);
    dx[i] = dy[i] * s * (1 + x[i] * (1 - s));
  }
}

void MC_NAME(mc_relu6_forward)(size_t count, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float positive = x[i] <= 0 ? 0 : x[i];
    y[i] = positive >= 6 ? 6 : positive;
  }
}

void MC_NAME(mc_relu6_backward)(size_t count, const float *y, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float gradient = y[i] > 0 ? dy[i] : 0;
    dx[i] = y[i] < 6 ? gradient : 0;
  }
}

void MC_NAME(mc_prelu_forward)(size_t rows, size_t columns, const float *alpha, const float *x,
                               float *y) {
  for (size_t i = 0; i < rows; i++, x += columns, y += columns) {
    MC_ELEMENTWISE
    for (size_t c = 0; c < columns; c++) y[c] = x[c] > 0 ? x[c] : alpha[c] * x[c];
  }
}

// dalpha = sum over rows of dy * x where x is not positive; columns of 16 at a time keep their sums in
// registers.
void MC_NAME(mc_prelu_backward)(size_t rows, size_t columns, const float *alpha, const float *x,
                                const float *dy, float *dalpha, float *dx) {
  for (size_t c = 0; c < columns; c += 16) {
    size_t width = columns - c < 16 ? columns - c : 16;
    v16 sum = {0}, total;
    for (size_t i = 0; i < rows; i++) {
      v16 value, gradient;
      if (width == 16) load(x + i * columns + c, &value);
      else load_part(x + i * columns + c, width, &value);
      if (width == 16) load(dy + i * columns + c, &gradient);
      else load_part(dy + i * columns + c, width, &gradient);
      gradient *= value;
      sum += (v16)((i16)gradient & ~(value > 0));
    }
    load_part(dalpha + c, width, &total);
    total += sum;
    store_part(dalpha + c, width, &total);
  }
  if (!dx) return;
  for (size_t i = 0; i < rows; i++, x += columns, dy += columns, dx += columns) {
    MC_ELEMENTWISE
    for (size_t c = 0; c < columns; c++) dx[c] = x[c] > 0 ? dy[c] : alpha[c] * dy[c];
  }
}
