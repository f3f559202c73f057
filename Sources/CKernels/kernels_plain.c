// The plain loops: convolution, pooling, ReLU and dense layers as their formulas say, all else as for
// any processor of the architecture.

#define MC_ROWS 4
#define MC_PLAIN 1
#define MC_SUFFIX "_plain"
#include "hot/all.h"
