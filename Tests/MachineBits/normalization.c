// The loops of mc_normalization.h: fewer channels than a vector has lanes, with rows that fill lines of sixteen
// and that do not; whole vectors; a rest; rows enough for several blocks; those of the models in Models.
#include <stdlib.h>

#include "bits.h"
#include "shapes.h"

typedef struct {
  size_t rows, channels;
} Table;

static const Table tables[] = {
    {1, 1}, {5, 3}, {300, 6}, {16, 8}, {33, 15}, {9, 16}, {7, 37}, {1000, 20}, {200, 40}, {3, 300}, {2, 31},
    {1568, 10}, {1568, 24}, {1568, 32}, {392, 64}, {98, 128}, {50, 192}, {18, 256},
};

static const MCRectifier rectifiers[] = {
    {0}, {true, 0, INFINITY}, {true, 0.3f, INFINITY}, {true, 0, 0.5f}};

static MCBatchNorm norm_of(Bits *bits, size_t channels, const MCRectifier *rectifier, bool isAffine) {
  MCBatchNorm b = {.channels = channels, .rectifier = *rectifier};
  b.mean = numbers(bits, channels, UNIT);
  b.rstd = numbers(bits, channels, POSITIVE);
  b.gamma = isAffine ? numbers(bits, channels, UNIT) : NULL;
  b.beta = isAffine ? numbers(bits, channels, UNIT) : NULL;
  return b;
}

#define EACH_TABLE(t) for (const Table *t = tables; t < tables + COUNT_OF(tables); t++)
#define EACH_NORM(t, b)                                                                              \
  EACH_TABLE(t) for (size_t i = 0; i < 2 * COUNT_OF(rectifiers); i++)                                \
    for (MCBatchNorm b = norm_of(bits, t->channels, &rectifiers[i / 2], i % 2), *once = &b; once;    \
         once = NULL, release(bits))

BITS_OF(mc_batch_norm_statistics) {
  EACH_TABLE(t) {
    float *mean = blank(bits, t->channels), *m2 = blank(bits, t->channels);
    mc_batch_norm_statistics(t->rows, t->channels, numbers(bits, t->rows * t->channels, SPREAD), mean, m2);
    digest_floats(bits, t->channels, mean);
    digest_floats(bits, t->channels, m2);
    release(bits);
  }
}

BITS_OF(mc_batch_norm_forward) {
  EACH_NORM(t, b) {
    size_t count = t->rows * t->channels;
    float *y = blank(bits, count);
    mc_batch_norm_forward(&b, t->rows, numbers(bits, count, UNIT), y);
    digest_floats(bits, count, y);
  }
}

BITS_OF(mc_batch_norm_backward_sums) {
  EACH_NORM(t, b) {
    size_t count = t->rows * t->channels;
    float *sums = blank(bits, t->channels), *products = blank(bits, t->channels);
    const float *x = numbers(bits, count, UNIT), *dy = numbers(bits, count, UNIT);
    mc_batch_norm_backward_sums(&b, t->rows, x, dy, sums, products);
    digest_floats(bits, t->channels, sums);
    digest_floats(bits, t->channels, products);
  }
}

BITS_OF(mc_batch_norm_backward) {
  EACH_NORM(t, b) {
    size_t count = t->rows * t->channels;
    const float *x = numbers(bits, count, UNIT), *dy = numbers(bits, count, UNIT);
    const float *sums = numbers(bits, t->channels, SPREAD), *products = numbers(bits, t->channels, SPREAD);
    float *dx = blank(bits, count);
    mc_batch_norm_backward(&b, t->rows, t->rows + 2, x, dy, sums, products, dx);
    digest_floats(bits, count, dx);
  }
}

// ---- With a pooling -------------------------------------------------------------------------------

typedef struct {
  int32_t size[2], kernel[2], stride[2], out[2];
} Pooling;

static const Pooling poolings[] = {
    {{6, 8}, {2, 2}, {2, 2}, {3, 4}}, {{7, 5}, {2, 2}, {2, 2}, {3, 2}}, {{9, 7}, {3, 2}, {3, 3}, {3, 2}},
    {{8, 9}, {2, 2}, {3, 4}, {3, 2}}, {{4, 4}, {4, 4}, {4, 4}, {1, 1}}, {{3, 5}, {1, 1}, {2, 2}, {2, 3}},
    {{28, 28}, {2, 2}, {2, 2}, {14, 14}},
};
static const int32_t channel_counts[] = {1, 3, 8, 10, 16, 19, 24, 40};

// A normalization, a pooling, and their numbers.
typedef struct {
  MCWindow w;
  MCBatchNorm b;
  size_t batch, inputs, outputs;
  float *x, *largest, *y;
  uint8_t *argmax;
} Pooled;

static Pooled pooled_of(Bits *bits, size_t index) {
  const Pooling *p = &poolings[index % COUNT_OF(poolings)];
  index /= COUNT_OF(poolings);
  int32_t channels = channel_counts[index % COUNT_OF(channel_counts)];
  index /= COUNT_OF(channel_counts);
  Pooled v = {.batch = 3};
  v.w = (MCWindow){.inHeight = p->size[0], .inWidth = p->size[1], .inChannels = channels,
                   .outHeight = p->out[0], .outWidth = p->out[1], .outChannels = channels,
                   .kernelHeight = p->kernel[0], .kernelWidth = p->kernel[1],
                   .strideHeight = p->stride[0], .strideWidth = p->stride[1],
                   .dilationHeight = 1, .dilationWidth = 1, .groups = 1};
  if (!mc_batch_norm_can_pool(&v.w)) abort();
  v.b = norm_of(bits, (size_t)channels, &rectifiers[index], true);
  v.inputs = v.batch * input_count(&v.w);
  v.outputs = v.batch * output_count(&v.w);
  v.x = numbers(bits, v.inputs, index % 2 == 0 ? UNIT : TIES);
  v.largest = blank(bits, v.outputs);
  v.y = blank(bits, v.outputs);
  v.argmax = blank_bytes(bits, v.outputs);
  mc_batch_norm_pool_forward(&v.b, &v.w, v.batch, v.x, v.largest, v.y, v.argmax);
  return v;
}

#define EACH_POOLED(v)                                                                                \
  for (size_t i = 0; i < COUNT_OF(poolings) * COUNT_OF(channel_counts) * COUNT_OF(rectifiers); i++)   \
    for (Pooled v = pooled_of(bits, i), *once = &v; once; once = NULL, release(bits))

BITS_OF(mc_batch_norm_pool_forward) {
  EACH_POOLED(v) {
    digest_floats(bits, v.outputs, v.largest);
    digest_floats(bits, v.outputs, v.y);
    digest_bytes(bits, v.outputs, v.argmax);
  }
}

BITS_OF(mc_batch_norm_pool_backward) {
  EACH_POOLED(v) {
    const float *dy = numbers(bits, v.outputs, UNIT);
    const float *sums = numbers(bits, v.b.channels, SPREAD), *products = numbers(bits, v.b.channels, SPREAD);
    float *dx = blank(bits, v.inputs);
    mc_batch_norm_pool_backward(&v.b, &v.w, v.batch, 100, v.x, v.largest, dy, v.argmax, sums, products, dx);
    digest_floats(bits, v.inputs, dx);
  }
}

// ---- Within a sample ------------------------------------------------------------------------------

typedef struct {
  size_t batch, places, channels, groups;
} Sample;

static const Sample samples[] = {
    {2, 1, 1, 1}, {2, 5, 3, 1}, {3, 7, 6, 3}, {2, 9, 16, 4}, {1, 33, 15, 5}, {2, 16, 20, 4}, {3, 49, 40, 8},
    {2, 10, 64, 64}, {2, 25, 96, 2}, {1, 196, 32, 32}, {2, 3, 130, 1}, {2, 100, 24, 8},
};

// `isRow`: each place is normalized by itself, and mean and rstd have a number for each.
static void digest_sample(Bits *bits, const Sample *s, bool isRow, bool forward) {
  size_t rows = s->batch * s->places, count = rows * s->channels;
  size_t statistics = isRow ? rows : s->batch * s->channels;
  const float *x = numbers(bits, count, UNIT), *dy = numbers(bits, count, UNIT);
  const float *gamma = numbers(bits, s->channels, UNIT), *beta = numbers(bits, s->channels, UNIT);
  float *y = blank(bits, count), *mean = blank(bits, statistics), *rstd = blank(bits, statistics);
  if (isRow) mc_layer_norm_forward(rows, s->channels, 1e-3f, x, gamma, beta, y, mean, rstd);
  else mc_group_norm_forward(s->batch, s->places, s->channels, s->groups, 1e-3f, x, gamma, beta, y, mean, rstd);
  if (forward) {
    digest_floats(bits, count, y);
    digest_floats(bits, statistics, mean);
    digest_floats(bits, statistics, rstd);
  } else {
    float *dgamma = numbers(bits, s->channels, UNIT), *dbeta = numbers(bits, s->channels, UNIT);
    float *dx = blank(bits, count), *scratch = blank(bits, 2 * s->channels);
    if (isRow)
      mc_layer_norm_backward(s->batch, s->places, s->channels, x, dy, mean, rstd, gamma, dgamma, dbeta, dx,
                             scratch);
    else
      mc_group_norm_backward(s->batch, s->places, s->channels, s->groups, x, dy, mean, rstd, gamma, dgamma,
                             dbeta, dx, scratch);
    digest_floats(bits, s->channels, dgamma);
    digest_floats(bits, s->channels, dbeta);
    digest_floats(bits, count, dx);
  }
  release(bits);
}

static void digest_samples(Bits *bits, bool isRow, bool forward) {
  for (size_t i = 0; i < COUNT_OF(samples); i++) digest_sample(bits, &samples[i], isRow, forward);
}

BITS_OF(mc_group_norm_forward) { digest_samples(bits, false, true); }
BITS_OF(mc_group_norm_backward) { digest_samples(bits, false, false); }
BITS_OF(mc_layer_norm_forward) { digest_samples(bits, true, true); }
BITS_OF(mc_layer_norm_backward) { digest_samples(bits, true, false); }
