// The hot loops. They know nothing of layers, threads or files: each function is a pure loop over
// arrays that the caller owns, safe to call from several threads on different outputs.
//
// Letters of the shapes, outermost first: N images of a batch, H height, W width, C channels of the
// input, O channels of the output, P height and Q width of the output, R height and S width of the
// window or kernel. Images are NHWC, kernels RSCO (Keras's HWIO), all float32 unless said.
// "overwritten" and "added to" are said of every output. No pointer may alias another unless said.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- Which code runs ------------------------------------------------------------------------

// The instruction set in use: "x86-64-v4", "x86-64-v3" or "baseline". Chosen on the first call from
// what the processor has; the environment variable MINICNN_KERNELS (one of the three names) may ask
// for a lesser one.
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
size_t mc_multiply_adds(size_t least);

// ---- Geometry of a window that slides over an image -----------------------------------------

typedef struct {
  int32_t inHeight, inWidth, inChannels;     // H, W, C
  int32_t outHeight, outWidth, outChannels;  // P, Q, O (pooling: O == C)
  int32_t kernelHeight, kernelWidth;         // R, S
  int32_t strideHeight, strideWidth;
  int32_t dilationHeight, dilationWidth;
  int32_t padTop, padLeft;  // what lies beyond the bottom and right follows from P and Q
  int32_t groups;           // divides C and O; 1 for pooling
} MCWindow;

// ---- Convolution ----------------------------------------------------------------------------

// A convolution, and what may be computed along with it while its output is in registers or cache.
typedef struct {
  MCWindow window;
  bool relu;      // y = max(0, y); NaN stays NaN
  bool pooled;    // then the maximum of each window of `pool`, which slides over the output
  MCWindow pool;  // read where pooled
} MCConvolution;

// y[n,p,q,o] = bias[o] + sum over r,s,c of x[n, p*stride + r*dilation - pad, ..., g*C/G + c] * kernel[r,s,c,o],
// outside the image 0. The kernel is [R, S, C/groups, O]. Where pooled, P and Q of what follows are
// those of the pooling.

// Whether a max pooling may be computed along with its convolution: only then may `pooled` be set.
bool mc_conv2d_can_pool(const MCConvolution *c);

// Which loops run for this shape: "direct", "single-channel" or "winograd" forwards; "direct",
// "winograd" or "sparse" for the gradient of the input. docs/kernels.md has the rules.
const char *mc_conv2d_forward_path(const MCConvolution *c);
const char *mc_conv2d_backward_path(const MCConvolution *c);

// Floats that `prepared` needs: the kernel in the layouts the loops want. Filled by
// mc_conv2d_prepare whenever the kernel has changed, then shared, read-only, by all threads.
size_t mc_conv2d_prepared_count(const MCConvolution *c);
void mc_conv2d_prepare(const MCConvolution *c, const float *kernel, float *prepared);

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
                       uint8_t *argmax, float *scratch);
// x, y, argmax as the forward pass read and left them; dy [N,P,Q,O] read. dkernel [R,S,C/groups,O]
// and dbias [O] added to, dbias may be NULL; dx [N,H,W,C] overwritten, may be NULL.
void mc_conv2d_backward(const MCConvolution *c, size_t batch, const float *x, const float *y,
                        const float *dy, const uint8_t *argmax, const float *prepared,
                        float *dkernel, float *dbias, float *dx, float *scratch);

// ---- Transposed convolution -----------------------------------------------------------------

// What the gradient of the convolution c's input does, forwards: x [N,P,Q,O] becomes y [N,H,W,C] by the
// kernel [R,S,C/groups,O], with a bias [C] that may be NULL. c has neither ReLU nor pooling; `prepared`
// is mc_conv2d_prepare's.
size_t mc_conv2d_transpose_scratch_count(const MCConvolution *c);
// y overwritten.
void mc_conv2d_transpose_forward(const MCConvolution *c, size_t batch, const float *x,
                                 const float *prepared, const float *bias, float *y, float *scratch);
// dy [N,H,W,C] read. dkernel and dbias added to, dbias may be NULL; dx [N,P,Q,O] overwritten, may be
// NULL.
void mc_conv2d_transpose_backward(const MCConvolution *c, size_t batch, const float *x,
                                  const float *dy, const float *prepared, float *dkernel,
                                  float *dbias, float *dx, float *scratch);

// ---- Depthwise convolution --------------------------------------------------------------------

// y[n,p,q,c*M+m] = bias[c*M+m] + sum over r,s of x[n, p*stride + r*dilation - pad, ..., c] * kernel[r,s,c,m],
// outside the image 0, with M = O/C outputs for each input. The kernel is [R, S, C, M]; `groups` of the
// window is not read.

// As for the convolution.
size_t mc_depthwise_prepared_count(const MCWindow *w);
void mc_depthwise_prepare(const MCWindow *w, const float *kernel, float *prepared);
size_t mc_depthwise_scratch_count(const MCWindow *w);
// x [N,H,W,C] read; bias [O] read, may be NULL; y [N,P,Q,O] overwritten, rows firstRow to below endRow
// of each image; the bits do not depend on the cut.
void mc_depthwise_forward(const MCWindow *w, size_t batch, size_t firstRow, size_t endRow,
                          const float *x, const float *prepared, const float *bias, float *y,
                          float *scratch);
// dy [N,P,Q,O] read. dkernel [R,S,C,M] and dbias [O] added to, dbias may be NULL; dx [N,H,W,C]
// overwritten, may be NULL.
void mc_depthwise_backward(const MCWindow *w, size_t batch, const float *x, const float *dy,
                           const float *prepared, float *dkernel, float *dbias, float *dx,
                           float *scratch);

// ---- Dense ----------------------------------------------------------------------------------

// y [N,O] = x [N,C] * kernel [C,O] + bias [O]. Blocks are blocks of 16 outputs or inputs, the last one
// may be smaller.

// `prepared` as for the convolution, filled for inputs firstInput to below endInput.
size_t mc_dense_prepared_count(size_t inputs, size_t outputs);
void mc_dense_prepare(size_t inputs, size_t outputs, size_t firstInput, size_t endInput,
                      const float *kernel, float *prepared);
// Overwrites the outputs of blocks firstBlock to below endBlock; bias may be NULL. The bits do not
// depend on the batch that a row is in, nor on the blocks.
void mc_dense_forward(size_t batch, size_t inputs, size_t outputs, size_t firstBlock,
                      size_t endBlock, const float *x, const float *prepared, const float *bias,
                      float *y);
// dx [N,C] overwritten; the kernel is not packed. `scratch` as for the convolution.
size_t mc_dense_scratch_count(size_t outputs);
void mc_dense_backward_input(size_t batch, size_t inputs, size_t outputs, const float *dy,
                             const float *kernel, float *dx, float *scratch);

// The gradient of the kernel is computed for a whole batch at once, from its rows of inputs and of
// output gradients, each gathered in an array of their own, [block of 16][batch][16]. Overwrites rows
// `first` to below `first + count`, with zeros after the last column.
size_t mc_dense_gathered_count(size_t batch, size_t width);
void mc_dense_gather(size_t count, size_t width, size_t first, size_t batch, const float *x,
                     float *gathered);
// x and dy gathered. dkernel [C,O]: the inputs of blocks firstBlock to below endBlock are overwritten,
// or added to; dbias [O] likewise.
void mc_dense_backward_kernel(size_t batch, size_t inputs, size_t outputs, size_t firstBlock,
                              size_t endBlock, bool adds, const float *x, const float *dy,
                              float *dkernel);
void mc_dense_backward_bias(size_t batch, size_t outputs, bool adds, const float *dy,
                            float *dbias);

// ---- Pooling --------------------------------------------------------------------------------

// Padding never wins a maximum and is left out of an average's divisor. A window that is entirely
// in the padding gives 0 and routes nothing.

// y [N,P,Q,C] overwritten; argmax [N,P,Q,C] overwritten: the position r*S + s within the window of its
// maximum, the first one where several are equal. The byte form requires R*S <= 256. argmax may be
// NULL where no backward pass follows. A NaN wins, so that it is not hidden.
void mc_max_pool2d_forward(const MCWindow *w, size_t batch, const float *x, float *y,
                           uint8_t *argmax);
void mc_max_pool2d_forward_wide(const MCWindow *w, size_t batch, const float *x, float *y,
                                int32_t *argmax);
// dx [N,H,W,C] overwritten: each dy goes to the position its window's argmax names, summed where
// windows overlap.
void mc_max_pool2d_backward(const MCWindow *w, size_t batch, const float *dy,
                            const uint8_t *argmax, float *dx);
void mc_max_pool2d_backward_wide(const MCWindow *w, size_t batch, const float *dy,
                                 const int32_t *argmax, float *dx);
void mc_avg_pool2d_forward(const MCWindow *w, size_t batch, const float *x, float *y);
void mc_avg_pool2d_backward(const MCWindow *w, size_t batch, const float *dy, float *dx);

// Over a whole image: x [N,places,C], places its positions, y [N,C] overwritten, argmax [N,C]
// overwritten, may be NULL.
void mc_global_avg_pool_forward(size_t batch, size_t places, size_t channels, const float *x,
                                float *y);
void mc_global_avg_pool_backward(size_t batch, size_t places, size_t channels, const float *dy,
                                 float *dx);
void mc_global_max_pool_forward(size_t batch, size_t places, size_t channels, const float *x,
                                float *y, int32_t *argmax);
void mc_global_max_pool_backward(size_t batch, size_t places, size_t channels, const float *dy,
                                 const int32_t *argmax, float *dx);

// ---- Upsampling -----------------------------------------------------------------------------

typedef struct {
  int32_t height, width, channels;  // H, W, C of the input
  int32_t rows, columns;            // the factors: the output is H*rows by W*columns
} MCUpsampling;

// y [N,H*rows,W*columns,C] overwritten; dx [N,H,W,C] overwritten. Nearest: each pixel becomes rows by
// columns of them. Bilinear: between the centres of pixels, beyond the outermost ones their values.
void mc_upsample_nearest_forward(const MCUpsampling *u, size_t batch, const float *x, float *y);
void mc_upsample_nearest_backward(const MCUpsampling *u, size_t batch, const float *dy, float *dx);
void mc_upsample_bilinear_forward(const MCUpsampling *u, size_t batch, const float *x, float *y);
void mc_upsample_bilinear_backward(const MCUpsampling *u, size_t batch, const float *dy, float *dx);

// ---- Elementwise ----------------------------------------------------------------------------

// Forward: y overwritten. Backward: dx overwritten; y is the forward's output, x its input.
// y may be the same array as x, dx the same as dy.
void mc_relu_forward(size_t count, const float *x, float *y);  // max(0, x); NaN stays NaN
void mc_relu_backward(size_t count, const float *y, const float *dy, float *dx);  // y > 0 ? dy : 0
void mc_leaky_relu_forward(size_t count, float slope, const float *x, float *y);
void mc_leaky_relu_backward(size_t count, float slope, const float *x, const float *dy, float *dx);
void mc_elu_forward(size_t count, float alpha, const float *x, float *y);
void mc_elu_backward(size_t count, float alpha, const float *x, const float *y, const float *dy,
                     float *dx);
void mc_sigmoid_forward(size_t count, const float *x, float *y);
void mc_sigmoid_backward(size_t count, const float *y, const float *dy, float *dx);
void mc_tanh_forward(size_t count, const float *x, float *y);
void mc_tanh_backward(size_t count, const float *y, const float *dy, float *dx);
// Exact: x * Phi(x), with erf.
void mc_gelu_forward(size_t count, const float *x, float *y);
void mc_gelu_backward(size_t count, const float *x, const float *dy, float *dx);

void mc_fill(size_t count, float value, float *y);                   // y overwritten
void mc_add(size_t count, const float *a, const float *b, float *y);  // y = a + b; y may be a or b
void mc_accumulate(size_t count, const float *x, float *y);           // y += x
void mc_scale(size_t count, float factor, float *y);                  // y *= factor
double mc_sum_of_squares(size_t count, const float *x);               // in double, fixed order
float mc_largest_magnitude(size_t count, const float *x);             // NaN if any is NaN
// y += share * (x - y): a step of an exponential moving average.
void mc_blend(size_t count, float share, const float *x, float *y);
void mc_bytes_to_floats(size_t count, float scale, float offset, const uint8_t *x, float *y);

// The fixed tree that joins the shards of a batch: sum[i] = ((p0+p1)+(p2+p3))+..., sum overwritten
// for i in [0, count). parts has `shards` pointers. sum may be parts[0].
void mc_sum_shards(size_t count, size_t shards, const float *const *parts, float *sum);

// Inverted dropout (Srivastava et al. 2014): y[i] = kept ? x[i] / (1 - rate) : 0. Whether element i
// is kept follows from `key` and i alone, so forward and backward are the same function and no mask
// is stored. y may be x.
void mc_dropout(size_t count, uint64_t key, float rate, const float *x, float *y);

// ---- Where a block's activations meet ---------------------------------------------------------

// y[n,i,c] = x[n,i,c] * factor[n,c] for n < batch, i < repeats, c < columns; y overwritten.
void mc_multiply(size_t batch, size_t repeats, size_t columns, const float *x, const float *factor,
                 float *y);
// dx[n,i,c] = dy[n,i,c] * factor[n,c], overwritten, or added to where `adds`.
void mc_multiply_backward(size_t batch, size_t repeats, size_t columns, const float *dy,
                          const float *factor, bool adds, float *dx);
// dfactor[n,c] = sum over i of dy[n,i,c] * x[n,i,c], overwritten, or added to where `adds`.
void mc_multiply_backward_factor(size_t batch, size_t repeats, size_t columns, const float *dy,
                                 const float *x, bool adds, float *dfactor);
// The first columns of rows that start fromStride and toStride floats apart; `to` overwritten, or added to
// where `adds`.
void mc_copy_columns(size_t rows, size_t columns, const float *from, size_t fromStride, bool adds,
                     float *to, size_t toStride);

// ---- Softmax and losses ---------------------------------------------------------------------

void mc_softmax_forward(size_t rows, size_t columns, const float *x, float *y);
void mc_softmax_backward(size_t rows, size_t columns, const float *y, const float *dy, float *dx);

// Softmax cross-entropy from logits, stable (log-sum-exp), with label smoothing: the target is
// (1 - smoothing) on the label plus smoothing / columns on all. Returns the sum of the rows' losses
// (not their mean). dlogits [rows, columns] overwritten with scale * (softmax - target); may be NULL.
// correct: the number of rows whose first largest logit is the label, overwritten; may be NULL.
// others and shares [rows]: a row whose target is shares of its label and the rest of the other one
// (mixup); both may be NULL.
double mc_softmax_cross_entropy(size_t rows, size_t columns, const float *logits,
                                const uint8_t *labels, const uint8_t *others, const float *shares,
                                float smoothing, float scale, float *dlogits, size_t *correct);
// The same against one-hot targets (smoothed likewise) for the mean over columns of the squared
// difference: dy = scale * 2/columns * (y - target).
double mc_mean_squared_error(size_t rows, size_t columns, const float *y, const uint8_t *labels,
                             const uint8_t *others, const float *shares, float smoothing,
                             float scale, float *dy, size_t *correct);

// ---- Augmentation ----------------------------------------------------------------------------

// A smooth field, field [height, width] overwritten: cubic B-splines over a grid of control values
// [rows, columns] that are `spacing` pixels apart, the first one `spacing` outside the image; rows
// is at least (height - 1) / spacing + 4, rounded down, columns likewise. scratch [height, columns] overwritten.
void mc_spline_field(size_t height, size_t width, size_t columns, float spacing,
                     const float *controls, float *scratch, float *field);
// y [height, width, channels] overwritten: pixel (i, j) takes the bilinear value of the image at
// (map[0] i + map[1] j + map[2], map[3] i + map[4] j + map[5]), moved by field [2, height, width] (rows,
// then columns) unless that is NULL. framed [height + 2, width + 2, channels]: the image inside a
// frame of one pixel, whose values extend outwards without end.
void mc_warp(size_t height, size_t width, size_t channels, const float map[6], const float *field,
             const float *framed, float *y);

// ---- Batch normalization --------------------------------------------------------------------

// x [rows, C]; rows counts images times positions. mean [C] and m2 [C] (sum of squared deviations from
// that mean) overwritten: the statistics of these rows alone.
void mc_batch_norm_statistics(size_t rows, size_t channels, const float *x, float *mean, float *m2);
// y = (x - mean) * rstd * gamma + beta, where rstd [C] = 1 / sqrt(variance + epsilon) is the reciprocal
// standard deviation; gamma and beta may be NULL (1 and 0).
void mc_batch_norm_forward(size_t rows, size_t channels, const float *x, const float *mean,
                           const float *rstd, const float *gamma, const float *beta, float *y);
// sumDy [C] = sum of dy, sumDyXhat [C] = sum of dy * (x - mean) * rstd; both overwritten.
void mc_batch_norm_backward_sums(size_t rows, size_t channels, const float *x, const float *dy,
                                 const float *mean, const float *rstd, float *sumDy,
                                 float *sumDyXhat);
// dx = gamma * rstd * (dy - sumDy/total - xhat * sumDyXhat/total); total: rows of the whole batch.
void mc_batch_norm_backward(size_t rows, size_t channels, size_t total, const float *x,
                            const float *dy, const float *mean, const float *rstd,
                            const float *gamma, const float *sumDy, const float *sumDyXhat,
                            float *dx);

// ---- Optimizer updates (each: weights and slots updated in place, gradient read) --------------

// The gradient is first multiplied by gradientScale (clipping), then l2 * w + l1 * sign(w) is added to
// it; decoupled weight decay: w -= w * decay * rate before the step. Formulas as in Keras 3.

// m = momentum*m - rate*g; w += m, or with nesterov w += momentum*m - rate*g. m may be NULL when
// momentum is 0 (then w -= rate*g).
void mc_sgd_update(size_t count, float rate, float momentum, bool nesterov, float gradientScale,
                   float l2, float l1, float decay, const float *g, float *w, float *m);
// v = rho*v + (1-rho)*g^2; step = rate*g/sqrt(v + epsilon); with momentum: m = momentum*m + step, w -= m
void mc_rmsprop_update(size_t count, float rate, float rho, float momentum, float epsilon,
                       float gradientScale, float l2, float l1, float decay, const float *g, float *w,
                       float *v, float *m);
// a += g^2; w -= rate*g/sqrt(a + epsilon)
void mc_adagrad_update(size_t count, float rate, float epsilon, float gradientScale, float l2, float l1,
                       float decay, const float *g, float *w, float *a);
// m += (g-m)*(1-beta1); v += (g^2-v)*(1-beta2); w -= alpha*m/(sqrt(v) + epsilon), where alpha is
// rate*sqrt(1-beta2^t)/(1-beta1^t), computed by the caller
void mc_adam_update(size_t count, float alpha, float beta1, float beta2, float epsilon, float rate,
                    float gradientScale, float l2, float l1, float decay, const float *g, float *w, float *m,
                    float *v);

#ifdef __cplusplus
}
#endif
