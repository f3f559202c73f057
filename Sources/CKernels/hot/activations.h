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
