"""Runs parts one after the other, and keeps what each gave."""

import json
import os
import shutil
import signal
import subprocess
import time
from datetime import date

from evidence import records

# Of the log of a part that fails.
LAST_LINES = 15


class Runner:
    """`folder` has the logs and what was begun, on which code; `say` prints a line."""

    def __init__(self, root, folder, kept, code, stop, say=print, clock=time.monotonic):
        self.root, self.folder, self.kept = root, folder, kept
        self.code, self.stop, self.say, self.clock = code, stop, say, clock

    def run(self, parts, minutes=None):
        """Runs those that are not done; the names of those that failed.

        After so many minutes no part is begun any more. A stop ends the part that runs, of which nothing is kept.
        """
        start, failed = self.clock(), []
        for position, part in enumerate(parts):
            state = self.kept.state(part, self.code)
            if state == "done":
                self.say(f"{part.name}: done on {self.code} already")
                continue
            if minutes is not None and self.clock() - start >= 60 * minutes:
                left = [p.name for p in parts[position:] if self.kept.state(p, self.code) != "done"]
                self.say(f"{max(minutes, 0):.3g} minutes are over; not begun: {', '.join(left)}")
                break
            if not self.run_one(part):
                failed.append(part.name)
        return failed

    def run_one(self, part):
        self.clear(part)
        log = self.folder / f"{part.name}.log"
        self.say(f"{part.name}: about {records.duration(60 * part.minutes)}, log {log}")
        start = self.clock()
        with open(log, "wb") as file:
            status = finish(part.command, self.root, file, self.stop)
        seconds = self.clock() - start
        text = log.read_text(errors="replace")
        passed = status == 0
        outcome = part.outcome(text) if passed else f"exit code {status}"
        self.kept.add(part, self.code, date.today().isoformat(), seconds, passed, outcome)
        self.say(f"{part.name}: {'' if passed else 'FAILED, '}{outcome} ({records.duration(round(seconds))})")
        if not passed:
            for line in text.splitlines()[-LAST_LINES:]:
                self.say(f"  {line}")
        return passed

    def clear(self, part):
        """Sets aside what the part would go on with if it was begun on other code; notes on which it is begun now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        notes = self.folder / "begun.json"
        begun = json.loads(notes.read_text()) if notes.exists() else {}
        if begun.get(part.name) != self.code or self.code.endswith(" and changes"):
            for path in (found for pattern in part.leftovers for found in self.root.glob(pattern)):
                old = path.with_name(f"{path.stem}.old{path.suffix}")
                shutil.rmtree(old, ignore_errors=True)
                path.rename(old)
        begun[part.name] = self.code
        records.write(notes, json.dumps(begun, indent=2) + "\n")


class Stopped(Exception):
    """Somebody wants this program to end."""


class Stop:
    """Whether Ctrl-C, SIGTERM or a closed terminal has asked for an end. Python's own way, an exception anywhere,
    could come while a process is being started, of which nobody would know then."""

    def __init__(self):
        self.is_asked = False

    def listen(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask)

    def ask(self, *_):
        self.is_asked = True


def finish(command, folder, output, stop):
    """Runs a command in a session of its own, and ends all of it where this program is to end."""
    process = subprocess.Popen(
        command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)
    while True:
        try:
            return process.wait(0.2)
        except subprocess.TimeoutExpired:
            if stop.is_asked:
                break
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        pass
    try:
        # What has outlived it, too.
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    raise Stopped
