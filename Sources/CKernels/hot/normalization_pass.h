// Batch normalization, forwards and backwards, with the rectifier after it:
//
//   v  = (x - mean) * rstd * gamma + beta          y = v, rectified (MCRectifier)
//   dv = dy where 0 < v < bound, slope * dy where v is not above 0, 0 where it is at the bound
//   dx = gamma * rstd * (dv - sum(dv) / M - xhat * sum(dv * xhat) / M),  xhat = (x - mean) * rstd
//
// Every pass reads x once more and writes one array: v is not kept, as computing it again costs less
// than loading it.

// What belongs to the columns of lines; gamma and beta may be NULL.
typedef struct {
  Lines lines;
  const float *mean, *rstd, *gamma, *beta;
} NormColumns;

// Room for what belongs to few channels, sixteen times side by side.
typedef struct {
  float mean[NORM_NARROW], rstd[NORM_NARROW], gamma[NORM_NARROW], beta[NORM_NARROW];
} NarrowColumns;

INLINE const float *repeated(size_t channels, const float *from, float *to) {
  if (!from) return NULL;
  for (size_t i = 0; i < channels * 16; i++) to[i] = from[i % channels];
  return to;
}

INLINE NormColumns norm_columns(const MCBatchNorm *b, NarrowColumns *room) {
  NormColumns n = {.lines = lines_of(b->channels), .mean = b->mean, .rstd = b->rstd,
                   .gamma = b->gamma, .beta = b->beta};
  if (n.lines.rows == 1) return n;
  n.mean = repeated(b->channels, b->mean, room->mean);
  n.rstd = repeated(b->channels, b->rstd, room->rstd);
  n.gamma = repeated(b->channels, b->gamma, room->gamma);
  n.beta = repeated(b->channels, b->beta, room->beta);
  return n;
}

// What belongs to a block of columns.
typedef struct {
  v16 mean, rstd, factor, shift;
} Normal;

INLINE void load_normal(const NormColumns *n, size_t at, size_t lanes, Normal *normal) {
  load_lanes(n->mean + at, lanes, &normal->mean);
  load_lanes(n->rstd + at, lanes, &normal->rstd);
  normal->factor = normal->rstd;
  normal->shift = (v16){0};
  v16 gamma;
  if (n->gamma) {
    load_lanes(n->gamma + at, lanes, &gamma);
    normal->factor *= gamma;
  }
  if (n->beta) load_lanes(n->beta + at, lanes, &normal->shift);
}

INLINE void normalize(const Normal *n, const v16 *x, v16 *v) {
  *v = (*x - n->mean) * n->factor + n->shift;
}

// dv of x and dy.
INLINE void pass_gradient(const MCRectifier *r, const Normal *n, const v16 *x, v16 *gradient) {
  if (!r->rectifies) return;
  v16 v;
  normalize(n, x, &v);
  rectify_gradient16(r, &v, gradient);
}

// ---- Forwards -------------------------------------------------------------------------------------

INLINE void normalize_with(const MCRectifier r, const NormColumns *n, size_t lines, const float *x,
                           float *y) {
  size_t columns = n->lines.columns;
  for (size_t start = 0, count; start < lines; start += count) {
    count = lines - start < n->lines.atOnce ? lines - start : n->lines.atOnce;
    for (size_t c = 0; c < columns; c += NORM_LANES) {
      size_t at = block_start(columns, c);
      Normal normal;
      load_normal(n, at, NORM_LANES, &normal);
      for (size_t i = start; i < start + count; i++) {
        v16 value;
        load(x + i * columns + at, &value);
        normalize(&normal, &value, &value);
        rectify16(1, &r, &value);
        store(y + i * columns + at, &value);
      }
    }
  }
}

static void normalize_lines(const NormColumns *n, MCRectifier r, size_t lines, const float *x,
                            float *y) {
  if (!r.rectifies) normalize_with((MCRectifier){0}, n, lines, x, y);
  else if (is_relu(&r)) normalize_with(RELU, n, lines, x, y);
  else normalize_with(r, n, lines, x, y);
}

void mc_batch_norm_forward(const MCBatchNorm *b, size_t rows, const float *x, float *y) {
  NarrowColumns room;
  NormColumns n = norm_columns(b, &room);
  size_t lines = rows / n.lines.rows, done = lines * n.lines.columns;
  size_t rest = rows * b->channels - done;
  normalize_lines(&n, b->rectifier, lines, x, y);
  if (rest == 0) return;
  float last[NORM_NARROW] = {0}, result[NORM_NARROW];
  memcpy(last, x + done, rest * sizeof(float));
  normalize_lines(&n, b->rectifier, 1, last, result);
  memcpy(y + done, result, rest * sizeof(float));
}

// ---- Backwards ------------------------------------------------------------------------------------

// sums[0][c] += the sum over lines of dv, sums[1][c] += that of dv * (x - mean).
INLINE void add_sums_with(const MCRectifier r, const NormColumns *n, size_t lines, const float *x,
                          const float *dy, float *first, float *second) {
  size_t columns = n->lines.columns;
  for (size_t start = 0, count; start < lines; start += count) {
    count = lines - start < n->lines.atOnce ? lines - start : n->lines.atOnce;
    for (size_t c = 0; c < columns; c += NORM_LANES) {
      size_t at = block_start(columns, c);
      Normal normal;
      load_normal(n, at, NORM_LANES, &normal);
      v16 sum[2] = {{0}}, product[2] = {{0}}, total;
      for (size_t i = start; i < start + count; i += 2)
        for (size_t j = 0; j < 2 && i + j < start + count; j++) {
          v16 value, gradient;
          load(x + (i + j) * columns + at, &value);
          load(dy + (i + j) * columns + at, &gradient);
          pass_gradient(&r, &normal, &value, &gradient);
          sum[j] += gradient;
          product[j] += gradient * (value - normal.mean);
        }
      // Columns of the block before have theirs already.
      i16 lanes;
      new_lanes(c, at, &lanes);
      load(first + at, &total);
      total += (v16)((i16)(sum[0] + sum[1]) & lanes);
      store(first + at, &total);
      load(second + at, &total);
      total += (v16)((i16)(product[0] + product[1]) & lanes);
      store(second + at, &total);
    }
  }
}

static void add_gradient_sums(const NormColumns *n, MCRectifier r, size_t lines, const float *x,
                              const float *dy, float *first, float *second) {
  if (!r.rectifies) add_sums_with((MCRectifier){0}, n, lines, x, dy, first, second);
  else if (is_relu(&r)) add_sums_with(RELU, n, lines, x, dy, first, second);
  else add_sums_with(r, n, lines, x, dy, first, second);
}

void mc_batch_norm_backward_sums(const MCBatchNorm *b, size_t rows, const float *x,
                                 const float *dy, float *sumDy, float *sumDyXhat) {
  NarrowColumns room;
  NormColumns n = norm_columns(b, &room);
  size_t lines = rows / n.lines.rows, done = lines * n.lines.columns;
  size_t rest = rows * b->channels - done;
  float narrow[2][NORM_NARROW];
  bool isNarrow = n.lines.rows > 1;
  float *first = isNarrow ? narrow[0] : sumDy, *second = isNarrow ? narrow[1] : sumDyXhat;
  memset(first, 0, n.lines.columns * sizeof(float));
  memset(second, 0, n.lines.columns * sizeof(float));
  add_gradient_sums(&n, b->rectifier, lines, x, dy, first, second);
  if (rest > 0) {
    float last[NORM_NARROW] = {0}, gradient[NORM_NARROW] = {0};
    memcpy(last, x + done, rest * sizeof(float));
    memcpy(gradient, dy + done, rest * sizeof(float));
    add_gradient_sums(&n, b->rectifier, 1, last, gradient, first, second);
  }
  for (size_t c = 0; c < b->channels; c++) {
    float sum = first[c], product = second[c];
    for (size_t i = 1; i < n.lines.rows; i++) {
      sum += first[i * b->channels + c];
      product += second[i * b->channels + c];
    }
    sumDy[c] = sum;
    sumDyXhat[c] = product * b->rstd[c];
  }
}

// What dx subtracts from dv, for a block of columns:
// dx = (dv - offset) * factor - (x - mean) * slant.
typedef struct {
  v16 offset, slant;
} Correction;

INLINE void load_correction(const Normal *n, size_t at, size_t lanes, float share,
                            const float *sumDy, const float *sumDyXhat, Correction *k) {
  load_lanes(sumDy + at, lanes, &k->offset);
  load_lanes(sumDyXhat + at, lanes, &k->slant);
  k->offset *= share;
  k->slant = n->factor * (n->rstd * (k->slant * share));
}

INLINE void input_gradient_of(const Normal *n, const Correction *k, const v16 *x,
                              const v16 *gradient, v16 *dx) {
  *dx = (*gradient - k->offset) * n->factor - (*x - n->mean) * k->slant;
}

INLINE void normalize_backward_with(const MCRectifier r, const NormColumns *n, size_t lines,
                                    float share, const float *x, const float *dy,
                                    const float *sumDy, const float *sumDyXhat, float *dx) {
  size_t columns = n->lines.columns;
  for (size_t start = 0, count; start < lines; start += count) {
    count = lines - start < n->lines.atOnce ? lines - start : n->lines.atOnce;
    for (size_t c = 0; c < columns; c += NORM_LANES) {
      size_t at = block_start(columns, c);
      Normal normal;
      Correction correction;
      load_normal(n, at, NORM_LANES, &normal);
      load_correction(&normal, at, NORM_LANES, share, sumDy, sumDyXhat, &correction);
      for (size_t i = start; i < start + count; i++) {
        v16 value, gradient;
        load(x + i * columns + at, &value);
        load(dy + i * columns + at, &gradient);
        pass_gradient(&r, &normal, &value, &gradient);
        input_gradient_of(&normal, &correction, &value, &gradient, &gradient);
        store(dx + i * columns + at, &gradient);
      }
    }
  }
}

static void normalize_lines_backward(const NormColumns *n, MCRectifier r, size_t lines, float share,
                                     const float *x, const float *dy, const float *sumDy,
                                     const float *sumDyXhat, float *dx) {
  if (!r.rectifies) normalize_backward_with((MCRectifier){0}, n, lines, share, x, dy, sumDy,
                                            sumDyXhat, dx);
  else if (is_relu(&r)) normalize_backward_with(RELU, n, lines, share, x, dy, sumDy, sumDyXhat, dx);
  else normalize_backward_with(r, n, lines, share, x, dy, sumDy, sumDyXhat, dx);
}

void mc_batch_norm_backward(const MCBatchNorm *b, size_t rows, size_t total, const float *x,
                            const float *dy, const float *sumDy, const float *sumDyXhat,
                            float *dx) {
  NarrowColumns room;
  NormColumns n = norm_columns(b, &room);
  float share = 1.0f / (float)total, narrow[2][NORM_NARROW];
  if (n.lines.rows > 1) {
    sumDy = repeated(b->channels, sumDy, narrow[0]);
    sumDyXhat = repeated(b->channels, sumDyXhat, narrow[1]);
  }
  size_t lines = rows / n.lines.rows, done = lines * n.lines.columns;
  size_t rest = rows * b->channels - done;
  normalize_lines_backward(&n, b->rectifier, lines, share, x, dy, sumDy, sumDyXhat, dx);
  if (rest == 0) return;
  float last[NORM_NARROW] = {0}, gradient[NORM_NARROW] = {0}, result[NORM_NARROW];
  memcpy(last, x + done, rest * sizeof(float));
  memcpy(gradient, dy + done, rest * sizeof(float));
  normalize_lines_backward(&n, b->rectifier, 1, share, last, gradient, sumDy, sumDyXhat,
                           result);
  memcpy(dx + done, result, rest * sizeof(float));
}
