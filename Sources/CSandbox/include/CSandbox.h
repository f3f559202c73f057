// One C function in a process of its own, for work on untrusted data (Linux).
#pragma once
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// What the process may use.
typedef struct {
  /// Bytes of memory beyond what it starts with.
  size_t memory;
  /// Seconds of processor time.
  unsigned seconds;
} csandbox_limits;

/// A process, and this one's end of the connection to it.
typedef struct {
  pid_t process;
  int connection;
  /// A descriptor (pidfd) that stays this process's even where its number has gone to another; -1
  /// before Linux 5.4.
  int handle;
} csandbox_child;

/// Starts a copy of this process that runs `serve` with its end of a connection and then ends.
///
/// The copy can send and receive over its connection, and use memory and processor time within the
/// limits. It has no other open file and can open none; every system call that this does not take
/// is refused (seccomp), and so are reads and writes elsewhere. It ends where the other end of the
/// connection is gone, at the latest when its processor time is used up. No signal handler of this
/// process runs in it.
///
/// Only the calling thread continues in the copy, so `serve` must not wait for locks that other
/// threads may hold. `guard`, unless it is NULL, is held while the copy is made: what it guards is
/// consistent in the copy, and nobody else is inside. `serve` must not lock it.
///
/// The copy is a child of this process. Where the program ignores SIGCHLD, or waits for any child it
/// may have (`waitpid(-1)`), how the copy has ended may be lost; nothing else is, from Linux 5.4 on.
/// Before, a program that does so must not use this.
///
/// Returns 0 after the copy has confined itself; otherwise there is no copy, the value is that of
/// `errno`, and `*step` says in the infinitive what failed: "limit its memory". On systems other
/// than Linux that is always so.
int csandbox_start(
    csandbox_child *child, csandbox_limits limits, pthread_mutex_t *guard,
    void (*serve)(void *context, int connection), void *context, const char **step);

/// Ends the process however busy it is, and frees what `child` holds; returns the signal that has
/// ended it, which may have been another before, and 0 where it had ended otherwise or that is lost.
int csandbox_stop(csandbox_child child);

/// The moment in so many milliseconds, of the monotonic clock in milliseconds.
int64_t csandbox_deadline(int milliseconds);

/// Receives all of `count` bytes; 0 where the other side has gone, or they are not there at the
/// deadline, however many it has sent by then (none if negative).
int csandbox_receive(int connection, void *bytes, size_t count, int64_t deadline);

/// Sends all of `count` bytes; 0 where the other side has gone, or has not made room for them by the
/// deadline (none if negative).
int csandbox_send(int connection, const void *bytes, size_t count, int64_t deadline);

/// The signal that has ended the process, SIGXCPU where it has used its processor time; 0 where it
/// runs, has ended otherwise, or that is lost. It is still there to be stopped.
int csandbox_signal(csandbox_child child);

/// Starts a copy that tries to open a file, to use the network and to start a process, and returns 0 where it
/// could do none of them; otherwise as `csandbox_start` does.
int csandbox_probe(const char **step);
