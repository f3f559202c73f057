// Sixteen floats: one register of AVX-512, two of AVX2, four of SSE or NEON.
typedef float v16 __attribute__((vector_size(64)));
typedef float v8 __attribute__((vector_size(32)));
typedef int32_t i8 __attribute__((vector_size(32)));
typedef int32_t i16 __attribute__((vector_size(64)));
typedef uint8_t b16 __attribute__((vector_size(16)));
typedef uint8_t b8 __attribute__((vector_size(8)));

#define INLINE static inline __attribute__((always_inline))

// Loads and stores that ask for no alignment.
INLINE void load(const float *p, v16 *v) { __builtin_memcpy(v, p, sizeof *v); }
INLINE void store(float *p, const v16 *v) { __builtin_memcpy(p, v, sizeof *v); }

// The first whole line of the cache: vectors that cross two are loaded half as fast.
INLINE float *aligned(float *p) {
  size_t past = (uintptr_t)p / sizeof(float) % 16;
  return past == 0 ? p : p + 16 - past;
}

// At most 16 floats, in pieces of 16, 8, 4, 2 and 1.
INLINE void copy_part(float *to, const float *from, size_t count) {
  if (count & 16) __builtin_memcpy(to, from, 16 * sizeof *to);
  if (count & 8) __builtin_memcpy(to, from, 8 * sizeof *to);
  if (count & 4) __builtin_memcpy(to + (count & 8), from + (count & 8), 4 * sizeof *to);
  if (count & 2) __builtin_memcpy(to + (count & 12), from + (count & 12), 2 * sizeof *to);
  if (count & 1) to[count & 14] = from[count & 14];
}

// The first `count` lanes of p, then zeros.
INLINE void load_part(const float *p, size_t count, v16 *v) {
  float lanes[16] = {0};
  copy_part(lanes, p, count);
  load(lanes, v);
}

INLINE void store_part(float *p, size_t count, const v16 *v) {
  float lanes[16];
  store(lanes, v);
  copy_part(p, lanes, count);
}

// Those that a whole vector has, or fewer.
INLINE void load_lanes(const float *p, size_t count, v16 *v) {
  if (count == 16) load(p, v);
  else load_part(p, count, v);
}

INLINE void store_lanes(float *p, size_t count, const v16 *v) {
  if (count == 16) store(p, v);
  else store_part(p, count, v);
}

// The same for eight floats.
INLINE void load8(const float *p, v8 *v) { __builtin_memcpy(v, p, sizeof *v); }
INLINE void store8(float *p, const v8 *v) { __builtin_memcpy(p, v, sizeof *v); }

INLINE void load_part8(const float *p, size_t count, v8 *v) {
  float lanes[8] = {0};
  copy_part(lanes, p, count);
  load8(lanes, v);
}

INLINE void store_part8(float *p, size_t count, const v8 *v) {
  float lanes[8];
  store8(lanes, v);
  copy_part(p, lanes, count);
}

// One number in all lanes.
INLINE void broadcast16(float x, v16 *v) {
  *v = (v16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
}

// The first eight, or four, floats of p again and again.
INLINE void repeat8(const void *p, v16 *to) {
  v8 v;
  __builtin_memcpy(&v, p, sizeof v);
  *to = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
}

INLINE void repeat4(const void *p, v16 *to) {
  typedef float v4 __attribute__((vector_size(16)));
  v4 v;
  __builtin_memcpy(&v, p, sizeof v);
  *to = __builtin_shufflevector(v, v, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
}

// A part of each vector, where it is.
INLINE void join2(const v16 *a, const v16 *b, v16 *to) {
  *to = __builtin_shufflevector(*a, *b, 0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31);
}

INLINE void join4(const v16 *const *v, v16 *to) {
  v16 low = __builtin_shufflevector(*v[0], *v[1], 0, 1, 2, 3, 20, 21, 22, 23, 8, 9, 10, 11, 12, 13,
                                    14, 15);
  v16 high = __builtin_shufflevector(*v[2], *v[3], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 28, 29, 30,
                                     31);
  join2(&low, &high, to);
}

// Eight lines of eight floats: columns become rows.
INLINE void turn8(v8 *rows) {
  v8 pairs[8], fours[8];
  for (int i = 0; i < 8; i += 2) {
    pairs[i] = __builtin_shufflevector(rows[i], rows[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    pairs[i + 1] = __builtin_shufflevector(rows[i], rows[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 8; i += 4)
    for (int j = 0; j < 2; j++) {
      const v8 *p = pairs + i + j;
      fours[i + 2 * j] = __builtin_shufflevector(p[0], p[2], 0, 1, 8, 9, 4, 5, 12, 13);
      fours[i + 2 * j + 1] = __builtin_shufflevector(p[0], p[2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int i = 0; i < 4; i++) {
    rows[i] = __builtin_shufflevector(fours[i], fours[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    rows[i + 4] = __builtin_shufflevector(fours[i], fours[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

// max(0, v), NaN stays NaN.
INLINE void relu16(v16 *v) { *v = (v16)((i16)*v & ~(*v <= 0)); }
INLINE void relu8(v8 *v) { *v = (v8)((i8)*v & ~(*v <= 0)); }

// What is a constant wherever it is passed on, as is a rectifier that is none.
#define RELU ((MCRectifier){.rectifies = true, .slope = 0, .bound = INFINITY})

INLINE bool is_relu(const MCRectifier *r) {
  return r->rectifies && r->slope == 0 && r->bound == INFINITY;
}

INLINE void leak16(float slope, v16 *v) {
  i16 isOn = *v > 0;
  v16 rest = *v * slope;
  *v = (v16)(((i16)*v & isOn) | ((i16)rest & ~isOn));
}

INLINE void leak8(float slope, v8 *v) {
  i8 isOn = *v > 0;
  v8 rest = *v * slope;
  *v = (v8)(((i8)*v & isOn) | ((i8)rest & ~isOn));
}

INLINE void bound16(float most, v16 *v) {
  v16 bound = most + (v16){0};
  i16 isAbove = *v > bound;
  *v = (v16)(((i16)bound & isAbove) | ((i16)*v & ~isAbove));
}

INLINE void bound8(float most, v8 *v) {
  v8 bound = most + (v8){0};
  i8 isAbove = *v > bound;
  *v = (v8)(((i8)bound & isAbove) | ((i8)*v & ~isAbove));
}

// The outputs of a rectifier. A slope of 0 lets nothing through, not even what is infinite. n is a
// constant wherever this is called: one decision for all, whose loops have none.
INLINE void rectify16(const int n, const MCRectifier *r, v16 *v) {
  if (!r->rectifies) return;
  if (r->slope == 0) {
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++) relu16(&v[i]);
  } else {
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++) leak16(r->slope, &v[i]);
  }
  if (!(r->bound < INFINITY)) return;
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) bound16(r->bound, &v[i]);
}

INLINE void rectify8(const int n, const MCRectifier *r, v8 *v) {
  if (!r->rectifies) return;
  if (r->slope == 0) {
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++) relu8(&v[i]);
  } else {
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++) leak8(r->slope, &v[i]);
  }
  if (!(r->bound < INFINITY)) return;
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) bound8(r->bound, &v[i]);
}

// What a rectifier whose output was y lets through of a gradient.
INLINE void rectify_gradient16(const MCRectifier *r, const v16 *y, v16 *gradient) {
  if (!r->rectifies) return;
  i16 isOn = *y > 0, passed = (i16)*gradient & isOn;
  if (r->slope != 0) passed |= (i16)(*gradient * r->slope) & ~isOn;
  if (r->bound < INFINITY) passed &= *y < r->bound;
  *gradient = (v16)passed;
}

INLINE void rectify_gradient8(const MCRectifier *r, const v8 *y, v8 *gradient) {
  if (!r->rectifies) return;
  i8 isOn = *y > 0, passed = (i8)*gradient & isOn;
  if (r->slope != 0) passed |= (i8)(*gradient * r->slope) & ~isOn;
  if (r->bound < INFINITY) passed &= *y < r->bound;
  *gradient = (v8)passed;
}

INLINE float rectified(const MCRectifier *r, float v) {
  if (!r->rectifies) return v;
  float result = v > 0 ? v : r->slope == 0 ? (v <= 0 ? 0 : v) : r->slope * v;
  return result > r->bound ? r->bound : result;
}

INLINE float rectified_gradient(const MCRectifier *r, float y, float gradient) {
  if (!r->rectifies || (y > 0 && y < r->bound)) return gradient;
  return y > 0 || r->slope == 0 ? 0 : r->slope * gradient;
}

// Before a loop whose output may be one of its inputs: step i touches nothing but element i, so the
// overlap that makes the compiler fall back to single steps does no harm.
//
// Sanitizers forbid the transformation, which is no reason for a warning.
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer) || \
    __has_feature(thread_sanitizer)
#pragma clang diagnostic ignored "-Wpass-failed"
#endif
#if MC_ROWS >= 12
// Left to itself the compiler takes half of a register of AVX-512.
#define MC_ELEMENTWISE _Pragma("clang loop vectorize(assume_safety) vectorize_width(16)")
#else
#define MC_ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")
#endif
