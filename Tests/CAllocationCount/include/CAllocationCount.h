// Counts what a program asks of the heap. Only where glibc is the C library: its functions are
// replaced in the program that links this.
#pragma once
#include <stdint.h>

// Whether calls are counted here.
int allocation_count_works(void);
// The calls of malloc, calloc, realloc, posix_memalign and aligned_alloc so far, on all threads.
uint64_t allocation_count(void);
