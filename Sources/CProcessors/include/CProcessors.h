// On which processors a thread may run: what the C library's Swift module lacks, as it is no part of POSIX.
#pragma once

#include <stddef.h>

/// Sets bit n % 8 of byte n / 8 for each processor n that the calling thread, and so every thread that it
/// starts, may run on. Overwrites `mask`.
///
/// Returns 0, or the number of an error: EINVAL where the mask is too short for the processors of the
/// system, ENOSYS where the system does not say.
int cprocessors_affinity(size_t bytes, unsigned char *mask);
