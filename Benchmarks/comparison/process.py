"""One child process: what it printed, when it started and ended, how much memory it held."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass

LIMIT_SECONDS = 900


class Failed(Exception):
    """A child that did not do what was asked of it; the message is one line."""


@dataclass(frozen=True)
class Finished:
    """`started` and `ended` are `time.monotonic()`, a clock that all processes share."""

    output: str
    started: float
    ended: float
    peak_bytes: int

    def report(self):
        """The JSON object that is the last line of the output."""
        lines = self.output.strip().splitlines()
        try:
            return json.loads(lines[-1])
        except (IndexError, ValueError):
            raise Failed("printed no JSON object") from None


def run(command, environment=None, folder=None, limit=LIMIT_SECONDS):
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.monotonic()
        try:
            # A session of its own, so that what the child starts is stopped with it.
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                env=environment, cwd=folder, start_new_session=True,
            )
        except OSError as error:
            raise Failed(f"{command[0]}: {error.strerror}") from None
        timer = threading.Timer(limit, stop, [child])
        timer.start()
        try:
            # `wait4` and not `communicate`: it knows this child's memory, not that of all children.
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            stop(child)
            raise
        finally:
            timer.cancel()
        ended = time.monotonic()
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            if ended - started >= limit:
                raise Failed(f"took longer than {limit:.0f} s")
            raise Failed(reason(text(errors), child.returncode))
        return Finished(text(output), started, ended, peak_bytes(usage))


def stop(child):
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it ended by itself in the meantime


def text(file):
    file.seek(0)
    return file.read().decode(errors="replace")


def peak_bytes(usage):
    # macOS counts bytes, everything else KiB.
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def reason(errors, code):
    """The line that says most about why a child failed: the last that names an error."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    named = [line for line in lines if "rror: " in line or line.endswith("Error")]
    if named or lines:
        return (named or lines)[-1][:200]
    return f"killed by signal {-code}" if code < 0 else f"exit status {code}"
