// Convolution, transposed and depthwise convolution.
// CKernels.h explains the letters of the shapes.
#pragma once
#include "mc_kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Convolution ----------------------------------------------------------------------------

// A convolution, and what may be computed along with it while its output is in registers or cache.
typedef struct {
  MCWindow window;
  MCRectifier rectifier;
  bool pooled;  // then the maximum of each window of `pool`, which slides over the output
  MCWindow pool;  // read where pooled
} MCConvolution;

// y[n,p,q,o] = bias[o] + sum over r,s,c of x[n, p*stride + r*dilation - pad, ..., g*C/G + c] * kernel[r,s,c,o],
// outside the image 0. The kernel is [R, S, C/groups, O]. Where pooled, P and Q of what follows are
// those of the pooling.

// Whether a max pooling may be computed along with its convolution: only then may `pooled` be set.
bool mc_conv2d_can_pool(const MCConvolution *c);

// Which loops run for this shape: "direct", "single-channel", "grouped" or "winograd" forwards;
// "direct", "grouped", "winograd" or "sparse" for the gradient of the input, and likewise or "taps" for
// that of the kernel; "plain" everywhere where the plain loops are in use. docs/kernels.md has the rules.
const char *mc_conv2d_forward_path(const MCConvolution *c);
const char *mc_conv2d_backward_path(const MCConvolution *c);
const char *mc_conv2d_gradient_path(const MCConvolution *c);

// Floats that `prepared` needs: the kernel in the layouts the loops want. Filled by
// mc_conv2d_prepare whenever the kernel has changed, then shared, read-only, by all threads. The plain
// loops want the kernel as it is.
size_t mc_conv2d_prepared_count(const MCConvolution *c);
void mc_conv2d_prepare(const MCConvolution *c, const float *kernel, float *prepared);

// What that does where Winograd's tiles are used: the kernel's values at their points overwrite
// `transformed`, in the layout of winograd.h. The kernel is [extent,extent,inputs/groups,outputs], or
// where `rotated` [extent,extent,outputs/groups,inputs], which is rotated by 180 degrees. Its extent is 3
// or 5.
void mc_winograd_kernel(size_t extent, size_t groups, size_t inputs, size_t outputs, bool rotated,
                        const float *kernel, float *transformed)
    MC_KERNEL(mc_winograd_kernel, extent, groups, inputs, outputs, rotated, kernel, transformed);

// Floats of scratch that each call below may use; the scratch of two calls at once must differ.
size_t mc_conv2d_scratch_count(const MCConvolution *c);

// Rows of the output may be cut at multiples of this.
size_t mc_conv2d_row_step(const MCConvolution *c);

// Rows of the convolution, before a pooling, that are computed together, and read what all of them read:
// those from a multiple of this on.
size_t mc_conv2d_tile_rows(const MCConvolution *c);

// x [N,H,W,C] read; bias [O] read, may be NULL; y [N,P,Q,O] overwritten, but only rows firstRow to
// below endRow of each image, so that threads can share one; the bits do not depend on the cut.
// argmax [N,P,Q,O] overwritten likewise
// where pooled: the position in its window of each maximum, the first one in a tie; may be NULL.
void mc_conv2d_forward(const MCConvolution *c, size_t batch, size_t firstRow, size_t endRow,
                       const float *x, const float *prepared, const float *bias, float *y,
                       uint8_t *argmax, float *scratch)
    MC_KERNEL(mc_conv2d_forward, c, batch, firstRow, endRow, x, prepared, bias, y, argmax, scratch);
// x, y, argmax as the forward pass read and left them; dy [N,P,Q,O] read. dkernel [R,S,C/groups,O]
// and dbias [O] added to, dx [N,H,W,C] overwritten; each may be NULL, dkernel only where dbias is.
void mc_conv2d_backward(const MCConvolution *c, size_t batch, const float *x, const float *y,
                        const float *dy, const uint8_t *argmax, const float *prepared,
                        float *dkernel, float *dbias, float *dx, float *scratch)
    MC_KERNEL(mc_conv2d_backward, c, batch, x, y, dy, argmax, prepared, dkernel, dbias, dx,
              scratch);

// ---- Transposed convolution -----------------------------------------------------------------

// What the gradient of the convolution c's input does, forwards: x [N,P,Q,O] becomes y [N,H,W,C] by the
// kernel [R,S,C/groups,O], with a bias [C] that may be NULL. c has neither rectifier nor pooling;
// `prepared` is mc_conv2d_prepare's.
size_t mc_conv2d_transpose_scratch_count(const MCConvolution *c);
// y overwritten.
void mc_conv2d_transpose_forward(const MCConvolution *c, size_t batch, const float *x,
                                 const float *prepared, const float *bias, float *y, float *scratch)
    MC_KERNEL(mc_conv2d_transpose_forward, c, batch, x, prepared, bias, y, scratch);
// dy [N,H,W,C] read. dkernel and dbias added to, dx [N,P,Q,O] overwritten; each may be NULL.
void mc_conv2d_transpose_backward(const MCConvolution *c, size_t batch, const float *x,
                                  const float *dy, const float *prepared, float *dkernel,
                                  float *dbias, float *dx, float *scratch)
    MC_KERNEL(mc_conv2d_transpose_backward, c, batch, x, dy, prepared, dkernel, dbias, dx, scratch);

// ---- Depthwise convolution --------------------------------------------------------------------

// y[n,p,q,c*M+m] = bias[c*M+m] + sum over r,s of x[n, p*stride + r*dilation - pad, ..., c] * kernel[r,s,c,m],
// outside the image 0, with M = O/C outputs for each input. The kernel is [R, S, C, M]; `groups` of the
// window is not read.

// As for the convolution.
size_t mc_depthwise_prepared_count(const MCWindow *w);
void mc_depthwise_prepare(const MCWindow *w, const float *kernel, float *prepared);
size_t mc_depthwise_scratch_count(const MCWindow *w);
// x [N,H,W,C] read; bias [O] read, may be NULL; y [N,P,Q,O] overwritten, rows firstRow to below endRow
// of each image, rectified; the bits do not depend on the cut.
void mc_depthwise_forward(const MCWindow *w, size_t batch, size_t firstRow, size_t endRow,
                          const float *x, const float *prepared, const float *bias,
                          const MCRectifier *rectifier, float *y, float *scratch)
    MC_KERNEL(mc_depthwise_forward, w, batch, firstRow, endRow, x, prepared, bias, rectifier, y,
              scratch);
// dy [N,P,Q,O] read. dkernel [R,S,C,M] and dbias [O] added to, dx [N,H,W,C] overwritten; each may be NULL.
void mc_depthwise_backward(const MCWindow *w, size_t batch, const float *x, const float *dy,
                           const float *prepared, float *dkernel, float *dbias, float *dx,
                           float *scratch)
    MC_KERNEL(mc_depthwise_backward, w, batch, x, dy, prepared, dkernel, dbias, dx, scratch);

#ifdef __cplusplus
}
#endif
