#define _GNU_SOURCE
#include "CProcessors.h"

#include <errno.h>
#include <string.h>

#ifdef __linux__
#include <sched.h>

// Words of the system's: a byte's place in one follows from the order of bytes.
typedef unsigned long word;

int cprocessors_affinity(size_t bytes, unsigned char *mask) {
  if (bytes % sizeof(word) != 0) return EINVAL;
  memset(mask, 0, bytes);
  if (sched_getaffinity(0, bytes, (cpu_set_t *)mask) != 0) return errno;
  for (size_t start = 0; start < bytes; start += sizeof(word)) {
    word bits;
    memcpy(&bits, mask + start, sizeof(word));
    for (size_t i = 0; i < sizeof(word); i++) mask[start + i] = (unsigned char)(bits >> 8 * i);
  }
  return 0;
}

#else

int cprocessors_affinity(size_t bytes, unsigned char *mask) {
  memset(mask, 0, bytes);
  return ENOSYS;
}

#endif
