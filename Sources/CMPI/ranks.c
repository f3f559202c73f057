#include "ranks.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "library.h"
#include "signals.h"

static bool joined;
static int own_rank = 0;
static int rank_count = 1;

int cmpi_rank(void) { return own_rank; }
int cmpi_count(void) { return rank_count; }

cmpi_outcome cmpi_error(int code, int rank, cmpi_failure *failure) {
  // MPI_MAX_ERROR_STRING: 256 in Open MPI, 512 elsewhere.
  char text[1024] = "";
  int length = 0;
  if (MPI_CALL(Error_string, code, text, &length) != 0 || !text[0])
    snprintf(text, sizeof text, "error %d", code);
  failure->rank = rank;
  memcpy(failure->text, text, sizeof failure->text);
  failure->text[sizeof failure->text - 1] = 0;
  return CMPI_ERROR;
}

cmpi_outcome cmpi_init(cmpi_failure *failure) {
  memset(failure, 0, sizeof *failure);
  failure->rank = -1;
  int provided = 0;
  cmpi_signals signals;
  cmpi_save_signals(&signals);
  int code = MPI_CALL(Init_thread, NULL, NULL, cmpi_library.thread_funneled, &provided);
  cmpi_restore_signals(&signals);
  if (code != 0) return cmpi_error(code, -1, failure);
  joined = true;
  // Levels rise in every ABI (MPI 5.0, section 11.6.2).
  if (provided < cmpi_library.thread_funneled) {
    snprintf(failure->text, sizeof failure->text, "it does not let a program have threads");
    return CMPI_UNKNOWN;
  }
  code = cmpi_library.numbered
    ? cmpi_library.numbers.Comm_set_errhandler(
        cmpi_library.world.number, cmpi_library.errors_return.number)
    : cmpi_library.pointers.Comm_set_errhandler(
        cmpi_library.world.pointer, cmpi_library.errors_return.pointer);
  if (code == 0) code = MPI_OF_WORLD(Comm_rank, &own_rank);
  if (code == 0) code = MPI_OF_WORLD(Comm_size, &rank_count);
  if (code != 0) return cmpi_error(code, -1, failure);
  if (!cmpi_make_room(rank_count)) {
    snprintf(failure->text, sizeof failure->text, "no memory for %d ranks", rank_count);
    return CMPI_ERROR;
  }
  return CMPI_DONE;
}

const char *cmpi_processor_name(void) {
  // MPI_MAX_PROCESSOR_NAME: 128 in MPICH, 256 elsewhere.
  static char name[512];
  int length = 0;
  if (MPI_CALL(Get_processor_name, name, &length) != 0) name[0] = 0;
  return name;
}

void cmpi_finalize(void) {
  if (joined) MPI_CALL(Finalize);
  joined = false;
}

static volatile sig_atomic_t abort_code;

static void leave(int number) {
  (void)number;
  _exit(abort_code);
}

_Noreturn void cmpi_abort(int code) {
  // MPI_Abort waits for the launcher, which may be what does not answer.
  abort_code = code;
  signal(SIGALRM, leave);
  alarm(2);
  if (joined) (void)MPI_OF_WORLD(Abort, code);
  _exit(code);
}
