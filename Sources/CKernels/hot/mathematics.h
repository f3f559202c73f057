// Functions of the C library in a form that vectorizes: no branch, no errno. Relative errors are
// bounded by the tests.

// e^x = 2^k * e^r with |r| <= ln 2 / 2 and a polynomial for e^r (Taylor to the 7th power, whose
// remainder is below 2^-27 there). Returns e^r; |x| < 90.
INLINE float reduced_exp(float x, int32_t *k) {
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
  p = p * r + 1.0f;
  *k = (int32_t)whole;
  return p;
}

// Overflows to infinity above 88.7, underflows to 0 below -87.3; NaN stays.
INLINE float fast_exp(float x) {
  // Written so that a NaN takes the bound: it must not reach the conversion to a whole number.
  float bounded = x > -88.0f ? (x < 89.0f ? x : 89.0f) : -88.0f;
  int32_t power;
  float p = reduced_exp(bounded, &power);
  // In two factors, because 2^128 is no float.
  int32_t half = power >> 1, rest = power - half;
  union { int32_t i; float f; } a = {(half + 127) << 23}, b = {(rest + 127) << 23};
  float result = p * a.f * b.f;
  if (x < -87.4f) result = 0;
  return x == x ? result : x;
}

// The same for x <= 0, where one factor is enough; NaN too.
INLINE float fast_exp_below(float x) {
  float bounded = x > -87.3f ? x : -87.3f;
  int32_t k;
  float p = reduced_exp(bounded, &k);
  union { int32_t i; float f; } power = {(k + 127) << 23};
  float result = p * power.f;
  if (x < -87.3f) result = 0;
  return x == x ? result : x;
}

// e^x - 1 for x <= 0. Near 0 the difference loses digits, and a Taylor series to the 9th power
// takes its place.
INLINE float fast_expm1_below(float x) {
  float p = 1.0f / 362880;
  p = p * x + 1.0f / 40320;
  p = p * x + 1.0f / 5040;
  p = p * x + 1.0f / 720;
  p = p * x + 1.0f / 120;
  p = p * x + 1.0f / 24;
  p = p * x + 1.0f / 6;
  p = p * x + 0.5f;
  p = p * x + 1.0f;
  return x > -0.7f ? p * x : fast_exp_below(x) - 1;
}

INLINE float fast_sigmoid(float x) {
  // On the side where e does not overflow, so that small results keep their digits.
  float e = fast_exp_below(x < 0 ? x : -x);
  float near_one = 1 / (1 + e);
  return x < 0 ? e * near_one : near_one;
}

// Near 0 the quotient loses digits, and a Taylor series to the 11th power takes its place.
INLINE float fast_tanh(float x) {
  float magnitude = x < 0 ? -x : x;
  float e = fast_exp_below(-2 * magnitude);
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
