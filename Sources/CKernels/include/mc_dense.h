// Dense layers.
// CKernels.h explains the letters of the shapes.
#pragma once
#include "mc_kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Dense ----------------------------------------------------------------------------------

// y [N,O] = x [N,C] * kernel [C,O] + bias [O]. Blocks are blocks of 16 outputs or inputs, the last one
// may be smaller.

// `prepared` as for the convolution, filled for inputs firstInput to below endInput.
size_t mc_dense_prepared_count(size_t inputs, size_t outputs);
void mc_dense_prepare(size_t inputs, size_t outputs, size_t firstInput, size_t endInput,
                      const float *kernel, float *prepared)
    MC_KERNEL(mc_dense_prepare, inputs, outputs, firstInput, endInput, kernel, prepared);
// Overwrites the outputs of blocks firstBlock to below endBlock; bias may be NULL. The bits do not
// depend on the batch that a row is in, nor on the blocks.
void mc_dense_forward(size_t batch, size_t inputs, size_t outputs, size_t firstBlock,
                      size_t endBlock, const float *x, const float *prepared, const float *bias,
                      float *y)
    MC_KERNEL(mc_dense_forward, batch, inputs, outputs, firstBlock, endBlock, x, prepared, bias, y);
// The same for at least 16 outputs, from the kernel as it is, whose lines are skipped where x is 0: to be
// used where many numbers of x are. A weight that is not finite shows only where x is not 0.
void mc_dense_forward_sparse(size_t batch, size_t inputs, size_t outputs, size_t firstBlock,
                             size_t endBlock, const float *x, const float *kernel,
                             const float *bias, float *y)
    MC_KERNEL(mc_dense_forward_sparse, batch, inputs, outputs, firstBlock, endBlock, x, kernel, bias,
              y);

// `transposed`: the kernel for the gradient of the input, filled for blocks of 16 inputs firstBlock to
// below endBlock.
size_t mc_dense_transposed_count(size_t inputs, size_t outputs);
void mc_dense_transpose(size_t inputs, size_t outputs, size_t firstBlock, size_t endBlock,
                        const float *kernel, float *transposed)
    MC_KERNEL(mc_dense_transpose, inputs, outputs, firstBlock, endBlock, kernel, transposed);
// dx [N,C] overwritten; what dy is 0 for is skipped. `scratch` as for the convolution. The bits do not
// depend on the batch that a row is in.
size_t mc_dense_scratch_count(size_t outputs);
void mc_dense_backward_input(size_t batch, size_t inputs, size_t outputs, const float *dy,
                             const float *transposed, float *dx, float *scratch)
    MC_KERNEL(mc_dense_backward_input, batch, inputs, outputs, dy, transposed, dx, scratch);

// The gradient of the kernel is computed for a whole batch at once, from its rows of inputs and of
// output gradients, each gathered in an array of their own, [block of 16][batch][16]. Overwrites rows
// `first` to below `first + count`, with zeros after the last column. The plain loops gather
// [batch][width].
size_t mc_dense_gathered_count(size_t batch, size_t width);
void mc_dense_gather(size_t count, size_t width, size_t first, size_t batch, const float *x,
                     float *gathered)
    MC_KERNEL(mc_dense_gather, count, width, first, batch, x, gathered);
// x and dy gathered. dkernel [C,O]: the inputs of blocks firstBlock to below endBlock are overwritten,
// or added to; dbias [O] likewise.
void mc_dense_backward_kernel(size_t batch, size_t inputs, size_t outputs, size_t firstBlock,
                              size_t endBlock, bool adds, const float *x, const float *dy,
                              float *dkernel)
    MC_KERNEL(mc_dense_backward_kernel, batch, inputs, outputs, firstBlock, endBlock, adds, x, dy,
              dkernel);
void mc_dense_backward_bias(size_t batch, size_t outputs, bool adds, const float *dy,
                            float *dbias)
    MC_KERNEL(mc_dense_backward_bias, batch, outputs, adds, dy, dbias);

// The same for a dy that is often 0, whose samples are listed for each output once all are gathered:
// `lists`, 32-bit integers, filled for blocks of 16 outputs firstBlock to below endBlock. x is gathered in panels,
// [panel of MC_DENSE_PANEL][batch][MC_DENSE_PANEL], dy as above. dkernel: the inputs of panels firstPanel to below endPanel.
enum { MC_DENSE_PANEL = 64 };
size_t mc_dense_gathered_panels_count(size_t batch, size_t width);
void mc_dense_gather_panels(size_t count, size_t width, size_t first, size_t batch, const float *x,
                            float *gathered)
    MC_KERNEL(mc_dense_gather_panels, count, width, first, batch, x, gathered);
size_t mc_dense_lists_count(size_t batch, size_t outputs);
void mc_dense_list(size_t batch, size_t outputs, size_t firstBlock, size_t endBlock,
                   const float *dy, float *lists)
    MC_KERNEL(mc_dense_list, batch, outputs, firstBlock, endBlock, dy, lists);
void mc_dense_backward_kernel_sparse(size_t batch, size_t inputs, size_t outputs,
                                     size_t firstPanel, size_t endPanel, bool adds,
                                     const float *x, const float *dy, const float *lists,
                                     float *dkernel)
    MC_KERNEL(mc_dense_backward_kernel_sparse, batch, inputs, outputs, firstPanel, endPanel, adds, x,
              dy, lists, dkernel);

#ifdef __cplusplus
}
#endif
