// How a loop is declared, which code runs, and what the loops of several families share.
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

// The loops in use: those for "x86-64-v4" or "x86-64-v3", for any processor, which are called "neon" on
// 64-bit ARM and "baseline" elsewhere, or the "plain" ones: convolution, pooling, ReLU and dense layers as
// their formulas say, all else as for any processor. Chosen on the first call from what the processor has;
// the environment variable MINICNN_KERNELS (one of the names) may ask for lesser ones.
const char *mc_instruction_set(void);

// How they round, and in which order they add. Where it has the same name, the same arguments give the same
// bits, whatever the processor: "fused" for x86-64-v3, x86-64-v4 and neon, where a product that is added to
// something is not rounded before; "rounded" for the baseline of x86-64, which has no such instruction;
// "plain fused" or "plain rounded" for the plain loops; "unknown", of other processors, is never the same.
// Where MINICNN_WINOGRAD is off, the name says so.
const char *mc_arithmetic(void);

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

#ifdef __cplusplus
}
#endif
