// All loops, each after those it depends on. Included once for each instruction set, with
// MC_NAME(name) giving a function its own name there and MC_ROWS the height of the register block.
#include <math.h>
#include <string.h>

#include "../packing.h"

#include "vector.h"
#include "block.h"
#include "mathematics.h"
#include "elementwise.h"
#include "activations.h"
#include "combinations.h"
#include "resizing.h"
#include "pooling.h"
#include "pooling_max.h"
#include "convolution_image.h"
#include "convolution_direct.h"
#include "convolution_single.h"
#include "convolution_winograd.h"
#include "convolution_forward.h"
#include "convolution_gradient.h"
#include "convolution_sparse.h"
#include "convolution_backward.h"
#include "convolution_transpose.h"
#include "depthwise.h"
#include "depthwise_backward.h"
#include "transpose.h"
#include "augmentation.h"
#include "dense.h"
#include "losses.h"
#include "normalization.h"
#include "optimizers.h"
#include "peak.h"
