// As much of MPI as moves bytes between ranks. The library is opened while the program runs, so nothing of MPI
// is needed to build or to start it; nothing else calls MPI.
//
// A process joins at most once (MPI 5.0, section 11.4), so all of this is about that one time. All calls come
// from the thread that called `cmpi_init`.
#pragma once
#include <stddef.h>

/// What a call has come to.
typedef enum {
  CMPI_DONE,
  /// No such library, or one that this does not know.
  CMPI_UNKNOWN,
  /// MPI reports an error.
  CMPI_ERROR,
  /// A rank has not done its part in time.
  CMPI_LATE,
  /// Another number of bytes has come than was expected.
  CMPI_LENGTH,
} cmpi_outcome;

/// What else is known of a call that was not done.
typedef struct {
  /// The other rank that it is about; -1 where it is about none.
  int rank;
  /// Bytes, for CMPI_LENGTH.
  size_t expected, arrived;
  /// What MPI or the loader says of it.
  char text[1024];
} cmpi_failure;

/// Opens a library of MPI: Open MPI 4 and 5, MPICH 3.2 and what is compatible with it, or one with the
/// standard ABI of MPI 5.
///
/// May be tried with one after the other until one is done. Neither this nor `cmpi_init` changes what the
/// signals do that end a program.
cmpi_outcome cmpi_load(const char *path, cmpi_failure *failure);

/// What the opened library calls itself, in one or more lines; valid until the next call.
const char *cmpi_library_version(void);

/// Joins the ranks that the launcher has started, and makes room for exchanges.
cmpi_outcome cmpi_init(cmpi_failure *failure);

/// The number of this process among them, from 0.
int cmpi_rank(void);
/// The number of processes.
int cmpi_count(void);
/// The name of the machine, as MPI has it; valid until the next call.
const char *cmpi_processor_name(void);

/// Begins to receive bytes from another rank, at most one array from each before the next `cmpi_wait`.
cmpi_outcome cmpi_receive(int rank, void *bytes, size_t count, cmpi_failure *failure);

/// Begins to send bytes to another rank, at most one array to each before the next `cmpi_wait`.
cmpi_outcome cmpi_send(int rank, const void *bytes, size_t count, cmpi_failure *failure);

/// Waits for all that has begun; late once nothing has moved for so many seconds.
///
/// Where it is not done, MPI may still write to what was to be received: the process must end, by
/// `cmpi_abort`.
cmpi_outcome cmpi_wait(double seconds, cmpi_failure *failure);

/// Leaves the other ranks; every rank must, and none can join again.
void cmpi_finalize(void);

/// Has the launcher end all ranks, and ends this one at the latest after two seconds.
_Noreturn void cmpi_abort(int code);
