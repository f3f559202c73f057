// ln x for a normal x > 0: x = 2^k * m with sqrt(1/2) <= m < sqrt(2), and the series of
// ln m = 2 artanh((m - 1) / (m + 1)) to the 9th power, whose remainder is below 1e-9 there.
INLINE float fast_log(float x) {
  union { float f; int32_t i; } m = {x};
  // The bits of sqrt(1/2): the difference has k above the bits of the mantissa.
  int32_t k = (m.i - 0x3F3504F3) >> 23;
  m.i -= k * 0x800000;
  float s = (m.f - 1) / (m.f + 1);
  float z = s * s;
  float p = 1.0f / 9;
  p = p * z + 1.0f / 7;
  p = p * z + 1.0f / 5;
  p = p * z + 1.0f / 3;
  p = p * z + 1;
  return 2 * s * p + (float)k * 0.69314718f;
}

// sin(2 pi t) for |t| <= 1/4: Taylor to the 11th power, whose remainder is below 6e-8.
INLINE float quarter_sine(float t) {
  float a = 6.28318531f * t;
  float s = a * a;
  float p = -1.0f / 39916800;
  p = p * s + 1.0f / 362880;
  p = p * s - 1.0f / 5040;
  p = p * s + 1.0f / 120;
  p = p * s - 1.0f / 6;
  return a + a * s * p;
}

// Box and Muller 1958: of two uniform numbers u and v, sqrt(-2 ln u) * cos(2 pi v) is normal. u is made of a
// hash of key and i as dropout's is, v of one more round of it; 24 bits of each, which a float holds.
void mc_gaussian_noise(size_t count, uint64_t key, float deviation, const float *x, float *y) {
  const uint64_t segment = (uint64_t)1 << 31;
  for (uint64_t start = 0; start < count; start += segment) {
    uint32_t first, second;
    split_key(key, start / segment, &first, &second);
    uint32_t length = (uint32_t)(count - start < segment ? count - start : segment);
    const float *from = x + start;
    float *to = y + start;
    MC_ELEMENTWISE
    for (uint32_t i = 0; i < length; i++) {
      uint32_t h = element_hash(i, first, second);
      uint32_t g = (h ^ first) * 0x7FEB352Du;
      g = (g ^ (g >> 15)) * 0x846CA68Bu;
      g ^= g >> 16;
      // u is never 0, v is between -1/2 and 1/2: cos(2 pi v) = sin(2 pi (1/4 - |v|)).
      float u = ((float)(int32_t)(h >> 8) + 0.5f) * 0x1p-24f;
      float v = (float)(int32_t)(g >> 8) * 0x1p-24f - 0.5f;
      float magnitude = v < 0 ? -v : v;
      float radius = __builtin_elementwise_sqrt(-2 * fast_log(u));
      to[i] = from[i] + deviation * (radius * quarter_sine(0.25f - magnitude));
    }
  }
}
