// Functions of the C library in a form that vectorizes: no branch, no errno. Relative errors are
// bounded by the tests.

// e^x = 2^k * e^r with |r| <= ln 2 / 2 and a polynomial for e^r (Taylor to the 7th power, whose rest
// is below 2^-27 there). Overflows to infinity above 88.7, underflows to 0 below -87.3; NaN stays.
INLINE float fast_exp(float x) {
  float bounded = x > 89.0f ? 89.0f : (x < -88.0f ? -88.0f : x);
  // Adding 1.5 * 2^23 rounds to a whole number in the low bits of the sum.
  float shifted = bounded * 1.44269504f + 12582912.0f;
  float k = shifted - 12582912.0f;
  // ln 2 in two parts: the first has few enough bits that k * it is exact.
  float r = (bounded - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  int32_t power = (int32_t)k;
  // In two factors, because 2^128 is no float.
  int32_t half = power >> 1, rest = power - half;
  union { int32_t i; float f; } a = {(half + 127) << 23}, b = {(rest + 127) << 23};
  float result = p * a.f * b.f;
  if (x < -87.4f) result = 0;
  return x == x ? result : x;
}

INLINE float fast_sigmoid(float x) {
  // From the side where e does not overflow, so that small results keep their digits.
  float e = fast_exp(x < 0 ? x : -x);
  float near_one = 1 / (1 + e);
  return x < 0 ? e * near_one : near_one;
}

// Near 0 the quotient loses digits, and a Taylor series to the 11th power takes its place.
INLINE float fast_tanh(float x) {
  float magnitude = x < 0 ? -x : x;
  float e = fast_exp(-2 * magnitude);
  float far = (1 - e) / (1 + e);
  float s = x * x;
  float p = -1382.0f / 155925;
  p = p * s + 62.0f / 2835;
  p = p * s - 17.0f / 315;
  p = p * s + 2.0f / 15;
  p = p * s - 1.0f / 3;
  float near = x + x * s * p;
  float result = magnitude < 0.35f ? near : (x < 0 ? -far : far);
  return x == x ? result : x;
}

// The distribution function of the standard normal: erfc through Abramowitz and Stegun would not do
// for single precision, so the C library's, which is exact to the last digit.
INLINE float normal_distribution(float x) { return 0.5f * erfcf(-x * 0.70710678f); }

INLINE float normal_density(float x) { return 0.39894228f * fast_exp(-0.5f * x * x); }
