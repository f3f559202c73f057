// The loops of mc_convolution.h but the depthwise ones, over shapes that take every path.
#include <string.h>

#include "bits.h"
#include "convolution_shapes.h"

static const MCRectifier none, relu = {true, 0, INFINITY}, leaky = {true, 0.2f, INFINITY},
                               relu6 = {true, 0, 0.9f};

// A convolution's numbers: of its images, a gradient of which half is zero, and a kernel. Where a pooling is
// fused, the output is that of the pooling.
typedef struct {
  MCConvolution c;
  size_t batch, rows;            // rows of the output
  size_t inputs, outputs, taps;  // numbers of x, y and the kernel
  float *x, *dy, *kernel, *bias, *prepared, *scratch;
} Convolution;

static Convolution numbers_for(Bits *bits, const Shape *shape, const MCRectifier *rectifier, Kind kind) {
  Convolution v = {.c = convolution_of(shape, rectifier), .batch = batch_of(shape)};
  const MCWindow *last = v.c.pooled ? &v.c.pool : &v.c.window;
  v.rows = (size_t)last->outHeight;
  v.inputs = v.batch * input_count(&v.c.window);
  v.outputs = v.batch * output_count(last);
  v.taps = kernel_count(&v.c.window);
  v.x = numbers(bits, v.inputs, kind);
  v.dy = numbers(bits, v.outputs, HALF_ZERO);
  v.kernel = numbers(bits, v.taps, UNIT);
  v.prepared = blank(bits, mc_conv2d_prepared_count(&v.c));
  mc_conv2d_prepare(&v.c, v.kernel, v.prepared);
  return v;
}

static void digest_forward(Bits *bits, const Shape *shape, const MCRectifier *rectifier, Kind kind) {
  Convolution v = numbers_for(bits, shape, rectifier, kind);
  size_t outputs = (size_t)v.c.window.outChannels;
  float *y = blank(bits, v.outputs), *scratch = blank(bits, mc_conv2d_scratch_count(&v.c));
  uint8_t *argmax = v.c.pooled ? blank_bytes(bits, v.outputs) : NULL;
  mc_conv2d_forward(&v.c, v.batch, 0, v.rows, v.x, v.prepared, numbers(bits, outputs, UNIT), y, argmax,
                    scratch);
  digest_floats(bits, v.outputs, y);
  if (argmax) digest_bytes(bits, v.outputs, argmax);
  release(bits);
}

static void digest_backward(Bits *bits, const Shape *shape, const MCRectifier *rectifier, Kind kind) {
  Convolution v = numbers_for(bits, shape, rectifier, kind);
  size_t outputs = (size_t)v.c.window.outChannels;
  float *y = blank(bits, v.outputs), *scratch = blank(bits, mc_conv2d_scratch_count(&v.c));
  float *dkernel = numbers(bits, v.taps, UNIT), *dbias = numbers(bits, outputs, UNIT);
  float *dx = blank(bits, v.inputs);
  uint8_t *argmax = v.c.pooled ? blank_bytes(bits, v.outputs) : NULL;
  mc_conv2d_forward(&v.c, v.batch, 0, v.rows, v.x, v.prepared, NULL, y, argmax, scratch);
  mc_conv2d_backward(&v.c, v.batch, v.x, y, v.dy, argmax, v.prepared, dkernel, dbias, dx, scratch);
  digest_floats(bits, v.taps, dkernel);
  digest_floats(bits, outputs, dbias);
  digest_floats(bits, v.inputs, dx);
  release(bits);
}

typedef void (*Digest)(Bits *, const Shape *, const MCRectifier *, Kind);

static void digest_all(Bits *bits, Digest digest) {
  for (size_t i = 0; i < COUNT_OF(convolution_shapes); i++)
    digest(bits, &convolution_shapes[i], &none, UNIT);
  // A rectifier is a choice of every path, so a share of the shapes shows each of them.
  for (size_t i = 0; i < COUNT_OF(convolution_shapes); i++)
    digest(bits, &convolution_shapes[i], i % 3 == 0 ? &relu : i % 3 == 1 ? &leaky : &relu6,
           i % 5 == 0 ? ANY_SIZE : HALF_ZERO);
  for (size_t i = 0; i < COUNT_OF(pooled_shapes); i++) {
    digest(bits, &pooled_shapes[i], &relu, UNIT);
    digest(bits, &pooled_shapes[i], i % 3 == 0 ? &none : i % 3 == 1 ? &leaky : &relu6, TIES);
  }
}

BITS_OF(mc_conv2d_forward) { digest_all(bits, digest_forward); }
BITS_OF(mc_conv2d_backward) { digest_all(bits, digest_backward); }

BITS_OF(mc_winograd_kernel) {
  for (int extent = 3; extent <= 5; extent += 2)
    for (int rotated = 0; rotated < 2; rotated++)
      for (int channels = 4; channels <= 52; channels += 6) {
        Shape shape = {IMAGE(16, 16), CHANNELS(channels, 60 - channels), KERNEL(extent, extent)};
        MCConvolution c = convolution_of(&shape, &none);
        // Where both ways go through tiles, what is prepared for them has room for one.
        if (strcmp(mc_conv2d_forward_path(&c), "winograd") != 0 ||
            strcmp(mc_conv2d_backward_path(&c), "winograd") != 0)
          continue;
        size_t count = mc_conv2d_prepared_count(&c);
        float *transformed = zeros(bits, count);
        mc_winograd_kernel((size_t)extent, 1, (size_t)channels, (size_t)(60 - channels), rotated,
                           numbers(bits, kernel_count(&c.window), UNIT), transformed);
        digest_floats(bits, count, transformed);
        release(bits);
      }
}

// What the convolution reads is written here, and the other way round.
static void digest_transposed(Bits *bits, const Shape *shape, bool forward) {
  Convolution v = numbers_for(bits, shape, &none, UNIT);
  size_t channels = (size_t)v.c.window.inChannels;
  float *scratch = blank(bits, mc_conv2d_transpose_scratch_count(&v.c));
  if (forward) {
    for (int i = 0; i < 2; i++) {
      float *y = blank(bits, v.inputs);
      mc_conv2d_transpose_forward(&v.c, v.batch, v.dy, v.prepared,
                                  i == 0 ? NULL : numbers(bits, channels, UNIT), y, scratch);
      digest_floats(bits, v.inputs, y);
    }
  } else {
    float *dkernel = numbers(bits, v.taps, UNIT), *dbias = numbers(bits, channels, UNIT);
    float *dx = blank(bits, v.outputs);
    mc_conv2d_transpose_backward(&v.c, v.batch, v.dy, v.x, v.prepared, dkernel, dbias, dx, scratch);
    digest_floats(bits, v.taps, dkernel);
    digest_floats(bits, channels, dbias);
    digest_floats(bits, v.outputs, dx);
  }
  release(bits);
}

BITS_OF(mc_conv2d_transpose_forward) {
  for (size_t i = 0; i < COUNT_OF(convolution_shapes); i++)
    digest_transposed(bits, &convolution_shapes[i], true);
}

BITS_OF(mc_conv2d_transpose_backward) {
  for (size_t i = 0; i < COUNT_OF(convolution_shapes); i++)
    digest_transposed(bits, &convolution_shapes[i], false);
}
