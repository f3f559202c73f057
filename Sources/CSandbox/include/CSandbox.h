// A process of its own for work on data that nobody vouches for.
#pragma once
#include <stddef.h>
#include <sys/types.h>

/// What the process may use.
typedef struct {
  /// Bytes of memory beyond what it starts with.
  size_t memory;
  /// Seconds of processor time.
  unsigned seconds;
} csandbox_limits;

/// A process and this one's end of the connection to it.
typedef struct {
  pid_t process;
  int connection;
} csandbox_child;

/// Starts a copy of this process that runs `serve` with its end of a connection and then ends.
///
/// The copy can send and receive over its connection, and use memory and processor time within the
/// limits. It has no other open file and can open none; on Linux every system call that this does
/// not take is refused (seccomp). It ends with its parent. As only the calling thread goes on in
/// the copy, `serve` must not wait for locks that other threads may hold.
///
/// Returns 0, or the value of `errno`.
int csandbox_start(
    csandbox_child *child, csandbox_limits limits, void (*serve)(void *context, int connection),
    void *context);

/// Ends the process however busy it is, and frees what `child` holds; returns its status as
/// `waitpid` does: that with which it had ended before, if it had.
int csandbox_stop(csandbox_child child);

/// Receives all of `count` bytes; 0 where the other side has gone, or is silent for `milliseconds`
/// (without bound if negative).
int csandbox_receive(int connection, void *bytes, size_t count, int milliseconds);

/// Sends all of `count` bytes; 0 where the other side has gone.
int csandbox_send(int connection, const void *bytes, size_t count);

/// The signal that has ended the process, 0 where it runs or has ended otherwise. It is still there
/// to be stopped.
int csandbox_signal(csandbox_child child);
