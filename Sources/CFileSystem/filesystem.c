#define _GNU_SOURCE
#include "CFileSystem.h"

#include <errno.h>

#ifdef __linux__
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

int cfilesystem_exchange(const char *first, const char *second) {
  // RENAME_EXCHANGE. Not every C library has the function and its flags.
  const unsigned exchange = 1 << 1;
  return syscall(SYS_renameat2, AT_FDCWD, first, AT_FDCWD, second, exchange) == 0 ? 0 : errno;
}

int cfilesystem_flush(int file) { return syncfs(file) == 0 ? 0 : errno; }

#elif defined(__APPLE__)
#include <fcntl.h>
#include <stdio.h>

int cfilesystem_exchange(const char *first, const char *second) {
  return renameatx_np(AT_FDCWD, first, AT_FDCWD, second, RENAME_SWAP) == 0 ? 0 : errno;
}

int cfilesystem_flush(int file) {
  (void)file;
  return ENOSYS;
}

#else

int cfilesystem_exchange(const char *first, const char *second) {
  (void)first;
  (void)second;
  return ENOSYS;
}

int cfilesystem_flush(int file) {
  (void)file;
  return ENOSYS;
}

#endif
