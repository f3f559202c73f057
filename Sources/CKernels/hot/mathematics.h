// Functions of the C library in a form that vectorizes: no branch, no errno. Relative errors are
// bounded by the tests. NaN stays NaN.

// A float, and the number that its bits are.
typedef union {
  float f;
  uint32_t i;
} FloatBits;

// e^x = 2^k * (1 + r * p) with |r| <= ln 2 / 2 and a polynomial p for (e^r - 1) / r (Taylor to the 6th
// power, whose remainder is below 2^-27 there).
typedef struct {
  float r, p;
  uint32_t k;  // modulo 2^32
} ReducedExp;

// |x| < 90, or NaN, of which p is one too.
INLINE ReducedExp reduced_exp(float x) {
  // Adding 1.5 * 2^23 rounds to a whole number in the low bits of the sum.
  FloatBits none = {12582912.0f}, shifted = {x * 1.44269504f + none.f};
  float whole = shifted.f - none.f;
  // ln 2 in two parts: the first has few enough bits that a whole number times it is exact.
  float r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  return (ReducedExp){r, p, shifted.i - none.i};
}

// 2^k where that is a float, and no subnormal one.
INLINE float power_of_2(uint32_t k) { return ((FloatBits){.i = (k + 127) << 23}).f; }

// Overflows to infinity above 88.7, underflows to 0 below -87.3.
INLINE float fast_exp(float x) {
  float above = x < -88.0f ? -88.0f : x;
  ReducedExp e = reduced_exp(above > 89.0f ? 89.0f : above);
  // In two factors, because 2^128 is no float.
  uint32_t half = (uint32_t)((int32_t)e.k >> 1);
  float result = (e.p * e.r + 1.0f) * power_of_2(half) * power_of_2(e.k - half);
  return x < -87.4f ? 0 : result;
}

// The same for x <= 0, where one factor is enough.
INLINE float fast_exp_below(float x) {
  ReducedExp e = reduced_exp(x < -87.3f ? -87.3f : x);
  float result = (e.p * e.r + 1.0f) * power_of_2(e.k);
  return x < -87.3f ? 0 : result;
}

// e^x - 1 for x <= 0, to the last digits near 0 too. From -87.3 down it is -1.
INLINE float fast_expm1_below(float x) {
  ReducedExp e = reduced_exp(x < -87.3f ? -87.3f : x);
  float power = power_of_2(e.k);
  return power * (e.p * e.r) + (power - 1);
}

INLINE float fast_sigmoid(float x) {
  // On the side where e does not overflow, so that small results keep their digits.
  float e = fast_exp_below(x < 0 ? x : -x);
  float near_one = 1 / (1 + e);
  return x < 0 ? e * near_one : near_one;
}

// tanh |x| = (1 - e^-2|x|) / (1 + e^-2|x|); the sign of x is put back as a bit.
INLINE float fast_tanh(float x) {
  FloatBits signed_x = {x}, magnitude = {.i = signed_x.i & 0x7FFFFFFF};
  float less = fast_expm1_below(-2 * magnitude.f);
  FloatBits result = {(0 - less) / (2 + less)};
  result.i |= signed_x.i & 0x80000000;
  return result.f;
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
  FloatBits high = {magnitude};
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
