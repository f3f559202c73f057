// What the parts of this program share.
#pragma once
#include "process.h"

/// Ends the program with a line where a promise does not hold.
#define REQUIRE(promise) require((promise), #promise)
void require(bool holds, const char *promise);

/// The next number of a sequence, SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable
/// pseudorandom number generators").
uint64_t draw(uint64_t *state);
/// A number below `bound`, which is not 0.
size_t draw_below(uint64_t *state, size_t bound);

/// Changes a file of room for `room` bytes in one to four ways, some with bytes of another one.
void mutate(uint8_t *bytes, size_t *size, size_t room, cpictures_file other, uint64_t *state);
/// Makes the checksums of a PNG's chunks right, so that changes get past them.
void repair(uint8_t *bytes, size_t size);

/// Ends the program where a call does not keep what CPictures.h promises.
void check(cpictures_code code, const cpictures_picture *picture, const cpictures_error *error);

/// Decodes in processes that answer anything at all, `count` times.
void fuzz_answers(long count, uint64_t seed);
