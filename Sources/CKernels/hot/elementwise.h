void MC_NAME(mc_fill)(size_t count, float value, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = value;
}

void MC_NAME(mc_add)(size_t count, const float *a, const float *b, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = a[i] + b[i];
}

void MC_NAME(mc_accumulate)(size_t count, const float *restrict x, float *restrict y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] += x[i];
}

void MC_NAME(mc_blend)(size_t count, float share, const float *restrict x, float *restrict y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] += share * (x[i] - y[i]);
}

void MC_NAME(mc_scale)(size_t count, float factor, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] *= factor;
}

// In sixteen sums, joined in a fixed order: the result does not depend on the instruction set's
// width, and additions need not wait for each other.
double MC_NAME(mc_sum_of_squares)(size_t count, const float *x) {
  double sums[16] = {0};
  size_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (size_t l = 0; l < 16; l++) sums[l] += (double)x[i + l] * (double)x[i + l];
  for (size_t l = 0; i < count; i++, l++) sums[l] += (double)x[i] * (double)x[i];
  double total = 0;
  for (size_t l = 0; l < 16; l++) total += sums[l];
  return total;
}

float MC_NAME(mc_largest_magnitude)(size_t count, const float *x) {
  // Bits of non-negative floats are ordered as the numbers are, and NaN is above infinity.
  uint32_t most = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    bits &= 0x7FFFFFFF;
    most = bits > most ? bits : most;
  }
  float result;
  memcpy(&result, &most, sizeof result);
  return result;
}

void MC_NAME(mc_bytes_to_floats)(size_t count, float scale, float offset,
                                 const uint8_t *restrict x, float *restrict y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = (float)x[i] * scale + offset;
}

// ((p0+p1)+(p2+p3))+..., each element by itself. The tree is walked as a binary counter: entry b of
// `waiting` is the sum of 2^b parts that lacks its neighbour, so any number of parts fits. What is
// left at the end is joined from the smallest up, which is the tree's ragged edge.
void MC_NAME(mc_sum_shards)(size_t count, size_t shards, const float *const *parts, float *sum) {
  for (size_t start = 0; start < count; start += 16) {
    size_t width = count - start < 16 ? count - start : 16;
    v16 waiting[64], value = {0};
    for (size_t k = 0; k < shards; k++) {
      if (width == 16) load(parts[k] + start, &value);
      else load_part(parts[k] + start, width, &value);
      size_t b = 0;
      for (; k >> b & 1; b++) value = waiting[b] + value;
      waiting[b] = value;
    }
    bool any = false;
    for (size_t b = 0; shards >> b; b++) {
      if (!(shards >> b & 1)) continue;
      value = any ? waiting[b] + value : waiting[b];
      any = true;
    }
    if (width == 16) store(sum + start, &value);
    else store_part(sum + start, width, &value);
  }
}

void MC_NAME(mc_rescale)(size_t count, float scale, float offset, const float *x, float *y) {
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] * scale + offset;
}

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

// Element i is dropped where a hash of key and i, taken as a fraction of 2^32, is below the rate.
void MC_NAME(mc_dropout)(size_t count, uint64_t key, float rate, const float *x, float *y) {
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
