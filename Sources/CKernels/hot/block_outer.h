// The transposed register block: dw[i][0..columns) = sum over t of a[t][i] * b[t][0..columns).

// The steps t are `lines` runs of `count` steps each; the runs are aLine and bLine apart, the steps
// aStride and bStride.
typedef struct {
  const float *a;
  size_t aStride, aLine;
  const float *b;  // rows of 16, whatever the columns
  size_t bStride, bLine, bNext;  // bNext: how far the next 16 columns are
  size_t count, lines;
  bool adds;  // to what dw was
  float *dw;
  size_t dwStride, columns;  // columns: at most BLOCK_COLUMNS + MORE_COLUMNS
} OuterProduct;

// to[0..count) += v, or = v, for fewer than 16.
INLINE void put_part(bool adds, const v16 *v, size_t count, float *to) {
  float lanes[16];
  store(lanes, v);
  if (!adds) return copy_part(to, lanes, count);
  if (count & 8) {
    v8 old, more;
    load8(to, &old);
    load8(lanes, &more);
    old += more;
    store8(to, &old);
  }
  for (size_t l = count & 8; l < count; l++) to[l] += lanes[l];
}

INLINE void outer_block(const int rows, const int vectors, const void *operands) {
  const OuterProduct p = *(const OuterProduct *)operands;
  const size_t last = p.columns - 16 * (size_t)(vectors - 1);  // columns of the last vector
  v16 sum[12][2];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) sum[i][j] = (v16){0};
  for (size_t n = 0; n < p.lines; n++)
    for (size_t t = 0; t < p.count; t++) {
      const float *a = p.a + n * p.aLine + t * p.aStride;
      const float *b = p.b + n * p.bLine + t * p.bStride;
      v16 line[2];
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) load(b + (size_t)j * p.bNext, &line[j]);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int j = 0; j < vectors; j++) sum[i][j] += a[i] * line[j];
    }
  const int whole = last == 16 ? vectors : vectors - 1;
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) {
      if (j >= whole) continue;
      float *row = p.dw + (size_t)i * p.dwStride + j * 16;
      v16 old = {0};
      if (p.adds) load(row, &old);
      old += sum[i][j];
      store(row, &old);
    }
  if (whole == vectors) return;
  v16 total[12];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) total[i] = sum[i][vectors - 1];
  for (int i = 0; i < rows; i++)
    put_part(p.adds, &total[i], last, p.dw + (size_t)i * p.dwStride + (vectors - 1) * 16);
}

INLINE void outer_wide(const int rows, const void *operands) { outer_block(rows, 1, operands); }
INLINE void outer_pair(const int rows, const void *operands) { outer_block(rows, 2, operands); }

// The same for up to 8 columns.
INLINE void outer_narrow(const int rows, const void *operands) {
  const OuterProduct p = *(const OuterProduct *)operands;
  v8 sum[12];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) sum[i] = (v8){0};
  for (size_t n = 0; n < p.lines; n++)
    for (size_t t = 0; t < p.count; t++) {
      const float *a = p.a + n * p.aLine + t * p.aStride;
      v8 line;
      load8(p.b + n * p.bLine + t * p.bStride, &line);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) sum[i] += a[i] * line;
    }
  v16 total[12];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) __builtin_memcpy(&total[i], &sum[i], sizeof sum[i]);
  for (int i = 0; i < rows; i++)
    put_part(p.adds, &total[i], p.columns, p.dw + (size_t)i * p.dwStride);
}

#if MC_ROWS >= 6
// The same for more than 16 columns, of which at most 16 / share follow the first 16: those of
// `share` rows are in one vector.
INLINE void outer_tails(const int rows, const int share, const void *operands) {
  const OuterProduct p = *(const OuterProduct *)operands;
  const int tails = (rows + share - 1) / share;
  const size_t lanes = 16 / (size_t)share;
  v16 sum[12], tail[12];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) sum[i] = (v16){0};
#pragma clang loop unroll(full)
  for (int t = 0; t < tails; t++) tail[t] = (v16){0};
  for (size_t n = 0; n < p.lines; n++)
    for (size_t t = 0; t < p.count; t++) {
      const float *from = p.a + n * p.aLine + t * p.aStride;
      const float *b = p.b + n * p.bLine + t * p.bStride;
      v16 line, rest, a[12];
      load(b, &line);
      repeat_part(share, b + p.bNext, &rest);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) {
        broadcast16(from[i], &a[i]);
        sum[i] += a[i] * line;
      }
#pragma clang loop unroll(full)
      for (int i = 0; i < tails; i++) {
        v16 joined;
        join_rows(rows, share, i, a, &joined);
        tail[i] += joined * rest;
      }
    }
  float rests[13 * 16];
#pragma clang loop unroll(full)
  for (int t = 0; t < tails; t++) store(rests + t * 16, &tail[t]);
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
    float *row = p.dw + (size_t)i * p.dwStride;
    v16 old = {0};
    if (p.adds) load(row, &old);
    old += sum[i];
    store(row, &old);
  }
  for (int i = 0; i < rows; i++) {
    v16 rest;
    load(rests + (size_t)i * lanes, &rest);
    put_part(p.adds, &rest, p.columns - 16, p.dw + (size_t)i * p.dwStride + 16);
  }
}

#if MC_ROWS >= 12
INLINE void outer_halves(const int rows, const void *operands) { outer_tails(rows, 2, operands); }
#endif
INLINE void outer_quarters(const int rows, const void *operands) { outer_tails(rows, 4, operands); }
#endif

MC_BLOCKS(outer_narrow, MC_NARROW_ROWS)
MC_BLOCKS(outer_wide, MC_ROWS)
#if MC_ROWS >= 12
MC_BLOCKS(outer_pair, MC_ROWS)
MC_BLOCKS(outer_halves, MC_ROWS)
MC_BLOCKS(outer_quarters, MC_ROWS)
#elif MC_ROWS >= 6
MC_BLOCKS(outer_quarters, MORE_ROWS)
#endif

static void outer_rows(size_t rows, const OuterProduct *p) {
  if (p->columns <= 8) outer_narrow_of[rows](p);
#if MC_ROWS >= 12
  else if (p->columns > 24) outer_pair_of[rows](p);
  else if (p->columns > 20) outer_halves_of[rows](p);
#endif
#if MC_ROWS >= 6
  else if (p->columns > 16) outer_quarters_of[rows](p);
#endif
  else outer_wide_of[rows](p);
}
