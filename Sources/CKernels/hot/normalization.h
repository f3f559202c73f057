// Batch normalization: lines of whole vectors, and the statistics of their columns.
//
// A line is a row of all channels; where they are fewer than a vector has lanes, sixteen rows side by
// side. Lines are taken a few at a time, so that a block of columns after the other finds them in the
// first cache, with what belongs to its channels in registers. The last block begins early enough to end
// with the line: what it computes of columns that were computed before is the same once more.
enum { NORM_LANES = 16, NORM_NARROW = 15 * 16, NORM_CACHED = 2048 };

typedef struct {
  size_t columns;  // floats of a line
  size_t rows;     // of a line: 1 or 16
  size_t atOnce;   // lines
} Lines;

INLINE Lines lines_of(size_t channels) {
  Lines l = {.columns = channels, .rows = 1};
  if (channels < NORM_LANES) l = (Lines){.columns = channels * 16, .rows = 16};
  // Sums go over four lines side by side.
  l.atOnce = NORM_CACHED / l.columns < 8 ? 8 : NORM_CACHED / l.columns / 4 * 4;
  return l;
}

INLINE size_t block_start(size_t columns, size_t c) {
  return c + NORM_LANES <= columns ? c : columns - NORM_LANES;
}

// The lanes of the block that starts at `at` which no block before has: those from column c on.
INLINE void new_lanes(size_t c, size_t at, i16 *lanes) {
  const i16 numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  *lanes = numbers >= (int32_t)(c - at);
}

// Where `lanes` is all ones a, elsewhere b.
INLINE void choose_lanes(const i16 *lanes, const v16 *a, v16 *b) {
  *b = (v16)(((i16)*a & *lanes) | ((i16)*b & ~*lanes));
}

// ---- Mean and squared deviations -----------------------------------------------------------------

// The sum over lines i < count of (x[i*columns] - center)^power, power 1 or 2, in four sums that need not
// wait for each other.
INLINE void sum_powers(const int power, size_t count, size_t columns, const float *x,
                       const v16 *center, v16 *total) {
  v16 sum[4] = {{0}};
  for (size_t i = 0; i < count; i += 4)
    for (size_t j = 0; j < 4 && i + j < count; j++) {
      v16 value;
      load(x + (i + j) * columns, &value);
      value -= *center;
      sum[j] += power == 1 ? value : value * value;
    }
  *total = (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// Mean and squared deviations of each column. Those of some lines after the other are found in two passes
// while they are warm, and joined (Chan, Golub and LeVeque 1983): both lose no digits where the mean is
// far from 0, and the error grows with the number of blocks and not with that of the rows.
static void column_moments(const Lines *l, size_t lines, const float *x, float *mean, float *m2) {
  memset(mean, 0, l->columns * sizeof(float));
  memset(m2, 0, l->columns * sizeof(float));
  for (size_t start = 0, count; start < lines; start += count, x += count * l->columns) {
    count = lines - start < l->atOnce ? lines - start : l->atOnce;
    float share = 1 / (float)count, weight = (float)count / (float)(start + count);
    for (size_t c = 0; c < l->columns; c += NORM_LANES) {
      size_t at = block_start(l->columns, c);
      v16 zero = {0}, average, deviations, oldMean, oldM2;
      i16 lanes;
      sum_powers(1, count, l->columns, x + at, &zero, &average);
      average *= share;
      sum_powers(2, count, l->columns, x + at, &average, &deviations);
      load(mean + at, &oldMean);
      load(m2 + at, &oldM2);
      v16 difference = average - oldMean;
      v16 newMean = oldMean + difference * weight;
      v16 newM2 = oldM2 + deviations + difference * difference * ((float)start * weight);
      new_lanes(c, at, &lanes);
      choose_lanes(&lanes, &newMean, &oldMean);
      choose_lanes(&lanes, &newM2, &oldM2);
      store(mean + at, &oldMean);
      store(m2 + at, &oldM2);
    }
  }
}

// The same of few channels: sixteen columns each, which are joined, and the rows that fill no line.
static void narrow_moments(size_t rows, size_t channels, const float *x, float *mean, float *m2) {
  Lines l = lines_of(channels);
  float means[NORM_NARROW], deviations[NORM_NARROW];
  size_t lines = rows / 16;
  column_moments(&l, lines, x, means, deviations);
  for (size_t c = 0; c < channels; c++) {
    double count = 0, average = 0, sum = 0;
    for (size_t i = lines > 0 ? 0 : 16; i < 16 + rows % 16; i++) {
      bool isColumn = i < 16;
      double size = isColumn ? (double)lines : 1;
      double own = (double)(isColumn ? means[i * channels + c]
                                     : x[(lines * 16 + i - 16) * channels + c]);
      double difference = own - average;
      count += size;
      average += difference * size / count;
      sum += (isColumn ? (double)deviations[i * channels + c] : 0) +
             difference * difference * (count - size) * size / count;
    }
    mean[c] = (float)average;
    m2[c] = (float)sum;
  }
}

void mc_batch_norm_statistics(size_t rows, size_t channels, const float *x, float *mean,
                              float *m2) {
  if (channels < NORM_LANES) return narrow_moments(rows, channels, x, mean, m2);
  Lines l = lines_of(channels);
  column_moments(&l, rows, x, mean, m2);
}
