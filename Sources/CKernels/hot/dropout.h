// The two halves that a key has in a segment of 2^31 elements: a 32-bit counter would wrap around, so every
// segment has its own.
INLINE void split_key(uint64_t key, uint64_t segment, uint32_t *first, uint32_t *second) {
  uint64_t z = key + (segment + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 32)) * 0xD6E8FEB86659FD93u;
  z ^= z >> 32;
  z *= 0xD6E8FEB86659FD93u;
  *first = (uint32_t)z;
  *second = (uint32_t)(z >> 32);
}

// All in 32 bits, which every instruction set multiplies lane by lane; two rounds of xorshift and
// multiplication, each started with its own half of the key.
INLINE uint32_t element_hash(uint32_t i, uint32_t first, uint32_t second) {
  uint32_t h = i ^ first;
  h = (h ^ (h >> 16)) * 0x9E3779B1u ^ second;
  h = (h ^ (h >> 15)) * 0x85EBCA77u;
  h = (h ^ (h >> 13)) * 0xC2B2AE3Du;
  return h ^ (h >> 16);
}

// Dropout: y = x / (1 - rate) where element i is kept, 0 where it is dropped, and likewise dx of dy.
//
// Element i is dropped where a hash of key and i, taken as a fraction of 2^32, is below the rate.
void mc_dropout(size_t count, uint64_t key, float rate, const float *x, float *y) {
  // rate < 1, so that the product fits.
  uint32_t limit = (uint32_t)((double)rate * 4294967296.0);
  float factor = 1 / (1 - rate);
  const uint64_t segment = (uint64_t)1 << 31;
  for (uint64_t start = 0; start < count; start += segment) {
    uint32_t first, second;
    split_key(key, start / segment, &first, &second);
    uint32_t length = (uint32_t)(count - start < segment ? count - start : segment);
    const float *from = x + start;
    float *to = y + start;
    MC_ELEMENTWISE
    for (uint32_t i = 0; i < length; i++) {
      float value = from[i] * factor;
      to[i] = element_hash(i, first, second) < limit ? 0 : value;
    }
  }
}
