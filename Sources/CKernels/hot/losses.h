INLINE size_t first_largest(size_t columns, const float *row) {
  size_t best = 0;
  for (size_t j = 1; j < columns; j++)
    if (row[j] > row[best]) best = j;
  return best;
}

INLINE float largest_of(size_t columns, const float *row) {
  float most = row[0];
  for (size_t j = 1; j < columns; j++) most = row[j] > most ? row[j] : most;
  return most;
}

// y = e^(x - max) / sum of e^(x - max), row by row.
void mc_softmax_forward(size_t rows, size_t columns, const float *x, float *y) {
  for (size_t n = 0; n < rows; n++, x += columns, y += columns) {
    float most = largest_of(columns, x), sum = 0;
    for (size_t j = 0; j < columns; j++) y[j] = fast_exp(x[j] - most);
    for (size_t j = 0; j < columns; j++) sum += y[j];
    for (size_t j = 0; j < columns; j++) y[j] /= sum;
  }
}

// dx = y * (dy - sum of dy * y), row by row.
void mc_softmax_backward(size_t rows, size_t columns, const float *y, const float *dy, float *dx) {
  for (size_t n = 0; n < rows; n++, y += columns, dy += columns, dx += columns) {
    float sum = 0;
    // For NEON the compiler would multiply in vectors and then add number by number, which rounds the
    // products.
#pragma clang loop vectorize(disable)
    for (size_t j = 0; j < columns; j++) sum += dy[j] * y[j];
    for (size_t j = 0; j < columns; j++) dx[j] = y[j] * (dy[j] - sum);
  }
}

// loss = m * log(sum of e^logits) - sum of target * logits, where m is the sum of the targets, 1 for a
// distribution;  dlogits = m * softmax - target.
double mc_softmax_cross_entropy(size_t rows, size_t columns, const float *logits,
                                const float *targets, float scale, float *dlogits) {
  double total = 0;
  for (size_t n = 0; n < rows; n++, logits += columns, targets += columns) {
    float most = largest_of(columns, logits), sum = 0;
    double mass = 0, inner = 0;
    for (size_t j = 0; j < columns; j++) {
      float e = fast_exp(logits[j] - most);
      if (dlogits) dlogits[n * columns + j] = e;
      sum += e;
      mass += (double)targets[j];
      inner += (double)targets[j] * (double)(logits[j] - most);
    }
    total += mass * mc_log((double)sum) - inner;
    if (!dlogits) continue;
    float *gradient = dlogits + n * columns;
    for (size_t j = 0; j < columns; j++) gradient[j] = scale * (gradient[j] / sum * (float)mass);
    // A statement of its own: fused with the one above it would round differently on processors that
    // multiply and add at once.
    for (size_t j = 0; j < columns; j++) gradient[j] -= scale * targets[j];
  }
  return total;
}

// loss = mean over columns of log(1 + e^logit) - target * logit;  dlogits = (sigmoid - target) / columns.
// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), and of the second part's factors, each at most 2, the
// logarithm is taken once for many.
double mc_sigmoid_cross_entropy(size_t rows, size_t columns, const float *logits,
                                const float *targets, float scale, float *dlogits) {
  enum { MOST_FACTORS = 512 };
  double total = 0;
  for (size_t n = 0; n < rows; n++, logits += columns, targets += columns) {
    double sum = 0;
    for (size_t first = 0; first < columns; first += MOST_FACTORS) {
      size_t end = first + MOST_FACTORS < columns ? first + MOST_FACTORS : columns;
      double product = 1;
      for (size_t j = first; j < end; j++) {
        float x = logits[j];
        product *= 1 + (double)fast_exp(x < 0 ? x : -x);
        sum += (double)(x > 0 ? x : 0) - (double)targets[j] * (double)x;
      }
      sum += mc_log(product);
    }
    total += sum / (double)columns;
    if (!dlogits) continue;
    for (size_t j = 0; j < columns; j++)
      dlogits[n * columns + j] = scale / (float)columns * (fast_sigmoid(logits[j]) - targets[j]);
  }
  return total;
}

// loss = mean over columns of (y - target)^2.
double mc_mean_squared_error(size_t rows, size_t columns, const float *y, const float *targets,
                             float scale, float *dy) {
  double total = 0;
  for (size_t n = 0; n < rows; n++, y += columns, targets += columns) {
    double sum = 0;
    for (size_t j = 0; j < columns; j++) {
      float difference = y[j] - targets[j];
      sum += (double)difference * (double)difference;
      if (dy) dy[n * columns + j] = scale * 2 / (float)columns * difference;
    }
    total += sum / (double)columns;
  }
  return total;
}

// loss = mean over columns of |y - target|;  dy = the sign of the difference / columns, 0 of 0.
double mc_mean_absolute_error(size_t rows, size_t columns, const float *y, const float *targets,
                              float scale, float *dy) {
  double total = 0;
  float step = scale / (float)columns;
  for (size_t n = 0; n < rows; n++, y += columns, targets += columns) {
    double sum = 0;
    for (size_t j = 0; j < columns; j++) {
      float difference = y[j] - targets[j];
      sum += (double)(difference < 0 ? -difference : difference);
      if (dy) dy[n * columns + j] = difference > 0 ? step : (difference < 0 ? -step : 0 * difference);
    }
    total += sum / (double)columns;
  }
  return total;
}

// loss = mean over columns of d^2 / 2 up to |d| = delta and delta * (|d| - delta / 2) beyond, where
// d = y - target;  dy = d, at most delta and at least -delta, / columns.
double mc_huber(size_t rows, size_t columns, float delta, const float *y, const float *targets,
                float scale, float *dy) {
  double total = 0;
  for (size_t n = 0; n < rows; n++, y += columns, targets += columns) {
    double sum = 0;
    for (size_t j = 0; j < columns; j++) {
      float d = y[j] - targets[j], size = d < 0 ? -d : d;
      sum += size > delta ? (double)delta * ((double)size - 0.5 * (double)delta)
                          : 0.5 * (double)size * (double)size;
      float bounded = d > delta ? delta : (d < -delta ? -delta : d);
      if (dy) dy[n * columns + j] = scale / (float)columns * bounded;
    }
    total += sum / (double)columns;
  }
  return total;
}

// The rows whose first largest output is where their first largest target is.
size_t mc_count_correct(size_t rows, size_t columns, const float *outputs, const float *targets) {
  size_t hits = 0;
  for (size_t n = 0; n < rows; n++, outputs += columns, targets += columns)
    hits += first_largest(columns, outputs) == first_largest(columns, targets);
  return hits;
}
