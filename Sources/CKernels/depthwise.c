// What a depthwise convolution needs besides its loops: sizes, and the kernel in their layout.
#include "depthwise_form.h"

#include <string.h>

size_t mc_depthwise_prepared_count(const MCWindow *w) {
  return depthwise_taps(w) * depthwise_width(w);
}

// [r][s][width], zeros after the last output.
void mc_depthwise_prepare(const MCWindow *w, const float *kernel, float *prepared) {
  size_t outputs = (size_t)w->outChannels, width = depthwise_width(w);
  for (size_t tap = 0; tap < depthwise_taps(w); tap++, kernel += outputs, prepared += width) {
    memcpy(prepared, kernel, outputs * sizeof(float));
    memset(prepared + outputs, 0, (width - outputs) * sizeof(float));
  }
}

// The image, the gradient of the output, that of the kernel, and what that of the bias is summed in.
size_t mc_depthwise_scratch_count(const MCWindow *w) {
  return depthwise_input_room(w) + depthwise_output_room(w) + mc_depthwise_prepared_count(w) +
         16 * depthwise_width(w);
}
