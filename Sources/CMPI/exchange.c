#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "library.h"
#include "ranks.h"

/// An array on its way to or from a rank, in pieces one after the other.
typedef struct {
  char *bytes;
  /// Bytes from `bytes` on, those of the piece among them.
  size_t left;
  int piece;
  bool open;
  mpi_handle request;
} transfer;

/// Bytes of a piece. MPI counts in int; and what is on its way for long shows that it moves.
enum { PIECE = 1 << 26 };

/// All messages have one tag: those between two ranks arrive in the order in which they were sent.
enum { TAG = 0 };

/// Of each rank what comes from it, then of each what goes to it.
static transfer *transfers;

_Bool cmpi_make_room(int count) {
  transfers = calloc((size_t)count, 2 * sizeof *transfers);
  return transfers != NULL;
}

static int start_receiving(transfer *t, int rank) {
  const mpi_library *mpi = &cmpi_library;
  return mpi->numbered
    ? mpi->numbers.Irecv(
        t->bytes, t->piece, mpi->byte.number, rank, TAG, mpi->world.number, &t->request.number)
    : mpi->pointers.Irecv(
        t->bytes, t->piece, mpi->byte.pointer, rank, TAG, mpi->world.pointer,
        &t->request.pointer);
}

static int start_sending(transfer *t, int rank) {
  const mpi_library *mpi = &cmpi_library;
  return mpi->numbered
    ? mpi->numbers.Isend(
        t->bytes, t->piece, mpi->byte.number, rank, TAG, mpi->world.number, &t->request.number)
    : mpi->pointers.Isend(
        t->bytes, t->piece, mpi->byte.pointer, rank, TAG, mpi->world.pointer,
        &t->request.pointer);
}

static int test(transfer *t, int *arrived, mpi_status *status) {
  return cmpi_library.numbered
    ? cmpi_library.numbers.Test(&t->request.number, arrived, status)
    : cmpi_library.pointers.Test(&t->request.pointer, arrived, status);
}

static int count_bytes(const mpi_status *status, int *count) {
  return cmpi_library.numbered
    ? cmpi_library.numbers.Get_count(status, cmpi_library.byte.number, count)
    : cmpi_library.pointers.Get_count(status, cmpi_library.byte.pointer, count);
}

static cmpi_outcome start_piece(int index, cmpi_failure *failure) {
  transfer *t = &transfers[index];
  int rank = index % cmpi_count();
  t->piece = t->left < PIECE ? (int)t->left : PIECE;
  int code = index < cmpi_count() ? start_receiving(t, rank) : start_sending(t, rank);
  return code == 0 ? CMPI_DONE : cmpi_error(code, rank, failure);
}

static cmpi_outcome start(int index, void *bytes, size_t count, cmpi_failure *failure) {
  if (count == 0) return CMPI_DONE;
  transfers[index] = (transfer){.bytes = bytes, .left = count, .open = true};
  return start_piece(index, failure);
}

cmpi_outcome cmpi_receive(int rank, void *bytes, size_t count, cmpi_failure *failure) {
  return start(rank, bytes, count, failure);
}

cmpi_outcome cmpi_send(int rank, const void *bytes, size_t count, cmpi_failure *failure) {
  return start(cmpi_count() + rank, (void *)bytes, count, failure);
}

/// Looks whether the piece on its way has arrived, and then starts the next.
static cmpi_outcome advance(int index, bool *moved, cmpi_failure *failure) {
  transfer *t = &transfers[index];
  int rank = index % cmpi_count();
  mpi_status status;
  int arrived = 0;
  int code = test(t, &arrived, &status);
  if (code != 0) return cmpi_error(code, rank, failure);
  if (!arrived) return CMPI_DONE;
  *moved = true;
  if (index < cmpi_count()) {
    int count = 0;
    code = count_bytes(&status, &count);
    if (code != 0) return cmpi_error(code, rank, failure);
    if (count != t->piece) {
      failure->rank = rank;
      failure->expected = (size_t)t->piece;
      failure->arrived = count < 0 ? 0 : (size_t)count;
      return CMPI_LENGTH;
    }
  }
  t->bytes += t->piece;
  t->left -= (size_t)t->piece;
  t->open = t->left > 0;
  return t->open ? start_piece(index, failure) : CMPI_DONE;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/// Lets others have the processor, the more the longer nothing has moved: bytes in shared memory or over a
/// network of 10 Gb/s take less than the first limit, and a rank that computes or writes a file more than the
/// second.
static void rest(double waited) {
  if (waited < 20e-6) return;
  if (waited < 5e-3) {
    sched_yield();
  } else {
    nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
  }
}

cmpi_outcome cmpi_wait(double seconds, cmpi_failure *failure) {
  const int count = 2 * cmpi_count();
  double last = now(), waited = 0;
  for (;;) {
    bool moved = false;
    int open = -1;
    for (int index = count; index-- > 0;) {
      if (!transfers[index].open) continue;
      cmpi_outcome outcome = advance(index, &moved, failure);
      if (outcome != CMPI_DONE) return outcome;
      if (transfers[index].open) open = index;
    }
    if (open < 0) return CMPI_DONE;
    // Where all ranks were suspended, none could answer: a turn counts for no more than this.
    const double longest = 0.1;
    double time = now(), turn = time - last;
    last = time;
    waited = moved ? 0 : waited + (turn < longest ? turn : longest);
    if (waited > seconds) {
      failure->rank = open % cmpi_count();
      return CMPI_LATE;
    }
    rest(waited);
  }
}
