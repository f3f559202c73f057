// Forwards the kernel is packed panel by panel, [panel of inputs][block of outputs][inputs][16]: in the
// order in which it is read.
enum { PANEL = 128 };

// Asks for some lines that are needed soon: a kernel that fits no cache arrives sooner than
// the processor would fetch it by itself.
INLINE void fetch_ahead(const float *from, size_t floats) {
  for (size_t i = 0; i < floats; i += 16) __builtin_prefetch(from + i, 0, 2);
}

// Where a block's part of a panel starts.
INLINE size_t panel_start(size_t inputs, size_t outputs, size_t k, size_t block) {
  size_t length = inputs - k < PANEL ? inputs - k : PANEL;
  return (k * ((outputs + 15) / 16) + block * length) * 16;
}

void mc_dense_prepare(size_t inputs, size_t outputs, size_t firstInput, size_t endInput,
                      const float *kernel, float *prepared) {
  for (size_t k = firstInput; k < endInput; k++)
    for (size_t o = 0; o < outputs; o += 16) {
      v16 line;
      const float *from = kernel + k * outputs + o;
      if (outputs - o >= 16) load(from, &line); else load_part(from, outputs - o, &line);
      store(prepared + panel_start(inputs, outputs, k / PANEL * PANEL, o / 16) + k % PANEL * 16,
            &line);
    }
}

// One image: several blocks of outputs at once, because one alone would wait for its own sums.
static void one_row(size_t inputs, size_t outputs, size_t firstBlock, size_t endBlock,
                    const float *x, const float *prepared, const float *bias, float *y) {
  enum { AT_ONCE = 4 };
  for (size_t j = firstBlock; j < endBlock; j += AT_ONCE) {
    v16 sum[AT_ONCE];
    for (size_t i = 0; i < AT_ONCE; i++) {
      size_t o = (j + i) * 16;
      sum[i] = (v16){0};
      if (bias && j + i < endBlock)
        load_part(bias + o, outputs - o < 16 ? outputs - o : 16, &sum[i]);
    }
    for (size_t k = 0; k < inputs; k += PANEL) {
      size_t length = inputs - k < PANEL ? inputs - k : PANEL;
      const float *lines[AT_ONCE];
      for (size_t i = 0; i < AT_ONCE; i++)
        // Beyond the end the last block again, whose result is discarded.
        lines[i] = prepared + panel_start(inputs, outputs, k, j + i < endBlock ? j + i : endBlock - 1);
      for (size_t t = 0; t < length; t++)
        for (int i = 0; i < AT_ONCE; i++) {
          v16 line;
          load(lines[i] + t * 16, &line);
          sum[i] += x[k + t] * line;
        }
    }
    for (size_t i = 0; i < AT_ONCE && j + i < endBlock; i++) {
      size_t o = (j + i) * 16;
      store_part(y + o, outputs - o < 16 ? outputs - o : 16, &sum[i]);
    }
  }
}

void mc_dense_forward(size_t batch, size_t inputs, size_t outputs, size_t firstBlock,
                      size_t endBlock, const float *x, const float *prepared, const float *bias,
                      float *y) {
  if (batch == 1) {
    one_row(inputs, outputs, firstBlock, endBlock, x, prepared, bias, y);
    return;
  }
  // Long rows of x would evict each other from the cache; a panel of some of their columns is copied,
  // and its part of the kernel read while it is warm.
  enum { ROWS = 24, STRIDE = PANEL + 16 };
  float panel[ROWS * STRIDE];
  for (size_t n = 0, count; n < batch; n += count) {
    count = even_rows(batch - n, ROWS);
    for (size_t k = 0; k == 0 || k < inputs; k += PANEL) {
      Segments s = {.rowStride = inputs, .outer = 1, .inner = 1,
                    .length = inputs - k < PANEL ? inputs - k : PANEL};
      const float *rows = x + n * inputs;
      if (inputs > PANEL) {
        for (size_t i = 0; i < count; i++)
          memcpy(panel + i * STRIDE, rows + i * inputs + k, s.length * sizeof(float));
        rows = panel;
        s.rowStride = STRIDE;
      }
      for (size_t j = firstBlock; j < endBlock; j++) {
        size_t o = j * 16, columns = outputs - o < 16 ? outputs - o : 16;
        v16 start = {0};
        if (bias && k == 0) load_part(bias + o, columns, &start);
        const float *lines = prepared + panel_start(inputs, outputs, k, j);
        for (size_t i = 0, height; i < count; i += height) {
          height = even_rows(count - i, most_rows(columns));
          // The block after this one, a part at a time.
          fetch_ahead(lines + (s.length + i * s.length / count) * 16, height * s.length / count * 16);
          Product product = {.a = rows + i * s.rowStride, .s = &s, .b = lines,
                             .start = k == 0 ? &start : NULL, .y = y + (n + i) * outputs + o,
                             .yStride = outputs, .columns = columns};
          product_rows(height, &product);
        }
      }
    }
  }
}

// gathered[block of 16][batch][16], rows `first` and those that follow.
void mc_dense_gather(size_t count, size_t width, size_t first, size_t batch, const float *x,
                     float *gathered) {
  for (size_t n = 0; n < count; n++)
    for (size_t i = 0; i < width; i += 16) {
      v16 line;
      const float *from = x + n * width + i;
      if (width - i >= 16) load(from, &line); else load_part(from, width - i, &line);
      store(gathered + i * batch + (first + n) * 16, &line);
    }
}

void mc_dense_backward_kernel(size_t batch, size_t inputs, size_t outputs, size_t firstBlock,
                              size_t endBlock, bool adds, const float *x, const float *dy,
                              float *dkernel) {
  for (size_t k = firstBlock * 16; k < endBlock * 16; k += 16) {
    size_t height = inputs - k < 16 ? inputs - k : 16;
    for (size_t o = 0; o < outputs; o += 16) {
      size_t columns = outputs - o < 16 ? outputs - o : 16;
      for (size_t i = 0, rows; i < height; i += rows) {
        rows = even_rows(height - i, most_rows(columns));
        OuterProduct product = {.a = x + k * batch + i, .aStride = 16, .b = dy + o * batch,
                                .bStride = 16, .count = batch, .lines = 1, .adds = adds,
                                .dw = dkernel + (k + i) * outputs + o, .dwStride = outputs,
                                .columns = columns};
        outer_rows(rows, &product);
      }
    }
  }
}

void mc_dense_backward_bias(size_t batch, size_t outputs, bool adds, const float *dy,
                            float *dbias) {
  for (size_t o = 0; o < outputs; o += 16) {
    size_t columns = outputs - o < 16 ? outputs - o : 16;
    v16 sum = {0};
    if (adds) load_part(dbias + o, columns, &sum);
    for (size_t n = 0; n < batch; n++) {
      v16 line;
      load(dy + (o * batch) + n * 16, &line);
      sum += line;
    }
    store_part(dbias + o, columns, &sum);
  }
}
