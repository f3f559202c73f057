// How the loops of a depthwise convolution see an image: each pixel is `depthwise_width` floats, whole
// vectors, of which float c*M + m belongs to channel c, with M outputs for each input. Where M is 1 and
// the channels fill whole vectors, that is the image itself; any other is copied first. The loops
// for 3x3 kernels (depthwise_is_3x3) read and write images as they are.
#pragma once
#include "CKernels.h"
#include "packing.h"

static inline size_t depthwise_width(const MCWindow *w) {
  return blocks_of_16((size_t)w->outChannels) * 16;
}

static inline size_t depthwise_taps(const MCWindow *w) {
  return (size_t)w->kernelHeight * (size_t)w->kernelWidth;
}

static inline bool depthwise_is_whole(const MCWindow *w) {
  return w->inChannels == w->outChannels && w->outChannels % 16 == 0;
}

// Whether this is a 3x3 kernel without dilation that moves by 1 or 2 both ways, with one output for
// each of at least 16 channels, and of which at most one column lies outside on either side.
static inline bool depthwise_is_3x3(const MCWindow *w) {
  if (w->kernelHeight != 3 || w->kernelWidth != 3) return false;
  if (w->dilationHeight != 1 || w->dilationWidth != 1) return false;
  if (w->inChannels != w->outChannels || w->outChannels < 16) return false;
  if (w->strideHeight != w->strideWidth || w->strideWidth > 2) return false;
  int32_t outside = (w->outWidth - 1) * w->strideWidth - w->padLeft + 3 - w->inWidth;
  if (w->padTop < 0 || w->padLeft < 0 || w->padLeft > 1) return false;
  return outside >= 1 - w->strideWidth && outside <= 1;
}

// Floats of one copied image of the input, and of the output; none where they are used as they are.
static inline size_t depthwise_input_room(const MCWindow *w) {
  if (depthwise_is_whole(w) || depthwise_is_3x3(w)) return 0;
  return (size_t)w->inHeight * (size_t)w->inWidth * depthwise_width(w);
}

static inline size_t depthwise_output_room(const MCWindow *w) {
  if (depthwise_is_whole(w) || depthwise_is_3x3(w)) return 0;
  return (size_t)w->outHeight * (size_t)w->outWidth * depthwise_width(w);
}
