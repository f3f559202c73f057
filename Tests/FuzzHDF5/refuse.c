#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/// Has the system refuse a call, or all of them with another first argument than that one.
static void refuse(unsigned call, int only_with) {
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)only_with, 0, only_with < 0 ? 0 : 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
  REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0);
  REQUIRE(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

void refuse_confinement(const file_image *seed) {
  const struct {
    unsigned call;
    int only_with;
    const char *operation;
  } cases[] = {
      {SYS_openat, -1, "confine the process that reads it (measure its memory in /proc/self/statm)"},
      {SYS_prlimit64, -1, "confine the process that reads it (limit its memory)"},
      {SYS_prctl, PR_SET_DUMPABLE, "confine the process that reads it (drop its privileges)"},
      {SYS_prctl, PR_SET_NO_NEW_PRIVS, "confine the process that reads it (drop its privileges)"},
      {SYS_prctl, PR_SET_SECCOMP, "confine the process that reads it (filter its system calls)"},
      // Without this call there is another way.
      {SYS_close_range, -1, ""},
  };
  for (size_t number = 0; number < sizeof cases / sizeof *cases; number++) {
    pid_t process = fork();
    if (process == 0) {
      refuse(cases[number].call, cases[number].only_with);
      chdf5_file *file;
      chdf5_error error;
      chdf5_code code = chdf5_open(seed->bytes, seed->size, true, &file, &error);
      if (cases[number].operation[0] == 0) {
        REQUIRE(code == CHDF5_DONE);
      } else {
        REQUIRE(code == CHDF5_SYSTEM && file == NULL && error.number == EPERM);
        printf("%s\n", error.operation);
        REQUIRE(strcmp(error.operation, cases[number].operation) == 0);
      }
      fflush(stdout);
      _exit(0);
    }
    int status = -1;
    REQUIRE(waitpid(process, &status, 0) == process && status == 0);
  }
}
#else
void refuse_confinement(const file_image *seed) {
  chdf5_file *file;
  chdf5_error error;
  REQUIRE(chdf5_open(seed->bytes, seed->size, true, &file, &error) == CHDF5_SYSTEM);
}
#endif
