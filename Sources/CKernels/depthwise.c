// What a depthwise convolution needs besides its loops: sizes, and the kernel in their layout.
#include "depthwise_form.h"

size_t mc_depthwise_prepared_count(const MCWindow *w) {
  return depthwise_taps(w) * depthwise_width(w);
}

// [block of 16 outputs][r][s][16].
void mc_depthwise_prepare(const MCWindow *w, const float *kernel, float *prepared) {
  pack_blocks(depthwise_taps(w), (size_t)w->outChannels, kernel, (size_t)w->outChannels, 1, prepared);
}

// The image, the gradient of the output, that of the kernel, and what that of the bias is summed in.
size_t mc_depthwise_scratch_count(const MCWindow *w) {
  return depthwise_input_room(w) + depthwise_output_room(w) + mc_depthwise_prepared_count(w) +
         16 * depthwise_width(w);
}
