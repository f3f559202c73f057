// The updates of the optimizers, each weight by itself; mc_training.h has the formulas.

// What every rule starts from.
typedef struct {
  float gradient;  // clipped, with the terms of L2 and L1
  float weight;    // shrunk by its decay
} Start;

INLINE Start start_of(const MCStep *step, float w, float g) {
  float sign = (float)((w > 0) - (w < 0));
  Start start = {step->gradientScale * g + step->l2 * w + step->l1 * sign,
                 w - w * (step->decay * step->rate)};
  return start;
}

void mc_sgd_update(size_t count, MCStep step, float momentum, bool nesterov,
                   const float *restrict g, float *restrict w, float *restrict m) {
  if (!m) {
    for (size_t i = 0; i < count; i++) {
      Start s = start_of(&step, w[i], g[i]);
      w[i] = s.weight - step.rate * s.gradient;
    }
    return;
  }
  for (size_t i = 0; i < count; i++) {
    Start s = start_of(&step, w[i], g[i]);
    float move = momentum * m[i] - step.rate * s.gradient;
    m[i] = move;
    w[i] = s.weight + (nesterov ? momentum * move - step.rate * s.gradient : move);
  }
}

void mc_rmsprop_update(size_t count, MCStep step, float rho, float momentum, float epsilon,
                       const float *restrict g, float *restrict w, float *restrict v,
                       float *restrict m) {
  for (size_t i = 0; i < count; i++) {
    Start s = start_of(&step, w[i], g[i]);
    v[i] = rho * v[i] + (1 - rho) * s.gradient * s.gradient;
    float move = step.rate * s.gradient / __builtin_elementwise_sqrt(v[i] + epsilon);
    if (m) move = m[i] = momentum * m[i] + move;
    w[i] = s.weight - move;
  }
}

void mc_adagrad_update(size_t count, MCStep step, float epsilon, const float *restrict g,
                       float *restrict w, float *restrict a) {
  for (size_t i = 0; i < count; i++) {
    Start s = start_of(&step, w[i], g[i]);
    a[i] += s.gradient * s.gradient;
    w[i] = s.weight - step.rate * s.gradient / __builtin_elementwise_sqrt(a[i] + epsilon);
  }
}

void mc_adam_update(size_t count, MCStep step, float alpha, float beta1, float beta2,
                    float epsilon, const float *restrict g, float *restrict w, float *restrict m,
                    float *restrict v) {
  for (size_t i = 0; i < count; i++) {
    Start s = start_of(&step, w[i], g[i]);
    m[i] += (s.gradient - m[i]) * (1 - beta1);
    v[i] += (s.gradient * s.gradient - v[i]) * (1 - beta2);
    w[i] = s.weight - alpha * m[i] / (__builtin_elementwise_sqrt(v[i]) + epsilon);
  }
}
