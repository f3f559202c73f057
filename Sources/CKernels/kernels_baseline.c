// The loops for any processor of the architecture.

// Rows of the register block: with 16 columns as many accumulators as the registers hold beside the
// operands; with 8 columns MC_NARROW_ROWS.
#define MC_ROWS 4
#define MC_NARROW_ROWS 6
// Vectors of sums that the sparse loops hold in registers.
#define MC_RUNS 4
// How lanes are moved to the front of a register.
#define MC_COMPRESS MC_COMPRESS_LOOP
#define MC_PLAIN 0
#define MC_SUFFIX "_baseline"
#include "hot/all.h"
