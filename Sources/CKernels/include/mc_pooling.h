// Pooling and upsampling.
// CKernels.h explains the letters of the shapes.
#pragma once
#include "mc_kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
