// The functions of mc_kernel.h that give the same bits on every machine, and the yardstick, which computes
// nothing.
#include "CKernels.h"
#include "bits.h"

static void digest_function(Bits *bits, double (*function)(double)) {
  static const double special[] = {0, -0.0, 1, -1, 0x1p-1074, 0x1p-1030, 0x1p1023, 709.7, -745, 0x1p20,
                                   INFINITY, -INFINITY, NAN};
  for (size_t i = 0; i < COUNT_OF(special); i++) digest_double(bits, function(special[i]));
  enum { COUNT = 4000 };
  const Kind kinds[] = {POSITIVE, UNIT, SPREAD, ANY_SIZE};
  for (size_t k = 0; k < COUNT_OF(kinds); k++) {
    const float *high = numbers(bits, COUNT, kinds[k]), *low = numbers(bits, COUNT, UNIT);
    // Digits that a float has no room for.
    for (size_t i = 0; i < COUNT; i++)
      digest_double(bits, function((double)high[i] + (double)low[i] * 0x1p-26));
  }
}

BITS_OF(mc_exp) { digest_function(bits, mc_exp); }
BITS_OF(mc_log) { digest_function(bits, mc_log); }
BITS_OF(mc_log1p) { digest_function(bits, mc_log1p); }
BITS_OF(mc_expm1) { digest_function(bits, mc_expm1); }
BITS_OF(mc_sin) { digest_function(bits, mc_sin); }
BITS_OF(mc_cos) { digest_function(bits, mc_cos); }

BITS_OF(mc_power) {
  enum { COUNT = 4000 };
  const float *x = numbers(bits, COUNT, POSITIVE), *y = numbers(bits, COUNT, SPREAD);
  for (size_t i = 0; i < COUNT; i++) {
    digest_double(bits, mc_power((double)x[i], (double)y[i]));
    digest_double(bits, mc_power((double)x[i], (double)(int)y[i]));
  }
}

BITS_OF(mc_multiply_adds) { (void)bits; }
