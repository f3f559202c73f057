// The size of a dense layer's kernel in the layout of its loops, and of what they gather of a batch.
#include "CKernels.h"
#include "packing.h"

size_t mc_dense_prepared_count(size_t inputs, size_t outputs) {
  return blocks_of_16(outputs) * inputs * 16;
}

size_t mc_dense_scratch_count(size_t outputs) { return blocks_of_16(outputs) * 16 * 16; }

size_t mc_dense_gathered_count(size_t batch, size_t width) {
  return blocks_of_16(width) * batch * 16;
}
