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
    for (size_t j = 0; j < columns; j++) sum += dy[j] * y[j];
    for (size_t j = 0; j < columns; j++) dx[j] = y[j] * (dy[j] - sum);
  }
}

// loss = log(sum of e^logits) - sum of target * logits;  dlogits = softmax - target.
double mc_softmax_cross_entropy(size_t rows, size_t columns, const float *logits,
                                const uint8_t *labels, const uint8_t *others, const float *shares,
                                float smoothing, float scale, float *dlogits, size_t *correct) {
  double total = 0;
  size_t hits = 0;
  float spread = smoothing / (float)columns;
  for (size_t n = 0; n < rows; n++, logits += columns) {
    size_t label = labels[n];
    float most = largest_of(columns, logits), sum = 0, mean = 0;
    for (size_t j = 0; j < columns; j++) {
      float e = fast_exp(logits[j] - most);
      if (dlogits) dlogits[n * columns + j] = e;
      sum += e;
      mean += logits[j] - most;
    }
    float share = shares ? shares[n] : 1;
    size_t other = others ? others[n] : label;
    float target = share * (logits[label] - most) + (1 - share) * (logits[other] - most);
    total += log((double)sum) - (double)(1 - smoothing) * (double)target -
             (double)spread * (double)mean;
    hits += first_largest(columns, logits) == label;
    if (!dlogits) continue;
    float *gradient = dlogits + n * columns;
    for (size_t j = 0; j < columns; j++) gradient[j] = scale * (gradient[j] / sum - spread);
    gradient[label] -= scale * (1 - smoothing) * share;
    gradient[other] -= scale * (1 - smoothing) * (1 - share);
  }
  if (correct) *correct = hits;
  return total;
}

// loss = mean over columns of (y - target)^2.
double mc_mean_squared_error(size_t rows, size_t columns, const float *y, const uint8_t *labels,
                             const uint8_t *others, const float *shares, float smoothing,
                             float scale, float *dy, size_t *correct) {
  double total = 0;
  size_t hits = 0;
  float spread = smoothing / (float)columns;
  for (size_t n = 0; n < rows; n++, y += columns) {
    double sum = 0;
    float share = shares ? shares[n] : 1;
    size_t other = others ? others[n] : labels[n];
    for (size_t j = 0; j < columns; j++) {
      float mixed = (j == labels[n] ? share : 0) + (j == other ? 1 - share : 0);
      float target = spread + (1 - smoothing) * mixed;
      float difference = y[j] - target;
      sum += (double)difference * (double)difference;
      if (dy) dy[n * columns + j] = scale * 2 / (float)columns * difference;
    }
    total += sum / (double)columns;
    hits += first_largest(columns, y) == labels[n];
  }
  if (correct) *correct = hits;
  return total;
}
