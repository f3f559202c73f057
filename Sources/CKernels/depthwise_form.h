// How the loops of a depthwise convolution see an image: each pixel is `depthwise_width` floats, whole
// vectors, of which float c*M + m belongs to channel c, with M outputs for each input. Where M is 1 and
// the channels fill whole vectors, that is the image itself; any other is copied first.
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

// Floats of one copied image of the input, and of the output; none where they are used as they are.
static inline size_t depthwise_input_room(const MCWindow *w) {
  if (depthwise_is_whole(w)) return 0;
  return (size_t)w->inHeight * (size_t)w->inWidth * depthwise_width(w);
}

static inline size_t depthwise_output_room(const MCWindow *w) {
  if (depthwise_is_whole(w)) return 0;
  return (size_t)w->outHeight * (size_t)w->outWidth * depthwise_width(w);
}
