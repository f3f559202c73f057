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
    for (size_t n = 0, rows; n < batch; n += rows) {
      rows = even_rows(batch - n, most_rows(columns));
      product_rows(rows, x + n * inputs, &s, packed + o * inputs, &start, false,
                   y + n * outputs + o, outputs, columns, 0);
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

// dkernel += transposed x * dy, dbias += sum of dy. Whole lines of the kernel's gradient are worked
// on one after the other, because it is larger than the caches and is read and written once for
// every MOST images. A last block of fewer than 16 columns is widened on the stack.
void MC_NAME(mc_dense_backward_kernel)(size_t batch, size_t inputs, size_t outputs, const float *x,
                                       const float *dy, float *dkernel, float *dbias) {
  enum { MOST = 64 };
  float wide[MOST * 16];
  size_t whole = outputs / 16 * 16;
  for (size_t n = 0; n < batch; n += MOST) {
    size_t count = batch - n < MOST ? batch - n : MOST;
    const float *lines = dy + n * outputs;
    for (size_t t = 0; t < count && whole < outputs; t++)
      for (size_t l = 0; l < 16; l++)
        wide[t * 16 + l] = whole + l < outputs ? lines[t * outputs + whole + l] : 0;
    for (size_t o = 0; o < outputs && dbias; o += 16)
      add_bias_gradient(count, o < whole ? outputs : 16, o < whole ? 16 : outputs - whole,
                        o < whole ? lines + o : wide, dbias + o);
    for (size_t k = 0, rows; k < inputs; k += rows) {
      rows = even_rows(inputs - k, MC_ROWS);
      const float *columns = x + n * inputs + k;
      float *target = dkernel + k * outputs;
      for (size_t o = 0; o < whole; o += 16)
        outer_rows(rows, columns, inputs, 0, lines + o, outputs, 0, count, 1, target + o, outputs,
                   16);
      if (whole < outputs)
        outer_rows(rows, columns, inputs, 0, wide, 16, 0, count, 1, target + whole, outputs,
                   outputs - whole);
    }
  }
}
