// The backward pass through a max pooling into the convolution before it. Only one position of each
// pooling window has a gradient, and none where a ReLU masked it: the gradients of kernel and input
// are gathered from those positions alone, a small part of the work of the dense product.
//
// The work is done in bands of pooled rows whose part of the image stays in the first cache. A pixel is
// one position of one window of the band: window * positions + position.

// One gradient that is not 0, and where the numbers begin that it multiplies.
typedef struct {
  uint32_t start;
  float value;
} Routed;

// What a band's loops share.
typedef struct {
  const MCConvolution *c;
  ConvolutionForm f;
  size_t rows, positions, pixels;  // of a band: pooled rows at most, positions of a window, all pixels
  size_t vectors;               // of one row of the kernel
  size_t copies, copy;          // of the input's gradient, and how far apart they lie
  float *masked;                // [windows][outputs]: dy where the ReLU did not mask it
  uint32_t *starts;             // [pixels]: where the image's pixels that this one reads begin
  uint32_t *found;              // [windows]: the pixels of one channel's gradients
  Routed *byChannel;            // [windows]: one channel's gradients
  Routed *byPixel;              // [pixels][outputs]: each pixel's gradients
  uint32_t *lengths;            // [pixels]: how many those are
} SparseRun;

static void find_starts(const SparseRun *run) {
  const MCWindow *pool = &run->c->pool;
  const ConvolutionForm *f = &run->f;
  size_t line = f->paddedWidth * f->inputs * f->strideHeight, step = f->inputs * f->strideWidth;
  for (size_t pixel = 0; pixel < run->pixels; pixel++) {
    size_t window = pixel / run->positions, position = pixel % run->positions;
    size_t row = window / (size_t)pool->outWidth * (size_t)pool->strideHeight;
    size_t column = window % (size_t)pool->outWidth * (size_t)pool->strideWidth;
    row += position / (size_t)pool->kernelWidth;
    column += position % (size_t)pool->kernelWidth;
    run->starts[pixel] = (uint32_t)(row * line + column * step);
  }
}

// Lists the gradients of one channel, and adds each to its pixel's list. Returns how many there are.
static size_t route(const SparseRun *run, size_t windows, size_t o, const uint8_t *argmax,
                    bool withPixels) {
  size_t outputs = run->f.outputs, count = 0;
  uint32_t *found = run->found;
  Routed *list = run->byChannel;
  for (size_t window = 0; window < windows; window++) {
    size_t at = window * outputs + o;
    uint32_t bits;
    memcpy(&bits, run->masked + at, sizeof bits);
    // Every gradient is written, but only one that is not 0 stays: no branch has to be predicted.
    found[count] = (uint32_t)(window * run->positions) + argmax[at];
    memcpy(&list[count].value, &bits, sizeof bits);
    count += bits << 1 != 0;
  }
  for (size_t t = 0; t < count; t++) list[t].start = run->starts[found[t]];
  uint32_t weights = (uint32_t)(o * run->vectors * LANES);
  for (size_t t = 0; t < count && withPixels; t++) {
    size_t at = found[t] * outputs + run->lengths[found[t]]++;
    run->byPixel[at] = (Routed){weights, list[t].value};
  }
  return count;
}

// Of each gradient of a list, `rows` rows of `vectors` vectors times its value, added up: sum[r][i] +=
// value * from[start + r*fromStep + i*16 ..]. Lists are short, so that the operands are passed in
// registers.
INLINE void sum_block(const int rows, const int vectors, const Routed *list, size_t count,
                      const float *from, size_t fromStep, float *sum, size_t sumStep) {
  if (rows * vectors > MC_RUNS) return;
  v16 total[MC_RUNS];
  for (int r = 0; r < rows; r++)
    for (int i = 0; i < vectors; i++)
      load(sum + (size_t)r * sumStep + i * LANES, &total[r * vectors + i]);
  for (size_t t = 0; t < count; t++) {
    const float *start = from + list[t].start;
    for (int r = 0; r < rows; r++)
      for (int i = 0; i < vectors; i++) {
        v16 values;
        load(start + (size_t)r * fromStep + i * LANES, &values);
        total[r * vectors + i] += list[t].value * values;
      }
  }
  for (int r = 0; r < rows; r++)
    for (int i = 0; i < vectors; i++)
      store(sum + (size_t)r * sumStep + i * LANES, &total[r * vectors + i]);
}

// The same with the number of rows as a constant, so that the sums are registers.
INLINE void sum_rows(size_t rows, const int vectors, const Routed *list, size_t count,
                     const float *from, size_t fromStep, float *sum, size_t sumStep) {
  switch (rows) {
    case 1: return sum_block(1, vectors, list, count, from, fromStep, sum, sumStep);
    case 2: return sum_block(2, vectors, list, count, from, fromStep, sum, sumStep);
    case 3: return sum_block(3, vectors, list, count, from, fromStep, sum, sumStep);
    case 4: return sum_block(4, vectors, list, count, from, fromStep, sum, sumStep);
    case 5: return sum_block(5, vectors, list, count, from, fromStep, sum, sumStep);
    case 6: return sum_block(6, vectors, list, count, from, fromStep, sum, sumStep);
  }
}

// For any number of rows and vectors, in blocks whose sums fit the registers.
static void sum_list(size_t rows, size_t vectors, const Routed *list, size_t count,
                     const float *from, size_t fromStep, float *sum, size_t sumStep) {
  enum { MOST = 6, WIDEST = MC_RUNS < MOST ? MC_RUNS : MOST };
  for (size_t first = 0, width; first < vectors; first += width) {
    width = vectors - first < WIDEST ? vectors - first : WIDEST;
    size_t most = MC_RUNS / width < MOST ? MC_RUNS / width : MOST;
    for (size_t r = 0, n; r < rows; r += n) {
      n = rows - r < most ? rows - r : most;
      const float *source = from + r * fromStep + first * LANES;
      float *target = sum + r * sumStep + first * LANES;
      switch (width) {
        case 1: sum_rows(n, 1, list, count, source, fromStep, target, sumStep); break;
        case 2: sum_rows(n, 2, list, count, source, fromStep, target, sumStep); break;
        case 3: sum_rows(n, 3, list, count, source, fromStep, target, sumStep); break;
        case 4: sum_rows(n, 4, list, count, source, fromStep, target, sumStep); break;
        case 5: sum_rows(n, 5, list, count, source, fromStep, target, sumStep); break;
        case 6: sum_rows(n, 6, list, count, source, fromStep, target, sumStep); break;
      }
    }
  }
}

// dkernel[r,s,c,o] += sums[r][o][vectors of s,c].
static void add_sums(const ConvolutionForm *f, const float *sums, float *dkernel) {
  size_t run = f->kernelWidth * f->inputs, room = run_vectors(f) * LANES;
  for (size_t r = 0; r < f->kernelHeight; r++)
    for (size_t i = 0; i < run; i++)
      for (size_t o = 0; o < f->outputs; o++)
        dkernel[(r * run + i) * f->outputs + o] += sums[(r * f->outputs + o) * room + i];
}

// Removes the border, adding up the copies.
static void unborder(const ConvolutionForm *f, const float *copies, size_t count, size_t copy,
                     float *dx) {
  size_t line = f->paddedWidth * f->inputs;
  for (size_t h = 0; h < f->height; h++) {
    ptrdiff_t row = (ptrdiff_t)h + f->top;
    float *to = dx + h * f->width * f->inputs;
    memset(to, 0, f->width * f->inputs * sizeof(float));
    if (row < 0 || row >= (ptrdiff_t)f->paddedHeight) continue;
    // The columns that some output reads.
    size_t first = f->left < 0 ? (size_t)-f->left : 0;
    ptrdiff_t space = (ptrdiff_t)f->paddedWidth - f->left;
    size_t end = space < 0 ? 0 : (size_t)space < f->width ? (size_t)space : f->width;
    if (first >= end) continue;
    const float *from = copies + (size_t)row * line +
                        (size_t)((ptrdiff_t)first + f->left) * f->inputs;
    to += first * f->inputs;
    for (size_t k = 0; k < count; k++, from += copy)
      for (size_t i = 0; i < (end - first) * f->inputs; i++) to[i] += from[i];
  }
}

// masked = dy where y > 0, or all of dy. What follows reads this channel by channel.
static void mask_band(const SparseRun *run, size_t count, const float *y, const float *dy,
                      const uint8_t *argmax) {
  for (size_t i = 0; i < count; i += 64) __builtin_prefetch(argmax + i);
  if (run->c->relu) mc_relu_backward(count, y, dy, run->masked);
  else memcpy(run->masked, dy, count * sizeof(float));
}

static float sum_of_list(const Routed *list, size_t count) {
  float sums[4] = {0};
  size_t t = 0;
  for (; t + 4 <= count; t += 4)
    for (size_t i = 0; i < 4; i++) sums[i] += list[t + i].value;
  for (size_t i = 0; t + i < count; i++) sums[i] += list[t + i].value;
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// One band: argmax from its first pooled row, x and dx from the first row it reads; sums, dbias and dx
// may be NULL.
static void band_backward(const SparseRun *run, size_t windows, const uint8_t *argmax,
                          const float *weights, const float *x, float *sums, float *dbias,
                          float *dx) {
  const ConvolutionForm *f = &run->f;
  enum { CACHED = 24 * 1024 / sizeof(float) };
  size_t line = f->paddedWidth * f->inputs, room = run->vectors * LANES;
  size_t step = f->outputs * room, height = f->kernelHeight;
  if (dx) memset(run->lengths, 0, run->pixels * sizeof *run->lengths);
  for (size_t o = 0; o < f->outputs; o++) {
    size_t count = route(run, windows, o, argmax, dx != NULL);
    if (dbias) dbias[o] += sum_of_list(run->byChannel, count);
    if (!sums) continue;
    sum_list(height, run->vectors, run->byChannel, count, x, line, sums + o * room, step);
  }
  if (!dx) return;
  // As many rows of the kernel at a time as stay in the first cache, for all channels.
  size_t most = CACHED / step < 1 ? 1 : CACHED / step < 6 ? CACHED / step : 6;
  for (size_t r = 0; r < height; r += most) {
    size_t rows = height - r < most ? height - r : most;
    for (size_t pixel = 0; pixel < windows * run->positions; pixel++) {
      if (run->lengths[pixel] == 0) continue;
      float *to = dx + run->starts[pixel] + r * line + (pixel & (run->copies - 1)) * run->copy;
      sum_list(rows, run->vectors, run->byPixel + pixel * f->outputs, run->lengths[pixel],
               weights + r * step, step, to, line);
    }
  }
}

static void backward_sparse(const MCConvolution *c, const ConvolutionPlan *plan, size_t batch,
                            const float *x, const float *y, const float *dy, const uint8_t *argmax,
                            const float *weights, float *dkernel, float *dbias, float *dx,
                            float *scratch) {
  SparseRun run = {.c = c, .f = plan->forward};
  ConvolutionForm *f = &run.f;
  // The last vector of a kernel's row may extend beyond the image's end.
  f->direct = f->direct && f->kernelWidth * f->inputs % LANES == 0 &&
              f->height == f->paddedHeight && f->width == f->paddedWidth;
  run.rows = sparse_band(c, f);
  run.positions = (size_t)c->pool.kernelHeight * (size_t)c->pool.kernelWidth;
  run.pixels = run.rows * plan->lastWidth * run.positions;
  run.vectors = run_vectors(f);
  run.copies = f->direct ? 1 : sparse_copies(f);
  run.copy = image_room(f);
  size_t windows = run.rows * plan->lastWidth;
  float *borderedX = scratch, *borderedDx = scratch + run.copy;
  float *sums = borderedDx + run.copies * run.copy;
  run.masked = sums + sparse_count(f);
  run.byPixel = (Routed *)(void *)(run.masked + (windows * f->outputs + 1) / 2 * 2);
  run.byChannel = run.byPixel + run.pixels * f->outputs;
  run.starts = (uint32_t *)(run.byChannel + windows);
  run.lengths = run.starts + run.pixels;
  run.found = run.lengths + run.pixels;
  find_starts(&run);
  size_t image = f->height * f->width * f->inputs, lastLine = plan->lastWidth * f->outputs;
  size_t bandLine = (size_t)c->pool.strideHeight * f->strideHeight * f->paddedWidth * f->inputs;
  memset(sums, 0, sparse_count(f) * sizeof(float));
  for (size_t n = 0; n < batch; n++) {
    const float *from = dkernel ? bordered(f, x + n * image, borderedX) : borderedX;
    float *to = !dx ? NULL : f->direct ? dx + n * image : borderedDx;
    if (dx) memset(to, 0, (f->direct ? image : run.copies * run.copy) * sizeof(float));
    for (size_t p = 0, rows; p < plan->lastRows; p += rows) {
      rows = plan->lastRows - p < run.rows ? plan->lastRows - p : run.rows;
      size_t at = (n * plan->lastRows + p) * lastLine;
      mask_band(&run, rows * lastLine, y + at, dy + at, argmax + at);
      band_backward(&run, rows * plan->lastWidth, argmax + at, weights, from + p * bandLine,
                    dkernel ? sums : NULL, dbias, dx ? to + p * bandLine : NULL);
    }
    if (dx && !f->direct) unborder(f, borderedDx, run.copies, run.copy, dx + n * image);
  }
  if (dkernel) add_sums(f, sums, dkernel);
}
