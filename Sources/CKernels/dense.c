// The size of a dense layer's kernel in the layout of its loops, and of what they gather of a batch.
#include "CKernels.h"
#include "packing.h"

size_t mc_dense_prepared_count(size_t inputs, size_t outputs) {
  return blocks_of_16(outputs) * inputs * 16;
}

size_t mc_dense_transposed_count(size_t inputs, size_t outputs) {
  return blocks_of_16(inputs) * 16 * outputs;
}

// Lists of positions for 16 rows, each with room for a vector more.
size_t mc_dense_scratch_count(size_t outputs) { return (blocks_of_16(outputs) + 1) * 16 * 16; }

size_t mc_dense_gathered_count(size_t batch, size_t width) {
  return blocks_of_16(width) * batch * 16;
}

size_t mc_dense_gathered_panels_count(size_t batch, size_t width) {
  return (width + MC_DENSE_PANEL - 1) / MC_DENSE_PANEL * MC_DENSE_PANEL * batch;
}

// A length and as many numbers as there are samples.
size_t mc_dense_lists_count(size_t batch, size_t outputs) { return outputs * (batch + 1); }
