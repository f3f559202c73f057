// The hot loops. They know nothing of layers, threads or files: each function is a pure loop over
// arrays that the caller owns, safe to call from several threads on different outputs.
//
// Letters of the shapes, outermost first: N images of a batch, H height, W width, C channels of the
// input, O channels of the output, P height and Q width of the output, R height and S width of the
// window or kernel. Images are NHWC, kernels RSCO (Keras's HWIO), all float32 unless said.
// "overwritten" and "added to" are said of every output. No pointer may alias another unless said.
//
// Each loop is declared in one of the headers below and nowhere else. The prototype is a plain one;
// MC_KERNEL after it says that the loop is compiled once for each instruction set, and repeats the
// arguments.
#pragma once
#include "mc_convolution.h"
#include "mc_dense.h"
#include "mc_elementwise.h"
#include "mc_kernel.h"
#include "mc_normalization.h"
#include "mc_pooling.h"
#include "mc_training.h"
