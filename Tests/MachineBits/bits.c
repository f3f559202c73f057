#include "bits.h"

#include <stdlib.h>
#include <string.h>

static uint64_t draw(Bits *bits) {
  // SplitMix64 (Steele, Lea and Flood 2014).
  uint64_t z = ++bits->drawn * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static float from_bits(uint32_t pattern) {
  float value;
  memcpy(&value, &pattern, sizeof value);
  return value;
}

// ---- Memory ---------------------------------------------------------------------------------------

typedef struct Block {
  struct Block *next;
} Block;

// At any multiple of four bytes, each time at another one, as no bit may depend on where an array lies.
static void *room(Bits *bits, size_t bytes) {
  enum { LINE = 64 };
  char *block = malloc(sizeof(Block) + bytes + 2 * LINE);
  if (!block) abort();
  ((Block *)(void *)block)->next = bits->blocks;
  bits->blocks = block;
  char *start = block + sizeof(Block);
  return start + (LINE - (uintptr_t)start % LINE) + bits->placed++ * 7 % (LINE / 4) * 4;
}

void release(Bits *bits) {
  for (Block *block = bits->blocks, *next; block; block = next) {
    next = block->next;
    free(block);
  }
  bits->blocks = NULL;
}

float *blank(Bits *bits, size_t count) {
  float *values = room(bits, count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = NAN;
  return values;
}

float *zeros(Bits *bits, size_t count) {
  float *values = room(bits, count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = 0;
  return values;
}

uint8_t *blank_bytes(Bits *bits, size_t count) {
  uint8_t *values = room(bits, count);
  for (size_t i = 0; i < count; i++) values[i] = 0xFF;
  return values;
}

int32_t *blank_integers(Bits *bits, size_t count) {
  int32_t *values = room(bits, count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = -1;
  return values;
}

// ---- Numbers --------------------------------------------------------------------------------------

// 24 random bits are a float without rounding.
static float fraction(Bits *bits) { return (float)(int32_t)(draw(bits) >> 40) * 0x1p-24f; }

static float unit(Bits *bits) { return (fraction(bits) - 0.5f) * 2; }

// Exponents from -70 to 40.
static float of_any_size(Bits *bits) {
  uint64_t word = draw(bits);
  uint32_t exponent = 127 - 70 + (uint32_t)(word >> 40) % 111;
  return from_bits((uint32_t)(word & 0x807FFFFF) | exponent << 23);
}

static float special(Bits *bits) {
  static const uint32_t patterns[] = {
      0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x00400000, 0x80700000,  // zeros, subnormal
      0x7F800000, 0xFF800000, 0x7FC00000,                                      // infinities, NaN
      0x7F7FFFFF, 0xFF7FFFFF, 0x00800000, 0x80800000,                          // largest, smallest
      0x3F800000, 0xBF800000, 0x42B17218, 0xC2AEAC50,                          // 1, -1, ends of exp
  };
  return from_bits(patterns[draw(bits) % COUNT_OF(patterns)]);
}

static float number(Bits *bits, Kind kind) {
  switch (kind) {
    case UNIT: return unit(bits);
    case POSITIVE: return fraction(bits) + 0x1p-25f;
    case SPREAD: return unit(bits) * 100;
    case HALF_ZERO: return draw(bits) % 2 == 0 ? 0 : unit(bits);
    case TIES: return (float)(int32_t)(draw(bits) % 5) * 0.5f - 1;
    case ANY_SIZE: return of_any_size(bits);
    case SPECIAL: return draw(bits) % 4 == 0 ? special(bits) : of_any_size(bits);
  }
  abort();
}

float *numbers(Bits *bits, size_t count, Kind kind) {
  float *values = room(bits, count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = number(bits, kind);
  return values;
}

uint8_t *random_bytes(Bits *bits, size_t count) {
  uint8_t *values = room(bits, count);
  for (size_t i = 0; i < count; i++) values[i] = (uint8_t)(draw(bits) >> 56);
  return values;
}

// ---- Digests --------------------------------------------------------------------------------------

static void digest_word(Bits *bits, uint64_t word) {
  uint64_t h = (bits->digest ^ word) * 0x9FB21C651E98DF25u;
  bits->digest = h ^ (h >> 29);
}

void digest_floats(Bits *bits, size_t count, const float *values) {
  digest_word(bits, count);
  for (size_t i = 0; i < count; i++) {
    uint32_t pattern;
    memcpy(&pattern, values + i, sizeof pattern);
    digest_word(bits, values[i] != values[i] ? 0x7FC00000 : pattern);
  }
}

void digest_double(Bits *bits, double value) {
  uint64_t pattern;
  memcpy(&pattern, &value, sizeof pattern);
  digest_word(bits, value != value ? 0x7FF8000000000000 : pattern);
}

void digest_bytes(Bits *bits, size_t count, const uint8_t *values) {
  digest_word(bits, count);
  for (size_t i = 0; i < count; i++) digest_word(bits, values[i]);
}

void digest_integers(Bits *bits, size_t count, const int32_t *values) {
  digest_word(bits, count);
  for (size_t i = 0; i < count; i++) digest_word(bits, (uint32_t)values[i]);
}
