// What every loop of CKernels computes, as a digest for each: every processor with fused multiply-add must
// come to those in digests.txt.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The loops, in the order of the headers, and what is computed with several of them.
int machine_bits_count(void);
const char *machine_bits_name(int index);
// Runs it over all its shapes and numbers, which takes from microseconds to a tenth of a second.
uint64_t machine_bits_digest(int index);

#ifdef __cplusplus
}
#endif
