// Losses, augmentation and the updates of optimizers.
// CKernels.h explains the letters of the shapes.
#pragma once
#include "mc_kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

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
