// Many numbers become one, always in the same order: no sum depends on threads or on the width of the
// registers.

// In sixteen sums, joined in a fixed order: the result does not depend on the instruction set's
// width, and additions need not wait for each other.
double mc_sum_of_squares(size_t count, const float *x) {
  double sums[16] = {0};
  size_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (size_t l = 0; l < 16; l++) sums[l] += (double)x[i + l] * (double)x[i + l];
  for (size_t l = 0; i < count; i++, l++) sums[l] += (double)x[i] * (double)x[i];
  double total = 0;
  for (size_t l = 0; l < 16; l++) total += sums[l];
  return total;
}

float mc_largest_magnitude(size_t count, const float *x) {
  // Bits of non-negative floats are ordered as the numbers are, and NaN is above infinity.
  uint32_t most = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    bits &= 0x7FFFFFFF;
    most = bits > most ? bits : most;
  }
  float result;
  memcpy(&result, &most, sizeof result);
  return result;
}

// ((p0+p1)+(p2+p3))+..., each element by itself. The tree is walked as a binary counter: entry b of
// `waiting` is the sum of 2^b shards that lacks its neighbour, so any number of shards fits. What is
// left at the end is joined from the smallest up, which is the tree's ragged edge. A part of height h
// is the sum of 2^h shards already; without heights all are 0, and the parts are `stride` floats apart.
INLINE void sum_tree(size_t count, size_t number, const uint8_t *heights, const float *const *parts,
                     const float *first, size_t stride, float *sum) {
  for (size_t start = 0; start < count; start += 16) {
    size_t width = count - start < 16 ? count - start : 16, shards = 0;
    v16 waiting[64], value = {0};
    for (size_t k = 0; k < number; k++) {
      const float *part = (heights ? parts[k] : first + k * stride) + start;
      if (width == 16) load(part, &value);
      else load_part(part, width, &value);
      size_t b = heights ? heights[k] : 0, after = shards + ((size_t)1 << b);
      for (; shards >> b & 1; b++) value = waiting[b] + value;
      waiting[b] = value;
      shards = after;
    }
    bool any = false;
    for (size_t b = 0; shards >> b; b++) {
      if (!(shards >> b & 1)) continue;
      value = any ? waiting[b] + value : waiting[b];
      any = true;
    }
    if (width == 16) store(sum + start, &value);
    else store_part(sum + start, width, &value);
  }
}

void mc_sum_shards(size_t count, size_t shards, size_t stride, const float *parts, float *sum) {
  sum_tree(count, shards, NULL, NULL, parts, stride, sum);
}

void mc_sum_subtrees(size_t count, size_t subtrees, const uint8_t *heights,
                     const float *const *parts, float *sum) {
  sum_tree(count, subtrees, heights, parts, NULL, 0, sum);
}

// sums[j] += sum over all lines of a [lines, columns]. Sixteen lines at a time, as one of whole vectors.
//
// work: 16 * columns floats.
static void add_column_sums(size_t lines, size_t columns, const float *a, float *sums, float *work) {
  memset(work, 0, 16 * columns * sizeof(float));
  for (size_t t = 0; t < lines; t += 16, a += 16 * columns) {
    size_t count = (lines - t < 16 ? lines - t : 16) * columns;
    MC_ELEMENTWISE
    for (size_t i = 0; i < count; i++) work[i] += a[i];
  }
  for (size_t i = 0; i < 16; i++)
    for (size_t j = 0; j < columns; j++) sums[j] += work[i * columns + j];
}
