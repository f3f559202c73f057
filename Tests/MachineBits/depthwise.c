// The depthwise loops of mc_convolution.h: rows longer and shorter than a block of outputs, channels that fill
// vectors and do not, strides with and without a common divisor with the dilation, several outputs a channel,
// windows wholly in the border.
#include "bits.h"
#include "shapes.h"

#define DEPTHWISE(c, multiplier) CHANNELS(c, (c) * (multiplier)), GROUPS(c)

static const Shape shapes[] = {
    {DEPTHWISE(3, 1)},
    {IMAGE(5, 30), DEPTHWISE(16, 1), AROUND(1)},
    {IMAGE(4, 29), DEPTHWISE(33, 1), AROUND(1)},
    {IMAGE(3, 5), DEPTHWISE(48, 1), KERNEL(1, 1)},
    {IMAGE(6, 7), DEPTHWISE(16, 1), KERNEL(5, 5), AROUND(2)},
    {IMAGE(2, 3), DEPTHWISE(16, 1), KERNEL(5, 7), BORDER(2, 3, 2, 3)},
    {IMAGE(9, 8), DEPTHWISE(17, 1), KERNEL(2, 4)},
    {IMAGE(8, 9), DEPTHWISE(16, 1), STRIDE(2, 2), BORDER(0, 0, 1, 1)},
    {IMAGE(9, 31), DEPTHWISE(16, 1), STRIDE(1, 2), AROUND(1)},
    {IMAGE(11, 10), DEPTHWISE(5, 1), STRIDE(3, 2)},
    {IMAGE(9, 11), DEPTHWISE(16, 1), KERNEL(2, 2), STRIDE(3, 4)},
    {IMAGE(11, 10), DEPTHWISE(16, 1), DILATION(2, 3), BORDER(2, 3, 2, 3)},
    {IMAGE(13, 14), DEPTHWISE(16, 1), KERNEL(4, 5), STRIDE(2, 4), DILATION(2, 2), BORDER(3, 1, 2, 4)},
    {IMAGE(13, 14), DEPTHWISE(7, 1), KERNEL(3, 4), STRIDE(2, 3), DILATION(3, 2), BORDER(1, 2, 1, 2)},
    {IMAGE(6, 5), DEPTHWISE(3, 2), AROUND(1)},
    {IMAGE(6, 5), DEPTHWISE(8, 2)},
    {IMAGE(5, 4), DEPTHWISE(5, 7), STRIDE(2, 2), BORDER(1, 0, 1, 1)},
    {IMAGE(2, 2), DEPTHWISE(16, 1), KERNEL(2, 2), STRIDE(2, 3), BORDER(4, 5, 4, 5)},
    {IMAGE(3, 40), DEPTHWISE(1, 1)},
    {IMAGE(14, 14), DEPTHWISE(24, 1), AROUND(1)},
    {IMAGE(7, 7), DEPTHWISE(17, 1), AROUND(1)},
    {IMAGE(6, 5), DEPTHWISE(31, 1), BORDER(1, 1, 0, 1)},
    {IMAGE(5, 1), DEPTHWISE(40, 1), AROUND(1)},
    {IMAGE(4, 2), DEPTHWISE(16, 1), BORDER(2, 2, 1, 0)},
    {IMAGE(3, 300), DEPTHWISE(20, 1), AROUND(1)},
    {IMAGE(14, 14), DEPTHWISE(48, 1), STRIDE(2, 2), BORDER(0, 0, 1, 1)},
    {IMAGE(7, 9), DEPTHWISE(24, 1), STRIDE(2, 2), AROUND(1)},
    {IMAGE(6, 6), DEPTHWISE(17, 1), STRIDE(2, 2)},
    {IMAGE(8, 21), DEPTHWISE(40, 1), STRIDE(2, 2), BORDER(3, 1, 1, 0)},
    {BATCH(9), IMAGE(13, 13), DEPTHWISE(64, 1), AROUND(1)},
};

static float *prepared(Bits *bits, const MCWindow *w) {
  float *result = blank(bits, mc_depthwise_prepared_count(w));
  mc_depthwise_prepare(w, numbers(bits, kernel_count(w), UNIT), result);
  return result;
}

BITS_OF(mc_depthwise_forward) {
  static const MCRectifier rectifiers[] = {{0}, {true, 0, INFINITY}, {true, 0.2f, 0.9f}};
  for (size_t i = 0; i < COUNT_OF(shapes); i++)
    for (size_t r = 0; r < COUNT_OF(rectifiers); r++) {
      MCWindow w = window_of(&shapes[i]);
      size_t batch = batch_of(&shapes[i]), count = batch * output_count(&w);
      float *y = blank(bits, count);
      mc_depthwise_forward(&w, batch, 0, (size_t)w.outHeight,
                           numbers(bits, batch * input_count(&w), UNIT), prepared(bits, &w),
                           numbers(bits, (size_t)w.outChannels, UNIT), &rectifiers[r], y,
                           blank(bits, mc_depthwise_scratch_count(&w)));
      digest_floats(bits, count, y);
      release(bits);
    }
}

BITS_OF(mc_depthwise_backward) {
  for (size_t i = 0; i < COUNT_OF(shapes); i++) {
    MCWindow w = window_of(&shapes[i]);
    size_t batch = batch_of(&shapes[i]), inputs = batch * input_count(&w);
    size_t taps = kernel_count(&w), channels = (size_t)w.outChannels;
    float *dkernel = numbers(bits, taps, UNIT), *dbias = numbers(bits, channels, UNIT);
    float *dx = blank(bits, inputs);
    mc_depthwise_backward(&w, batch, numbers(bits, inputs, UNIT),
                          numbers(bits, batch * output_count(&w), UNIT), prepared(bits, &w), dkernel,
                          dbias, dx, blank(bits, mc_depthwise_scratch_count(&w)));
    digest_floats(bits, taps, dkernel);
    digest_floats(bits, channels, dbias);
    digest_floats(bits, inputs, dx);
    release(bits);
  }
}
