// Activations, each forwards and backwards: dx = dy * f'(x), because y + f'(x) * h is what becomes of y
// when x grows by a small h, and dy says what the loss makes of that.

// ReLU (Nair and Hinton 2010):
//
//   y = max(0, x)      dx = dy where y > 0, 0 where it is not
//
// Its slope is 1 above 0 and 0 below it: a unit that is on passes its gradient on unchanged, one that
// is off passes nothing on. At x = 0, where there is no slope, it is taken to be 0. y is all that the
// backward pass needs to know. A NaN is no number at or below 0, so it stays.
INLINE void plain_relu_forward(size_t count, const float *x, float *y) {
  for (size_t i = 0; i < count; i++) y[i] = x[i] <= 0 ? 0 : x[i];
}

INLINE void plain_relu_backward(size_t count, const float *y, const float *dy, float *dx) {
  for (size_t i = 0; i < count; i++) dx[i] = y[i] > 0 ? dy[i] : 0;
}

// The fast loops are the same, a register of elements at a time: MC_ELEMENTWISE promises the compiler
// that it may, though y may be x. The gradient is loaded before the comparison decides about it, as
// a load that may or may not happen would be a branch.
void mc_relu_forward(size_t count, const float *x, float *y) {
  if (MC_PLAIN) return plain_relu_forward(count, x, y);
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] <= 0 ? 0 : x[i];
}

void mc_relu_backward(size_t count, const float *y, const float *dy, float *dx) {
  if (MC_PLAIN) return plain_relu_backward(count, y, dy, dx);
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float gradient = dy[i];
    dx[i] = y[i] > 0 ? gradient : 0;
  }
}

// Leaky ReLU (Maas et al. 2013): y = x where x > 0, slope * x where it is not; dx likewise from dy.
void mc_leaky_relu_forward(size_t count, float slope, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

void mc_leaky_relu_backward(size_t count, float slope, const float *x, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) dx[i] = x[i] > 0 ? dy[i] : slope * dy[i];
}

// ELU (Clevert et al. 2016): y = x where x > 0, alpha * (e^x - 1) where it is not, with the slope
// alpha * e^x = y + alpha there.
void mc_elu_forward(size_t count, float alpha, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    // e^x - 1 loses digits near 0; there it is tanh(x/2) * (e^x + 1).
    float e = fast_exp(x[i] > 0 ? 0 : x[i]);
    float difference = x[i] > -0.5f ? fast_tanh(0.5f * x[i]) * (e + 1) : e - 1;
    y[i] = x[i] > 0 ? x[i] : alpha * difference;
  }
}

void mc_elu_backward(size_t count, float alpha, const float *x, const float *y, const float *dy,
                     float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) dx[i] = x[i] > 0 ? dy[i] : dy[i] * (y[i] + alpha);
}

// Sigmoid: y = 1 / (1 + e^-x), with the slope y * (1 - y).
void mc_sigmoid_forward(size_t count, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = fast_sigmoid(x[i]);
}

void mc_sigmoid_backward(size_t count, const float *y, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) dx[i] = dy[i] * y[i] * (1 - y[i]);
}

// y = tanh x, with the slope 1 - y^2.
void mc_tanh_forward(size_t count, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = fast_tanh(x[i]);
}

void mc_tanh_backward(size_t count, const float *y, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) dx[i] = dy[i] * (1 - y[i] * y[i]);
}

// GELU (Hendrycks and Gimpel 2016): y = x * Phi(x), with the slope Phi(x) + x * phi(x); Phi is the
// distribution function of the standard normal, phi its density.
void mc_gelu_forward(size_t count, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] * normal_distribution(x[i]);
}

void mc_gelu_backward(size_t count, const float *x, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++)
    dx[i] = dy[i] * (normal_distribution(x[i]) + x[i] * normal_density(x[i]));
}
