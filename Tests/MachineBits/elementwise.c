// The loops of mc_elementwise.h, over rows of every length.
#include "CKernels.h"
#include "bits.h"

#include <string.h>

// ---- Activations ----------------------------------------------------------------------------------

static const Kind kinds[] = {UNIT, SPREAD, SPECIAL};
#define EACH_KIND(k) for (size_t k = 0; k < COUNT_OF(kinds); k++)

typedef void (*Map)(size_t, const float *, float *);
typedef void (*Pullback)(size_t, const float *, const float *, float *);

static void digest_map(Bits *bits, Map map) {
  EACH_LENGTH(n) EACH_KIND(k) {
    float *y = blank(bits, n);
    map(n, numbers(bits, n, kinds[k]), y);
    digest_floats(bits, n, y);
  }
}

// Of a gradient that is read beside what the map came to, or what it came from where `map` is NULL.
static void digest_pullback(Bits *bits, Map map, Pullback pullback) {
  EACH_LENGTH(n) EACH_KIND(k) {
    float *y = numbers(bits, n, kinds[k]), *dx = blank(bits, n);
    if (map) map(n, y, y);
    pullback(n, y, numbers(bits, n, UNIT), dx);
    digest_floats(bits, n, dx);
  }
}

BITS_OF(mc_relu_forward) { digest_map(bits, mc_relu_forward); }
BITS_OF(mc_sigmoid_forward) { digest_map(bits, mc_sigmoid_forward); }
BITS_OF(mc_tanh_forward) { digest_map(bits, mc_tanh_forward); }
BITS_OF(mc_gelu_forward) { digest_map(bits, mc_gelu_forward); }
BITS_OF(mc_silu_forward) { digest_map(bits, mc_silu_forward); }
BITS_OF(mc_relu6_forward) { digest_map(bits, mc_relu6_forward); }
BITS_OF(mc_relu_backward) { digest_pullback(bits, mc_relu_forward, mc_relu_backward); }
BITS_OF(mc_sigmoid_backward) { digest_pullback(bits, mc_sigmoid_forward, mc_sigmoid_backward); }
BITS_OF(mc_tanh_backward) { digest_pullback(bits, mc_tanh_forward, mc_tanh_backward); }
BITS_OF(mc_gelu_backward) { digest_pullback(bits, NULL, mc_gelu_backward); }
BITS_OF(mc_silu_backward) { digest_pullback(bits, NULL, mc_silu_backward); }
BITS_OF(mc_relu6_backward) { digest_pullback(bits, mc_relu6_forward, mc_relu6_backward); }

static const float SLOPE = 0.3f, ALPHA = 0.7f;

static void leak(size_t n, const float *x, float *y) { mc_leaky_relu_forward(n, SLOPE, x, y); }
static void leak_back(size_t n, const float *x, const float *dy, float *dx) {
  mc_leaky_relu_backward(n, SLOPE, x, dy, dx);
}
static void elu(size_t n, const float *x, float *y) { mc_elu_forward(n, ALPHA, x, y); }

BITS_OF(mc_leaky_relu_forward) { digest_map(bits, leak); }
BITS_OF(mc_leaky_relu_backward) { digest_pullback(bits, NULL, leak_back); }
BITS_OF(mc_elu_forward) { digest_map(bits, elu); }

BITS_OF(mc_elu_backward) {
  EACH_LENGTH(n) EACH_KIND(k) {
    float *x = numbers(bits, n, kinds[k]), *y = blank(bits, n), *dx = blank(bits, n);
    elu(n, x, y);
    mc_elu_backward(n, ALPHA, x, y, numbers(bits, n, UNIT), dx);
    digest_floats(bits, n, dx);
  }
}

// Rows and columns of every kind: columns that fill no vector, one, and more.
#define EACH_TABLE(rows, columns)                                   \
  for (size_t rows = 1; rows <= 19; rows += 6)                      \
    for (size_t columns = 1; columns <= 131; columns += columns < 40 ? 1 : 13, release(bits))

BITS_OF(mc_prelu_forward) {
  EACH_TABLE(rows, columns) {
    float *y = blank(bits, rows * columns);
    mc_prelu_forward(rows, columns, numbers(bits, columns, UNIT),
                     numbers(bits, rows * columns, ANY_SIZE), y);
    digest_floats(bits, rows * columns, y);
  }
}

BITS_OF(mc_prelu_backward) {
  EACH_TABLE(rows, columns) {
    size_t n = rows * columns;
    float *dalpha = numbers(bits, columns, UNIT), *dx = blank(bits, n);
    mc_prelu_backward(rows, columns, numbers(bits, columns, UNIT), numbers(bits, n, UNIT),
                      numbers(bits, n, UNIT), dalpha, dx);
    digest_floats(bits, columns, dalpha);
    digest_floats(bits, n, dx);
  }
}

// ---- Number by number -----------------------------------------------------------------------------

BITS_OF(mc_fill) {
  EACH_LENGTH(n) {
    float *y = blank(bits, n);
    mc_fill(n, 0.1f, y);
    digest_floats(bits, n, y);
  }
}

// What is changed by a row of numbers.
#define DIGEST_CHANGE(call)                                                      \
  EACH_LENGTH(n) EACH_KIND(k) {                                                  \
    const float *x = numbers(bits, n, kinds[k]);                                 \
    float *y = numbers(bits, n, ANY_SIZE);                                       \
    call;                                                                        \
    (void)x;                                                                     \
    digest_floats(bits, n, y);                                                   \
  }

BITS_OF(mc_accumulate) { DIGEST_CHANGE(mc_accumulate(n, x, y)) }
BITS_OF(mc_scale) { DIGEST_CHANGE(mc_scale(n, 0.7f, y)) }
BITS_OF(mc_rescale) { DIGEST_CHANGE(mc_rescale(n, 0.3f, 0.1f, x, y)) }
BITS_OF(mc_blend) { DIGEST_CHANGE(mc_blend(n, 0.03f, x, y)) }
BITS_OF(mc_dropout) { DIGEST_CHANGE(mc_dropout(n, 0x123456789ABCDEFu * (n + 1), 0.4f, x, y)) }
BITS_OF(mc_gaussian_noise) {
  DIGEST_CHANGE(mc_gaussian_noise(n, 0x123456789ABCDEFu * (n + 1), 0.3f, x, y))
}

BITS_OF(mc_bytes_to_floats) {
  EACH_LENGTH(n) {
    float *y = blank(bits, n);
    mc_bytes_to_floats(n, 1 / 255.0f, -0.13f, random_bytes(bits, n), y);
    digest_floats(bits, n, y);
  }
}

BITS_OF(mc_sum_of_squares) {
  EACH_LENGTH(n) EACH_KIND(k) {
    digest_double(bits, mc_sum_of_squares(n, numbers(bits, n, kinds[k])));
  }
}

BITS_OF(mc_largest_magnitude) {
  EACH_LENGTH(n) EACH_KIND(k) {
    float largest = mc_largest_magnitude(n, numbers(bits, n, kinds[k]));
    digest_floats(bits, 1, &largest);
  }
}

// Shards one after the other, `n` numbers each.
static const float *shards_of(Bits *bits, size_t n, size_t shards) {
  float *parts = blank(bits, n * shards);
  for (size_t i = 0; i < shards; i++) memcpy(parts + i * n, numbers(bits, n, ANY_SIZE), n * sizeof *parts);
  return parts;
}

enum { MOST_SHARDS = 70 };
#define EACH_NUMBER_OF_SHARDS(shards, n)                                             \
  for (size_t shards = 1; shards <= MOST_SHARDS; shards += shards < 20 ? 1 : 10)     \
    for (size_t n = 0; n < 40; n += 3, release(bits))

BITS_OF(mc_sum_shards) {
  EACH_NUMBER_OF_SHARDS(shards, n) {
    const float *parts = shards_of(bits, n, shards);
    float *sum = blank(bits, n);
    mc_sum_shards(n, shards, n, parts, sum);
    digest_floats(bits, n, sum);
  }
}

// The largest subtrees on both sides of a cut: the digest is that of the shards themselves.
BITS_OF(mc_sum_subtrees) {
  EACH_NUMBER_OF_SHARDS(shards, n) {
    const float *parts = shards_of(bits, n, shards);
    const float *subtrees[MOST_SHARDS];
    uint8_t heights[MOST_SHARDS];
    size_t count = 0, cut = shards / 3;
    for (size_t first = 0; first < shards; first += (size_t)1 << heights[count++]) {
      size_t end = first < cut ? cut : shards;
      uint8_t height = 0;
      while (first % ((size_t)2 << height) == 0 && first + ((size_t)2 << height) <= end) height++;
      float *sum = blank(bits, n);
      mc_sum_shards(n, (size_t)1 << height, n, parts + first * n, sum);
      subtrees[count] = sum;
      heights[count] = height;
    }
    float *sum = blank(bits, n);
    mc_sum_subtrees(n, count, heights, subtrees, sum);
    digest_floats(bits, n, sum);
  }
}

// ---- Where a block's activations meet -------------------------------------------------------------

static const MCRectifier rectifiers[] = {
    {0}, {true, 0, INFINITY}, {true, 0.2f, INFINITY}, {true, 0, 6}, {true, 0.2f, 0.5f}};
#define EACH_RECTIFIER(r) \
  for (const MCRectifier *r = rectifiers; r < rectifiers + COUNT_OF(rectifiers); r++)

BITS_OF(mc_rectifier_backward) {
  EACH_LENGTH(n) EACH_RECTIFIER(r) {
    float *dx = blank(bits, n);
    mc_rectifier_backward(n, r, numbers(bits, n, SPECIAL), numbers(bits, n, UNIT), dx);
    digest_floats(bits, n, dx);
  }
}

BITS_OF(mc_sum) {
  EACH_LENGTH(n) EACH_RECTIFIER(r) {
    float *y = blank(bits, n);
    mc_sum(n, r, numbers(bits, n, SPECIAL), numbers(bits, n, UNIT), y);
    digest_floats(bits, n, y);
  }
}

BITS_OF(mc_sum_backward) {
  EACH_LENGTH(n) EACH_RECTIFIER(r) for (int adds = 0; adds < 2; adds++) {
    float *da = numbers(bits, n, UNIT), *db = numbers(bits, n, UNIT);
    const float *y = numbers(bits, n, UNIT), *dy = numbers(bits, n, UNIT);
    mc_sum_backward(n, r, y, dy, adds, da, db);
    mc_sum_backward(n, r, y, dy, adds, da, NULL);
    digest_floats(bits, n, da);
    digest_floats(bits, n, db);
  }
}

#define EACH_FACTOR(repeats, columns)                  \
  for (size_t repeats = 1; repeats <= 50; repeats += 7) \
    for (size_t columns = 1; columns <= 150; columns += columns < 36 ? 1 : 14, release(bits))

BITS_OF(mc_multiply) {
  EACH_FACTOR(repeats, columns) {
    size_t n = 2 * repeats * columns;
    float *y = blank(bits, n);
    mc_multiply(2, repeats, columns, numbers(bits, n, ANY_SIZE), numbers(bits, 2 * columns, UNIT), y);
    digest_floats(bits, n, y);
  }
}

BITS_OF(mc_multiply_backward) {
  EACH_FACTOR(repeats, columns) for (int adds = 0; adds < 2; adds++) {
    size_t n = 2 * repeats * columns;
    float *dx = numbers(bits, n, UNIT);
    mc_multiply_backward(2, repeats, columns, numbers(bits, n, UNIT), numbers(bits, 2 * columns, UNIT),
                         adds, dx);
    digest_floats(bits, n, dx);
  }
}

BITS_OF(mc_multiply_backward_factor) {
  EACH_FACTOR(repeats, columns) for (int adds = 0; adds < 2; adds++) {
    size_t n = 2 * repeats * columns;
    float *dfactor = numbers(bits, 2 * columns, UNIT);
    mc_multiply_backward_factor(2, repeats, columns, numbers(bits, n, UNIT), numbers(bits, n, UNIT), adds,
                                dfactor);
    digest_floats(bits, 2 * columns, dfactor);
  }
}

BITS_OF(mc_copy_columns) {
  EACH_TABLE(rows, columns) for (int adds = 0; adds < 2; adds++) {
    float *to = numbers(bits, rows * (columns + 5), UNIT);
    mc_copy_columns(rows, columns, numbers(bits, rows * (columns + 3), UNIT), columns + 3, adds, to,
                    columns + 5);
    digest_floats(bits, rows * (columns + 5), to);
  }
}
