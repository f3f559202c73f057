// Activations and other work number by number, and where a block's activations meet.
// CKernels.h explains the letters of the shapes.
#pragma once
#include "mc_kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

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
// for i in [0, count). Shard k is at parts + k * stride. sum may be parts.
void mc_sum_shards(size_t count, size_t shards, size_t stride, const float *parts, float *sum)
    MC_KERNEL(mc_sum_shards, count, shards, stride, parts, sum);
// The same where some of the tree's additions are made already: parts[k] is the sum of 2^heights[k]
// neighbouring shards, of which the first one's number is a multiple of that; all parts together are
// all shards, in their order. With 2^h shards, mc_sum_shards makes such a part.
void mc_sum_subtrees(size_t count, size_t subtrees, const uint8_t *heights, const float *const *parts,
                     float *sum)
    MC_KERNEL(mc_sum_subtrees, count, subtrees, heights, parts, sum);

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

// y = a + b through a rectifier, which may be none; y overwritten, may be a or b.
void mc_sum(size_t count, const MCRectifier *r, const float *a, const float *b, float *y)
    MC_KERNEL(mc_sum, count, r, a, b, y);
// da and db, which may be NULL: dy where the rectifier lets it through; overwritten, or added to where
// `adds`. y is what came out, which is not read where there is no rectifier.
void mc_sum_backward(size_t count, const MCRectifier *r, const float *y, const float *dy, bool adds,
                     float *da, float *db)
    MC_KERNEL(mc_sum_backward, count, r, y, dy, adds, da, db);
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

#ifdef __cplusplus
}
#endif
