// Functions of double precision. Those of the C library may differ in the last bit from one library,
// version or processor to the next, and what was trained would differ with them: these are made of
// additions, multiplications and divisions alone, rounded one by one, so that every machine gives the
// same bits. The reductions are those of Cody and Waite 1980; the sums are Taylor series, long enough
// that what is left out is below the rounding.
#include "CKernels.h"

// Some processors multiply and add at once, others cannot.
#pragma clang fp contract(off)

typedef union {
  double value;
  uint64_t bits;
} Double;

// Adding and subtracting 1.5 * 2^52 rounds to a whole number.
static const double ROUNDING = 0x1.8p52;

// ln 2 and pi / 2 in parts: the first have 33 bits, so that a product with a whole number below 2^20 is
// exact.
static const double LN2_HIGH = 0x1.62e42feep-1, LN2_LOW = 0x1.a39ef35793c76p-33;
static const double HALF_PI_1 = 0x1.921fb544p0, HALF_PI_2 = 0x1.0b4611a6p-34;
static const double HALF_PI_3 = 0x1.3198a2e037073p-69;

// 2^k for a normal result.
static double power_of_2(int64_t k) { return (Double){.bits = (uint64_t)(k + 1023) << 52}.value; }

// coefficients[0] + x * coefficients[1] + ...
static double polynomial(const double *coefficients, int count, double x) {
  double sum = coefficients[count - 1];
  for (int i = count - 2; i >= 0; i--) sum = sum * x + coefficients[i];
  return sum;
}

// e^x = 2^k * e^r, |r| <= ln 2 / 2.
double mc_exp(double x) {
  // 1/2!, 1/3!, ..., 1/13!
  static const double terms[] = {1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040,
                                 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800,
                                 1.0 / 479001600, 1.0 / 6227020800};
  if (x != x) return x;
  if (x > 710) return __builtin_inf();
  if (x < -746) return 0;
  double k = (x * 0x1.71547652b82fep0 + ROUNDING) - ROUNDING;
  double r = (x - k * LN2_HIGH) - k * LN2_LOW;
  double result = 1 + (r + r * r * polynomial(terms, 12, r));
  // In two factors, because neither 2^1024 nor 2^-1075 is a normal number.
  int64_t half = (int64_t)k / 2;
  return result * power_of_2(half) * power_of_2((int64_t)k - half);
}

// log x = k * ln 2 + log m, sqrt(1/2) <= m < sqrt 2. With f = m - 1, s = f / (2 + f) and
// R = 2/3 s^2 + 2/5 s^4 + ..., log m = 2 s + s R, which is f - (f^2/2 - s (f^2/2 + R)): a small correction
// of f.
double mc_log(double x) {
  static const double terms[] = {2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15,
                                 2.0 / 17, 2.0 / 19, 2.0 / 21};
  if (x != x || x == __builtin_inf()) return x;
  if (x < 0) return __builtin_nan("");
  if (x == 0) return -__builtin_inf();
  int64_t shift = 0;
  if (x < 0x1p-1022) {
    shift = 54;
    x *= 0x1p54;
  }
  Double m = {.value = x};
  // The bits of sqrt(1/2): the difference has k above the bits of the mantissa.
  int64_t whole = (int64_t)(m.bits - 0x3FE6A09E667F3BCDu) >> 52;
  m.bits -= (uint64_t)whole << 52;
  double k = (double)(whole - shift), f = m.value - 1, s = f / (2 + f), z = s * s;
  double square = 0.5 * f * f, rest = z * polynomial(terms, 10, z);
  return k * LN2_HIGH - ((square - (s * (square + rest) + k * LN2_LOW)) - f);
}

// The rounding of 1 + x is made good: what it lost, divided by the result (Kahan).
double mc_log1p(double x) {
  double sum = 1 + x;
  if (sum == 1) return x;
  if (!(sum > 0) || sum == __builtin_inf()) return mc_log(sum);
  return mc_log(sum) + (x - (sum - 1)) / sum;
}

// Where e^x - 1 loses digits, so does the logarithm of the rounded e^x, by the same factor (Kahan).
double mc_expm1(double x) {
  double e = mc_exp(x);
  if (e == 1) return x;
  double difference = e - 1;
  if (difference == -1 || e == __builtin_inf()) return difference;
  return difference * x / mc_log(e);
}

// Whole powers of moderate size are exact where a double can hold them.
double mc_power(double x, double y) {
  enum { MOST_FACTORS = 64 };
  if (y == 0) return 1;
  if (x == 0) return y > 0 ? 0 : __builtin_inf();
  if (!(y >= -MOST_FACTORS && y <= MOST_FACTORS) || y != (double)(int)y) return mc_exp(y * mc_log(x));
  double result = 1, factor = x;
  for (int n = y < 0 ? -(int)y : (int)y; n > 0; n /= 2, factor *= factor)
    if (n % 2) result *= factor;
  return y < 0 ? 1 / result : result;
}

// sin r and cos r for |r| <= pi / 4.
static double sine(double r) {
  static const double terms[] = {-1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800,
                                 1.0 / 6227020800, -1.0 / 1307674368000, 1.0 / 355687428096000};
  double z = r * r;
  return r + r * z * polynomial(terms, 8, z);
}

static double cosine(double r) {
  static const double terms[] = {1.0 / 24, -1.0 / 720, 1.0 / 40320, -1.0 / 3628800,
                                 1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888000};
  // What 1 - r^2/2 loses is added to the rest.
  double z = r * r, half = 0.5 * z, first = 1 - half;
  return first + (((1 - first) - half) + z * z * polynomial(terms, 7, z));
}

// sin(x + quarters * pi / 2).
static double turned_sine(double x, int64_t quarters) {
  if (!(x >= -0x1p20 && x <= 0x1p20)) return __builtin_nan("");
  double n = (x * 0x1.45f306dc9c883p-1 + ROUNDING) - ROUNDING;
  double r = ((x - n * HALF_PI_1) - n * HALF_PI_2) - n * HALF_PI_3;
  switch (((int64_t)n + quarters) & 3) {
    case 0: return sine(r);
    case 1: return cosine(r);
    case 2: return -sine(r);
    default: return -cosine(r);
  }
}

double mc_sin(double x) { return turned_sine(x, 0); }

double mc_cos(double x) { return turned_sine(x, 1); }
