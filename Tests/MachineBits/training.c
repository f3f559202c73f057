// The loops of mc_training.h: softmax and losses, augmentation, the updates of optimizers.
#include "CKernels.h"
#include "bits.h"

// ---- Softmax and losses ---------------------------------------------------------------------------

#define EACH_TABLE(rows, columns)                \
  for (size_t rows = 1; rows <= 33; rows += 16)  \
    for (size_t columns = 1; columns <= 260; columns += columns < 36 ? 1 : 32, release(bits))

BITS_OF(mc_softmax_forward) {
  EACH_TABLE(rows, columns) {
    float *y = blank(bits, rows * columns);
    mc_softmax_forward(rows, columns, numbers(bits, rows * columns, SPREAD), y);
    digest_floats(bits, rows * columns, y);
  }
}

BITS_OF(mc_softmax_backward) {
  EACH_TABLE(rows, columns) {
    size_t n = rows * columns;
    float *y = blank(bits, n), *dx = blank(bits, n);
    mc_softmax_forward(rows, columns, numbers(bits, n, UNIT), y);
    mc_softmax_backward(rows, columns, y, numbers(bits, n, UNIT), dx);
    digest_floats(bits, n, dx);
  }
}

typedef double (*Loss)(size_t, size_t, const float *, const float *, float, float *);

static void digest_loss(Bits *bits, Loss loss) {
  EACH_TABLE(rows, columns) {
    size_t n = rows * columns;
    const Kind kinds[] = {UNIT, SPREAD};
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
      const float *outputs = numbers(bits, n, kinds[k]), *targets = numbers(bits, n, POSITIVE);
      float *gradient = blank(bits, n);
      digest_double(bits, loss(rows, columns, outputs, targets, 0.1f, gradient));
      digest_double(bits, loss(rows, columns, outputs, targets, 0.1f, NULL));
      digest_floats(bits, n, gradient);
    }
  }
}

static double huber(size_t rows, size_t columns, const float *y, const float *targets, float scale, float *dy) {
  return mc_huber(rows, columns, 0.7f, y, targets, scale, dy);
}

BITS_OF(mc_softmax_cross_entropy) { digest_loss(bits, mc_softmax_cross_entropy); }
BITS_OF(mc_sigmoid_cross_entropy) { digest_loss(bits, mc_sigmoid_cross_entropy); }
BITS_OF(mc_mean_squared_error) { digest_loss(bits, mc_mean_squared_error); }
BITS_OF(mc_mean_absolute_error) { digest_loss(bits, mc_mean_absolute_error); }
BITS_OF(mc_huber) { digest_loss(bits, huber); }

BITS_OF(mc_count_correct) {
  EACH_TABLE(rows, columns) {
    const float *outputs = numbers(bits, rows * columns, TIES), *targets = numbers(bits, rows * columns, TIES);
    digest_double(bits, (double)mc_count_correct(rows, columns, outputs, targets));
  }
}

// ---- Augmentation ---------------------------------------------------------------------------------

BITS_OF(mc_spline_field) {
  static const float spacings[] = {1, 2.5f, 7, 9.3f};
  for (size_t i = 0; i < COUNT_OF(spacings); i++)
    for (size_t width = 1; width <= 40; width += 3, release(bits)) {
      size_t height = 28, rows = (size_t)((float)(height - 1) / spacings[i]) + 4;
      size_t columns = (size_t)((float)(width - 1) / spacings[i]) + 4;
      float *field = blank(bits, height * width);
      const float *controls = numbers(bits, rows * columns, UNIT);
      mc_spline_field(height, width, columns, spacings[i], controls, blank(bits, height * columns), field);
      digest_floats(bits, height * width, field);
    }
}

BITS_OF(mc_warp) {
  static const float maps[][6] = {
      {0.9f, 0.3f, -1.2f, -0.2f, 1.1f, 0.7f}, {1, 0, 0, 0, 1, 0}, {-0.3f, 1.7f, 40, 2.2f, 0.1f, -30}};
  for (size_t map = 0; map < COUNT_OF(maps); map++)
    for (size_t channels = 1; channels <= 4; channels++)
      for (size_t width = 1; width <= 37; width += 4, release(bits)) {
        size_t height = 13, count = height * width * channels;
        const float *framed = numbers(bits, (height + 2) * (width + 2) * channels, UNIT);
        const float *field = width % 8 == 1 ? NULL : numbers(bits, 2 * height * width, UNIT);
        float *y = blank(bits, count);
        mc_warp(height, width, channels, maps[map], field, framed, y);
        digest_floats(bits, count, y);
      }
}

// ---- Optimizers -----------------------------------------------------------------------------------

static const MCStep steps[] = {{0.01f, 1, 0, 0, 0}, {0.01f, 0.37f, 1e-3f, 1e-4f, 0.02f}};
#define EACH_STEP(step) for (size_t s = 0; s < COUNT_OF(steps); s++) \
    for (MCStep step = steps[s], *once_more = &step; once_more; once_more = NULL)

// A row of weights with its gradient and what the optimizer keeps of it.
#define DIGEST_UPDATE(call)                                                              \
  EACH_LENGTH(n) EACH_STEP(step) {                                                       \
    const float *g = numbers(bits, n, ANY_SIZE);                                         \
    float *w = numbers(bits, n, UNIT), *m = numbers(bits, n, UNIT);                      \
    float *v = numbers(bits, n, POSITIVE);                                               \
    call;                                                                                \
    digest_floats(bits, n, w);                                                           \
    digest_floats(bits, n, m);                                                           \
    digest_floats(bits, n, v);                                                           \
  }

BITS_OF(mc_sgd_update) {
  DIGEST_UPDATE(mc_sgd_update(n, step, 0, false, g, w, NULL))
  DIGEST_UPDATE(mc_sgd_update(n, step, 0.9f, false, g, w, m))
  DIGEST_UPDATE(mc_sgd_update(n, step, 0.9f, true, g, w, m))
}
BITS_OF(mc_rmsprop_update) {
  DIGEST_UPDATE(mc_rmsprop_update(n, step, 0.9f, 0, 1e-7f, g, w, v, NULL))
  DIGEST_UPDATE(mc_rmsprop_update(n, step, 0.9f, 0.5f, 1e-7f, g, w, v, m))
}
BITS_OF(mc_adagrad_update) { DIGEST_UPDATE(mc_adagrad_update(n, step, 1e-7f, g, w, v)) }
BITS_OF(mc_adam_update) { DIGEST_UPDATE(mc_adam_update(n, step, 0.003f, 0.9f, 0.999f, 1e-7f, g, w, m, v)) }
