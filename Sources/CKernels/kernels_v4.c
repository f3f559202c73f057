// The loops for processors of the level x86-64-v4.

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
// Without this the compiler splits every 64-byte vector in two.
#pragma clang attribute push(__attribute__((min_vector_width(512))), apply_to = function)

// Rows of the register block: with 16 columns as many accumulators as the registers hold beside the
// operands; with 8 columns MC_NARROW_ROWS.
#define MC_ROWS 12
#define MC_NARROW_ROWS 12
// Vectors of sums that the sparse loops hold in registers.
#define MC_RUNS 18
// There is an instruction that gathers the lanes of a mask.
#define MC_COMPRESS 1
#define MC_PLAIN 0
#define MC_SUFFIX "_v4"
#include "hot/all.h"

#pragma clang attribute pop
#pragma clang attribute pop
#endif
