// Some steps of training: a network's passes, its loss and Adam's updates, each reading what the loops before
// it wrote. One bit that differs anywhere is in every weight some steps later.
#include "bits.h"
#include "shapes.h"

enum { BATCH_SIZE = 16, CLASSES = 10, FEATURES = 32, HIDDEN = 48, STEPS = 12 };

// Weights, their gradient, and Adam's means.
typedef struct {
  size_t count;
  float *w, *g, *m, *v;
} Weights;

static Weights weights(Bits *bits, size_t count, float scale) {
  Weights p = {count, numbers(bits, count, UNIT), zeros(bits, count), zeros(bits, count), zeros(bits, count)};
  mc_scale(count, scale, p.w);
  return p;
}

static void update(Weights *p, int step) {
  double first = mc_power(0.9, step), second = mc_power(0.999, step);
  float rate = 0.003f, alpha = rate * (float)(__builtin_elementwise_sqrt(1 - second) / (1 - first));
  MCStep s = {.rate = rate, .gradientScale = 1, .l2 = 1e-4f, .decay = 0.01f};
  mc_adam_update(p->count, s, alpha, 0.9f, 0.999f, 1e-7f, p->g, p->w, p->m, p->v);
  mc_fill(p->count, 0, p->g);
}

// A convolution with its memory.
typedef struct {
  MCConvolution c;
  size_t rows, inputs, outputs;
  Weights kernel, bias;
  float *prepared, *scratch, *y, *dx;
  uint8_t *argmax;
} Convolution;

static Convolution convolution(Bits *bits, const Shape *shape, const MCRectifier *r) {
  Convolution l = {.c = convolution_of(shape, r)};
  const MCWindow *w = &l.c.window, *last = l.c.pooled ? &l.c.pool : w;
  l.rows = (size_t)last->outHeight;
  l.inputs = BATCH_SIZE * input_count(w);
  l.outputs = BATCH_SIZE * output_count(last);
  l.kernel = weights(bits, kernel_count(w), 0.2f);
  l.bias = weights(bits, (size_t)w->outChannels, 0.1f);
  l.prepared = blank(bits, mc_conv2d_prepared_count(&l.c));
  l.scratch = blank(bits, mc_conv2d_scratch_count(&l.c));
  l.y = blank(bits, l.outputs);
  l.dx = blank(bits, l.inputs);
  l.argmax = blank_bytes(bits, l.outputs);
  return l;
}

static void convolve(Convolution *l, const float *x) {
  mc_conv2d_prepare(&l->c, l->kernel.w, l->prepared);
  mc_conv2d_forward(&l->c, BATCH_SIZE, 0, l->rows, x, l->prepared, l->bias.w, l->y, l->argmax, l->scratch);
}

static void convolve_back(Convolution *l, const float *x, const float *dy) {
  mc_conv2d_backward(&l->c, BATCH_SIZE, x, l->y, dy, l->argmax, l->prepared, l->kernel.g, l->bias.g, l->dx,
                     l->scratch);
}

// A dense layer with its memory.
typedef struct {
  size_t inputs, outputs;
  Weights kernel, bias;
  float *prepared, *transposed, *scratch, *xs, *dys, *y, *dy, *dx;
} Dense;

static Dense dense(Bits *bits, size_t inputs, size_t outputs) {
  return (Dense){inputs, outputs, weights(bits, inputs * outputs, 0.1f), weights(bits, outputs, 0.1f),
                 blank(bits, mc_dense_prepared_count(inputs, outputs)),
                 blank(bits, mc_dense_transposed_count(inputs, outputs)),
                 blank(bits, mc_dense_scratch_count(outputs)),
                 blank(bits, mc_dense_gathered_count(BATCH_SIZE, inputs)),
                 blank(bits, mc_dense_gathered_count(BATCH_SIZE, outputs)),
                 blank(bits, BATCH_SIZE * outputs), blank(bits, BATCH_SIZE * outputs),
                 blank(bits, BATCH_SIZE * inputs)};
}

static void multiply(Dense *l, const float *x) {
  mc_dense_prepare(l->inputs, l->outputs, 0, l->inputs, l->kernel.w, l->prepared);
  mc_dense_forward(BATCH_SIZE, l->inputs, l->outputs, 0, (l->outputs + 15) / 16, x, l->prepared, l->bias.w,
                   l->y);
}

static void multiply_back(Dense *l, const float *x) {
  mc_dense_transpose(l->inputs, l->outputs, 0, (l->inputs + 15) / 16, l->kernel.w, l->transposed);
  mc_dense_backward_input(BATCH_SIZE, l->inputs, l->outputs, l->dy, l->transposed, l->dx, l->scratch);
  mc_dense_gather(BATCH_SIZE, l->inputs, 0, BATCH_SIZE, x, l->xs);
  mc_dense_gather(BATCH_SIZE, l->outputs, 0, BATCH_SIZE, l->dy, l->dys);
  mc_dense_backward_kernel(BATCH_SIZE, l->inputs, l->outputs, 0, (l->inputs + 15) / 16, true, l->xs, l->dys,
                           l->kernel.g);
  mc_dense_backward_bias(BATCH_SIZE, l->outputs, true, l->dys, l->bias.g);
}

// A normalization over the batch, then a ReLU.
typedef struct {
  size_t rows, channels;
  Weights gamma, beta;
  float *mean, *m2, *rstd, *y, *dy, *dx;
  MCBatchNorm form;
} Norm;

static Norm norm(Bits *bits, size_t rows, size_t channels) {
  Norm l = {rows, channels, weights(bits, channels, 1), weights(bits, channels, 0.1f),
            blank(bits, channels), blank(bits, channels), blank(bits, channels),
            blank(bits, rows * channels), blank(bits, rows * channels), blank(bits, rows * channels),
            {.channels = channels, .rectifier = {true, 0, INFINITY}}};
  l.form.mean = l.mean;
  l.form.rstd = l.rstd;
  l.form.gamma = l.gamma.w;
  l.form.beta = l.beta.w;
  return l;
}

static void normalize(Norm *l, const float *x) {
  mc_batch_norm_statistics(l->rows, l->channels, x, l->mean, l->m2);
  for (size_t c = 0; c < l->channels; c++)
    l->rstd[c] = 1 / __builtin_elementwise_sqrt(l->m2[c] / (float)l->rows + 1e-3f);
  mc_batch_norm_forward(&l->form, l->rows, x, l->y);
}

static void normalize_back(Norm *l, const float *x) {
  mc_batch_norm_backward_sums(&l->form, l->rows, x, l->dy, l->beta.g, l->gamma.g);
  mc_batch_norm_backward(&l->form, l->rows, l->rows, x, l->dy, l->beta.g, l->gamma.g, l->dx);
}

// A first layer with a fused pooling, tiles, a normalization, the average over the image, a dense layer with
// GELU and dropout, a dense layer for the classes.
BITS_OF(steps_of_training) {
  const MCRectifier none = {0}, relu = {true, 0, INFINITY};
  const Shape first = {IMAGE(28, 28), CHANNELS(1, 16), KERNEL(5, 5), POOL(2, 2)};
  const Shape second = {IMAGE(12, 12), CHANNELS(16, FEATURES), AROUND(1)};
  enum { PLACES = 12 * 12 };
  Convolution edges = convolution(bits, &first, &relu), shapes = convolution(bits, &second, &none);
  Norm even = norm(bits, BATCH_SIZE * PLACES, FEATURES);
  Dense hidden = dense(bits, FEATURES, HIDDEN), classes = dense(bits, HIDDEN, CLASSES);
  float *pooled = blank(bits, BATCH_SIZE * FEATURES), *active = blank(bits, BATCH_SIZE * HIDDEN);
  float *targets = zeros(bits, BATCH_SIZE * CLASSES);
  for (size_t n = 0; n < BATCH_SIZE; n++) targets[n * CLASSES + n * 7 % CLASSES] = 1;
  Weights *all[] = {&edges.kernel, &edges.bias, &shapes.kernel, &shapes.bias, &even.gamma, &even.beta,
                    &hidden.kernel, &hidden.bias, &classes.kernel, &classes.bias};
  const float *x = numbers(bits, edges.inputs, POSITIVE);
  for (int step = 1; step <= STEPS; step++) {
    convolve(&edges, x);
    convolve(&shapes, edges.y);
    normalize(&even, shapes.y);
    mc_global_avg_pool_forward(BATCH_SIZE, PLACES, FEATURES, even.y, pooled);
    multiply(&hidden, pooled);
    mc_gelu_forward(BATCH_SIZE * HIDDEN, hidden.y, active);
    mc_dropout(BATCH_SIZE * HIDDEN, (uint64_t)step, 0.2f, active, active);
    multiply(&classes, active);
    digest_double(bits, mc_softmax_cross_entropy(BATCH_SIZE, CLASSES, classes.y, targets, 1.0f / BATCH_SIZE,
                                                 classes.dy));
    multiply_back(&classes, active);
    mc_dropout(BATCH_SIZE * HIDDEN, (uint64_t)step, 0.2f, classes.dx, classes.dx);
    mc_gelu_backward(BATCH_SIZE * HIDDEN, hidden.y, classes.dx, hidden.dy);
    multiply_back(&hidden, pooled);
    mc_global_avg_pool_backward(BATCH_SIZE, PLACES, FEATURES, hidden.dx, even.dy);
    normalize_back(&even, shapes.y);
    convolve_back(&shapes, edges.y, even.dx);
    convolve_back(&edges, x, shapes.dx);
    for (size_t i = 0; i < COUNT_OF(all); i++) update(all[i], step);
  }
  for (size_t i = 0; i < COUNT_OF(all); i++) digest_floats(bits, all[i]->count, all[i]->w);
}
