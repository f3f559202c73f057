void MC_NAME(mc_fill)(size_t count, float value, float *y) {
  for (size_t i = 0; i < count; i++) y[i] = value;
}

void MC_NAME(mc_add)(size_t count, const float *a, const float *b, float *y) {
  for (size_t i = 0; i < count; i++) y[i] = a[i] + b[i];
}

void MC_NAME(mc_accumulate)(size_t count, const float *restrict x, float *restrict y) {
  for (size_t i = 0; i < count; i++) y[i] += x[i];
}

void MC_NAME(mc_scale)(size_t count, float factor, float *y) {
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
  for (size_t i = 0; i < count; i++) y[i] = (float)x[i] * scale + offset;
}

// ((p0+p1)+(p2+p3))+..., each element by itself. Sums wait, one a level of the tree, for the one that
// completes their pair, as the digits of a binary counter do: any number of shards fits.
void MC_NAME(mc_sum_shards)(size_t count, size_t shards, const float *const *parts, float *sum) {
  for (size_t start = 0; start < count; start += 16) {
    size_t width = count - start < 16 ? count - start : 16;
    v16 waiting[64], value = {0};
    for (size_t k = 0; k < shards; k++) {
      if (width == 16) load(parts[k] + start, &value);
      else load_part(parts[k] + start, width, &value);
      size_t level = 0;
      for (; (k >> level) & 1; level++) value = waiting[level] + value;
      waiting[level] = value;
    }
    // What has no partner on its level is passed up to the next.
    bool found = false;
    for (size_t level = 0; level < 64 && shards >> level; level++) {
      if (!((shards >> level) & 1)) continue;
      value = found ? waiting[level] + value : waiting[level];
      found = true;
    }
    if (width == 16) store(sum + start, &value);
    else store_part(sum + start, width, &value);
  }
}

// Four elements share the 64 bits that SplitMix64's finalizer makes of key and place.
void MC_NAME(mc_dropout)(size_t count, uint64_t key, float rate, const float *x, float *y) {
  uint32_t limit = (uint32_t)(rate * 65536.0f + 0.5f);
  float factor = 1 / (1 - rate);
  for (size_t i = 0; i < count; i += 4) {
    uint64_t z = key + (uint64_t)(i / 4 + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    size_t end = count - i < 4 ? count - i : 4;
    for (size_t l = 0; l < end; l++)
      y[i + l] = ((uint32_t)(z >> (16 * l)) & 0xFFFF) < limit ? 0 : x[i + l] * factor;
  }
}
