// Calls for files that the C library's Swift module lacks, as they are no part of POSIX.
#pragma once

/// Exchanges what is at two paths of one file system in one step.
///
/// Returns 0, or the number of an error: ENOSYS where the system cannot do that, EINVAL or ENOTSUP where
/// the file system cannot.
int cfilesystem_exchange(const char *first, const char *second);

/// Has all of the file system that an open file is on written to the disk.
///
/// Returns 0, or the number of an error: ENOSYS where the system cannot do that.
int cfilesystem_flush(int file);
