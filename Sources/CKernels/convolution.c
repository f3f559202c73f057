// What a convolution needs besides its loops: sizes, and the kernel in the layouts of the loops.
#include "CKernels.h"
#include "convolution_form.h"
#include "packing.h"

static size_t packed_count(const ConvolutionForm *f) {
  return f->groups * blocks_of_16(f->groupOutputs) * f->depth * 16;
}

size_t mc_conv2d_prepared_count(const MCWindow *w) {
  ConvolutionForm forward = forward_form(w), backward = backward_form(w);
  return packed_count(&forward) + packed_count(&backward);
}

// Forwards: [group][block of O][r][s][c][16]. Backwards the kernel is turned by half a turn and
// inputs and outputs change places: [group][block of C][R-1-r][S-1-s][o][16].
void mc_conv2d_prepare(const MCWindow *w, const float *kernel, float *prepared) {
  ConvolutionForm forward = forward_form(w), backward = backward_form(w);
  size_t places = (size_t)w->kernelHeight * (size_t)w->kernelWidth;
  size_t inputs = forward.groupInputs, outputs = (size_t)w->outChannels;
  for (size_t g = 0; g < forward.groups; g++) {
    size_t size = blocks_of_16(forward.groupOutputs) * forward.depth * 16;
    pack_blocks(forward.depth, forward.groupOutputs, kernel + g * forward.groupOutputs, outputs, 1,
                prepared + g * size);
  }
  float *turned = prepared + packed_count(&forward);
  for (size_t g = 0; g < backward.groups; g++) {
    size_t size = blocks_of_16(inputs) * backward.depth * 16;
    for (size_t j = 0; j < blocks_of_16(inputs); j++)
      for (size_t place = 0; place < places; place++)
        for (size_t o = 0; o < backward.groupInputs; o++) {
          float *target = turned + g * size + ((j * places + place) * backward.groupInputs + o) * 16;
          for (size_t l = 0; l < 16; l++) {
            size_t c = j * 16 + l;
            target[l] = c < inputs ? kernel[((places - 1 - place) * inputs + c) * outputs +
                                            g * backward.groupInputs + o]
                                   : 0;
          }
        }
  }
}

size_t mc_conv2d_scratch_count(const MCWindow *w, size_t batch) {
  (void)batch;
  ConvolutionForm forward = forward_form(w), backward = backward_form(w);
  size_t image = padded_count(&forward);
  size_t gradient = padded_count(&backward);
  // The kernel's gradient wants dy in rows of whole blocks, beside the padded image.
  size_t lines = (size_t)w->outHeight * (size_t)w->outWidth * (size_t)w->groups *
                 blocks_of_16(forward.groupOutputs) * 16;
  size_t most = image + lines > gradient ? image + lines : gradient;
  return most + 16;
}
