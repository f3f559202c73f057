#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"

#ifdef __linux__
#define NO_SIGNAL MSG_NOSIGNAL
#define CLOSE_ON_EXEC SOCK_CLOEXEC
#else
#define NO_SIGNAL 0
#define CLOSE_ON_EXEC 0
#endif

int csandbox_start(
    csandbox_child *child, csandbox_limits limits, void (*serve)(void *context, int connection),
    void *context) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | CLOSE_ON_EXEC, 0, ends) != 0) return errno;
#ifdef SO_NOSIGPIPE
  for (int end = 0; end < 2; end++)
    setsockopt(ends[end], SOL_SOCKET, SO_NOSIGPIPE, &(int){1}, sizeof(int));
#endif
  pid_t parent = getpid();
  pid_t process = fork();
  if (process == 0) {
    confine(limits, parent, ends[1]);
    serve(context, ends[1]);
    // Not exit: what the parent has registered for its own end is not to be done here.
    _exit(0);
  }
  int code = errno;
  close(ends[1]);
  if (process < 0) {
    close(ends[0]);
    return code;
  }
  *child = (csandbox_child){process, ends[0]};
  return 0;
}

int csandbox_stop(csandbox_child child) {
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
    ssize_t sent = send(connection, (const char *)bytes + done, count - done, NO_SIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return 0;
    done += (size_t)sent;
  }
  return 1;
}

int csandbox_signal(csandbox_child child) {
  // A process whose end of the connection is closed may still be on its way out.
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
