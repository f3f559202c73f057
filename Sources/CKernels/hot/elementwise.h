// Loops whose output i depends on element i alone: one formula each.

// y = value
void mc_fill(size_t count, float value, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = value;
}

// y += x
void mc_accumulate(size_t count, const float *restrict x, float *restrict y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] += x[i];
}

// y *= factor
void mc_scale(size_t count, float factor, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] *= factor;
}

// y += share * (x - y)
void mc_blend(size_t count, float share, const float *restrict x, float *restrict y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] += share * (x[i] - y[i]);
}

// y = x * scale + offset
void mc_bytes_to_floats(size_t count, float scale, float offset, const uint8_t *restrict x,
                        float *restrict y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = (float)x[i] * scale + offset;
}

void mc_rescale(size_t count, float scale, float offset, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] * scale + offset;
}
