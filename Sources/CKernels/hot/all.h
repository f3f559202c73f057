// All loops, in the order of their dependence. Included once for each instruction set, with
// MC_NAME(name) giving a function its own name there and MC_ROWS the height of the register block.
#include <math.h>
#include <string.h>

#include "../packing.h"

#include "vector.h"
#include "block.h"
#include "convolution.h"
#include "dense.h"
#include "pooling.h"
#include "pooling_max.h"
#include "mathematics.h"
#include "elementwise.h"
#include "activations.h"
#include "losses.h"
#include "normalization.h"
#include "optimizers.h"
