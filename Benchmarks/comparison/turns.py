"""A peer that stays, measures when it is its turn, and is stopped in between."""

import json
import os
import signal
import subprocess
import tempfile
import threading

from .process import LIMIT_SECONDS, Failed, reason, stop, text


class Turns:
    """Start and compiling are paid once. `said` is what the peer said of itself."""

    def __init__(self, command, environment, limit=LIMIT_SECONDS):
        self.limit = limit
        self.errors = tempfile.TemporaryFile()
        try:
            self.child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
                env=environment, start_new_session=True, text=True,
            )
        except OSError as error:
            raise Failed(f"{command[0]}: {error.strerror}") from None
        try:
            self.said = self.answer()
        except BaseException:
            self.close()
            raise

    def turn(self):
        """The report of one measurement."""
        self.signal(signal.SIGCONT)
        try:
            self.child.stdin.write("\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            pass  # it ended, and `answer` finds out why
        return self.answer()

    def answer(self):
        """The next JSON object that the child prints; then it is stopped.

        A library's threads may wait in a loop for more work, in the time of the next program.
        """
        timer = threading.Timer(self.limit, stop, [self.child])
        timer.start()
        try:
            for line in self.child.stdout:
                if line.startswith("{"):
                    self.signal(signal.SIGSTOP)
                    return json.loads(line)
        finally:
            timer.cancel()
        code = self.child.wait()
        if code == -signal.SIGKILL:
            raise Failed(f"took longer than {self.limit:.0f} s, or was killed")
        raise Failed(reason(text(self.errors), code))

    def signal(self, number):
        try:
            os.killpg(self.child.pid, number)
        except ProcessLookupError:
            pass

    def close(self):
        stop(self.child)
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()
        self.errors.close()
