// Where a block's activations meet.

// y = a + b through the rectifier, which is a constant where it is none or a ReLU.
INLINE void sum_run(size_t count, const MCRectifier r, const float *a, const float *b, float *y) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    v16 left, right;
    load(a + i, &left);
    load(b + i, &right);
    left += right;
    rectify16(1, &r, &left);
    store(y + i, &left);
  }
  for (; i < count; i++) y[i] = rectified(&r, a[i] + b[i]);
}

void mc_sum(size_t count, const MCRectifier *r, const float *a, const float *b, float *y) {
  if (!r->rectifies) sum_run(count, (MCRectifier){0}, a, b, y);
  else if (is_relu(r)) sum_run(count, RELU, a, b, y);
  else sum_run(count, *r, a, b, y);
}

// Both gradients in one pass: y and dy are fetched once. `adds` and `both` are constants.
INLINE void sum_backward_run(size_t count, const MCRectifier r, const float *y, const float *dy,
                             const bool adds, const bool both, float *da, float *db) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    v16 gradient, output = {0}, left = {0}, right = {0};
    load(dy + i, &gradient);
    if (r.rectifies) load(y + i, &output);
    rectify_gradient16(&r, &output, &gradient);
    if (adds) load(da + i, &left);
    if (adds && both) load(db + i, &right);
    left = adds ? left + gradient : gradient;
    right = adds ? right + gradient : gradient;
    store(da + i, &left);
    if (both) store(db + i, &right);
  }
  for (; i < count; i++) {
    float gradient = rectified_gradient(&r, r.rectifies ? y[i] : 0, dy[i]);
    da[i] = adds ? da[i] + gradient : gradient;
    if (both) db[i] = adds ? db[i] + gradient : gradient;
  }
}

INLINE void sum_backward(size_t count, const MCRectifier r, const float *y, const float *dy,
                         bool adds, float *da, float *db) {
  if (adds && db) sum_backward_run(count, r, y, dy, true, true, da, db);
  else if (adds) sum_backward_run(count, r, y, dy, true, false, da, db);
  else if (db) sum_backward_run(count, r, y, dy, false, true, da, db);
  else sum_backward_run(count, r, y, dy, false, false, da, db);
}

void mc_sum_backward(size_t count, const MCRectifier *r, const float *y, const float *dy, bool adds,
                     float *da, float *db) {
  if (!r->rectifies) sum_backward(count, (MCRectifier){0}, y, dy, adds, da, db);
  else if (is_relu(r)) sum_backward(count, RELU, y, dy, adds, da, db);
  else sum_backward(count, *r, y, dy, adds, da, db);
}

// In products `repeats` is the number of positions that share a factor: 1 for arrays of one shape.

// Rows of at most this many floats are repeated until they fill whole vectors.
enum { REPEATED_ROWS = 1024 };

// A row as it stands before vectors: its floats, or those of several that are equal.
typedef struct {
  const float *row;
  size_t count;
} RepeatedRow;

// room: REPEATED_ROWS floats.
INLINE RepeatedRow repeat_row(size_t columns, size_t repeats, const float *row, float *room) {
  size_t rows = 1;
  while (rows * columns % 16) rows *= 2;
  if (rows == 1 || repeats < rows || rows * columns > REPEATED_ROWS)
    return (RepeatedRow){row, columns};
  for (size_t i = 0; i < rows; i++) memcpy(room + i * columns, row, columns * sizeof(float));
  return (RepeatedRow){room, rows * columns};
}

// y = x * factor, added where `adds`, which is a constant.
INLINE void multiply_run(size_t count, const float *x, const float *factor, const bool adds,
                         float *y) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    v16 value, by, sum = {0};
    load(x + i, &value);
    load(factor + i, &by);
    if (adds) load(y + i, &sum);
    sum = adds ? sum + value * by : value * by;
    store(y + i, &sum);
  }
  for (; i < count; i++) y[i] = adds ? y[i] + x[i] * factor[i] : x[i] * factor[i];
}

INLINE void multiply_rows(size_t batch, size_t repeats, size_t columns, const float *x,
                          const float *factor, const bool adds, float *y) {
  float room[REPEATED_ROWS];
  size_t count = repeats * columns;
  for (size_t n = 0; n < batch; n++, x += count, y += count) {
    RepeatedRow by = repeat_row(columns, repeats, factor + n * columns, room);
    for (size_t i = 0; i < count; i += by.count) {
      size_t run = count - i < by.count ? count - i : by.count;
      multiply_run(run, x + i, by.row, adds, y + i);
    }
  }
}

// y[n,i,c] = x[n,i,c] * factor[n,c]
void mc_multiply(size_t batch, size_t repeats, size_t columns, const float *x, const float *factor,
                 float *y) {
  multiply_rows(batch, repeats, columns, x, factor, false, y);
}

// dx[n,i,c] = dy[n,i,c] * factor[n,c]
void mc_multiply_backward(size_t batch, size_t repeats, size_t columns, const float *dy,
                          const float *factor, bool adds, float *dx) {
  if (adds) multiply_rows(batch, repeats, columns, dy, factor, true, dx);
  else multiply_rows(batch, repeats, columns, dy, factor, false, dx);
}

// Vectors of sums that stay in registers.
enum { SUMMED_VECTORS = 8 };

// sums[v] = sum over all rows of a * b in the columns from at[v] on, for V vectors, a constant.
// From row `whole` on, which happens to fewer than 16 columns, there is room for these alone.
INLINE void dot_columns(const size_t V, size_t rows, size_t whole, size_t columns, const float *a,
                        const float *b, const size_t *at, v16 *sums) {
  v16 sum[SUMMED_VECTORS] = {{0}}, left, right;
  for (size_t i = 0; i < whole; i++, a += columns, b += columns) {
#pragma clang loop unroll(full)
    for (size_t v = 0; v < V; v++) {
      load(a + at[v], &left);
      load(b + at[v], &right);
      sum[v] += left * right;
    }
  }
  for (size_t i = whole; i < rows && V == 1; i++, a += columns, b += columns) {
    load_part(a, columns, &left);
    load_part(b, columns, &right);
    sum[0] += left * right;
  }
#pragma clang loop unroll(full)
  for (size_t v = 0; v < V; v++) sums[v] = sum[v];
}

// The factor's gradient of one image, `whole` as above. Of fewer than 16 columns a vector holds
// those of the next rows too; of more the last one begins early enough to end with them.
INLINE void narrow_factor_gradient(size_t repeats, size_t whole, size_t columns, const float *dy,
                                   const float *x, bool adds, float *dfactor) {
  size_t lanes = columns < 16 ? columns : 16, V = (columns + 15) / 16, at[SUMMED_VECTORS];
  for (size_t v = 0; v < SUMMED_VECTORS; v++)
    at[v] = 16 * v + lanes <= columns ? 16 * v : columns - lanes;
  v16 sum[SUMMED_VECTORS];
  if (V == 1) dot_columns(1, repeats, whole, columns, dy, x, at, sum);
  else if (V == 2) dot_columns(2, repeats, whole, columns, dy, x, at, sum);
  else if (V == 3) dot_columns(3, repeats, whole, columns, dy, x, at, sum);
  else if (V == 4) dot_columns(4, repeats, whole, columns, dy, x, at, sum);
  else if (V <= 6) dot_columns(6, repeats, whole, columns, dy, x, at, sum);
  else dot_columns(8, repeats, whole, columns, dy, x, at, sum);
  // What the last vector has in common with the one before is added once.
  float sums[16 * SUMMED_VECTORS];
  for (size_t v = 0; v < V; v++) store(sums + at[v], &sum[v]);
  if (adds) mc_accumulate(columns, sums, dfactor);
  else memcpy(dfactor, sums, columns * sizeof(float));
}

// dfactor[n,c] = sum over i of dy[n,i,c] * x[n,i,c]
void mc_multiply_backward_factor(size_t batch, size_t repeats, size_t columns, const float *dy,
                                 const float *x, bool adds, float *dfactor) {
  size_t count = repeats * columns;
  for (size_t n = 0; n < batch; n++, dy += count, x += count, dfactor += columns) {
    if (repeats == 1) {
      mc_multiply_backward(1, 1, columns, dy, x, adds, dfactor);
      continue;
    }
    if (columns <= 16 * SUMMED_VECTORS) {
      size_t whole = pixels_with_room(columns, repeats, n * count, batch * count);
      narrow_factor_gradient(repeats, whole, columns, dy, x, adds, dfactor);
      continue;
    }
    if (!adds) memset(dfactor, 0, columns * sizeof(float));
    for (size_t i = 0; i < repeats; i++) {
      const float *gradient = dy + i * columns, *value = x + i * columns;
      MC_ELEMENTWISE
      for (size_t c = 0; c < columns; c++) dfactor[c] += gradient[c] * value[c];
    }
  }
}

// Two vectors that may overlap take a row of 8 to 16 floats; longer ones begin with whole vectors.
// Where `adds`, a constant, what the last vector adds to is read before the others are written.
INLINE void copy_row(size_t columns, const float *from, const bool adds, float *to) {
  if (columns < 8) {
    for (size_t c = 0; c < columns; c++) to[c] = adds ? to[c] + from[c] : from[c];
    return;
  }
  if (columns < 16) {
    v8 head, tail, sum;
    load8(from, &head);
    load8(from + columns - 8, &tail);
    if (adds) {
      load8(to, &sum);
      head += sum;
      load8(to + columns - 8, &sum);
      tail += sum;
    }
    store8(to, &head);
    store8(to + columns - 8, &tail);
    return;
  }
  v16 value, tail, sum;
  load(from + columns - 16, &tail);
  if (adds) {
    load(to + columns - 16, &sum);
    tail += sum;
  }
  for (size_t c = 0; c + 16 < columns; c += 16) {
    load(from + c, &value);
    if (adds) {
      load(to + c, &sum);
      value += sum;
    }
    store(to + c, &value);
  }
  store(to + columns - 16, &tail);
}

void mc_copy_columns(size_t rows, size_t columns, const float *from, size_t fromStride, bool adds,
                     float *to, size_t toStride) {
  for (size_t i = 0; i < rows; i++, from += fromStride, to += toStride) {
    if (adds) copy_row(columns, from, true, to);
    else copy_row(columns, from, false, to);
  }
}
