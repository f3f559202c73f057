// Functions of the C library in a form that vectorizes: no branch, no errno. Relative errors are
// bounded by the tests.

// e^x = 2^k * (1 + r * p) with |r| <= ln 2 / 2 and a polynomial p for (e^r - 1) / r (Taylor to the 6th
// power, whose remainder is below 2^-27 there).
typedef struct {
  float r, p;
  int32_t k;
} ReducedExp;

// |x| < 90.
INLINE ReducedExp reduced_exp(float x) {
  // Adding 1.5 * 2^23 rounds to a whole number in the low bits of the sum.
  float shifted = x * 1.44269504f + 12582912.0f;
  float whole = shifted - 12582912.0f;
  // ln 2 in two parts: the first has few enough bits that a whole number times it is exact.
  float r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  return (ReducedExp){r, p, (int32_t)whole};
}

// 2^k where that is a float, and no subnormal one.
INLINE float power_of_2(int32_t k) {
  union { int32_t i; float f; } power = {(k + 127) << 23};
  return power.f;
}

// Overflows to infinity above 88.7, underflows to 0 below -87.3; NaN stays.
INLINE float fast_exp(float x) {
  // Written so that a NaN takes the bound: it must not reach the conversion to a whole number.
  float bounded = x > -88.0f ? (x < 89.0f ? x : 89.0f) : -88.0f;
  ReducedExp e = reduced_exp(bounded);
  // In two factors, because 2^128 is no float.
  int32_t half = e.k >> 1;
  float result = (e.p * e.r + 1.0f) * power_of_2(half) * power_of_2(e.k - half);
  if (x < -87.4f) result = 0;
  return x == x ? result : x;
}

// The same for x <= 0, where one factor is enough; NaN too.
INLINE float fast_exp_below(float x) {
  ReducedExp e = reduced_exp(x > -87.3f ? x : -87.3f);
  float result = (e.p * e.r + 1.0f) * power_of_2(e.k);
  if (x < -87.3f) result = 0;
  return x == x ? result : x;
}

// e^x - 1 for x <= 0, to the last digits near 0 too; NaN stays. From -87.3 down it is -1.
INLINE float fast_expm1_below(float x) {
  ReducedExp e = reduced_exp(x > -87.3f ? x : -87.3f);
  float power = power_of_2(e.k), result = power * (e.p * e.r) + (power - 1);
  return x == x ? result : x;
}

INLINE float fast_sigmoid(float x) {
  // On the side where e does not overflow, so that small results keep their digits.
  float e = fast_exp_below(x < 0 ? x : -x);
  float near_one = 1 / (1 + e);
  return x < 0 ? e * near_one : near_one;
}

// tanh |x| = (1 - e^-2|x|) / (1 + e^-2|x|).
INLINE float fast_tanh(float x) {
  float less = fast_expm1_below(x < 0 ? 2 * x : -2 * x);
  float magnitude = (0 - less) / (2 + less);
  return x < 0 ? -magnitude : magnitude;
}

// The standard normal at x: e^(-x^2/2), and the distribution function Phi.
typedef struct {
  float bell, distribution;
} NormalPoint;

// The square is split into a part that floats hold exactly and a small remainder, and what the sum
// of both loses is put back, because the rounding of a square of 150 would show in the sixth digit
// of its exponential.
//
// Of the upper tail e^(x^2/2) * (1 - Phi(x)), x >= 0, is a smooth function of (x - 4) / (x + 4): a
// least-squares polynomial of the 10th degree, relative error 5e-9 up to x = 15, beyond which
// floats underflow.
INLINE NormalPoint standard_normal(float x) {
  float magnitude = x < 0 ? -x : x;
  magnitude = magnitude > 15.0f ? 15.0f : magnitude;
  union { float f; uint32_t i; } high = {magnitude};
  high.i &= 0xFFFFF000u;
  float rest = (magnitude - high.f) * (magnitude + high.f);
  float exact = high.f * high.f, square = exact + rest, lost = rest - (square - exact);
  float e = fast_exp_below(-0.5f * square);
  NormalPoint n = {.bell = e - 0.5f * lost * e};
  float t = (magnitude - 4) / (magnitude + 4);
  float p = 1.20809393e-05f;
  p = p * t - 4.68014239e-05f;
  p = p * t - 0.000173392062f;
  p = p * t + 0.000641720202f;
  p = p * t + 0.000502777122f;
  p = p * t - 0.00849299595f;
  p = p * t + 0.0308655582f;
  p = p * t - 0.0717073256f;
  p = p * t + 0.124379211f;
  p = p * t - 0.170397723f;
  p = p * t + 0.0944106417f;
  float tail = p * n.bell;
  n.distribution = x < 0 ? tail : 1 - tail;
  return n;
}
