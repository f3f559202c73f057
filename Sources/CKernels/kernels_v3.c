// The loops for processors of the level x86-64-v3.

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)

// Rows of the register block: with 16 columns as many accumulators as the registers hold beside the
// operands; with 8 columns MC_NARROW_ROWS.
#define MC_ROWS 6
#define MC_NARROW_ROWS 12
// Vectors of sums that the sparse loops hold in registers.
#define MC_RUNS 6
// How lanes are moved to the front of a register.
#define MC_COMPRESS MC_COMPRESS_AVX2
#define MC_PLAIN 0
#define MC_SUFFIX "_v3"
#include "hot/all.h"

#pragma clang attribute pop
#endif
