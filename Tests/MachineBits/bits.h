// What the cases share: numbers to work on, memory, and a digest of what comes out.
#pragma once
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Random numbers are arguments of many calls here, and clang evaluates arguments from left to right.
#ifndef __clang__
#error "the digests are those that clang comes to"
#endif

typedef struct {
  uint64_t digest;  // of all outputs so far
  uint64_t drawn;   // how many random words
  uint64_t placed;  // how many blocks of memory
  void *blocks;     // memory to be freed
} Bits;

// The case of a loop, or of what several of them compute together. loops.c registers one for each loop that a
// header declares.
#define BITS_OF(name) void bits_of_##name(Bits *bits)

typedef enum {
  UNIT,       // from -1 to 1
  POSITIVE,   // from 0 to 1, both left out
  SPREAD,     // from -100 to 100
  HALF_ZERO,  // from -1 to 1, half of them 0
  TIES,       // few different ones
  ANY_SIZE,   // magnitudes whose products overflow nowhere and underflow here and there
  SPECIAL     // the same among zeros of both signs, subnormal numbers, infinities and NaN
} Kind;

// `count` random numbers, which are the same everywhere.
float *numbers(Bits *bits, size_t count, Kind kind);
uint8_t *random_bytes(Bits *bits, size_t count);
// Room for outputs, all of it NaN: a number that should have been written shows.
float *blank(Bits *bits, size_t count);
float *zeros(Bits *bits, size_t count);
uint8_t *blank_bytes(Bits *bits, size_t count);
int32_t *blank_integers(Bits *bits, size_t count);
// Frees all of that.
void release(Bits *bits);

// Every NaN counts as the same, because its sign and payload differ between processors.
void digest_floats(Bits *bits, size_t count, const float *values);
void digest_double(Bits *bits, double value);
void digest_bytes(Bits *bits, size_t count, const uint8_t *values);
void digest_integers(Bits *bits, size_t count, const int32_t *values);

// Lengths of a row of numbers: every one up to some vectors, then long ones with and without a rest.
enum { LENGTHS = 72 };
static inline size_t length_of(int index) {
  return index < 68 ? (size_t)index : (size_t)(index - 67) * 336 - (size_t)index % 2 * 5;
}

#define EACH_LENGTH(n)                                                          \
  for (int length_index = 0; length_index < LENGTHS; length_index++)            \
    for (size_t n = length_of(length_index), once = 1; once; once = 0, release(bits))

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
