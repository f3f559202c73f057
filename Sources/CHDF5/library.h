// What all of CHDF5 shares: the only way into libhdf5, handles, errors.
#pragma once
#include <hdf5.h>
#include <pthread.h>

#include "CHDF5.h"

/// libhdf5 is not thread-safe as distributions build it. Every call is made while this is held,
/// by `chdf5_enter`; the reading process, which has one thread, needs no lock.
extern pthread_mutex_t chdf5_lock;

/// Locks libhdf5, which is opened where this is the first time, and restricts it; to be left even
/// where that fails.
chdf5_code chdf5_enter(chdf5_error *error);

/// Has libhdf5 do again what the rest of this program had it do, and unlocks it.
void chdf5_leave(void);

/// Has libhdf5 return errors and not print them, and load no plugins, so that no file can make it
/// load code. The reading process does so for good.
chdf5_code chdf5_restrict(chdf5_error *error);

/// A name for a file in memory that no other has: libhdf5 tells such files apart by their names
/// alone, and two of one name that are open at once would share one content.
typedef struct {
  char text[32];
} chdf5_name;
chdf5_name chdf5_unique_name(void);

/// An object of libhdf5 that is released at the end of its block.
#define OWNED __attribute__((cleanup(chdf5_let_go))) hid_t
static inline void chdf5_let_go(hid_t *id) {
  if (*id >= 0) H5Idec_ref(*id);
}

/// Fills the error of the call of libhdf5 that has just failed, with the innermost of its messages.
chdf5_code chdf5_failed(chdf5_error *error, const char *operation, const char *object);

/// Fills the error of content that is not what is read; `format` and what follows say what was found.
__attribute__((format(printf, 4, 5))) chdf5_code chdf5_refused(
    chdf5_error *error, const char *object, const char *expected, const char *format, ...);

/// Fills the error of a call of the system.
chdf5_code chdf5_system(
    chdf5_error *error, const char *operation, const char *object, int number);

/// Fills an error that has a number and no more.
chdf5_code chdf5_plain(chdf5_error *error, chdf5_code code, int number);

/// Appends the shape "[3, 4]" to a text that has room for `size` bytes.
void chdf5_append_shape(char *text, size_t size, const uint64_t *shape, int rank);
