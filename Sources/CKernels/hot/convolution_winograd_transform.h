// Winograd's transforms. A tile's outputs are the coefficients of a product of two polynomials, which
// are got from its values at some points: the transforms evaluate and interpolate. The points decide
// the error. The usual whole numbers give two to three times that of 0, a, -a, b, -b and infinity, as
// powers of these a and b stay near 1; all that follows from them is exact in float but for the
// kernel's divisors. A tile that reads 6 inputs along an axis uses all six points, one of 5 all but 0, and
// one of 4 neither 0 nor infinity. They share the kernel's values, which are divided as all six points
// want it: what fewer want in place of that is a factor of their inputs.
#include "../winograd.h"

// Channels of a vector: 16, or fewer, which leave its last lanes alone.
INLINE void load_vector(const size_t lanes, const float *p, v16 *v) {
  if (lanes == 16) return load(p, v);
  if (lanes != 8) return load_part(p, lanes, v);
  v8 half;
  load8(p, &half);
  *v = __builtin_shufflevector(half, (v8){0}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

INLINE void store_vector(const size_t lanes, float *p, const v16 *v) {
  if (lanes == 16) return store(p, v);
  if (lanes != 8) return store_part(p, lanes, v);
  v8 half = __builtin_shufflevector(*v, *v, 0, 1, 2, 3, 4, 5, 6, 7);
  store8(p, &half);
}

#define POINT_A 0.6875f
#define POINT_B 1.5f
#define SQUARE_A (POINT_A * POINT_A)
#define SQUARE_B (POINT_B * POINT_B)
#define CUBE_A (POINT_A * SQUARE_A)
#define CUBE_B (POINT_B * SQUARE_B)

// The first of the points of a tile of so many inputs.
INLINE size_t first_point(size_t extent) { return extent == POINTS ? 0 : 1; }

// At the points p and -p, from d[0..3], for six points; q and -q is the other pair.
INLINE void input_pair6(float p, float q, const v16 *d, v16 *v) {
  v16 even = d[2] - q * q * d[0], odd = d[3] - q * q * d[1];
  v[0] = odd + p * even;
  v[1] = odd - p * even;
}

// The same for four or five points.
INLINE void input_pair(float p, float q, const v16 *d, v16 *v) {
  v16 even = d[2] - q * q * d[0], odd = p * (d[3] - q * q * d[1]);
  v[0] = p * p * even + odd;
  v[1] = p * p * even - odd;
}

// At the point 0 or infinity, from d[0..4].
INLINE void input_end(const v16 *d, v16 *v) {
  *v = (d[4] - (SQUARE_A + SQUARE_B) * d[2]) + SQUARE_A * SQUARE_B * d[0];
}

// v = Bt d: so many inputs at as many points.
INLINE void input_values(const int extent, const v16 *d, v16 *v) {
  if (extent == POINTS) {
    input_end(d, v);
    input_pair6(POINT_A, POINT_B, d + 1, v + 1);
    input_pair6(POINT_B, POINT_A, d + 1, v + 3);
    input_end(d + 1, v + 5);
    return;
  }
  input_pair(POINT_A, POINT_B, d, v);
  input_pair(POINT_B, POINT_A, d, v + 2);
  if (extent == 5) input_end(d, v + 4);
}

// a * x + b * y, and where it is there the product at infinity.
INLINE void output_sum(const v16 *infinity, float a, const v16 *x, float b, const v16 *y, v16 *sum) {
  *sum = infinity ? (*infinity + a * *x) + b * *y : a * *x + b * *y;
}

// y = At m: the tile's outputs from the products at as many points as it has inputs.
INLINE void output_values(const int tile, const int extent, const v16 *m, v16 *y) {
  const v16 *pairs = m + (extent == POINTS ? 1 : 0);
  v16 evenA = pairs[0] + pairs[1], oddA = pairs[0] - pairs[1];
  v16 evenB = pairs[2] + pairs[3], oddB = pairs[2] - pairs[3];
  const v16 *last = extent > 4 ? m + extent - 1 : NULL;
  y[0] = extent == POINTS ? m[0] + (evenA + evenB) : evenA + evenB;
  output_sum(tile == 2 ? last : NULL, POINT_A, &oddA, POINT_B, &oddB, &y[1]);
  if (tile > 2) output_sum(tile == 3 ? last : NULL, SQUARE_A, &evenA, SQUARE_B, &evenB, &y[2]);
  if (tile > 3) output_sum(last, CUBE_A, &oddA, CUBE_B, &oddB, &y[3]);
}

// At p and -p, over the products of their distances from the other points.
INLINE void kernel_pair(const int extent, float p, float q, const v16 *g, v16 *u) {
  const float divisor = 2 * p * p * (p * p - q * q);
  v16 even = g[0] + p * p * g[2], odd = p * g[1];
  if (extent == 5) {
    even = g[0] + p * p * (g[2] + p * p * g[4]);
    odd = p * (g[1] + p * p * g[3]);
  }
  u[0] = 1 / divisor * (even + odd);
  u[1] = 1 / divisor * (even - odd);
}

// u = G g: the kernel's taps along an axis at all points.
INLINE void kernel_values(const int extent, const v16 *g, v16 *u) {
  u[0] = 1 / (SQUARE_A * SQUARE_B) * g[0];
  kernel_pair(extent, POINT_A, POINT_B, g, u + 1);
  kernel_pair(extent, POINT_B, POINT_A, g, u + 3);
  u[5] = g[extent - 1];
}

// Where the pixels of a row of tiles are. Rows beyond the image are a line of zeros, columns beyond it are
// those before `first` and from `end` on.
typedef struct {
  const float *rows[POINTS];     // at column `first`
  const MCRectifier *rectifier;  // where it is not NULL, the pixels are gradients of its output,
  const float *outputs[POINTS];  // which is here
  size_t columns, first, end;
} TilePixels;

// What the rectifier lets through of n pixels of a column, `at` floats after its first one.
INLINE void pass_pixels(const int n, const size_t lanes, const TilePixels *p, const MCRectifier r,
                        size_t at, v16 *pixels) {
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) {
    v16 output;
    load_vector(lanes, p->outputs[i] + at, &output);
    rectify_gradient16(&r, &output, &pixels[i]);
  }
}

// Bt d for some floats of each row, `at` floats after its first one: channels of one pixel or of
// several.
INLINE void column_values(const int high, const size_t lanes, const TilePixels *p, size_t at,
                          v16 *values) {
  v16 d[POINTS];
#pragma clang loop unroll(full)
  for (int i = 0; i < high; i++) load_vector(lanes, p->rows[i] + at, &d[i]);
  if (p->rectifier && is_relu(p->rectifier)) pass_pixels(high, lanes, p, RELU, at, d);
  else if (p->rectifier) pass_pixels(high, lanes, p, *p->rectifier, at, d);
  input_values(high, d, values);
}

// V = Bt d B for the vector of channels at c, of a tile of `high` x `wide` inputs; the positions of V are
// `stride` floats apart across, and `line` down.
INLINE void transform_input(const int high, const int wide, const size_t lanes, const TilePixels *p,
                            size_t inputs, size_t c, float *v, size_t stride, size_t line) {
  v16 t[POINTS][POINTS];
#pragma clang loop unroll(full)
  for (int j = 0; j < wide; j++) {
    v16 values[POINTS] = {{0}};
    if ((size_t)j >= p->first && (size_t)j < p->end)
      column_values(high, lanes, p, ((size_t)j - p->first) * inputs + c, values);
#pragma clang loop unroll(full)
    for (int i = 0; i < high; i++) t[i][j] = values[i];
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < high; i++) {
    v16 values[POINTS];
    input_values(wide, t[i], values);
#pragma clang loop unroll(full)
    for (int j = 0; j < wide; j++)
      store_vector(lanes, v + (size_t)i * line + (size_t)j * stride, &values[j]);
  }
}

// column_values in memory, in whole vectors.
INLINE void transform_down(const int high, const size_t lanes, const TilePixels *p, size_t at,
                           float *down, size_t line) {
  v16 values[POINTS];
  column_values(high, lanes, p, at, values);
#pragma clang loop unroll(full)
  for (int i = 0; i < high; i++) store(down + (size_t)i * line, &values[i]);
}

// The same for a block of the channels of all columns: [high][column][width of the block], `line` floats
// apart. Tiles that overlap share it.
INLINE void transform_columns(const int high, const TilePixels *p, size_t inputs,
                              const ChannelBlock *block, float *down, size_t line) {
  // All channels of neighbouring pixels are contiguous.
  size_t width = block->width, inside = p->end - p->first;
  size_t pieces = width == inputs ? 1 : inside, length = width == inputs ? inside * width : width;
  float *to = down + p->first * width;
  for (size_t piece = 0; piece < pieces; piece++, to += width) {
    size_t from = piece * inputs + block->start;
    if (length < 8) {
      transform_down(high, length, p, from, to, line);
    } else if (length < 16) {
      transform_down(high, 8, p, from, to, line);
      if (length > 8) transform_down(high, 8, p, from + length - 8, to + length - 8, line);
    }
    for (size_t i = 0; length >= 16 && i < length; i += 16) {
      // The last vector begins early enough to end with the floats.
      size_t at = i + 16 <= length ? i : length - 16;
      transform_down(high, 16, p, from + at, to + at, line);
    }
  }
  for (size_t i = 0; i < (size_t)high; i++) {
    memset(down + i * line, 0, p->first * width * sizeof(float));
    memset(down + i * line + p->end * width, 0, (p->columns - p->end) * width * sizeof(float));
  }
}

// V = Bt d B for a vector of the channels of a tile of `high` x `wide` inputs, whose pixels are `step`
// floats apart in the transformed columns; the positions of V are `stride` floats apart across, and
// `vLine` down.
INLINE void transform_across(const int high, const int wide, const size_t lanes, const float *down,
                             size_t line, size_t step, float *v, size_t stride, size_t vLine) {
  for (size_t i = 0; i < (size_t)high; i++) {
    v16 d[POINTS], values[POINTS];
#pragma clang loop unroll(full)
    for (int j = 0; j < wide; j++)
      load_vector(lanes, down + i * line + (size_t)j * step, &d[j]);
    input_values(wide, d, values);
#pragma clang loop unroll(full)
    for (int j = 0; j < wide; j++)
      store_vector(lanes, v + i * vLine + (size_t)j * stride, &values[j]);
  }
}

// y = start + At m A for a vector of outputs of a kernel of `reach` more rows and columns than one; the
// positions of m as those of V.
INLINE void transform_output(const int high, const int wide, const int reach, const size_t lanes,
                             const float *m, size_t stride, size_t line, const v16 *start,
                             v16 y[LARGEST_TILE][LARGEST_TILE]) {
  v16 s[LARGEST_TILE][POINTS];
#pragma clang loop unroll(full)
  for (int j = 0; j < wide + reach; j++) {
    v16 column[POINTS], values[LARGEST_TILE];
#pragma clang loop unroll(full)
    for (int i = 0; i < high + reach; i++)
      load_vector(lanes, m + (size_t)i * line + (size_t)j * stride, &column[i]);
    output_values(high, high + reach, column, values);
#pragma clang loop unroll(full)
    for (int i = 0; i < high; i++) s[i][j] = values[i];
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < high; i++) {
    output_values(wide, wide + reach, s[i], y[i]);
#pragma clang loop unroll(full)
    for (int j = 0; j < wide; j++) y[i][j] += *start;
  }
}
