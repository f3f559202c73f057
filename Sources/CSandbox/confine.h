// What the copy of the process gives up before it looks at any data. Every step is checked: one that
// fails ends the copy.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define CONFINE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CONFINE_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CONFINE_IS_SANITIZED 1
#endif
#endif
#ifndef CONFINE_IS_SANITIZED
#define CONFINE_IS_SANITIZED 0
#endif

typedef enum {
  CONFINED,
  CONFINE_SIGNALS,
  CONFINE_FILES,
  CONFINE_MEASURE,
  CONFINE_MEMORY,
  CONFINE_TIME,
  CONFINE_OUTPUT,
  CONFINE_OPENING,
  CONFINE_PRIVILEGES,
  CONFINE_FILTER,
  CONFINE_STEPS
} confine_step;

/// What each step does, in the infinitive, for messages.
static const char *const confine_names[CONFINE_STEPS] = {
    [CONFINED] = "",
    [CONFINE_SIGNALS] = "reset its signals",
    [CONFINE_FILES] = "close its files",
    [CONFINE_MEASURE] = "measure its memory in /proc/self/statm",
    [CONFINE_MEMORY] = "limit its memory",
    [CONFINE_TIME] = "limit its processor time",
    [CONFINE_OUTPUT] = "limit what it writes",
    [CONFINE_OPENING] = "limit its open files",
    [CONFINE_PRIVILEGES] = "drop its privileges",
    [CONFINE_FILTER] = "filter its system calls",
};

/// A crash ends the process as if nobody had a handler for it; any other signal, a Ctrl-C for the
/// whole group or a signal the program has a handler for, is for the parent, which decides.
static inline int reset_signals(void) {
  for (int number = 1; number < NSIG; number++) {
    struct sigaction action = {0};
    switch (number) {
      case SIGSEGV: case SIGBUS: case SIGILL: case SIGFPE:
      case SIGABRT: case SIGTRAP: case SIGSYS: case SIGXCPU:
        action.sa_handler = SIG_DFL;
        if (sigaction(number, &action, NULL) != 0) return errno;
        break;
      default:
        // Not all numbers are signals, and two cannot be ignored.
        action.sa_handler = SIG_IGN;
        sigaction(number, &action, NULL);
    }
  }
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, NULL) == 0 ? 0 : errno;
}

/// The bytes of data and of address space this process has.
static inline int measure_memory(size_t *data, size_t *space) {
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno;
  char text[256];
  ssize_t count = read(file, text, sizeof text - 1);
  int code = count < 0 ? errno : 0;
  close(file);
  if (code != 0) return code;
  text[count] = 0;
  // size resident shared text lib data, in pages. Not sscanf, which may take locks.
  size_t pages[6];
  char *rest = text;
  for (int field = 0; field < 6; field++) {
    char *end;
    pages[field] = strtoul(rest, &end, 10);
    if (end == rest) return EINVAL;
    rest = end;
  }
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  *space = pages[0] * page;
  *data = pages[5] * page;
  return 0;
}

static inline int limit(int resource, rlim_t most) {
  // A parent may have less itself.
  struct rlimit own;
  if (getrlimit(resource, &own) != 0) return errno;
  rlim_t value = own.rlim_max < most ? own.rlim_max : most;
  return setrlimit(resource, &(struct rlimit){value, value}) == 0 ? 0 : errno;
}

/// The kernel says SIGXCPU at the limit, and SIGKILL only a second later: who gets that has been killed
/// for another reason. The copy can neither handle nor block it.
static inline int limit_time(unsigned seconds) {
  struct rlimit own;
  if (getrlimit(RLIMIT_CPU, &own) != 0) return errno;
  rlim_t most = own.rlim_max < (rlim_t)seconds + 1 ? own.rlim_max : (rlim_t)seconds + 1;
  struct rlimit value = {most > 1 ? most - 1 : most, most};
  return setrlimit(RLIMIT_CPU, &value) == 0 ? 0 : errno;
}

static inline int limit_memory(size_t data, size_t space, size_t most) {
  // Address space costs nothing; the room is for what an allocator reserves.
  size_t room = (size_t)512 << 20;
  if (__builtin_add_overflow(data, most, &data) || __builtin_add_overflow(space, most, &space) ||
      __builtin_add_overflow(space, room, &space))
    return EOVERFLOW;
  int code = limit(RLIMIT_DATA, data);
  return code != 0 ? code : limit(RLIMIT_AS, space);
}

static inline int close_all_but(int kept) {
#ifdef SYS_close_range
  if ((kept == 0 || syscall(SYS_close_range, 0, kept - 1, 0) == 0) &&
      syscall(SYS_close_range, kept + 1, ~0U, 0) == 0)
    return 0;
#endif
  // Linux before 5.9, or a container that blocks newer calls. A number beyond today's bound may be
  // open all the same: the filter, which lets nothing be read or sent but on the connection, makes it
  // useless.
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return errno;
  for (rlim_t file = 0; file < files.rlim_max && file < 1 << 20; file++)
    if ((int)file != kept) close((int)file);
  return 0;
}

static inline int drop_privileges(void) {
  // Without this a core dump or a debugger of the same user would see what is read.
  if (prctl(PR_SET_DUMPABLE, 0UL) != 0) return errno;
  return prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0 ? 0 : errno;
}

#define CONFINE_ALLOW(name)                              \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), \
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/// Leaves the calls that memory and the connection take; all others fail with EPERM.
static inline int filter_system_calls(int connection) {
#ifdef CONFINE_ARCHITECTURE
  const unsigned refuse = SECCOMP_RET_ERRNO | EPERM;
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CONFINE_ARCHITECTURE, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      CONFINE_ALLOW(brk),
      CONFINE_ALLOW(mmap),
      CONFINE_ALLOW(munmap),
      CONFINE_ALLOW(mremap),
      CONFINE_ALLOW(mprotect),
      CONFINE_ALLOW(madvise),
      CONFINE_ALLOW(futex),
      CONFINE_ALLOW(rt_sigreturn),
#if CONFINE_IS_SANITIZED
      // The address sanitizer asks for the signal stack before a function does not return.
      CONFINE_ALLOW(sigaltstack),
#endif
      CONFINE_ALLOW(exit),
      CONFINE_ALLOW(exit_group),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendto, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, refuse),
      // The kernel takes the lower half of the argument for the descriptor; both processors have it
      // first.
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)connection, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, refuse),
  };
  struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ? 0 : errno;
#else
  (void)connection;
  return ENOSYS;
#endif
}

/// Takes every step; the one that failed, with its `errno` in `*code`, or `CONFINED`.
///
/// The parent's death signal is not asked for: Linux sends it where the thread that made the copy
/// ends, and in a program with many threads that is no reason to stop.
static inline confine_step confine(csandbox_limits limits, int connection, int *code) {
  size_t data, space;
  if ((*code = reset_signals()) != 0) return CONFINE_SIGNALS;
  if ((*code = close_all_but(connection)) != 0) return CONFINE_FILES;
  if ((*code = measure_memory(&data, &space)) != 0) return CONFINE_MEASURE;
  if ((*code = limit_memory(data, space, limits.memory)) != 0) return CONFINE_MEMORY;
  if ((*code = limit_time(limits.seconds)) != 0) return CONFINE_TIME;
  if ((*code = limit(RLIMIT_FSIZE, 0)) != 0 || (*code = limit(RLIMIT_CORE, 0)) != 0)
    return CONFINE_OUTPUT;
  if ((*code = limit(RLIMIT_NOFILE, 0)) != 0) return CONFINE_OPENING;
  if ((*code = drop_privileges()) != 0) return CONFINE_PRIVILEGES;
  if ((*code = filter_system_calls(connection)) != 0) return CONFINE_FILTER;
  return CONFINED;
}
