// The passes of a dense layer that skip zeros, as their formulas say: a product with 0 adds nothing, so
// nothing is skipped. `transposed` is the kernel as it is, a gathered array is [batch][width], and there
// are no lists.

void mc_dense_forward_sparse(size_t batch, size_t inputs, size_t outputs, size_t firstBlock,
                             size_t endBlock, const float *x, const float *kernel,
                             const float *bias, float *y) {
  mc_dense_forward(batch, inputs, outputs, firstBlock, endBlock, x, kernel, bias, y);
}

void mc_dense_transpose(size_t inputs, size_t outputs, size_t firstBlock, size_t endBlock,
                        const float *kernel, float *transposed) {
  size_t end = end_of_block(endBlock, inputs) * outputs;
  for (size_t i = firstBlock * 16 * outputs; i < end; i++) transposed[i] = kernel[i];
}

// dx[n,c] = sum over o of dy[n,o] * kernel[c,o]
void mc_dense_backward_input(size_t batch, size_t inputs, size_t outputs, const float *dy,
                             const float *transposed, float *dx, float *scratch) {
  (void)scratch;
  for (size_t n = 0; n < batch; n++)
    for (size_t c = 0; c < inputs; c++) {
      double sum = 0;
      for (size_t o = 0; o < outputs; o++)
        sum += (double)dy[n * outputs + o] * (double)transposed[c * outputs + o];
      dx[n * inputs + c] = (float)sum;
    }
}

void mc_dense_gather_panels(size_t count, size_t width, size_t first, size_t batch, const float *x,
                            float *gathered) {
  mc_dense_gather(count, width, first, batch, x, gathered);
}

void mc_dense_list(size_t batch, size_t outputs, size_t firstBlock, size_t endBlock,
                   const float *dy, float *lists) {
  (void)batch, (void)outputs, (void)firstBlock, (void)endBlock, (void)dy, (void)lists;
}

void mc_dense_backward_kernel_sparse(size_t batch, size_t inputs, size_t outputs,
                                     size_t firstPanel, size_t endPanel, bool adds,
                                     const float *x, const float *dy, const float *lists,
                                     float *dkernel) {
  (void)lists;
  size_t blocks = MC_DENSE_PANEL / 16;
  mc_dense_backward_kernel(batch, inputs, outputs, firstPanel * blocks, endPanel * blocks, adds, x,
                           dy, dkernel);
}
