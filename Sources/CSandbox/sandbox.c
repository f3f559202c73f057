#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include "confine.h"

/// What the copy sends before anything else.
typedef struct {
  int step;
  int code;
} report;

/// The longest a copy may take to confine itself; only a machine without any processor to spare
/// takes it.
enum { PATIENCE = 60000 };

/// Copies the process while no signal can arrive in the copy and nobody is inside `guard`.
static pid_t copy_process(pthread_mutex_t *guard, int *code) {
  sigset_t all, before;
  sigfillset(&all);
  if (guard != NULL) pthread_mutex_lock(guard);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t process = fork();
  *code = errno;
  if (process == 0) return 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (guard != NULL) pthread_mutex_unlock(guard);
  return process;
}

static int open_handle(pid_t process) {
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_send_signal)
  return (int)syscall(SYS_pidfd_open, process, 0);
#else
  (void)process;
  return -1;
#endif
}

static void kill_it(csandbox_child child) {
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_send_signal)
  if (child.handle >= 0) {
    syscall(SYS_pidfd_send_signal, child.handle, SIGKILL, NULL, 0);
    return;
  }
#endif
  kill(child.process, SIGKILL);
}

/// How the process has ended, all zeros where it runs; false where nobody can say any more.
static bool get_end(csandbox_child child, int options, siginfo_t *end) {
  // P_PIDFD, which libraries older than the kernel lack.
  idtype_t kind = child.handle < 0 ? P_PID : (idtype_t)3;
  id_t identity = (id_t)(child.handle < 0 ? child.process : child.handle);
  *end = (siginfo_t){0};
  int code;
  while ((code = waitid(kind, identity, end, WEXITED | options)) != 0 && errno == EINTR) {}
  return code == 0;
}

static int signal_of(const siginfo_t *end) {
  return end->si_pid == 0 || end->si_code == CLD_EXITED ? 0 : end->si_status;
}

int csandbox_start(
    csandbox_child *child, csandbox_limits limits, pthread_mutex_t *guard,
    void (*serve)(void *context, int connection), void *context, const char **step) {
  int ends[2], code;
  *step = "connect to it";
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return errno;
  pid_t process = copy_process(guard, &code);
  if (process == 0) {
    report outcome = {0};
    outcome.step = confine(limits, ends[1], &outcome.code);
    if (csandbox_send(ends[1], &outcome, sizeof outcome, -1) && outcome.step == CONFINED)
      serve(context, ends[1]);
    // Not exit: what the parent has registered for its own exit must not run here.
    _exit(outcome.step);
  }
  close(ends[1]);
  if (process < 0) {
    close(ends[0]);
    *step = "start it";
    return code;
  }
  csandbox_child own = {process, ends[0], open_handle(process)};
  // Nothing hostile has been looked at yet, so this can be believed.
  report outcome = {CONFINE_STEPS, EIO};
  if (!csandbox_receive(ends[0], &outcome, sizeof outcome, csandbox_deadline(PATIENCE)) ||
      outcome.step != CONFINED) {
    csandbox_stop(own);
    *step = outcome.step == CONFINE_STEPS ? "hear from it" : confine_names[outcome.step];
    return outcome.code;
  }
  *child = own;
  *step = "";
  return 0;
}

int csandbox_stop(csandbox_child child) {
  // 0 and negative numbers are groups of processes.
  if (child.process <= 0) return 0;
  kill_it(child);
  close(child.connection);
  siginfo_t end;
  int signal = get_end(child, 0, &end) ? signal_of(&end) : 0;
  if (child.handle >= 0) close(child.handle);
  return signal;
}

int csandbox_signal(csandbox_child child) {
  // A process whose end of the connection is closed may still be on its way out.
  for (int wait = 0; wait < 200; wait++) {
    siginfo_t end;
    if (!get_end(child, WNOWAIT | WNOHANG, &end)) return 0;
    if (end.si_pid != 0) return signal_of(&end);
    poll(NULL, 0, 10);
  }
  return 0;
}

#else

int csandbox_start(
    csandbox_child *child, csandbox_limits limits, pthread_mutex_t *guard,
    void (*serve)(void *context, int connection), void *context, const char **step) {
  (void)child, (void)limits, (void)guard, (void)serve, (void)context;
  *step = "filter its system calls";
  return ENOTSUP;
}

// There is none.
int csandbox_stop(csandbox_child child) { return (void)child, 0; }
int csandbox_signal(csandbox_child child) { return (void)child, 0; }

#endif

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t csandbox_deadline(int milliseconds) { return now() + milliseconds; }

/// Waits until the connection is ready; what is ready at the deadline still counts.
static bool wait_for(int connection, short event, int64_t deadline) {
  for (;;) {
    int64_t left = deadline - now();
    struct pollfd wanted = {connection, event, 0};
    int ready = poll(&wanted, 1, left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

int csandbox_receive(int connection, void *bytes, size_t count, int64_t deadline) {
  for (size_t done = 0; done < count;) {
    if (deadline >= 0 && !wait_for(connection, POLLIN, deadline)) return 0;
    ssize_t received = read(connection, (char *)bytes + done, count - done);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return 0;
    done += (size_t)received;
  }
  return 1;
}

int csandbox_send(int connection, const void *bytes, size_t count, int64_t deadline) {
  int flags = deadline < 0 ? 0 : MSG_DONTWAIT;
#ifdef MSG_NOSIGNAL
  flags |= MSG_NOSIGNAL;
#endif
  for (size_t done = 0; done < count;) {
    if (deadline >= 0 && !wait_for(connection, POLLOUT, deadline)) return 0;
    ssize_t sent = send(connection, (const char *)bytes + done, count - done, flags);
    if (sent < 0 && (errno == EINTR || (deadline >= 0 && errno == EAGAIN))) continue;
    if (sent <= 0) return 0;
    done += (size_t)sent;
  }
  return 1;
}
