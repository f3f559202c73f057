// What a convolution needs besides its loops: sizes, and the kernel in the layouts of the loops.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"
#include "convolution_plan.h"
#include "dispatch.h"

bool mc_winograd_is_wanted(void) {
  enum { UNKNOWN, WANTED, UNWANTED };
  static _Atomic int answer = UNKNOWN;
  int known = atomic_load_explicit(&answer, memory_order_relaxed);
  if (known == UNKNOWN) {
    const char *wish = getenv("MINICNN_WINOGRAD");
    known = wish && strcmp(wish, "off") == 0 ? UNWANTED : WANTED;
    // Two threads that get here first both store the same.
    atomic_store_explicit(&answer, known, memory_order_relaxed);
  }
  return known == WANTED;
}

bool mc_conv2d_can_pool(const MCConvolution *c) { return can_pool(c); }

const char *mc_conv2d_forward_path(const MCConvolution *c) {
  if (mc_is_plain()) return "plain";
  switch (convolution_plan(c).forwardPath) {
    case FORWARD_WINOGRAD: return "winograd";
    case FORWARD_SINGLE_CHANNEL: return "single-channel";
    case FORWARD_GROUPED: return "grouped";
    default: return "direct";
  }
}

const char *mc_conv2d_backward_path(const MCConvolution *c) {
  if (mc_is_plain()) return "plain";
  switch (convolution_plan(c).backwardPath) {
    case BACKWARD_WINOGRAD: return "winograd";
    case BACKWARD_SPARSE: return "sparse";
    case BACKWARD_GROUPED: return "grouped";
    default: return "direct";
  }
}

const char *mc_conv2d_gradient_path(const MCConvolution *c) {
  if (mc_is_plain()) return "plain";
  if (c->pooled) return "sparse";
  switch (convolution_plan(c).gradientPath) {
    case GRADIENT_WINOGRAD: return "winograd";
    case GRADIENT_GROUPED: return "grouped";
    case GRADIENT_TAPS: return "taps";
    default: return "direct";
  }
}

size_t mc_conv2d_prepared_count(const MCConvolution *c) {
  ConvolutionPlan plan = convolution_plan(c);
  return plan.forwardPrepared + plan.backwardPrepared;
}

// A row of Winograd's tiles is several rows.
size_t mc_conv2d_row_step(const MCConvolution *c) {
  ConvolutionPlan plan = convolution_plan(c);
  if (plan.forwardPath != FORWARD_WINOGRAD) return 1;
  if (pools_pairs(c)) return plan.forwardTiles.height / 2;
  return c->pooled ? 1 : plan.forwardTiles.height;
}

size_t mc_conv2d_tile_rows(const MCConvolution *c) {
  ConvolutionPlan plan = convolution_plan(c);
  return plan.forwardPath == FORWARD_WINOGRAD && !mc_is_plain() ? plan.forwardTiles.height : 1;
}

// [group][block of O][r][s][c][16].
static void prepare_direct(const ConvolutionForm *f, const float *kernel, float *prepared) {
  size_t size = blocks_of_16(f->groupOutputs) * f->depth * LANES;
  for (size_t g = 0; g < f->groups; g++)
    pack_blocks(f->depth, f->groupOutputs, kernel + g * f->groupOutputs, f->outputs, 1,
                prepared + g * size);
}

// The kernel rotated by 180 degrees, inputs and outputs exchanged:
// [group][block of C][R-1-r][S-1-s][o][16].
static void prepare_direct_backward(const ConvolutionForm *f, const float *kernel,
                                    float *prepared) {
  size_t taps = f->kernelHeight * f->kernelWidth;
  size_t inputs = f->groupOutputs, outputs = f->inputs;
  for (size_t g = 0; g < f->groups; g++) {
    size_t size = blocks_of_16(inputs) * f->depth * LANES;
    for (size_t j = 0; j < blocks_of_16(inputs); j++)
      for (size_t tap = 0; tap < taps; tap++)
        for (size_t o = 0; o < f->groupInputs; o++) {
          float *target = prepared + g * size + ((j * taps + tap) * f->groupInputs + o) * LANES;
          for (size_t l = 0; l < LANES; l++) {
            size_t c = j * LANES + l;
            target[l] = c < inputs ? kernel[((taps - 1 - tap) * inputs + c) * outputs +
                                            g * f->groupInputs + o]
                                   : 0;
          }
        }
  }
}

// [block of O][r][s][c][16].
static void prepare_grouped(const ConvolutionForm *f, const float *kernel, float *prepared) {
  for (size_t j = 0; j < blocks_of_16(f->outputs); j++)
    pack_blocks(f->depth, LANES, kernel + grouped_start(f, j), f->outputs, 1,
                prepared + j * f->depth * LANES);
}

// The kernel rotated by 180 degrees, inputs and outputs exchanged: [block of C][R-1-r][S-1-s][o][16].
static void prepare_grouped_backward(const ConvolutionForm *f, const float *kernel,
                                     float *prepared) {
  size_t taps = f->kernelHeight * f->kernelWidth;
  for (size_t j = 0; j < blocks_of_16(f->outputs); j++)
    for (size_t tap = 0; tap < taps; tap++)
      for (size_t o = 0; o < f->groupInputs; o++)
        for (size_t l = 0; l < LANES; l++, prepared++) {
          size_t c = grouped_start(f, j) + l, g = c / f->groupOutputs;
          size_t row = (taps - 1 - tap) * f->groupOutputs + c % f->groupOutputs;
          *prepared = kernel[row * f->inputs + g * f->groupInputs + o];
        }
}

// Row by row what an output sees: [r][o][S*C floats], then zeros.
static void prepare_sparse(const ConvolutionForm *f, const float *kernel, float *prepared) {
  size_t run = f->kernelWidth * f->inputs, room = run_room(f);
  memset(prepared, 0, sparse_count(f) * sizeof(float));
  for (size_t r = 0; r < f->kernelHeight; r++)
    for (size_t i = 0; i < run; i++)
      for (size_t o = 0; o < f->outputs; o++)
        prepared[(r * f->outputs + o) * room + i] = kernel[(r * run + i) * f->outputs + o];
}

void mc_conv2d_prepare(const MCConvolution *c, const float *kernel, float *prepared) {
  ConvolutionPlan plan = convolution_plan(c);
  const ConvolutionForm *f = &plan.forward, *b = &plan.backward;
  // No layout is smaller than the kernel itself.
  if (mc_is_plain()) {
    memcpy(prepared, kernel, f->depth * f->outputs * sizeof(float));
    return;
  }
  switch (plan.forwardPath) {
    case FORWARD_WINOGRAD:
      mc_winograd_kernel(f->kernelHeight, f->groups, f->inputs, f->outputs, false, kernel,
                         prepared);
      break;
    case FORWARD_SINGLE_CHANNEL:
      memcpy(prepared, kernel, plan.forwardPrepared * sizeof(float));
      break;
    case FORWARD_GROUPED: prepare_grouped(f, kernel, prepared); break;
    case FORWARD_DIRECT: prepare_direct(f, kernel, prepared); break;
  }
  float *back = prepared + plan.forwardPrepared;
  switch (plan.backwardPath) {
    case BACKWARD_WINOGRAD:
      mc_winograd_kernel(b->kernelHeight, b->groups, b->inputs, b->outputs, true, kernel, back);
      break;
    case BACKWARD_SPARSE: prepare_sparse(f, kernel, back); break;
    case BACKWARD_GROUPED: prepare_grouped_backward(b, kernel, back); break;
    case BACKWARD_DIRECT: prepare_direct_backward(b, kernel, back); break;
  }
}

size_t mc_conv2d_scratch_count(const MCConvolution *c) {
  ConvolutionPlan plan = convolution_plan(c);
  const ConvolutionForm *f = &plan.forward, *b = &plan.backward;
  size_t forward = image_room(f);
  if (plan.forwardPath == FORWARD_WINOGRAD) forward = winograd_room(f);
  if (plan.forwardPath == FORWARD_GROUPED) forward = grouped_room(f);
  if (plan.forwardPath == FORWARD_SINGLE_CHANNEL) forward += single_planes(f);
  forward += stripe_room(c);
  size_t backward;
  if (plan.backwardPath == BACKWARD_SPARSE) {
    backward = sparse_room(c, f);
  } else {
    // The masked gradient, what the kernel's gradient wants, and the bordered gradient, or the
    // input's gradient at the sampled pixels.
    size_t input = plan.sampled ? sampled_rows(b) * b->outWidth * b->outputs : image_room(b);
    if (plan.backwardPath == BACKWARD_WINOGRAD) input = winograd_room(b);
    if (plan.backwardPath == BACKWARD_GROUPED) input = grouped_room(b);
    size_t masked = c->rectifier.rectifies ? f->outHeight * f->outWidth * f->outputs + LANES : 0;
    backward = kernel_gradient_room(&plan) + input + masked;
  }
  return (forward > backward ? forward : backward) + LANES;
}

// Also room for the sums of sixteen rows of channels, which are not needed at the same time.
size_t mc_conv2d_transpose_scratch_count(const MCConvolution *c) {
  size_t conv = mc_conv2d_scratch_count(c), sums = 16 * (size_t)c->window.inChannels;
  return conv > sums ? conv : sums;
}
