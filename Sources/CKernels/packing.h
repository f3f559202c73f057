// How kernels are laid out for the register blocks: [blocks of 16 outputs][K][16], zeros where the
// outputs do not fill the last block.
#pragma once
#include <stddef.h>

// Channels of a vector.
enum { LANES = 16 };

static inline size_t blocks_of_16(size_t count) { return (count + 15) / 16; }

// packed[j][k][l] = source(k, j*16 + l) with source(k, o) = m[k*kStride + o*oStride].
static inline void pack_blocks(size_t depth, size_t outputs, const float *m, size_t kStride,
                               size_t oStride, float *packed) {
  for (size_t j = 0; j < blocks_of_16(outputs); j++) {
    size_t columns = outputs - j * 16 < 16 ? outputs - j * 16 : 16;
    for (size_t k = 0; k < depth; k++) {
      const float *row = m + k * kStride + j * 16 * oStride;
      float *target = packed + (j * depth + k) * 16;
      for (size_t l = 0; l < columns; l++) target[l] = row[l * oStride];
      for (size_t l = columns; l < 16; l++) target[l] = 0;
    }
  }
}
