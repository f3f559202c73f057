// All loops, each after those it depends on. Included once for each instruction set, with MC_ROWS the
// height of the register block, MC_PLAIN whether loops with a plain form take that one, and MC_SUFFIX
// what tells the loops of this instruction set from the others: mc_relu_forward of this file is
// mc_relu_forward_v3 to the linker.
#define MC_TEXT(token) MC_TEXT_OF(token)
#define MC_TEXT_OF(token) #token
#define MC_KERNEL(name, ...) __asm__(MC_TEXT(__USER_LABEL_PREFIX__) #name MC_SUFFIX)

#include <math.h>
#include <string.h>

#include "CKernels.h"

#include "vector.h"
#include "block_list.h"
#include "mathematics.h"
#include "elementwise.h"
#include "reductions.h"
#include "activations.h"
#include "dropout.h"
#include "noise.h"
#include "resizing.h"
#include "pooling.h"
#include "combinations.h"
#include "pooling_max.h"
#include "pooling_max_backward.h"
#include "pooling_average.h"
#include "pooling_average_backward.h"
#include "pooling_global.h"
#include "transpose.h"
#include "convolution_winograd_transform.h"
#include "convolution_winograd_kernel.h"
#if MC_PLAIN
#include "../plain/convolution.h"
#include "../plain/convolution_transpose.h"
#include "../plain/dense.h"
#include "../plain/dense_sparse.h"
#else
#include "../packing.h"
#include "block.h"
#include "block_windows.h"
#include "block_outer.h"
#include "convolution_image.h"
#include "convolution_direct.h"
#include "convolution_single.h"
#include "convolution_grouped.h"
#include "convolution_winograd_product.h"
#include "convolution_winograd_tiles.h"
#include "convolution_winograd.h"
#include "convolution_forward.h"
#include "convolution_gradient.h"
#include "convolution_gradient_taps.h"
#include "convolution_gradient_winograd.h"
#include "sparse_lists.h"
#include "sparse_sums.h"
#include "convolution_sparse.h"
#include "convolution_backward.h"
#include "convolution_transpose.h"
#include "dense.h"
#include "dense_sparse.h"
#endif
#include "depthwise_rows.h"
#include "depthwise_3x3.h"
#include "depthwise_3x3_gradient.h"
#include "depthwise_forward.h"
#include "depthwise_backward.h"
#include "augmentation.h"
#include "losses.h"
#include "normalization.h"
#include "normalization_pass.h"
#include "normalization_pool.h"
#include "normalization_sample.h"
#include "optimizers.h"
#include "peak.h"
