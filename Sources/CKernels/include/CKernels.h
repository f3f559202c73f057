// The hot loops. They know nothing of layers, threads or files: each function is a pure loop over
// arrays that the caller owns, safe to call from several threads on different outputs.
//
// Letters of the shapes, outermost first: N images of a batch, H height, W width, C channels of the
// input, O channels of the output, P height and Q width of the output, R height and S width of the
// window or kernel. Images are NHWC, kernels RSCO (Keras's HWIO), all float32 unless said.
// "overwritten" and "added to" are said of every output. No pointer may alias another unless said.
//
// Each loop is declared here and nowhere else. The prototype is a plain one; MC_KERNEL after it says
// that the loop is compiled once for each instruction set, and repeats the arguments.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What callers see: NAME, which passes each call on to the loops in use, and NAME_plain, the one of
// "plain". dispatch.c defines MC_KERNEL as the body of NAME, hot/all.h as the symbol of the loop that
// it compiles.
#ifndef MC_KERNEL
#define MC_KERNEL(name, ...) ; extern __typeof__(name) name##_plain
#endif

#ifdef __cplusplus
extern "C" {
#endif

// ---- Which code runs ------------------------------------------------------------------------

// The loops in use: those for "x86-64-v4", "x86-64-v3" or "baseline", which is any processor, or the
// "plain" ones: convolution, pooling, ReLU and dense layers as their formulas say, all else as in
// "baseline". Chosen on the first call from what the processor has; the environment variable
// MINICNN_KERNELS (one of the four names) may ask for lesser ones.
const char *mc_instruction_set(void);

// Tells the processor that this is a waiting loop.
static inline void mc_spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Does at least this many multiply-adds as fast as a core can, as a yardstick for the loops. Returns
// how many it did.
size_t mc_multiply_adds(size_t least)
    MC_KERNEL(mc_multiply_adds, least);

// ---- Functions that give the same bits on every machine --------------------------------------

// What the C library calls exp, log, log1p, expm1 and pow, within three units in the last place; powers,
// of x >= 0 alone, within that and |y log x| more. Infinite and undefined results are the C library's.
double mc_exp(double x);
double mc_log(double x);
double mc_log1p(double x);
double mc_expm1(double x);
double mc_power(double x, double y);

// sin x and cos x, |x| <= 2^20, else NaN, within two units in the last place of 1.
double mc_sin(double x);
double mc_cos(double x);

// ---- Geometry of a window that slides over an image -----------------------------------------

typedef struct {
  int32_t inHeight, inWidth, inChannels;     // H, W, C
  int32_t outHeight, outWidth, outChannels;  // P, Q, O (pooling: O == C)
  int32_t kernelHeight, kernelWidth;         // R, S
  int32_t strideHeight, strideWidth;
  int32_t dilationHeight, dilationWidth;     // 1 for pooling
  int32_t padTop, padLeft;  // what lies beyond the bottom and right follows from P and Q
  int32_t groups;           // divides C and O; 1 for pooling
} MCWindow;

// ---- Rectifiers -------------------------------------------------------------------------------

// What a loop may do with its output while it is in registers, where `rectifies`: y becomes slope *
// y where it is not above 0, and at most `bound`; NaN stays NaN. A ReLU has the slope 0 and an
// infinite bound, a leaky one a slope of at least 0, a ReLU6 the bound 6.
typedef struct {
  bool rectifies;  // else the rest is not read
  float slope, bound;
} MCRectifier;

// dx = dy where 0 < y < bound, slope * dy where y is not above 0, else 0; overwritten. y is what
// came out.
void mc_rectifier_backward(size_t count, const MCRectifier *r, const float *y, const float *dy,
                           float *dx)
    MC_KERNEL(mc_rectifier_backward, count, r, y, dy, dx);

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

// ---- Pooling --------------------------------------------------------------------------------

// Padding never wins a maximum and is left out of an average's divisor. A window that is entirely
// in the padding gives 0 and routes nothing.

// y [N,P,Q,C] overwritten; argmax [N,P,Q,C] overwritten: the position r*S + s within the window of its
// maximum, the first one where several are equal. The byte form requires R*S <= 256. argmax may be
// NULL where no backward pass follows. A NaN wins, so that it is not hidden.
void mc_max_pool2d_forward(const MCWindow *w, size_t batch, const float *x, float *y,
                           uint8_t *argmax)
    MC_KERNEL(mc_max_pool2d_forward, w, batch, x, y, argmax);
void mc_max_pool2d_forward_wide(const MCWindow *w, size_t batch, const float *x, float *y,
                                int32_t *argmax)
    MC_KERNEL(mc_max_pool2d_forward_wide, w, batch, x, y, argmax);
// dx [N,H,W,C] overwritten: each dy goes to the position its window's argmax names, summed where
// windows overlap.
void mc_max_pool2d_backward(const MCWindow *w, size_t batch, const float *dy,
                            const uint8_t *argmax, float *dx)
    MC_KERNEL(mc_max_pool2d_backward, w, batch, dy, argmax, dx);
void mc_max_pool2d_backward_wide(const MCWindow *w, size_t batch, const float *dy,
                                 const int32_t *argmax, float *dx)
    MC_KERNEL(mc_max_pool2d_backward_wide, w, batch, dy, argmax, dx);
void mc_avg_pool2d_forward(const MCWindow *w, size_t batch, const float *x, float *y)
    MC_KERNEL(mc_avg_pool2d_forward, w, batch, x, y);
void mc_avg_pool2d_backward(const MCWindow *w, size_t batch, const float *dy, float *dx)
    MC_KERNEL(mc_avg_pool2d_backward, w, batch, dy, dx);

// Over a whole image: x [N,positions,C], y [N,C] overwritten, argmax [N,C]
// overwritten, may be NULL.
void mc_global_avg_pool_forward(size_t batch, size_t positions, size_t channels, const float *x,
                                float *y)
    MC_KERNEL(mc_global_avg_pool_forward, batch, positions, channels, x, y);
void mc_global_avg_pool_backward(size_t batch, size_t positions, size_t channels, const float *dy,
                                 float *dx)
    MC_KERNEL(mc_global_avg_pool_backward, batch, positions, channels, dy, dx);
void mc_global_max_pool_forward(size_t batch, size_t positions, size_t channels, const float *x,
                                float *y, int32_t *argmax)
    MC_KERNEL(mc_global_max_pool_forward, batch, positions, channels, x, y, argmax);
void mc_global_max_pool_backward(size_t batch, size_t positions, size_t channels, const float *dy,
                                 const int32_t *argmax, float *dx)
    MC_KERNEL(mc_global_max_pool_backward, batch, positions, channels, dy, argmax, dx);

// ---- Upsampling -----------------------------------------------------------------------------

typedef struct {
  int32_t height, width, channels;  // H, W, C of the input
  int32_t rows, columns;            // the factors: the output is H*rows by W*columns
} MCUpsampling;

// y [N,H*rows,W*columns,C] overwritten; dx [N,H,W,C] overwritten. Nearest: each pixel becomes rows by
// columns of them. Bilinear: between the centres of pixels, beyond the outermost ones their values.
void mc_upsample_nearest_forward(const MCUpsampling *u, size_t batch, const float *x, float *y)
    MC_KERNEL(mc_upsample_nearest_forward, u, batch, x, y);
void mc_upsample_nearest_backward(const MCUpsampling *u, size_t batch, const float *dy, float *dx)
    MC_KERNEL(mc_upsample_nearest_backward, u, batch, dy, dx);
void mc_upsample_bilinear_forward(const MCUpsampling *u, size_t batch, const float *x, float *y)
    MC_KERNEL(mc_upsample_bilinear_forward, u, batch, x, y);
void mc_upsample_bilinear_backward(const MCUpsampling *u, size_t batch, const float *dy, float *dx)
    MC_KERNEL(mc_upsample_bilinear_backward, u, batch, dy, dx);

// ---- Elementwise ----------------------------------------------------------------------------

// Forward: y overwritten. Backward: dx overwritten; y is the forward's output, x its input.
// y may be the same array as x, dx the same as dy.

// max(0, x); NaN stays NaN.
void mc_relu_forward(size_t count, const float *x, float *y)
    MC_KERNEL(mc_relu_forward, count, x, y);
// y > 0 ? dy : 0.
void mc_relu_backward(size_t count, const float *y, const float *dy, float *dx)
    MC_KERNEL(mc_relu_backward, count, y, dy, dx);
// x > 0 ? x : slope * x.
void mc_leaky_relu_forward(size_t count, float slope, const float *x, float *y)
    MC_KERNEL(mc_leaky_relu_forward, count, slope, x, y);
void mc_leaky_relu_backward(size_t count, float slope, const float *x, const float *dy, float *dx)
    MC_KERNEL(mc_leaky_relu_backward, count, slope, x, dy, dx);
// x > 0 ? x : alpha * (e^x - 1).
void mc_elu_forward(size_t count, float alpha, const float *x, float *y)
    MC_KERNEL(mc_elu_forward, count, alpha, x, y);
void mc_elu_backward(size_t count, float alpha, const float *x, const float *y, const float *dy,
                     float *dx)
    MC_KERNEL(mc_elu_backward, count, alpha, x, y, dy, dx);
// 1 / (1 + e^-x).
void mc_sigmoid_forward(size_t count, const float *x, float *y)
    MC_KERNEL(mc_sigmoid_forward, count, x, y);
void mc_sigmoid_backward(size_t count, const float *y, const float *dy, float *dx)
    MC_KERNEL(mc_sigmoid_backward, count, y, dy, dx);
void mc_tanh_forward(size_t count, const float *x, float *y)
    MC_KERNEL(mc_tanh_forward, count, x, y);
void mc_tanh_backward(size_t count, const float *y, const float *dy, float *dx)
    MC_KERNEL(mc_tanh_backward, count, y, dy, dx);
// Exact: x * Phi(x), with erf.
void mc_gelu_forward(size_t count, const float *x, float *y)
    MC_KERNEL(mc_gelu_forward, count, x, y);
void mc_gelu_backward(size_t count, const float *x, const float *dy, float *dx)
    MC_KERNEL(mc_gelu_backward, count, x, dy, dx);

// x * sigmoid(x).
void mc_silu_forward(size_t count, const float *x, float *y)
    MC_KERNEL(mc_silu_forward, count, x, y);
void mc_silu_backward(size_t count, const float *x, const float *dy, float *dx)
    MC_KERNEL(mc_silu_backward, count, x, dy, dx);
// min(max(0, x), 6); NaN stays NaN. 0 < y < 6 ? dy : 0.
void mc_relu6_forward(size_t count, const float *x, float *y)
    MC_KERNEL(mc_relu6_forward, count, x, y);
void mc_relu6_backward(size_t count, const float *y, const float *dy, float *dx)
    MC_KERNEL(mc_relu6_backward, count, y, dy, dx);
// x, y, dy, dx [rows, columns], a slope for each column: x > 0 ? x : alpha * x. dalpha [columns] added to;
// either may be NULL.
void mc_prelu_forward(size_t rows, size_t columns, const float *alpha, const float *x, float *y)
    MC_KERNEL(mc_prelu_forward, rows, columns, alpha, x, y);
void mc_prelu_backward(size_t rows, size_t columns, const float *alpha, const float *x,
                       const float *dy, float *dalpha, float *dx)
    MC_KERNEL(mc_prelu_backward, rows, columns, alpha, x, dy, dalpha, dx);

// y = value.
void mc_fill(size_t count, float value, float *y)
    MC_KERNEL(mc_fill, count, value, y);
// y = a + b; y may be a or b.
void mc_add(size_t count, const float *a, const float *b, float *y)
    MC_KERNEL(mc_add, count, a, b, y);
// y += x.
void mc_accumulate(size_t count, const float *x, float *y)
    MC_KERNEL(mc_accumulate, count, x, y);
// y *= factor.
void mc_scale(size_t count, float factor, float *y)
    MC_KERNEL(mc_scale, count, factor, y);
// y = x * scale + offset; y may be x.
void mc_rescale(size_t count, float scale, float offset, const float *x, float *y)
    MC_KERNEL(mc_rescale, count, scale, offset, x, y);
// The sum of x^2, in double and in a fixed order.
double mc_sum_of_squares(size_t count, const float *x)
    MC_KERNEL(mc_sum_of_squares, count, x);
// The largest |x|; NaN if any is NaN.
float mc_largest_magnitude(size_t count, const float *x)
    MC_KERNEL(mc_largest_magnitude, count, x);
// y += share * (x - y): a step of an exponential moving average.
void mc_blend(size_t count, float share, const float *x, float *y)
    MC_KERNEL(mc_blend, count, share, x, y);
// y = x * scale + offset, y overwritten.
void mc_bytes_to_floats(size_t count, float scale, float offset, const uint8_t *x, float *y)
    MC_KERNEL(mc_bytes_to_floats, count, scale, offset, x, y);

// The fixed tree that joins the shards of a batch: sum[i] = ((p0+p1)+(p2+p3))+..., sum overwritten
// for i in [0, count). parts has `shards` pointers. sum may be parts[0].
void mc_sum_shards(size_t count, size_t shards, const float *const *parts, float *sum)
    MC_KERNEL(mc_sum_shards, count, shards, parts, sum);

// Inverted dropout (Srivastava et al. 2014): y[i] = kept ? x[i] / (1 - rate) : 0. Whether element i
// is kept follows from `key` and i alone, so forward and backward are the same function and no mask
// is stored. y may be x.
void mc_dropout(size_t count, uint64_t key, float rate, const float *x, float *y)
    MC_KERNEL(mc_dropout, count, key, rate, x, y);

// y[i] = x[i] + deviation * a number of the standard normal distribution that follows from `key` and i
// alone; at most 5.9. y may be x.
void mc_gaussian_noise(size_t count, uint64_t key, float deviation, const float *x, float *y)
    MC_KERNEL(mc_gaussian_noise, count, key, deviation, x, y);

// ---- Where a block's activations meet ---------------------------------------------------------

// y[n,i,c] = x[n,i,c] * factor[n,c] for n < batch, i < repeats, c < columns; y overwritten, may be x.
void mc_multiply(size_t batch, size_t repeats, size_t columns, const float *x, const float *factor,
                 float *y)
    MC_KERNEL(mc_multiply, batch, repeats, columns, x, factor, y);
// dx[n,i,c] = dy[n,i,c] * factor[n,c], overwritten, or added to where `adds`.
void mc_multiply_backward(size_t batch, size_t repeats, size_t columns, const float *dy,
                          const float *factor, bool adds, float *dx)
    MC_KERNEL(mc_multiply_backward, batch, repeats, columns, dy, factor, adds, dx);
// dfactor[n,c] = sum over i of dy[n,i,c] * x[n,i,c], overwritten, or added to where `adds`.
void mc_multiply_backward_factor(size_t batch, size_t repeats, size_t columns, const float *dy,
                                 const float *x, bool adds, float *dfactor)
    MC_KERNEL(mc_multiply_backward_factor, batch, repeats, columns, dy, x, adds, dfactor);
// The first columns of rows that start fromStride and toStride floats apart; `to` overwritten, or added to
// where `adds`.
void mc_copy_columns(size_t rows, size_t columns, const float *from, size_t fromStride, bool adds,
                     float *to, size_t toStride)
    MC_KERNEL(mc_copy_columns, rows, columns, from, fromStride, adds, to, toStride);

// ---- Softmax and losses ---------------------------------------------------------------------

void mc_softmax_forward(size_t rows, size_t columns, const float *x, float *y)
    MC_KERNEL(mc_softmax_forward, rows, columns, x, y);
void mc_softmax_backward(size_t rows, size_t columns, const float *y, const float *dy, float *dx)
    MC_KERNEL(mc_softmax_backward, rows, columns, y, dy, dx);

// Losses: outputs and targets [rows, columns] read. Each returns the sum of the rows' losses (not their
// mean) and overwrites the gradient [rows, columns] with scale * d(sum)/d(outputs); it may be NULL.

// Softmax cross-entropy from logits, stable (log-sum-exp); the targets of a row are a distribution.
double mc_softmax_cross_entropy(size_t rows, size_t columns, const float *logits,
                                const float *targets, float scale, float *dlogits)
    MC_KERNEL(mc_softmax_cross_entropy, rows, columns, logits, targets, scale, dlogits);
// Cross-entropy of each output by itself from logits, stable; targets from 0 to 1. Mean over columns.
double mc_sigmoid_cross_entropy(size_t rows, size_t columns, const float *logits,
                                const float *targets, float scale, float *dlogits)
    MC_KERNEL(mc_sigmoid_cross_entropy, rows, columns, logits, targets, scale, dlogits);
// Means over columns of the squared difference, of its magnitude, and of Huber's function of it.
double mc_mean_squared_error(size_t rows, size_t columns, const float *y, const float *targets,
                             float scale, float *dy)
    MC_KERNEL(mc_mean_squared_error, rows, columns, y, targets, scale, dy);
double mc_mean_absolute_error(size_t rows, size_t columns, const float *y, const float *targets,
                              float scale, float *dy)
    MC_KERNEL(mc_mean_absolute_error, rows, columns, y, targets, scale, dy);
double mc_huber(size_t rows, size_t columns, float delta, const float *y, const float *targets,
                float scale, float *dy)
    MC_KERNEL(mc_huber, rows, columns, delta, y, targets, scale, dy);
// The number of rows whose first largest output is where their first largest target is.
size_t mc_count_correct(size_t rows, size_t columns, const float *outputs, const float *targets)
    MC_KERNEL(mc_count_correct, rows, columns, outputs, targets);

// ---- Augmentation ----------------------------------------------------------------------------

// A smooth field, field [height, width] overwritten: cubic B-splines over a grid of control values
// [rows, columns] that are `spacing` pixels apart, the first one `spacing` outside the image; rows
// is at least (height - 1) / spacing + 4, rounded down, columns likewise. scratch [height, columns] overwritten.
void mc_spline_field(size_t height, size_t width, size_t columns, float spacing,
                     const float *controls, float *scratch, float *field)
    MC_KERNEL(mc_spline_field, height, width, columns, spacing, controls, scratch, field);
// y [height, width, channels] overwritten: pixel (i, j) takes the bilinear value of the image at
// (map[0] i + map[1] j + map[2], map[3] i + map[4] j + map[5]), moved by field [2, height, width] (rows,
// then columns) unless that is NULL. framed [height + 2, width + 2, channels]: the image inside a
// frame of one pixel, whose values extend outwards without end.
void mc_warp(size_t height, size_t width, size_t channels, const float map[6], const float *field,
             const float *framed, float *y)
    MC_KERNEL(mc_warp, height, width, channels, map, field, framed, y);

// ---- Batch normalization --------------------------------------------------------------------

// x [rows, C]; rows counts images times positions. mean [C] and m2 [C] (sum of squared deviations from
// that mean) overwritten: the statistics of these rows alone.
void mc_batch_norm_statistics(size_t rows, size_t channels, const float *x, float *mean, float *m2)
    MC_KERNEL(mc_batch_norm_statistics, rows, channels, x, mean, m2);

// A normalization by such statistics, and the rectifier after it.
typedef struct {
  size_t channels;            // C
  const float *mean, *rstd;   // [C]; rstd = 1 / sqrt(variance + epsilon)
  const float *gamma, *beta;  // [C]; may be NULL (1 and 0)
  MCRectifier rectifier;
} MCBatchNorm;

// y [rows, C] overwritten: v = (x - mean) * rstd * gamma + beta, rectified.
void mc_batch_norm_forward(const MCBatchNorm *b, size_t rows, const float *x, float *y)
    MC_KERNEL(mc_batch_norm_forward, b, rows, x, y);
// With dv = what the rectifier lets through of dy: sumDy [C] = sum of dv, sumDyXhat [C] = sum of
// dv * (x - mean) * rstd; both overwritten.
void mc_batch_norm_backward_sums(const MCBatchNorm *b, size_t rows, const float *x,
                                 const float *dy, float *sumDy, float *sumDyXhat)
    MC_KERNEL(mc_batch_norm_backward_sums, b, rows, x, dy, sumDy, sumDyXhat);
// dx = gamma * rstd * (dv - sumDy/total - xhat * sumDyXhat/total), overwritten; total: rows of the whole
// batch.
void mc_batch_norm_backward(const MCBatchNorm *b, size_t rows, size_t total, const float *x,
                            const float *dy, const float *sumDy, const float *sumDyXhat,
                            float *dx)
    MC_KERNEL(mc_batch_norm_backward, b, rows, total, x, dy, sumDy, sumDyXhat, dx);

// The same with a max pooling; the slope is at least 0. Windows must not overlap, lie inside the
// image, and have at most 256 positions: whether that is so.
bool mc_batch_norm_can_pool(const MCWindow *w);
// x [N,H,W,C]; y [N,P,Q,C], largest [N,P,Q,C] (the x of each window that has the
// largest y) and argmax [N,P,Q,C] overwritten; the latter two may be NULL. The sums of the backward pass
// are those of mc_batch_norm_backward_sums over the rows of `largest`.
void mc_batch_norm_pool_forward(const MCBatchNorm *b, const MCWindow *w, size_t batch,
                                const float *x, float *largest, float *y, uint8_t *argmax)
    MC_KERNEL(mc_batch_norm_pool_forward, b, w, batch, x, largest, y, argmax);
void mc_batch_norm_pool_backward(const MCBatchNorm *b, const MCWindow *w, size_t batch,
                                 size_t total, const float *x, const float *largest,
                                 const float *dy, const uint8_t *argmax, const float *sumDy,
                                 const float *sumDyXhat, float *dx)
    MC_KERNEL(mc_batch_norm_pool_backward, b, w, batch, total, x, largest, dy, argmax, sumDy,
              sumDyXhat, dx);

// ---- Normalization within a sample ------------------------------------------------------------

// x [N, places, C], groups of C/groups channels: each group of a sample is normalized by the mean and the
// variance of all its places and channels, then scaled by gamma [C] and shifted by beta [C], which may be
// NULL. mean and rstd [N, C] overwritten: those of the group that a channel is in.
void mc_group_norm_forward(size_t batch, size_t places, size_t channels, size_t groups,
                           float epsilon, const float *x, const float *gamma, const float *beta,
                           float *y, float *mean, float *rstd)
    MC_KERNEL(mc_group_norm_forward, batch, places, channels, groups, epsilon, x, gamma, beta, y,
              mean, rstd);
// dgamma and dbeta [C] added to, dx overwritten; each may be NULL. scratch [2, C] overwritten.
void mc_group_norm_backward(size_t batch, size_t places, size_t channels, size_t groups,
                            const float *x, const float *dy, const float *mean, const float *rstd,
                            const float *gamma, float *dgamma, float *dbeta, float *dx,
                            float *scratch)
    MC_KERNEL(mc_group_norm_backward, batch, places, channels, groups, x, dy, mean, rstd, gamma,
              dgamma, dbeta, dx, scratch);
// x [rows, C]: each row by its own mean and variance. mean and rstd [rows] overwritten.
void mc_layer_norm_forward(size_t rows, size_t columns, float epsilon, const float *x,
                           const float *gamma, const float *beta, float *y, float *mean,
                           float *rstd)
    MC_KERNEL(mc_layer_norm_forward, rows, columns, epsilon, x, gamma, beta, y, mean, rstd);
// The same for rows [N, places]; the rest as for the groups.
void mc_layer_norm_backward(size_t batch, size_t places, size_t columns, const float *x,
                            const float *dy, const float *mean, const float *rstd,
                            const float *gamma, float *dgamma, float *dbeta, float *dx,
                            float *scratch)
    MC_KERNEL(mc_layer_norm_backward, batch, places, columns, x, dy, mean, rstd, gamma, dgamma,
              dbeta, dx, scratch);

// ---- Optimizer updates (each: weights and slots updated in place, gradient read) --------------

// What every rule takes of a step. The gradient is first multiplied by gradientScale (clipping), then
// l2 * w + l1 * sign(w) is added to it; decoupled weight decay: w -= w * decay * rate before the step.
// Formulas as in Keras 3.
typedef struct {
  float rate;  // the learning rate
  float gradientScale, l2, l1, decay;
} MCStep;

// m = momentum*m - rate*g; w += m, or with nesterov w += momentum*m - rate*g. m may be NULL when
// momentum is 0 (then w -= rate*g).
void mc_sgd_update(size_t count, MCStep step, float momentum, bool nesterov, const float *g,
                   float *w, float *m)
    MC_KERNEL(mc_sgd_update, count, step, momentum, nesterov, g, w, m);
// v = rho*v + (1-rho)*g^2; w -= rate*g/sqrt(v + epsilon). With momentum that step goes through m:
// m = momentum*m + step, w -= m; m may be NULL without.
void mc_rmsprop_update(size_t count, MCStep step, float rho, float momentum, float epsilon,
                       const float *g, float *w, float *v, float *m)
    MC_KERNEL(mc_rmsprop_update, count, step, rho, momentum, epsilon, g, w, v, m);
// a += g^2; w -= rate*g/sqrt(a + epsilon)
void mc_adagrad_update(size_t count, MCStep step, float epsilon, const float *g, float *w, float *a)
    MC_KERNEL(mc_adagrad_update, count, step, epsilon, g, w, a);
// m += (g-m)*(1-beta1); v += (g^2-v)*(1-beta2); w -= alpha*m/(sqrt(v) + epsilon), where alpha is
// rate*sqrt(1-beta2^t)/(1-beta1^t), computed by the caller
void mc_adam_update(size_t count, MCStep step, float alpha, float beta1, float beta2, float epsilon,
                    const float *g, float *w, float *m, float *v)
    MC_KERNEL(mc_adam_update, count, step, alpha, beta1, beta2, epsilon, g, w, m, v);

#ifdef __cplusplus
}
#endif
