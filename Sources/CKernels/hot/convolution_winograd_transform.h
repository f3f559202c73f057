// Winograd's transforms. A tile's outputs are the coefficients of a product of two polynomials, which
// are got from its values at some points: the transforms evaluate and interpolate. The points decide
// the error. The usual whole numbers give two to three times that of these pairs, whose powers stay
// near 1; all that follows from them is exact in float but for the kernel's divisors.
#include "../winograd.h"

// Channels of a vector: 16, or 8, for which the upper half is left alone.
INLINE void load_lanes(const int lanes, const float *p, v16 *v) {
  if (lanes == 16) return load(p, v);
  v8 half;
  load8(p, &half);
  *v = __builtin_shufflevector(half, (v8){0}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

INLINE void store_lanes(const int lanes, float *p, const v16 *v) {
  if (lanes == 16) return store(p, v);
  v8 half = __builtin_shufflevector(*v, *v, 0, 1, 2, 3, 4, 5, 6, 7);
  store8(p, &half);
}

// F(2x2): 0, 1, -1, infinity. F(3x3): a, -a, b, -b, infinity. F(4x4): the same and 0.
typedef struct {
  float a, b;
} Points;

INLINE Points points_of(const int tile) {
  const Points three = {0.375f, 1.25f}, four = {0.6875f, 1.5f};
  return tile == 3 ? three : four;
}

// At the points p and -p, from d[0..3]; q and -q is the other pair.
INLINE void input_pair(float p, float q, const v16 *d, v16 *v) {
  v16 even = d[2] - q * q * d[0], odd = d[3] - q * q * d[1];
  v[0] = odd + p * even;
  v[1] = odd - p * even;
}

// At the point 0 or infinity, from d[0..4].
INLINE void input_end(Points p, const v16 *d, v16 *v) {
  const float a2 = p.a * p.a, b2 = p.b * p.b;
  *v = (d[4] - (a2 + b2) * d[2]) + a2 * b2 * d[0];
}

// v = Bt d: tile + 2 inputs at the points.
INLINE void input_values(const int tile, const v16 *d, v16 *v) {
  const Points p = points_of(tile);
  if (tile == 2) {
    v[0] = d[0] - d[2];
    v[1] = d[1] + d[2];
    v[2] = d[2] - d[1];
    v[3] = d[1] - d[3];
  } else if (tile == 3) {
    input_pair(p.a, p.b, d, v);
    input_pair(p.b, p.a, d, v + 2);
    input_end(p, d, v + 4);
  } else {
    input_end(p, d, v);
    input_pair(p.a, p.b, d + 1, v + 1);
    input_pair(p.b, p.a, d + 1, v + 3);
    input_end(p, d + 1, v + 5);
  }
}

// y = At m: the tile's outputs from the products at the points.
INLINE void output_values(const int tile, const v16 *m, v16 *y) {
  if (tile == 2) {
    y[0] = m[0] + (m[1] + m[2]);
    y[1] = (m[1] - m[2]) - m[3];
    return;
  }
  const Points p = points_of(tile);
  const float a2 = p.a * p.a, b2 = p.b * p.b;
  const v16 *pairs = tile == 3 ? m : m + 1;
  v16 evenA = pairs[0] + pairs[1], oddA = pairs[0] - pairs[1];
  v16 evenB = pairs[2] + pairs[3], oddB = pairs[2] - pairs[3];
  if (tile == 3) {
    y[0] = evenA + evenB;
    y[1] = p.a * oddA + p.b * oddB;
    y[2] = (m[4] + a2 * evenA) + b2 * evenB;
  } else {
    y[0] = m[0] + (evenA + evenB);
    y[1] = p.a * oddA + p.b * oddB;
    y[2] = a2 * evenA + b2 * evenB;
    y[3] = (m[5] + p.a * a2 * oddA) + p.b * b2 * oddB;
  }
}

// At p and -p, over the products of their distances from the other points.
INLINE void kernel_pair(const int tile, float p, float q, const v16 *g, v16 *u) {
  const float divisor = 2 * p * (p * p - q * q) * (tile == 3 ? 1 : p);
  const float sign = tile == 3 ? -1 : 1;
  v16 even = g[0] + p * p * g[2];
  u[0] = 1 / divisor * (even + p * g[1]);
  u[1] = sign / divisor * (even - p * g[1]);
}

// u = G g: the kernel's three taps at the points.
INLINE void kernel_values(const int tile, const v16 *g, v16 *u) {
  const Points p = points_of(tile);
  if (tile == 2) {
    v16 even = g[0] + g[2];
    u[0] = g[0];
    u[1] = 0.5f * (even + g[1]);
    u[2] = 0.5f * (even - g[1]);
    u[3] = g[2];
  } else if (tile == 3) {
    kernel_pair(tile, p.a, p.b, g, u);
    kernel_pair(tile, p.b, p.a, g, u + 2);
    u[4] = g[2];
  } else {
    u[0] = 1 / (p.a * p.a * p.b * p.b) * g[0];
    kernel_pair(tile, p.a, p.b, g, u + 1);
    kernel_pair(tile, p.b, p.a, g, u + 3);
    u[5] = g[2];
  }
}

// Where the pixels of a tile are. Rows beyond the image are a line of zeros, columns beyond it are
// those before `first` and from `end` on.
typedef struct {
  const float *rows[LARGEST_TILE + 2];   // at column `first`
  const float *masks[LARGEST_TILE + 2];  // likewise; not read without a mask
  bool masked;                           // a pixel counts only where its mask is positive
  size_t first, end;
} TilePixels;

// V = Bt d B for the vector of channels at c; the positions of V are `stride` floats apart.
INLINE void transform_input(const int tile, const int lanes, const TilePixels *p, size_t inputs,
                            size_t c, float *v, size_t stride) {
  const int n = tile + 2;
  v16 t[LARGEST_TILE + 2][LARGEST_TILE + 2];
#pragma clang loop unroll(full)
  for (int j = 0; j < n; j++) {
    v16 d[LARGEST_TILE + 2], values[LARGEST_TILE + 2];
    if ((size_t)j < p->first || (size_t)j >= p->end) {
#pragma clang loop unroll(full)
      for (int i = 0; i < n; i++) t[i][j] = (v16){0};
      continue;
    }
    size_t at = ((size_t)j - p->first) * inputs + c;
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++) load_lanes(lanes, p->rows[i] + at, &d[i]);
    if (p->masked) {
#pragma clang loop unroll(full)
      for (int i = 0; i < n; i++) {
        v16 mask;
        load_lanes(lanes, p->masks[i] + at, &mask);
        d[i] = (v16)((i16)d[i] & (mask > 0));
      }
    }
    input_values(tile, d, values);
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++) t[i][j] = values[i];
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) {
    v16 values[LARGEST_TILE + 2];
    input_values(tile, t[i], values);
#pragma clang loop unroll(full)
    for (int j = 0; j < n; j++) store_lanes(lanes, v + (size_t)(i * n + j) * stride, &values[j]);
  }
}

// y = start + At m A for a vector of outputs; the positions of m are `stride` floats apart.
INLINE void transform_output(const int tile, const int lanes, const float *m, size_t stride,
                             const v16 *start, v16 y[LARGEST_TILE][LARGEST_TILE]) {
  const int n = tile + 2;
  v16 s[LARGEST_TILE][LARGEST_TILE + 2];
#pragma clang loop unroll(full)
  for (int j = 0; j < n; j++) {
    v16 column[LARGEST_TILE + 2], values[LARGEST_TILE];
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++)
      load_lanes(lanes, m + (size_t)(i * n + j) * stride, &column[i]);
    output_values(tile, column, values);
#pragma clang loop unroll(full)
    for (int i = 0; i < tile; i++) s[i][j] = values[i];
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < tile; i++) {
    output_values(tile, s[i], y[i]);
#pragma clang loop unroll(full)
    for (int j = 0; j < tile; j++) y[i][j] += *start;
  }
}
