// Forwards [block of outputs][inputs][16], behind it, for the way back, [block of inputs][outputs][16].
void MC_NAME(mc_dense_prepare)(size_t inputs, size_t outputs, const float *kernel,
                               float *prepared) {
  pack_blocks(inputs, outputs, kernel, outputs, 1, prepared);
  pack_blocks(outputs, inputs, kernel, 1, outputs, prepared + blocks_of_16(outputs) * inputs * 16);
}

// y [batch, outputs] = x [batch, inputs] * packed + bias.
static void multiply(size_t batch, size_t inputs, size_t outputs, const float *x,
                     const float *packed, const float *bias, float *y) {
  Segments s = {.rowStride = inputs, .outer = 1, .inner = 1, .length = inputs};
  for (size_t o = 0; o < outputs; o += 16) {
    size_t columns = outputs - o < 16 ? outputs - o : 16;
    v16 start = {0};
    if (bias) load_part(bias + o, columns, &start);
    for (size_t n = 0; n < batch; n += MC_ROWS) {
      size_t rows = batch - n < MC_ROWS ? batch - n : MC_ROWS;
      product_rows(rows, x + n * inputs, &s, packed + o * inputs, &start, y + n * outputs + o,
                   outputs, columns, 0);
    }
  }
}

void MC_NAME(mc_dense_forward)(size_t batch, size_t inputs, size_t outputs, const float *x,
                               const float *prepared, const float *bias, float *y) {
  multiply(batch, inputs, outputs, x, prepared, bias, y);
}

// dx = dy * transposed kernel.
void MC_NAME(mc_dense_backward_input)(size_t batch, size_t inputs, size_t outputs, const float *dy,
                                      const float *prepared, float *dx) {
  multiply(batch, outputs, inputs, dy, prepared + blocks_of_16(outputs) * inputs * 16, NULL, dx);
}

// dkernel += transposed x * dy, dbias += sum of dy. Rows of dy that do not fill a block of 16 are
// widened on the stack, a few at a time.
void MC_NAME(mc_dense_backward_kernel)(size_t batch, size_t inputs, size_t outputs, const float *x,
                                       const float *dy, float *dkernel, float *dbias) {
  enum { MOST = 64 };
  float wide[MOST * 16];
  for (size_t n = 0; n < batch; n += MOST) {
    size_t count = batch - n < MOST ? batch - n : MOST;
    for (size_t o = 0; o < outputs; o += 16) {
      size_t columns = outputs - o < 16 ? outputs - o : 16;
      for (size_t t = 0; t < count; t++) {
        const float *row = dy + (n + t) * outputs + o;
        for (size_t l = 0; l < 16; l++) wide[t * 16 + l] = l < columns ? row[l] : 0;
      }
      if (dbias) add_bias_gradient(count, 16, columns, wide, dbias + o);
      for (size_t k = 0; k < inputs; k += MC_ROWS) {
        size_t rows = inputs - k < MC_ROWS ? inputs - k : MC_ROWS;
        outer_rows(rows, x + n * inputs + k, inputs, 0, wide, 16, 0, count, 1,
                   dkernel + k * outputs + o, outputs, columns);
      }
    }
  }
}
