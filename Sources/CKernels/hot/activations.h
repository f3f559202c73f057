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

void mc_rectifier_backward(size_t count, const MCRectifier *r, const float *y, const float *dy,
                           float *dx) {
  const MCRectifier own = *r;
  if (is_relu(r)) return mc_relu_backward(count, y, dy, dx);
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float gradient = dy[i], rest = own.slope == 0 ? 0 : own.slope * gradient;
    float passed = y[i] > 0 ? gradient : rest;
    dx[i] = y[i] > 0 && !(y[i] < own.bound) ? 0 : passed;
  }
}

// ELU (Clevert et al. 2016): y = x where x > 0, alpha * (e^x - 1) where it is not, with the slope
// alpha * e^x = y + alpha there.
void mc_elu_forward(size_t count, float alpha, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float difference = alpha * fast_expm1_below(x[i] > 0 ? 0 : x[i]);
    y[i] = x[i] > 0 ? x[i] : difference;
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
  for (size_t i = 0; i < count; i++) y[i] = x[i] * standard_normal(x[i]).distribution;
}

void mc_gelu_backward(size_t count, const float *x, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    NormalPoint n = standard_normal(x[i]);
    // 1 / sqrt(2 pi) times the bell is the density.
    dx[i] = dy[i] * (n.distribution + x[i] * (0.39894228f * n.bell));
  }
}

void mc_silu_forward(size_t count, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] * fast_sigmoid(x[i]);
}

void mc_silu_backward(size_t count, const float *x, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float s = fast_sigmoid(x[i]);
    dx[i] = dy[i] * s * (1 + x[i] * (1 - s));
  }
}

void mc_relu6_forward(size_t count, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float positive = x[i] <= 0 ? 0 : x[i];
    y[i] = positive >= 6 ? 6 : positive;
  }
}

void mc_relu6_backward(size_t count, const float *y, const float *dy, float *dx) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float gradient = y[i] > 0 ? dy[i] : 0;
    dx[i] = y[i] < 6 ? gradient : 0;
  }
}

void mc_prelu_forward(size_t rows, size_t columns, const float *alpha, const float *x, float *y) {
  for (size_t i = 0; i < rows; i++, x += columns, y += columns) {
    MC_ELEMENTWISE
    for (size_t c = 0; c < columns; c++) y[c] = x[c] > 0 ? x[c] : alpha[c] * x[c];
  }
}

// dalpha = sum over rows of dy * x where x is not positive; columns of 16 at a time keep their sums in
// registers.
void mc_prelu_backward(size_t rows, size_t columns, const float *alpha, const float *x,
                       const float *dy, float *dalpha, float *dx) {
  for (size_t c = 0; dalpha && c < columns; c += 16) {
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
