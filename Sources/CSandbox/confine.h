// What the copy of the process gives up before it looks at any data. Every step is taken as far as
// the system knows it; none is needed for the next one.
#pragma once
#include <string.h>

#ifdef __linux__
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define CONFINE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CONFINE_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif
#endif

/// The bytes of data and of address space this process has.
static inline void memory_in_use(size_t *data, size_t *space) {
  *data = *space = 0;
#ifdef __linux__
  unsigned long fields[6] = {0};
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  char text[256];
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return;
  text[count] = 0;
  if (sscanf(text, "%lu %lu %lu %lu %lu %lu", fields, fields + 1, fields + 2, fields + 3,
             fields + 4, fields + 5) != 6)
    return;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  *space = fields[0] * page;
  *data = fields[5] * page;
#endif
}

static inline void limit(int resource, rlim_t most) {
  struct rlimit limit = {most, most};
  // A parent may have less itself.
  struct rlimit own;
  if (getrlimit(resource, &own) == 0 && own.rlim_max < most)
    limit.rlim_cur = limit.rlim_max = own.rlim_max;
  setrlimit(resource, &limit);
}

static inline void close_all_but(int kept) {
#if defined(__linux__) && defined(SYS_close_range)
  if ((kept == 0 || syscall(SYS_close_range, 0, kept - 1, 0) == 0) &&
      syscall(SYS_close_range, kept + 1, ~0U, 0) == 0)
    return;
#endif
  long most = sysconf(_SC_OPEN_MAX);
  for (int file = 0; file < (most < 0 ? 65536 : most); file++)
    if (file != kept) close(file);
}

#ifdef CONFINE_ARCHITECTURE
#define CONFINE_ALLOW(name)                             \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), \
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/// Leaves the calls that reading, writing and memory take; all others fail.
static inline void refuse_system_calls(void) {
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CONFINE_ARCHITECTURE, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      CONFINE_ALLOW(read),
      CONFINE_ALLOW(sendto),
      CONFINE_ALLOW(brk),
      CONFINE_ALLOW(mmap),
      CONFINE_ALLOW(munmap),
      CONFINE_ALLOW(mremap),
      CONFINE_ALLOW(mprotect),
      CONFINE_ALLOW(madvise),
      CONFINE_ALLOW(futex),
      CONFINE_ALLOW(rt_sigreturn),
      CONFINE_ALLOW(exit),
      CONFINE_ALLOW(exit_group),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
  };
  struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
#endif

static inline void confine(csandbox_limits limits, pid_t parent, int connection) {
  const int deadly[] = {SIGSEGV, SIGBUS,  SIGILL, SIGFPE,
                        SIGABRT, SIGTRAP, SIGSYS, SIGXCPU};
  for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) signal(deadly[i], SIG_DFL);
  // Ctrl-C comes to the parent too, which decides.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  size_t data, space;
  memory_in_use(&data, &space);
  close_all_but(connection);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CPU, limits.seconds);
  if (space > 0) {
    limit(RLIMIT_DATA, data + limits.memory);
    // Address space costs nothing; the room is for what an allocator reserves.
    limit(RLIMIT_AS, space + limits.memory + ((size_t)512 << 20));
  }
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have ended before that call.
  if (getppid() != parent) _exit(1);
  prctl(PR_SET_DUMPABLE, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
#ifdef CONFINE_ARCHITECTURE
  refuse_system_calls();
#endif
}
