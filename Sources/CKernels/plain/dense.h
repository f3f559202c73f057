// A dense layer as its formulas say, one sum after the other. `prepared` is the kernel as it is, and a
// gathered array is [batch][width].
//
//   y[n,o] = bias[o] + sum over c of x[n,c] * kernel[c,o]

void mc_dense_prepare(size_t inputs, size_t outputs, size_t firstInput, size_t endInput,
                      const float *kernel, float *prepared) {
  (void)inputs;
  for (size_t i = firstInput * outputs; i < endInput * outputs; i++) prepared[i] = kernel[i];
}

// The first number after a block of 16, of `count` numbers.
INLINE size_t end_of_block(size_t endBlock, size_t count) {
  return endBlock * 16 < count ? endBlock * 16 : count;
}

void mc_dense_forward(size_t batch, size_t inputs, size_t outputs, size_t firstBlock,
                      size_t endBlock, const float *x, const float *prepared, const float *bias,
                      float *y) {
  for (size_t n = 0; n < batch; n++)
    for (size_t o = firstBlock * 16; o < end_of_block(endBlock, outputs); o++) {
      double sum = bias ? (double)bias[o] : 0;
      for (size_t c = 0; c < inputs; c++)
        sum += (double)x[n * inputs + c] * (double)prepared[c * outputs + o];
      y[n * outputs + o] = (float)sum;
    }
}

void mc_dense_gather(size_t count, size_t width, size_t first, size_t batch, const float *x,
                     float *gathered) {
  (void)batch;
  for (size_t i = 0; i < count * width; i++) gathered[first * width + i] = x[i];
}

// dkernel[c,o] = sum over n of x[n,c] * dy[n,o]
void mc_dense_backward_kernel(size_t batch, size_t inputs, size_t outputs, size_t firstBlock,
                              size_t endBlock, bool adds, const float *x, const float *dy,
                              float *dkernel) {
  for (size_t c = firstBlock * 16; c < end_of_block(endBlock, inputs); c++)
    for (size_t o = 0; o < outputs; o++) {
      double sum = adds ? (double)dkernel[c * outputs + o] : 0;
      for (size_t n = 0; n < batch; n++)
        sum += (double)x[n * inputs + c] * (double)dy[n * outputs + o];
      dkernel[c * outputs + o] = (float)sum;
    }
}

// dbias[o] = sum over n of dy[n,o]
void mc_dense_backward_bias(size_t batch, size_t outputs, bool adds, const float *dy,
                            float *dbias) {
  for (size_t o = 0; o < outputs; o++) {
    double sum = adds ? (double)dbias[o] : 0;
    for (size_t n = 0; n < batch; n++) sum += (double)dy[n * outputs + o];
    dbias[o] = (float)sum;
  }
}
