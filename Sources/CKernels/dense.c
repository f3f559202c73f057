// The size of a dense layer's kernel in the layouts of its loops.
#include "CKernels.h"
#include "packing.h"

size_t mc_dense_prepared_count(size_t inputs, size_t outputs) {
  return blocks_of_16(outputs) * inputs * 16 + blocks_of_16(inputs) * outputs * 16;
}
