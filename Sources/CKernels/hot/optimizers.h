// What every rule starts with: the clipped gradient with L2 and L1, and a weight shrunk by its decay.
#define TAKE_GRADIENT                                                                  \
  float sign = (float)((w[i] > 0) - (w[i] < 0));                                       \
  float gradient = gradientScale * g[i] + l2 * w[i] + l1 * sign;                       \
  float weight = w[i] - w[i] * (decay * rate);

void MC_NAME(mc_sgd_update)(size_t count, float rate, float momentum, bool nesterov,
                            float gradientScale, float l2, float l1, float decay, const float *restrict g,
                            float *restrict w, float *restrict m) {
  if (!m) {
    for (size_t i = 0; i < count; i++) {
      TAKE_GRADIENT
      w[i] = weight - rate * gradient;
    }
    return;
  }
  for (size_t i = 0; i < count; i++) {
    TAKE_GRADIENT
    float step = momentum * m[i] - rate * gradient;
    m[i] = step;
    w[i] = weight + (nesterov ? momentum * step - rate * gradient : step);
  }
}

void MC_NAME(mc_rmsprop_update)(size_t count, float rate, float rho, float momentum, float epsilon,
                                float gradientScale, float l2, float l1, float decay,
                                const float *restrict g, float *restrict w, float *restrict v,
                                float *restrict m) {
  for (size_t i = 0; i < count; i++) {
    TAKE_GRADIENT
    v[i] = rho * v[i] + (1 - rho) * gradient * gradient;
    float step = rate * gradient / __builtin_elementwise_sqrt(v[i] + epsilon);
    if (m) step = m[i] = momentum * m[i] + step;
    w[i] = weight - step;
  }
}

void MC_NAME(mc_adagrad_update)(size_t count, float rate, float epsilon, float gradientScale,
                                float l2, float l1, float decay, const float *restrict g,
                                float *restrict w, float *restrict a) {
  for (size_t i = 0; i < count; i++) {
    TAKE_GRADIENT
    a[i] += gradient * gradient;
    w[i] = weight - rate * gradient / __builtin_elementwise_sqrt(a[i] + epsilon);
  }
}

void MC_NAME(mc_adam_update)(size_t count, float alpha, float beta1, float beta2, float epsilon,
                             float rate, float gradientScale, float l2, float l1, float decay,
                             const float *restrict g, float *restrict w, float *restrict m,
                             float *restrict v) {
  for (size_t i = 0; i < count; i++) {
    TAKE_GRADIENT
    m[i] += (gradient - m[i]) * (1 - beta1);
    v[i] += (gradient * gradient - v[i]) * (1 - beta2);
    w[i] = weight - alpha * m[i] / (__builtin_elementwise_sqrt(v[i]) + epsilon);
  }
}

#undef TAKE_GRADIENT
