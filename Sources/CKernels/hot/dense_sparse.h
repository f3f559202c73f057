// Dense passes that skip zeros: of x, where a ReLU or dropout before the layer left them, or of dy,
// where one behind it did. What is left of a row is listed by position; for each position, a line of
// a matrix times the number is added to a row of sums. The sums run over positions in ascending
// order, so that they are those of the passes that skip nothing, but for the sign of a zero.

// Columns of sums that are worked on for one list, and inputs of a panel: what the rows share of the
// kernel stays in the first cache.
enum { SPARSE_COLUMNS = 128, SPARSE_PANEL = 64 };
// Vectors of sums that stay in registers.
enum { SPARSE_VECTORS = MC_RUNS < 8 ? MC_RUNS : 8 };

#if MC_COMPRESS == MC_COMPRESS_AVX512
// The positions, from `first`, of those of 16 numbers that are not 0; writes 16. Returns how many they are.
INLINE size_t list_vector(const float *values, size_t first, uint32_t *list) {
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  __mmask16 mask = _mm512_test_epi32_mask(_mm512_loadu_si512(values), _mm512_set1_epi32(INT32_MAX));
  __m512i positions = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)first));
  _mm512_storeu_si512(list, _mm512_maskz_compress_epi32(mask, positions));
  return (size_t)__builtin_popcount(mask);
}
#endif

// Lists the positions of the numbers that are not 0; `list` has room for all of them and for a vector
// more. Returns how many there are.
INLINE size_t list_nonzero(size_t count, const float *values, size_t stride, uint32_t *list) {
  size_t length = 0, i = 0;
#if MC_COMPRESS == MC_COMPRESS_AVX512
  for (; stride == 1 && i + 16 <= count; i += 16) length += list_vector(values + i, i, list + length);
#endif
  // Every position is written, but only that of a number that is not 0 stays: no branch has to be
  // predicted.
  for (; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, values + i * stride, sizeof bits);
    list[length] = (uint32_t)i;
    length += bits << 1 != 0;
  }
  return length;
}

// One row: to[0..vectors*16) = start + sum over the listed t of a[t] * b[t][...].
typedef struct {
  const uint32_t *list;
  size_t count;
  const float *a;
  size_t aStride;
  const float *b;
  size_t bStride;
  ptrdiff_t last;      // where the last vector of a line of b begins
  const float *start;  // may be `to`; NULL: zeros
  float *to;
} ListedProduct;

INLINE void listed_block(const int vectors, const void *operands) {
  const ListedProduct p = *(const ListedProduct *)operands;
  v16 sum[8];
#pragma clang loop unroll(full)
  for (int j = 0; j < vectors; j++) {
    sum[j] = (v16){0};
    if (p.start) load(p.start + j * 16, &sum[j]);
  }
  for (size_t t = 0; t < p.count; t++) {
    float value = p.a[p.list[t] * p.aStride];
    const float *from = p.b + p.list[t] * p.bStride;
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) {
      v16 line;
      load(j + 1 < vectors ? from + j * 16 : from + p.last, &line);
      sum[j] += value * line;
    }
  }
#pragma clang loop unroll(full)
  for (int j = 0; j < vectors; j++) store(p.to + j * 16, &sum[j]);
}

MC_BLOCKS(listed_block, SPARSE_VECTORS)

// For any number of vectors, in blocks that fit the registers.
INLINE void listed_product(size_t vectors, const ListedProduct *row) {
  for (size_t j = 0, width; j < vectors; j += width) {
    width = even_rows(vectors - j, SPARSE_VECTORS);
    ListedProduct part = *row;
    part.b += j * 16;
    part.last = j + width < vectors ? (ptrdiff_t)(width - 1) * 16 : row->last - (ptrdiff_t)j * 16;
    if (row->start) part.start += j * 16;
    part.to += j * 16;
    listed_block_of[width](&part);
  }
}

// ---- forward ---------------------------------------------------------------------------------------

// Rows of x, and columns of y that begin at `column` and are a group of whole vectors; the last vector
// of all begins where it still ends with the line, before the last multiple of 16.
typedef struct {
  size_t inputs, outputs, column, vectors;
  const float *kernel, *bias;
} SparseColumns;

// From the first column; before it where the vector is the only one of the group.
INLINE ptrdiff_t last_vector(const SparseColumns *c) {
  size_t o = c->column + (c->vectors - 1) * 16;
  return (ptrdiff_t)(o + 16 <= c->outputs ? o : c->outputs - 16) - (ptrdiff_t)c->column;
}

static void forward_sparse_rows(const SparseColumns *c, size_t rows, const float *x, float *y) {
  enum { ROWS = 24 };
  float sums[ROWS * SPARSE_COLUMNS];
  uint32_t list[SPARSE_PANEL + 16];
  ptrdiff_t last = last_vector(c);
  size_t whole = (c->vectors - 1) * 16, shift = (size_t)((ptrdiff_t)whole - last);
  for (size_t n = 0, count; n < rows; n += count) {
    count = even_rows(rows - n, ROWS);
    for (size_t i = 0; i < count; i++)
      for (size_t j = 0; j < c->vectors; j++) {
        v16 start = {0};
        if (c->bias) load(c->bias + c->column + (j + 1 < c->vectors ? (ptrdiff_t)j * 16 : last), &start);
        store(sums + i * SPARSE_COLUMNS + j * 16, &start);
      }
    for (size_t k = 0; k < c->inputs; k += SPARSE_PANEL) {
      size_t length = c->inputs - k < SPARSE_PANEL ? c->inputs - k : SPARSE_PANEL;
      const float *lines = c->kernel + k * c->outputs + c->column;
      for (size_t i = 0; i < count; i++) {
        const float *row = x + (n + i) * c->inputs + k;
        // The panel after this one, a part at a time; one row alone does not need all of it.
        for (size_t ahead = i * length / count; count > 1 && ahead < (i + 1) * length / count; ahead++)
          if (k + length + ahead < c->inputs)
            fetch_ahead(lines + (length + ahead) * c->outputs, c->vectors * 16);
        ListedProduct product = {.list = list, .count = list_nonzero(length, row, 1, list),
                                 .a = row, .aStride = 1, .b = lines, .bStride = c->outputs,
                                 .last = last, .start = sums + i * SPARSE_COLUMNS,
                                 .to = sums + i * SPARSE_COLUMNS};
        listed_product(c->vectors, &product);
      }
    }
    // What the last vector has of the one before it is written by that one.
    for (size_t i = 0; i < count; i++) {
      const float *from = sums + i * SPARSE_COLUMNS;
      float *to = y + (n + i) * c->outputs + c->column;
      memcpy(to, from, whole * sizeof(float));
      memcpy(to + whole, from + whole + shift, (16 - shift) * sizeof(float));
    }
  }
}

void mc_dense_forward_sparse(size_t batch, size_t inputs, size_t outputs, size_t firstBlock,
                             size_t endBlock, const float *x, const float *kernel,
                             const float *bias, float *y) {
  for (size_t j = firstBlock, vectors; j < endBlock; j += vectors) {
    vectors = even_rows(endBlock - j, SPARSE_COLUMNS / 16);
    SparseColumns columns = {.inputs = inputs, .outputs = outputs, .column = j * 16,
                             .vectors = vectors, .kernel = kernel, .bias = bias};
    forward_sparse_rows(&columns, batch, x, y);
  }
}

// ---- dx --------------------------------------------------------------------------------------------

// The kernel transposed, in panels of inputs: [panel][outputs][inputs of the panel, a multiple of 16].
void mc_dense_transpose(size_t inputs, size_t outputs, size_t firstBlock, size_t endBlock,
                        const float *kernel, float *transposed) {
  for (size_t k = firstBlock * 16; k < endBlock * 16; k += 16) {
    size_t panel = k / SPARSE_PANEL * SPARSE_PANEL, height = inputs - k < 16 ? inputs - k : 16;
    size_t left = (inputs - panel + 15) / 16 * 16;
    size_t length = left < SPARSE_PANEL ? left : SPARSE_PANEL;
    float *to = transposed + panel * outputs + (k - panel);
    for (size_t o = 0; o < outputs; o += 16)
      transpose(height, outputs - o < 16 ? outputs - o : 16, kernel + k * outputs + o, outputs,
                to + o * length, length, 16);
  }
}

void mc_dense_backward_input(size_t batch, size_t inputs, size_t outputs, const float *dy,
                             const float *transposed, float *dx, float *scratch) {
  enum { ROWS = 16 };
  uint32_t *lists = (uint32_t *)(void *)scratch;
  size_t room = (outputs + 15) / 16 * 16 + 16, counts[ROWS];
  for (size_t n = 0, rows; n < batch; n += rows) {
    rows = even_rows(batch - n, ROWS);
    for (size_t i = 0; i < rows; i++)
      counts[i] = list_nonzero(outputs, dy + (n + i) * outputs, 1, lists + i * room);
    for (size_t k = 0; k < inputs; k += SPARSE_PANEL) {
      size_t width = inputs - k < SPARSE_PANEL ? inputs - k : SPARSE_PANEL;
      size_t vectors = (width + 15) / 16;
      const float *lines = transposed + k * outputs;
      for (size_t i = 0; i < rows; i++) {
        if (k + SPARSE_PANEL < inputs)
          fetch_ahead(lines + (outputs * vectors * 16 * (rows + i)) / rows,
                      outputs * vectors * 16 / rows);
        float sums[SPARSE_PANEL], *to = dx + (n + i) * inputs + k;
        bool whole = width == vectors * 16;
        ListedProduct product = {.list = lists + i * room, .count = counts[i],
                                 .a = dy + (n + i) * outputs, .aStride = 1, .b = lines,
                                 .bStride = vectors * 16, .last = (ptrdiff_t)(vectors - 1) * 16,
                                 .to = whole ? to : sums};
        listed_product(vectors, &product);
        if (!whole) memcpy(to, sums, width * sizeof(float));
      }
    }
  }
}

// ---- dkernel ---------------------------------------------------------------------------------------

// gathered[panel of 64][batch][64], rows `first` and those that follow.
void mc_dense_gather_panels(size_t count, size_t width, size_t first, size_t batch, const float *x,
                            float *gathered) {
  for (size_t n = 0; n < count; n++)
    for (size_t i = 0; i < width; i += MC_DENSE_PANEL) {
      size_t length = width - i < MC_DENSE_PANEL ? width - i : MC_DENSE_PANEL;
      float *to = gathered + i * batch + (first + n) * MC_DENSE_PANEL;
      memcpy(to, x + n * width + i, length * sizeof(float));
      if (length < MC_DENSE_PANEL) memset(to + length, 0, (MC_DENSE_PANEL - length) * sizeof(float));
    }
}

// lists[output]: how many samples' gradients are not 0, then their numbers.
void mc_dense_list(size_t batch, size_t outputs, size_t firstBlock, size_t endBlock,
                   const float *dy, float *lists) {
  for (size_t o = firstBlock * 16; o < endBlock * 16 && o < outputs; o++) {
    uint32_t *list = (uint32_t *)(void *)lists + o * (batch + 1);
    const float *column = dy + o / 16 * 16 * batch + o % 16;
    list[0] = (uint32_t)list_nonzero(batch, column, 16, list + 1);
  }
}

// dkernel[0..rows)[0..columns) = the transpose of sums[16][64], or added to.
INLINE void store_transposed(size_t rows, size_t columns, bool adds, const float *sums,
                             float *dkernel, size_t stride) {
  for (size_t i = 0; i < rows; i += 16) {
    v16 m[16];
    for (size_t r = 0; r < 16; r++) load(sums + r * MC_DENSE_PANEL + i, &m[r]);
    transpose_lines(m);
    for (size_t r = 0; r < 16 && i + r < rows; r++) {
      float *to = dkernel + (i + r) * stride;
      v16 old = {0};
      if (adds && columns == 16) load(to, &old);
      else if (adds) load_part(to, columns, &old);
      old += m[r];
      if (columns == 16) store(to, &old);
      else store_part(to, columns, &old);
    }
  }
}

void mc_dense_backward_kernel_sparse(size_t batch, size_t inputs, size_t outputs,
                                     size_t firstPanel, size_t endPanel, bool adds,
                                     const float *x, const float *dy, const float *lists,
                                     float *dkernel) {
  for (size_t k = firstPanel * MC_DENSE_PANEL; k < endPanel * MC_DENSE_PANEL; k += MC_DENSE_PANEL) {
    size_t rows = inputs - k < MC_DENSE_PANEL ? inputs - k : MC_DENSE_PANEL;
    for (size_t o = 0; o < outputs; o += 16) {
      float sums[16 * MC_DENSE_PANEL];
      size_t columns = outputs - o < 16 ? outputs - o : 16;
      for (size_t i = 0; i < columns; i++) {
        const uint32_t *list = (const uint32_t *)(const void *)lists + (o + i) * (batch + 1);
        ListedProduct product = {.list = list + 1, .count = list[0],
                                 .a = dy + o * batch + i, .aStride = 16, .b = x + k * batch,
                                 .bStride = MC_DENSE_PANEL, .last = MC_DENSE_PANEL - 16,
                                 .to = sums + i * MC_DENSE_PANEL};
        listed_product(MC_DENSE_PANEL / 16, &product);
      }
      store_transposed(rows, columns, adds, sums, dkernel + k * outputs + o, outputs);
    }
  }
}
