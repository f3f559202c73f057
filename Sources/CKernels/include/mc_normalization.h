// Normalization over a batch and within a sample.
// CKernels.h explains the letters of the shapes.
#pragma once
#include "mc_kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
