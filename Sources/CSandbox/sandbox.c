#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
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
    if (csandbox_send(ends[1], &outcome, sizeof outcome) && outcome.step == CONFINED)
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
  csandbox_child own = {process, ends[0]};
  // Nothing hostile has been read yet, so this can be believed.
  report outcome = {CONFINE_STEPS, EIO};
  if (!csandbox_receive(ends[0], &outcome, sizeof outcome, PATIENCE) || outcome.step != CONFINED) {
    csandbox_stop(own);
    *step = outcome.step == CONFINE_STEPS ? "hear from it" : confine_names[outcome.step];
    return outcome.code;
  }
  *child = own;
  *step = "";
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

#endif

int csandbox_stop(csandbox_child child) {
  // 0 and negative numbers are groups of processes.
  if (child.process <= 0) return 0;
  kill(child.process, SIGKILL);
  close(child.connection);
  int status = 0;
  while (waitpid(child.process, &status, 0) < 0 && errno == EINTR) {}
  return status;
}

int csandbox_receive(int connection, void *bytes, size_t count, int milliseconds) {
  for (size_t done = 0; done < count;) {
    struct pollfd wanted = {connection, POLLIN, 0};
    int ready = milliseconds < 0 ? 1 : poll(&wanted, 1, milliseconds);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return 0;
    ssize_t received = read(connection, (char *)bytes + done, count - done);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return 0;
    done += (size_t)received;
  }
  return 1;
}

int csandbox_send(int connection, const void *bytes, size_t count) {
  for (size_t done = 0; done < count;) {
#ifdef MSG_NOSIGNAL
    ssize_t sent = send(connection, (const char *)bytes + done, count - done, MSG_NOSIGNAL);
#else
    ssize_t sent = send(connection, (const char *)bytes + done, count - done, 0);
#endif
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return 0;
    done += (size_t)sent;
  }
  return 1;
}

int csandbox_signal(csandbox_child child) {
  // A process whose end of the connection is closed may still be exiting.
  for (int wait = 0; wait < 200; wait++) {
    siginfo_t information = {0};
    if (waitid(P_PID, (id_t)child.process, &information, WEXITED | WNOWAIT | WNOHANG) != 0)
      return 0;
    if (information.si_pid != 0)
      return information.si_code == CLD_EXITED ? 0 : information.si_status;
    poll(NULL, 0, 10);
  }
  return 0;
}
