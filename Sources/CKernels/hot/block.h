// The register blocks everything dense is made of: up to MC_ROWS rows by 16 columns of a product,
// kept in registers while the sum runs. An array of vectors stays in registers only where every index
// is a constant, so a block is an inlined function whose number of rows is one. Its operands are copied
// first: it need not look again whether a store has changed them.

// Runs a block of that many rows, at most `most`: as a constant, so that the compiler unrolls its
// loops over rows. `operands` is what it works on.
typedef void Block(const int rows, const void *operands);

INLINE void run_block(const int most, size_t rows, Block *block, const void *operands) {
  if (rows >= (size_t)most) return block(most, operands);
  switch (rows) {
    case 1: return block(1, operands);
    case 2: if (most > 2) block(2, operands); return;
    case 3: if (most > 3) block(3, operands); return;
    case 4: if (most > 4) block(4, operands); return;
    case 5: if (most > 5) block(5, operands); return;
    case 6: if (most > 6) block(6, operands); return;
    case 7: if (most > 7) block(7, operands); return;
    case 8: if (most > 8) block(8, operands); return;
    case 9: if (most > 9) block(9, operands); return;
    case 10: if (most > 10) block(10, operands); return;
    case 11: if (most > 11) block(11, operands); return;
  }
}

// The most rows of a block for that many columns: narrow lines leave registers for more.
INLINE size_t most_rows(size_t columns) { return columns <= 8 ? MC_NARROW_ROWS : MC_ROWS; }

// Rows of the next block when `left` are left: as evenly as possible, because a block of few rows
// waits for its own sums.
INLINE size_t even_rows(size_t left, size_t most) {
  size_t blocks = (left + most - 1) / most;
  return (left + blocks - 1) / blocks;
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
  const v16 *start;  // NULL: what y was
  bool relu;         // negative results become 0
  float *y;
  size_t yStride, columns;
  // A row of fewer columns may be written whole where this many floats of y follow that are written
  // later anyway.
  size_t room;
} Product;

// Whether row i of y is written whole, with that many lanes.
INLINE bool is_whole(const Product *p, int i, size_t lanes) {
  return p->columns == lanes || p->room >= (size_t)i * p->yStride + lanes;
}

// Every element is summed in the order of k, whatever the block it falls into.
INLINE void product_wide(const int rows, const void *operands) {
  const Product p = *(const Product *)operands;
  const Segments s = *p.s;
  v16 sum[12];
  for (int i = 0; i < rows; i++) {
    const float *row = p.y + (size_t)i * p.yStride;
    if (p.start) sum[i] = *p.start;
    else if (p.columns == 16) load(row, &sum[i]);
    else load_part(row, p.columns, &sum[i]);
  }
  for (size_t o = 0; o < s.outer; o++)
    for (size_t n = 0; n < s.inner; n++) {
      const float *from = p.a + o * s.outerStride + n * s.innerStride;
      const float *lines = p.b + o * s.bOuter + n * s.bInner;
      for (size_t k = 0; k < s.length; k++) {
        v16 line;
        load(lines + k * 16, &line);
        for (int i = 0; i < rows; i++) sum[i] += from[(size_t)i * s.rowStride + k] * line;
      }
    }
  for (int i = 0; i < rows; i++) {
    float *row = p.y + (size_t)i * p.yStride;
    if (p.relu) relu16(&sum[i]);
    if (is_whole(&p, i, 16)) store(row, &sum[i]);
    else store_part(row, p.columns, &sum[i]);
  }
}

// The same for up to 8 columns.
INLINE void product_narrow(const int rows, const void *operands) {
  const Product p = *(const Product *)operands;
  const Segments s = *p.s;
  v8 sum[12];
  for (int i = 0; i < rows; i++) {
    const float *row = p.y + (size_t)i * p.yStride;
    if (p.start) __builtin_memcpy(&sum[i], p.start, sizeof sum[i]);
    else load_part8(row, p.columns, &sum[i]);
  }
  for (size_t o = 0; o < s.outer; o++)
    for (size_t n = 0; n < s.inner; n++) {
      const float *from = p.a + o * s.outerStride + n * s.innerStride;
      const float *lines = p.b + o * s.bOuter + n * s.bInner;
      for (size_t k = 0; k < s.length; k++) {
        v8 line;
        load8(lines + k * 16, &line);
        for (int i = 0; i < rows; i++) sum[i] += from[(size_t)i * s.rowStride + k] * line;
      }
    }
  for (int i = 0; i < rows; i++) {
    float *row = p.y + (size_t)i * p.yStride;
    if (p.relu) relu8(&sum[i]);
    if (is_whole(&p, i, 8)) store8(row, &sum[i]);
    else store_part8(row, p.columns, &sum[i]);
  }
}

static void product_rows(size_t rows, const Product *p) {
  if (p->columns <= 8) run_block(MC_NARROW_ROWS, rows, product_narrow, p);
  else run_block(MC_ROWS, rows, product_wide, p);
}

// ---- dw[i][0..columns) = sum over t of a[t][i] * b[t][0..columns) ----------------------------------

// The steps t are `lines` runs of `count` steps each; the runs are aLine and bLine apart, the steps
// aStride and bStride.
typedef struct {
  const float *a;
  size_t aStride, aLine;
  const float *b;  // rows of 16, whatever the columns
  size_t bStride, bLine;
  size_t count, lines;
  bool adds;  // to what dw was
  float *dw;
  size_t dwStride, columns;
} OuterProduct;

INLINE void outer_wide(const int rows, const void *operands) {
  const OuterProduct p = *(const OuterProduct *)operands;
  v16 sum[12];
  for (int i = 0; i < rows; i++) sum[i] = (v16){0};
  for (size_t n = 0; n < p.lines; n++)
    for (size_t t = 0; t < p.count; t++) {
      const float *a = p.a + n * p.aLine + t * p.aStride;
      v16 line;
      load(p.b + n * p.bLine + t * p.bStride, &line);
      for (int i = 0; i < rows; i++) sum[i] += a[i] * line;
    }
  for (int i = 0; i < rows; i++) {
    float *row = p.dw + (size_t)i * p.dwStride;
    v16 old = {0};
    if (p.adds && p.columns == 16) load(row, &old);
    else if (p.adds) load_part(row, p.columns, &old);
    old += sum[i];
    if (p.columns == 16) store(row, &old);
    else store_part(row, p.columns, &old);
  }
}

// The same for up to 8 columns.
INLINE void outer_narrow(const int rows, const void *operands) {
  const OuterProduct p = *(const OuterProduct *)operands;
  v8 sum[12];
  for (int i = 0; i < rows; i++) sum[i] = (v8){0};
  for (size_t n = 0; n < p.lines; n++)
    for (size_t t = 0; t < p.count; t++) {
      const float *a = p.a + n * p.aLine + t * p.aStride;
      v8 line;
      load8(p.b + n * p.bLine + t * p.bStride, &line);
      for (int i = 0; i < rows; i++) sum[i] += a[i] * line;
    }
  for (int i = 0; i < rows; i++) {
    float *row = p.dw + (size_t)i * p.dwStride;
    for (size_t l = 0; l < p.columns; l++) row[l] = (p.adds ? row[l] : 0) + sum[i][l];
  }
}

static void outer_rows(size_t rows, const OuterProduct *p) {
  if (p->columns <= 8) run_block(MC_NARROW_ROWS, rows, outer_narrow, p);
  else run_block(MC_ROWS, rows, outer_wide, p);
}
