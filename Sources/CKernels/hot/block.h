// The register blocks everything dense is made of: up to MC_ROWS rows by 16 columns of a product,
// kept in registers while the sum runs. Macros and not functions hold the accumulators, because an
// array of vectors stays in registers only where every index is a constant.

// Where the operand A of a block lies. Row i starts at a + i*rowStride and consists of `outer` times
// `inner` segments of `length` floats, outerStride and innerStride apart: the rows and columns of a
// kernel that lies over an image. A dense layer has one segment.
typedef struct {
  size_t rowStride;
  size_t outer, outerStride;
  size_t inner, innerStride;
  size_t length;
} Segments;

// y[i][0..16) = start + sum over k of a[i][k] * b[k][0..16), i < rows; b is [K][16]. Every element is
// summed in the order of k, whatever the block it falls into.
INLINE void product_block(const int rows, const float *a, const Segments *s, const float *b,
                          const v16 *start, v16 *result) {
  v16 sum[MC_ROWS];
  for (int i = 0; i < rows; i++) sum[i] = *start;
  for (size_t o = 0; o < s->outer; o++) {
    for (size_t n = 0; n < s->inner; n++) {
      const float *from = a + o * s->outerStride + n * s->innerStride;
      for (size_t k = 0; k < s->length; k++) {
        v16 column;
        load(b, &column);
        b += 16;
        for (int i = 0; i < rows; i++) sum[i] += from[(size_t)i * s->rowStride + k] * column;
      }
    }
  }
  for (int i = 0; i < rows; i++) result[i] = sum[i];
}

// sum[i][0..16) += sum over t < count of a[t*aStride + i] * b[t*bStride + 0..16), i < rows.
INLINE void outer_block(const int rows, const float *a, size_t aStride, const float *b,
                        size_t bStride, size_t count, v16 *sum) {
  for (size_t t = 0; t < count; t++) {
    v16 line;
    load(b + t * bStride, &line);
    for (int i = 0; i < rows; i++) sum[i] += a[t * aStride + (size_t)i] * line;
  }
}

// Calls `macro` with the number of rows as a constant, so that the compiler unrolls the block.
#if MC_ROWS == 12
#define FOR_ROWS(rows, macro)                                                              \
  switch (rows) {                                                                          \
    case 1: macro(1) break; case 2: macro(2) break; case 3: macro(3) break;                \
    case 4: macro(4) break; case 5: macro(5) break; case 6: macro(6) break;                \
    case 7: macro(7) break; case 8: macro(8) break; case 9: macro(9) break;                \
    case 10: macro(10) break; case 11: macro(11) break; default: macro(12) break;          \
  }
#elif MC_ROWS == 6
#define FOR_ROWS(rows, macro)                                                              \
  switch (rows) {                                                                          \
    case 1: macro(1) break; case 2: macro(2) break; case 3: macro(3) break;                \
    case 4: macro(4) break; case 5: macro(5) break; default: macro(6) break;               \
  }
#else
#define FOR_ROWS(rows, macro)                                                              \
  switch (rows) {                                                                          \
    case 1: macro(1) break; case 2: macro(2) break; case 3: macro(3) break;                \
    default: macro(4) break;                                                               \
  }
#endif

// Writes `rows` rows of y, `columns` of 16 lanes each, yStride apart. A row of fewer than 16 columns
// may be written whole where `room` floats of y follow that are written later anyway.
static void product_rows(size_t rows, const float *a, const Segments *s, const float *b,
                         const v16 *start, float *y, size_t yStride, size_t columns, size_t room) {
  v16 result[MC_ROWS];
#define PRODUCT(n) product_block(n, a, s, b, start, result);
  FOR_ROWS(rows, PRODUCT)
#undef PRODUCT
  for (size_t i = 0; i < rows; i++) {
    float *row = y + i * yStride;
    if (columns == 16 || room >= i * yStride + 16) store(row, &result[i]);
    else store_part(row, columns, &result[i]);
  }
}

// dw[i][0..columns) += sum over `lines` runs of `count` steps of a[...][i] * b[...][0..16), i < rows;
// the runs are aLine and bLine apart.
static void outer_rows(size_t rows, const float *a, size_t aStride, size_t aLine, const float *b,
                       size_t bStride, size_t bLine, size_t count, size_t lines, float *dw,
                       size_t dwStride, size_t columns) {
#define OUTER(n)                                                                             \
  {                                                                                          \
    v16 sum[n] = {{0}};                                                                      \
    for (size_t p = 0; p < lines; p++)                                                       \
      outer_block(n, a + p * aLine, aStride, b + p * bLine, bStride, count, sum);            \
    for (int i = 0; i < n; i++) {                                                            \
      v16 old;                                                                               \
      float *row = dw + (size_t)i * dwStride;                                                \
      if (columns == 16) load(row, &old); else load_part(row, columns, &old);                \
      old += sum[i];                                                                         \
      if (columns == 16) store(row, &old); else store_part(row, columns, &old);              \
    }                                                                                        \
  }
  FOR_ROWS(rows, OUTER)
#undef OUTER
}
