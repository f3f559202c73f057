// The register blocks everything dense is made of: up to MC_ROWS rows by 16 columns of a product,
// kept in registers while the sum runs. Macros and not functions hold the accumulators, because an
// array of vectors stays in registers only where every index is a constant.

// Where the operands of a product are. Row i of A starts at a + i*rowStride and consists of `outer`
// times `inner` segments of `length` floats, outerStride and innerStride apart: the rows and columns
// of a kernel that lies over an image. The segment's lines of B are 16 floats apart, the segments
// themselves bOuter and bInner. A dense layer has one segment.
typedef struct {
  size_t rowStride;
  size_t outer, outerStride, bOuter;
  size_t inner, innerStride, bInner;
  size_t length;
} Segments;

// product: sum[i][0..L) += sum over k of a[i][k] * b[k][0..L), i < rows, with L lanes; b is
// [K][16]. Every element is summed in the order of k, whatever the block it falls into.
// outer: sum[i][0..L) += sum over t < count of a[t*aStride + i] * b[t*bStride + 0..L), i < rows.
#define BLOCKS(product, outer_product, Vector)                                                   \
  INLINE void product(const int rows, const float *a, const Segments *s, const float *b,         \
                      Vector *result) {                                                          \
    Vector sum[12];                                                                              \
    for (int i = 0; i < rows; i++) sum[i] = result[i];                                           \
    for (size_t o = 0; o < s->outer; o++) {                                                      \
      for (size_t n = 0; n < s->inner; n++) {                                                    \
        const float *from = a + o * s->outerStride + n * s->innerStride;                         \
        const float *lines = b + o * s->bOuter + n * s->bInner;                                  \
        for (size_t k = 0; k < s->length; k++) {                                                 \
          Vector line;                                                                           \
          __builtin_memcpy(&line, lines + k * 16, sizeof line);                                  \
          for (int i = 0; i < rows; i++) sum[i] += from[(size_t)i * s->rowStride + k] * line;    \
        }                                                                                        \
      }                                                                                          \
    }                                                                                            \
    for (int i = 0; i < rows; i++) result[i] = sum[i];                                           \
  }                                                                                              \
  INLINE void outer_product(const int rows, const float *a, size_t aStride, const float *b,      \
                            size_t bStride, size_t count, Vector *sum) {                         \
    for (size_t t = 0; t < count; t++) {                                                         \
      Vector line;                                                                               \
      __builtin_memcpy(&line, b + t * bStride, sizeof line);                                     \
      for (int i = 0; i < rows; i++) sum[i] += a[t * aStride + (size_t)i] * line;                \
    }                                                                                            \
  }

BLOCKS(product_wide, outer_wide, v16)
BLOCKS(product_narrow, outer_narrow, v8)

// Calls `macro` with the number of rows as a constant, so that the compiler unrolls the block.
#define FOR_ROWS_4(rows, macro)                                             \
  switch (rows) {                                                           \
    case 1: macro(1) break; case 2: macro(2) break; case 3: macro(3) break; \
    default: macro(4) break;                                                \
  }
#define FOR_ROWS_6(rows, macro)                                             \
  switch (rows) {                                                           \
    case 1: macro(1) break; case 2: macro(2) break; case 3: macro(3) break; \
    case 4: macro(4) break; case 5: macro(5) break; default: macro(6) break; \
  }
#define FOR_ROWS_12(rows, macro)                                                  \
  switch (rows) {                                                                 \
    case 1: macro(1) break; case 2: macro(2) break; case 3: macro(3) break;       \
    case 4: macro(4) break; case 5: macro(5) break; case 6: macro(6) break;       \
    case 7: macro(7) break; case 8: macro(8) break; case 9: macro(9) break;       \
    case 10: macro(10) break; case 11: macro(11) break; default: macro(12) break; \
  }
#define JOIN(a, b) a##b
#define FOR_ROWS_OF(most, rows, macro) JOIN(FOR_ROWS_, most)(rows, macro)

// The most rows of a block for that many columns: narrow lines leave registers for more.
INLINE size_t most_rows(size_t columns) { return columns <= 8 ? MC_NARROW_ROWS : MC_ROWS; }

// Rows of the next block when `left` are left: as evenly as possible, because a block of few rows
// waits for its own sums.
INLINE size_t even_rows(size_t left, size_t most) {
  size_t blocks = (left + most - 1) / most;
  return (left + blocks - 1) / blocks;
}

// Writes `rows` rows of y, `columns` of 16 lanes each, yStride apart, negative sums as 0 where `relu`
// says so. A row of fewer columns may be written whole where `room` floats of y follow that are
// written later anyway.
static void product_rows(size_t rows, const float *a, const Segments *s, const float *b,
                         const v16 *start, bool relu, float *y, size_t yStride, size_t columns,
                         size_t room) {
  if (columns <= 8) {
    v8 result[12], first;
    __builtin_memcpy(&first, start, sizeof first);
#define PRODUCT(n)                                    \
  {                                                   \
    for (int i = 0; i < n; i++) result[i] = first;    \
    product_narrow(n, a, s, b, result);               \
  }
    FOR_ROWS_OF(MC_NARROW_ROWS, rows, PRODUCT)
#undef PRODUCT
    for (size_t i = 0; i < rows; i++) {
      float *row = y + i * yStride;
      if (relu) relu8(&result[i]);
      if (columns == 8 || room >= i * yStride + 8) {
        __builtin_memcpy(row, &result[i], sizeof first);
      } else {
        for (size_t l = 0; l < columns; l++) row[l] = result[i][l];
      }
    }
    return;
  }
  v16 result[12];
#define PRODUCT(n)                                    \
  {                                                   \
    for (int i = 0; i < n; i++) result[i] = *start;   \
    product_wide(n, a, s, b, result);                 \
  }
  FOR_ROWS_OF(MC_ROWS, rows, PRODUCT)
#undef PRODUCT
  for (size_t i = 0; i < rows; i++) {
    float *row = y + i * yStride;
    if (relu) relu16(&result[i]);
    if (columns == 16 || room >= i * yStride + 16) store(row, &result[i]);
    else store_part(row, columns, &result[i]);
  }
}

// dw[i][0..columns) = sum over `lines` runs of `count` steps of a[...][i] * b[...][0..16), i < rows,
// added to what dw was where `adds`; the runs are aLine and bLine apart.
static void outer_rows(size_t rows, const float *a, size_t aStride, size_t aLine, const float *b,
                       size_t bStride, size_t bLine, size_t count, size_t lines, bool adds,
                       float *dw, size_t dwStride, size_t columns) {
#define OUTER(n)                                                                             \
  {                                                                                          \
    v16 sum[n] = {{0}};                                                                      \
    for (size_t p = 0; p < lines; p++)                                                       \
      outer_wide(n, a + p * aLine, aStride, b + p * bLine, bStride, count, sum);             \
    for (int i = 0; i < n; i++) {                                                            \
      v16 old = {0};                                                                         \
      float *row = dw + (size_t)i * dwStride;                                                \
      if (adds && columns == 16) load(row, &old);                                            \
      else if (adds) load_part(row, columns, &old);                                          \
      old += sum[i];                                                                         \
      if (columns == 16) store(row, &old); else store_part(row, columns, &old);              \
    }                                                                                        \
  }
#define OUTER_NARROW(n)                                                                      \
  {                                                                                          \
    v8 sum[n] = {{0}};                                                                       \
    for (size_t p = 0; p < lines; p++)                                                       \
      outer_narrow(n, a + p * aLine, aStride, b + p * bLine, bStride, count, sum);           \
    for (int i = 0; i < n; i++)                                                              \
      for (size_t l = 0; l < columns; l++) {                                                 \
        float *at = dw + (size_t)i * dwStride + l;                                           \
        *at = (adds ? *at : 0) + sum[i][l];                                                  \
      }                                                                                      \
  }
  if (columns <= 8) FOR_ROWS_OF(MC_NARROW_ROWS, rows, OUTER_NARROW)
  else FOR_ROWS_OF(MC_ROWS, rows, OUTER)
#undef OUTER
#undef OUTER_NARROW
}
