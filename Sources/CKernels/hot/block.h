// The register blocks everything dense is made of: up to MC_ROWS rows by 16 columns of a product,
// or by 32 where there are registers for two vectors of columns, kept in registers while the sum
// runs. An array of vectors stays in registers only where every index is a constant, so a block is an
// inlined function whose number of rows is one. Its operands are copied first: it need not look
// again whether a store has changed them. Where parts of vectors are read or written, the sums go through
// memory, row by row; unrolled, that would be most of the code.

// Vectors of 16 columns side by side in a block of MC_ROWS rows: with AVX-512, where a second one
// halves how often the other operand is loaded.
enum { BLOCK_VECTORS = MC_ROWS >= 12 ? 2 : 1, BLOCK_COLUMNS = 16 * BLOCK_VECTORS };

// With AVX2, up to 4 columns more fill one register for each two rows; a block of four rows then
// fills as many registers as one of 16 columns and five rows.
enum { MORE_COLUMNS = MC_ROWS == 6 ? 4 : 0, MORE_ROWS = 4 };

// The most rows of a block for that many columns: narrow lines leave registers for more.
INLINE size_t most_rows(size_t columns) {
  return columns <= 8 ? MC_NARROW_ROWS : columns > BLOCK_COLUMNS ? MORE_ROWS : MC_ROWS;
}

// Blocks side by side over that many columns, at most BLOCK_COLUMNS + MORE_COLUMNS each.
INLINE size_t part_count(size_t columns) {
  size_t more = columns > BLOCK_COLUMNS ? MORE_COLUMNS : 0;
  return (columns - more + BLOCK_COLUMNS - 1) / BLOCK_COLUMNS;
}

// The first column of one of them. With AVX-512, of 33 to 40 that are left 16 go first: 17 to 24
// fill their registers, where up to 8 by themselves would leave half of each empty.
INLINE size_t part_start(size_t part, size_t columns) {
  size_t first = part * BLOCK_COLUMNS;
  if (part >= part_count(columns)) return columns;
  bool few = BLOCK_VECTORS > 1 && part > 0 && columns - first <= 8;
  return few ? first - 16 : first;
}

INLINE size_t part_columns(size_t part, size_t columns) {
  return part_start(part + 1, columns) - part_start(part, columns);
}

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

// ---- y[i][0..columns) = start + sum over k of a[i][k] * b[k][0..columns) ---------------------------

typedef struct {
  const float *a;
  const Segments *s;
  const float *b;    // [K][16]
  size_t bNext;      // how far from there the next 16 columns are
  const v16 *start;  // one for each 16 columns; NULL: what y was
  MCRectifier rectifier;
  float *y;
  size_t yStride, columns;  // columns: at most BLOCK_COLUMNS + MORE_COLUMNS
  // A row of fewer columns may be written whole where this many floats of y follow that are written
  // later anyway.
  size_t room;
} Product;

// Whether row i of y is written whole, with that many lanes.
INLINE bool is_whole(const Product *p, int i, size_t lanes) {
  return p->columns == lanes || p->room >= (size_t)i * p->yStride + lanes;
}

// Every element is summed in the order of k, whatever the block it falls into.
INLINE void product_block(const int rows, const int vectors, const void *operands) {
  const Product p = *(const Product *)operands;
  const Segments s = *p.s;
  const size_t last = p.columns - 16 * (size_t)(vectors - 1);  // columns of the last vector
  v16 sum[12][2];
  if (p.start) {
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) sum[i][j] = p.start[j];
  } else if (last == 16) {
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++)
        load(p.y + (size_t)i * p.yStride + j * 16, &sum[i][j]);
  } else {
    v16 first[12][2];
    for (int i = 0; i < rows; i++)
      for (int j = 0; j < vectors; j++)
        load_part(p.y + (size_t)i * p.yStride + j * 16, j < vectors - 1 ? 16 : last, &first[i][j]);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) sum[i][j] = first[i][j];
  }
  for (size_t o = 0; o < s.outer; o++)
    for (size_t n = 0; n < s.inner; n++) {
      const float *from = p.a + o * s.outerStride + n * s.innerStride;
      const float *lines = p.b + o * s.bOuter + n * s.bInner;
      for (size_t k = 0; k < s.length; k++) {
        v16 line[2];
#pragma clang loop unroll(full)
        for (int j = 0; j < vectors; j++) load(lines + k * 16 + (size_t)j * p.bNext, &line[j]);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
          for (int j = 0; j < vectors; j++)
            sum[i][j] += from[(size_t)i * s.rowStride + k] * line[j];
      }
    }
  // As one array: its rows have two vectors each, in use or not.
  rectify16(2 * rows, &p.rectifier, sum[0]);
  if (is_whole(&p, rows - 1, 16 * (size_t)vectors)) {
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++)
        store(p.y + (size_t)i * p.yStride + j * 16, &sum[i][j]);
    return;
  }
  v16 total[12][2];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) total[i][j] = sum[i][j];
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < vectors; j++)
      store_part(p.y + (size_t)i * p.yStride + j * 16, j < vectors - 1 ? 16 : last, &total[i][j]);
}

INLINE void product_wide(const int rows, const void *operands) { product_block(rows, 1, operands); }
INLINE void product_pair(const int rows, const void *operands) { product_block(rows, 2, operands); }

// The same for up to 8 columns.
INLINE void product_narrow(const int rows, const void *operands) {
  const Product p = *(const Product *)operands;
  const Segments s = *p.s;
  v8 sum[12], first[12];
  for (int i = 0; i < rows; i++) {
    if (p.start) __builtin_memcpy(&first[i], p.start, sizeof first[i]);
    else load_part8(p.y + (size_t)i * p.yStride, p.columns, &first[i]);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) sum[i] = first[i];
  for (size_t o = 0; o < s.outer; o++)
    for (size_t n = 0; n < s.inner; n++) {
      const float *from = p.a + o * s.outerStride + n * s.innerStride;
      const float *lines = p.b + o * s.bOuter + n * s.bInner;
      for (size_t k = 0; k < s.length; k++) {
        v8 line;
        load8(lines + k * 16, &line);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) sum[i] += from[(size_t)i * s.rowStride + k] * line;
      }
    }
  rectify8(rows, &p.rectifier, sum);
  if (is_whole(&p, rows - 1, 8)) {
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) store8(p.y + (size_t)i * p.yStride, &sum[i]);
    return;
  }
  v8 total[12];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) total[i] = sum[i];
  for (int i = 0; i < rows; i++)
    store_part8(p.y + (size_t)i * p.yStride, p.columns, &total[i]);
}

#if MC_ROWS >= 6
// 16 / share floats in each part of a vector.
INLINE void repeat_part(const int share, const void *p, v16 *to) {
  if (share == 2) repeat8(p, to);
  else repeat4(p, to);
}

// The operands of the rows whose columns vector t of tails has, each in its part; where there are fewer
// rows, the last one's once more.
INLINE void join_rows(const int rows, const int share, const int t, const v16 *a, v16 *to) {
  const v16 *row[4];
#pragma clang loop unroll(full)
  for (int i = 0; i < share; i++) row[i] = &a[t * share + i < rows ? t * share + i : rows - 1];
  if (share == 2) join2(row[0], row[1], to);
  else join4(row, to);
}

// The same for more than 16 columns, of which at most 16 / share follow the first 16: those of
// `share` rows are in one vector. `start` is not NULL.
INLINE void product_tails(const int rows, const int share, const void *operands) {
  const Product p = *(const Product *)operands;
  const Segments s = *p.s;
  const int tails = (rows + share - 1) / share;
  const size_t lanes = 16 / (size_t)share;
  v16 sum[12], tail[12];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) sum[i] = p.start[0];
  v16 first;
  repeat_part(share, p.start + 1, &first);
#pragma clang loop unroll(full)
  for (int t = 0; t < tails; t++) tail[t] = first;
  for (size_t o = 0; o < s.outer; o++)
    for (size_t n = 0; n < s.inner; n++) {
      const float *from = p.a + o * s.outerStride + n * s.innerStride;
      const float *lines = p.b + o * s.bOuter + n * s.bInner;
      for (size_t k = 0; k < s.length; k++) {
        v16 line, rest, a[12];
        load(lines + k * 16, &line);
        repeat_part(share, lines + k * 16 + p.bNext, &rest);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
          broadcast16(from[(size_t)i * s.rowStride + k], &a[i]);
          sum[i] += a[i] * line;
        }
#pragma clang loop unroll(full)
        for (int t = 0; t < tails; t++) {
          v16 joined;
          join_rows(rows, share, t, a, &joined);
          tail[t] += joined * rest;
        }
      }
    }
  rectify16(rows, &p.rectifier, sum);
  rectify16(tails, &p.rectifier, tail);
  const bool whole = p.room >= (size_t)(rows - 1) * p.yStride + 16 + lanes;
  float rests[12 * 16];
#pragma clang loop unroll(full)
  for (int t = 0; t < tails; t++) store(rests + t * 16, &tail[t]);
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
    float *y = p.y + (size_t)i * p.yStride;
    const float *rest = rests + (size_t)i * lanes;
    store(y, &sum[i]);
    if (whole) __builtin_memcpy(y + 16, rest, lanes * sizeof(float));
    else copy_part(y + 16, rest, p.columns - 16);
  }
}

#if MC_ROWS >= 12
INLINE void product_halves(const int rows, const void *operands) {
  product_tails(rows, 2, operands);
}
#endif
INLINE void product_quarters(const int rows, const void *operands) {
  product_tails(rows, 4, operands);
}
#endif

MC_BLOCKS(product_narrow, MC_NARROW_ROWS)
MC_BLOCKS(product_wide, MC_ROWS)
#if MC_ROWS >= 12
MC_BLOCKS(product_pair, MC_ROWS)
MC_BLOCKS(product_halves, MC_ROWS)
MC_BLOCKS(product_quarters, MC_ROWS)
#elif MC_ROWS >= 6
MC_BLOCKS(product_quarters, MORE_ROWS)
#endif

static void product_rows(size_t rows, const Product *p) {
  if (p->columns <= 8) product_narrow_of[rows](p);
#if MC_ROWS >= 12
  else if (p->columns > 24 || (p->columns > 16 && !p->start)) product_pair_of[rows](p);
  else if (p->columns > 20) product_halves_of[rows](p);
#endif
#if MC_ROWS >= 6
  else if (p->columns > 16) product_quarters_of[rows](p);
#endif
  else product_wide_of[rows](p);
}
