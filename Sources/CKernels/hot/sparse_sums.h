// What is summed over the lists of gradients.

// A product of all lists with the lines that their gradients multiply: for each list, over its
// gradients, to[target + r*toStep + i] += value * from[start + r*fromStep + i].
typedef struct {
  const Lists *lists;
  size_t count;  // of lists
  const float *from;
  size_t fromStep;
  float *to;
  size_t toStep;
} ListProduct;

// Rows and vectors of a part, which all lists go through before the next one. The sums of two lists
// may overlap, so that the order of an element's sum depends on these, and on no processor.
enum { PART_ROWS = 6, PART_VECTORS = 6 };

// `rows` rows of `vectors` vectors over one list, in registers.
INLINE void sum_list(const int rows, const int vectors, size_t length, const float *gradients,
                     const uint32_t *starts, const float *from, size_t fromStep, float *to,
                     size_t toStep) {
  v16 sum[PART_ROWS * PART_VECTORS];
  for (int r = 0; r < rows; r++)
    for (int i = 0; i < vectors; i++)
      load(to + (size_t)r * toStep + i * LANES, &sum[r * vectors + i]);
  for (size_t t = 0; t < length; t++)
    for (int r = 0; r < rows; r++)
      for (int i = 0; i < vectors; i++) {
        v16 line;
        load(from + starts[t] + (size_t)r * fromStep + i * LANES, &line);
        sum[r * vectors + i] += gradients[t] * line;
      }
  for (int r = 0; r < rows; r++)
    for (int i = 0; i < vectors; i++)
      store(to + (size_t)r * toStep + i * LANES, &sum[r * vectors + i]);
}

// A part over all lists, in blocks of as many sums as the registers hold.
INLINE void product_part(const int rows, const int vectors, const ListProduct *operands) {
  const ListProduct p = *operands;
  const Lists lists = *p.lists;
  const int width = vectors < MC_RUNS ? vectors : MC_RUNS, height = MC_RUNS / width;
  for (size_t n = 0; n < p.count; n++) {
    size_t length = lists.lengths[n];
    if (length == 0) continue;
    const float *gradients = lists.values + n * lists.room;
    const uint32_t *starts = lists.starts + n * lists.room;
    float *to = p.to + lists.targets[n];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r += height)
#pragma clang loop unroll(full)
      for (int i = 0; i < vectors; i += width)
        sum_list(rows - r < height ? rows - r : height, vectors - i < width ? vectors - i : width,
                 length, gradients, starts, p.from + (size_t)r * p.fromStep + i * LANES, p.fromStep,
                 to + (size_t)r * p.toStep + i * LANES, p.toStep);
  }
}

// A part of rows of one half of a vector. Two sums a row, as one would wait for itself.
INLINE void narrow_part(const int rows, const ListProduct *operands) {
  const ListProduct p = *operands;
  const Lists lists = *p.lists;
  for (size_t n = 0; n < p.count; n++) {
    size_t length = lists.lengths[n];
    if (length == 0) continue;
    const float *gradients = lists.values + n * lists.room;
    const uint32_t *starts = lists.starts + n * lists.room;
    float *to = p.to + lists.targets[n];
    v8 even[PART_ROWS], odd[PART_ROWS];
    for (int r = 0; r < rows; r++) load8(to + (size_t)r * p.toStep, &even[r]);
    for (int r = 0; r < rows; r++) odd[r] = (v8){0};
    size_t t = 0;
    for (; t + 2 <= length; t += 2)
      for (int r = 0; r < rows; r++) {
        v8 line, next;
        load8(p.from + starts[t] + (size_t)r * p.fromStep, &line);
        load8(p.from + starts[t + 1] + (size_t)r * p.fromStep, &next);
        even[r] += gradients[t] * line;
        odd[r] += gradients[t + 1] * next;
      }
    for (int r = 0; r < rows; r++) {
      v8 line;
      if (t < length) {
        load8(p.from + starts[t] + (size_t)r * p.fromStep, &line);
        even[r] += gradients[t] * line;
      }
      even[r] += odd[r];
      store8(to + (size_t)r * p.toStep, &even[r]);
    }
  }
}

// The same with the numbers of rows and vectors as constants, so that the sums are registers.
static void narrow_rows(size_t rows, const ListProduct *p) {
  switch (rows) {
    case 1: return narrow_part(1, p);
    case 2: return narrow_part(2, p);
    case 3: return narrow_part(3, p);
    case 4: return narrow_part(4, p);
    case 5: return narrow_part(5, p);
    case 6: return narrow_part(6, p);
  }
}

INLINE void product_of_rows(size_t rows, const int vectors, const ListProduct *p) {
  switch (rows) {
    case 1: return product_part(1, vectors, p);
    case 2: return product_part(2, vectors, p);
    case 3: return product_part(3, vectors, p);
    case 4: return product_part(4, vectors, p);
    case 5: return product_part(5, vectors, p);
    case 6: return product_part(6, vectors, p);
  }
}

static void wide_rows(size_t rows, size_t vectors, const ListProduct *p) {
  switch (vectors) {
    case 1: return product_of_rows(rows, 1, p);
    case 2: return product_of_rows(rows, 2, p);
    case 3: return product_of_rows(rows, 3, p);
    case 4: return product_of_rows(rows, 4, p);
    case 5: return product_of_rows(rows, 5, p);
    case 6: return product_of_rows(rows, 6, p);
  }
}

// For any number of rows of `room` floats, `most` rows at a time.
static void list_product(size_t rows, size_t room, size_t most, const ListProduct *operands) {
  if (most > PART_ROWS) most = PART_ROWS;
  for (size_t r = 0, height; r < rows; r += height) {
    height = even_rows(rows - r, most);
    ListProduct p = *operands;
    p.from += r * p.fromStep;
    p.to += r * p.toStep;
    if (room < LANES) narrow_rows(height, &p);
    for (size_t left = room / LANES, width; left > 0; left -= width) {
      width = left < PART_VECTORS ? left : PART_VECTORS;
      wide_rows(height, width, &p);
      p.from += width * LANES;
      p.to += width * LANES;
    }
  }
}
