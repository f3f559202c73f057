// The loops of mc_pooling.h: windows that tile the image, leave a rest, overlap, lie apart, or lie in the border
// in part or wholly.
#include "bits.h"
#include "shapes.h"

// Of a pooling, channels apart; the images have a border of zeros at the top and left alone.
typedef struct {
  int32_t size[2], kernel[2], stride[2], border[2], out[2];
} Pooling;

static const Pooling poolings[] = {
    {{6, 8}, {2, 2}, {2, 2}, {0, 0}, {3, 4}},    {{7, 5}, {2, 2}, {2, 2}, {0, 0}, {3, 2}},
    {{7, 7}, {3, 3}, {2, 2}, {0, 0}, {3, 3}},    {{5, 6}, {3, 2}, {1, 1}, {1, 1}, {5, 7}},
    {{4, 4}, {2, 2}, {2, 2}, {1, 1}, {3, 3}},    {{3, 3}, {2, 2}, {2, 2}, {4, 4}, {5, 5}},
    {{2, 3}, {2, 3}, {1, 1}, {0, 0}, {1, 1}},    {{8, 9}, {3, 3}, {2, 2}, {1, 1}, {4, 5}},
    {{5, 4}, {3, 3}, {1, 1}, {1, 1}, {5, 4}},    {{5, 1}, {3, 3}, {1, 1}, {2, 2}, {7, 3}},
    {{9, 8}, {4, 4}, {4, 4}, {0, 0}, {2, 2}},    {{11, 8}, {5, 3}, {3, 2}, {2, 1}, {4, 4}},
    {{8, 11}, {2, 2}, {3, 3}, {0, 0}, {3, 4}},   {{28, 28}, {2, 2}, {2, 2}, {0, 0}, {14, 14}},
    {{14, 14}, {2, 2}, {2, 2}, {0, 0}, {7, 7}},  {{7, 7}, {3, 3}, {2, 2}, {0, 0}, {3, 3}},
};
static const int32_t channel_counts[] = {1, 3, 6, 8, 10, 16, 19, 37, 64};

static MCWindow window_over(const Pooling *p, int32_t channels) {
  return (MCWindow){.inHeight = p->size[0], .inWidth = p->size[1], .inChannels = channels,
                    .outHeight = p->out[0], .outWidth = p->out[1], .outChannels = channels,
                    .kernelHeight = p->kernel[0], .kernelWidth = p->kernel[1],
                    .strideHeight = p->stride[0], .strideWidth = p->stride[1],
                    .dilationHeight = 1, .dilationWidth = 1,
                    .padTop = p->border[0], .padLeft = p->border[1], .groups = 1};
}

static const Kind kinds[] = {UNIT, TIES, SPECIAL};
enum { BATCH_SIZE = 3 };

#define EACH_POOLING(w, kind)                                                                         \
  for (size_t i = 0; i < COUNT_OF(poolings) * COUNT_OF(channel_counts) * COUNT_OF(kinds); i++)        \
    for (MCWindow w = window_over(&poolings[i / COUNT_OF(kinds) % COUNT_OF(poolings)],                \
                                  channel_counts[i / COUNT_OF(kinds) / COUNT_OF(poolings)]), *once = &w; \
         once; once = NULL, release(bits))                                                            \
      for (Kind kind = kinds[i % COUNT_OF(kinds)]; once; once = NULL)

BITS_OF(mc_max_pool2d_forward) {
  EACH_POOLING(w, kind) {
    size_t outputs = BATCH_SIZE * output_count(&w);
    float *y = blank(bits, outputs);
    uint8_t *argmax = blank_bytes(bits, outputs);
    mc_max_pool2d_forward(&w, BATCH_SIZE, numbers(bits, BATCH_SIZE * input_count(&w), kind), y, argmax);
    digest_floats(bits, outputs, y);
    digest_bytes(bits, outputs, argmax);
  }
}

BITS_OF(mc_max_pool2d_forward_wide) {
  EACH_POOLING(w, kind) {
    size_t outputs = BATCH_SIZE * output_count(&w);
    float *y = blank(bits, outputs);
    int32_t *argmax = blank_integers(bits, outputs);
    mc_max_pool2d_forward_wide(&w, BATCH_SIZE, numbers(bits, BATCH_SIZE * input_count(&w), kind), y,
                               argmax);
    digest_floats(bits, outputs, y);
    digest_integers(bits, outputs, argmax);
  }
}

BITS_OF(mc_max_pool2d_backward) {
  EACH_POOLING(w, kind) {
    size_t inputs = BATCH_SIZE * input_count(&w), outputs = BATCH_SIZE * output_count(&w);
    float *dx = blank(bits, inputs), *y = blank(bits, outputs);
    uint8_t *argmax = blank_bytes(bits, outputs);
    mc_max_pool2d_forward(&w, BATCH_SIZE, numbers(bits, inputs, kind), y, argmax);
    mc_max_pool2d_backward(&w, BATCH_SIZE, numbers(bits, outputs, UNIT), argmax, dx);
    digest_floats(bits, inputs, dx);
  }
}

BITS_OF(mc_max_pool2d_backward_wide) {
  EACH_POOLING(w, kind) {
    size_t inputs = BATCH_SIZE * input_count(&w), outputs = BATCH_SIZE * output_count(&w);
    float *dx = blank(bits, inputs), *y = blank(bits, outputs);
    int32_t *argmax = blank_integers(bits, outputs);
    mc_max_pool2d_forward_wide(&w, BATCH_SIZE, numbers(bits, inputs, kind), y, argmax);
    mc_max_pool2d_backward_wide(&w, BATCH_SIZE, numbers(bits, outputs, UNIT), argmax, dx);
    digest_floats(bits, inputs, dx);
  }
}

BITS_OF(mc_avg_pool2d_forward) {
  EACH_POOLING(w, kind) {
    size_t outputs = BATCH_SIZE * output_count(&w);
    float *y = blank(bits, outputs);
    mc_avg_pool2d_forward(&w, BATCH_SIZE, numbers(bits, BATCH_SIZE * input_count(&w), kind), y);
    digest_floats(bits, outputs, y);
  }
}

BITS_OF(mc_avg_pool2d_backward) {
  EACH_POOLING(w, kind) {
    size_t inputs = BATCH_SIZE * input_count(&w);
    float *dx = blank(bits, inputs);
    mc_avg_pool2d_backward(&w, BATCH_SIZE, numbers(bits, BATCH_SIZE * output_count(&w), kind), dx);
    digest_floats(bits, inputs, dx);
  }
}

// ---- Over a whole image ---------------------------------------------------------------------------

#define EACH_IMAGE(positions, channels)                                      \
  for (size_t positions = 1; positions <= 49; positions += positions < 9 ? 1 : 8) \
    for (size_t channels = 1; channels <= 192; channels += channels < 40 ? 1 : 38, release(bits))

BITS_OF(mc_global_avg_pool_forward) {
  EACH_IMAGE(positions, channels) {
    float *y = blank(bits, BATCH_SIZE * channels);
    mc_global_avg_pool_forward(BATCH_SIZE, positions, channels,
                               numbers(bits, BATCH_SIZE * positions * channels, UNIT), y);
    digest_floats(bits, BATCH_SIZE * channels, y);
  }
}

BITS_OF(mc_global_avg_pool_backward) {
  EACH_IMAGE(positions, channels) {
    size_t count = BATCH_SIZE * positions * channels;
    float *dx = blank(bits, count);
    mc_global_avg_pool_backward(BATCH_SIZE, positions, channels,
                                numbers(bits, BATCH_SIZE * channels, UNIT), dx);
    digest_floats(bits, count, dx);
  }
}

BITS_OF(mc_global_max_pool_forward) {
  EACH_IMAGE(positions, channels) {
    float *y = blank(bits, BATCH_SIZE * channels);
    int32_t *argmax = blank_integers(bits, BATCH_SIZE * channels);
    mc_global_max_pool_forward(BATCH_SIZE, positions, channels,
                               numbers(bits, BATCH_SIZE * positions * channels, TIES), y, argmax);
    digest_floats(bits, BATCH_SIZE * channels, y);
    digest_integers(bits, BATCH_SIZE * channels, argmax);
  }
}

BITS_OF(mc_global_max_pool_backward) {
  EACH_IMAGE(positions, channels) {
    size_t count = BATCH_SIZE * positions * channels;
    float *dx = blank(bits, count), *y = blank(bits, BATCH_SIZE * channels);
    int32_t *argmax = blank_integers(bits, BATCH_SIZE * channels);
    mc_global_max_pool_forward(BATCH_SIZE, positions, channels, numbers(bits, count, UNIT), y, argmax);
    mc_global_max_pool_backward(BATCH_SIZE, positions, channels,
                                numbers(bits, BATCH_SIZE * channels, UNIT), argmax, dx);
    digest_floats(bits, count, dx);
  }
}

// ---- Upsampling -----------------------------------------------------------------------------------

typedef void (*Resize)(const MCUpsampling *, size_t, const float *, float *);

static void digest_upsampling(Bits *bits, Resize resize, bool forward) {
  for (int32_t channels = 1; channels <= 35; channels += channels < 9 ? 4 : 13)
    for (int32_t factor = 1; factor <= 3; factor++) {
      MCUpsampling u = {.height = 5, .width = 4, .channels = channels, .rows = factor, .columns = 4 - factor};
      size_t small = BATCH_SIZE * (size_t)(u.height * u.width * channels);
      size_t large = small * (size_t)(u.rows * u.columns), count = forward ? large : small;
      float *result = blank(bits, count);
      resize(&u, BATCH_SIZE, numbers(bits, forward ? small : large, UNIT), result);
      digest_floats(bits, count, result);
      release(bits);
    }
}

BITS_OF(mc_upsample_nearest_forward) { digest_upsampling(bits, mc_upsample_nearest_forward, true); }
BITS_OF(mc_upsample_nearest_backward) { digest_upsampling(bits, mc_upsample_nearest_backward, false); }
BITS_OF(mc_upsample_bilinear_forward) { digest_upsampling(bits, mc_upsample_bilinear_forward, true); }
BITS_OF(mc_upsample_bilinear_backward) { digest_upsampling(bits, mc_upsample_bilinear_backward, false); }
