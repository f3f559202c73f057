// The signals that end a program, which has wishes of its own what they do. UCX, which MPICH and Open MPI bring
// along, takes SIGHUP for its debugging as soon as it is loaded, even where nohup has it ignored.
#pragma once
#include <signal.h>

static const int cmpi_numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
enum { CMPI_NUMBERS = sizeof cmpi_numbers / sizeof *cmpi_numbers };

typedef struct {
  struct sigaction actions[CMPI_NUMBERS];
} cmpi_signals;

static inline void cmpi_save_signals(cmpi_signals *signals) {
  for (int i = 0; i < CMPI_NUMBERS; ++i) sigaction(cmpi_numbers[i], NULL, &signals->actions[i]);
}

static inline void cmpi_restore_signals(const cmpi_signals *signals) {
  for (int i = 0; i < CMPI_NUMBERS; ++i) sigaction(cmpi_numbers[i], &signals->actions[i], NULL);
}
