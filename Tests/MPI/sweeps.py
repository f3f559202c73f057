"""Sweeps whose workers a launcher starts: what one worker alone makes, whoever dies."""
import csv
import glob
import os
import re
import shutil
import signal
import subprocess
import time

from checks import Folder, check
from jobs import Job

SWEEP = """model: {root}/Models/mlp.yaml
data: {root}/Datasets/mnist
seeds: [1, 2, 3]
folds: 2
settings: {{limit: 1200, epochs: 6, learning_rate: [0.001, 1e30]}}
"""


def command(context, folder, *arguments):
    return [context.tool, "sweep", "sweep.yaml", "--folder", folder, "--threads", "1", *arguments]


def made(folder, name, seconds):
    """The lines of a file of a sweep in their order, without the seconds in this column."""
    with open(f"{folder}/{name}") as file:
        return sorted([*row[:seconds], *row[seconds + 1 :]] for row in csv.reader(file))


def results(folder):
    return made(folder, "runs.csv", 5), made(folder, "table.csv", 10)


def training(folder):
    """Waits for a run that is under way."""
    end = time.monotonic() + 60
    while not any(os.path.getsize(path) for path in glob.glob(f"{folder}/messages*.txt")) and time.monotonic() < end:
        time.sleep(0.01)


def shared(context):
    """Workers of a launcher and one started by hand, which is killed."""
    with Folder() as folder:
        with open(f"{folder}/sweep.yaml", "w") as file:
            file.write(SWEEP.format(root=context.root))
        alone = Job(command(context, "alone"), folder).finish()
        if not check(alone.code == 1 and "6 of 12 runs failed" in alone.err, f"a sweep of 12 runs alone, {alone.seconds:.1f} s", alone):
            return
        for number, launcher in enumerate(context.launchers):
            name = f"shared-{number}"
            victim = Job(command(context, name), folder)
            training(f"{folder}/{name}")
            job = launcher.start(3, command(context, name), folder=folder)
            time.sleep(0.3)
            os.kill(victim.process.pid, signal.SIGKILL)
            outcome = job.finish()
            by_worker = len(re.findall(r"^\d+/12 .* seed", outcome.err, re.M))
            same = results(f"{folder}/{name}") == results(f"{folder}/alone")
            passed = same and outcome.code == 1 and outcome.out.count("validation accuracy in %") == 1
            check(passed, f"{launcher.name}: 3 workers and one that is killed make the same 12 lines and table in {outcome.seconds:.1f} s, {by_worker} lines by the 3", outcome)  # fmt: skip


def interrupted(context):
    """Ctrl-C on the launcher saves all runs, and the rest is made from there."""
    with Folder() as folder:
        with open(f"{folder}/sweep.yaml", "w") as file:
            file.write(SWEEP.format(root=context.root).replace("epochs: 6", "epochs: 30").replace(", 1e30", ""))
        Job(command(context, "alone"), folder).finish()
        for number, launcher in enumerate(context.launchers):
            name = f"shared-{number}"
            job = launcher.start(2, command(context, name), folder=folder)
            training(f"{folder}/{name}")
            time.sleep(0.2)
            job.interrupt()
            outcome = job.finish(60)
            lines = len(made(f"{folder}/{name}", "runs.csv", 5)) - 1
            rest = Job(command(context, name, "--jobs", "2"), folder).finish()
            passed = outcome.code not in (0, None) and rest.code == 0 and results(f"{folder}/{name}") == results(f"{folder}/alone")
            check(passed, f"{launcher.name}: Ctrl-C ends 2 workers after {outcome.seconds:.1f} s and {lines} of 6 runs; --jobs 2 makes the rest, and the same table", outcome)  # fmt: skip


def without_locks(context):
    """A file system that has no locks is warned of, and parts do without."""
    with Folder() as folder:
        with open(f"{folder}/sweep.yaml", "w") as file:
            file.write(SWEEP.format(root=context.root).replace("epochs: 6", "epochs: 1").replace(", 1e30", ""))
        source, library = f"{folder}/none.c", f"{folder}/none.so"
        with open(source, "w") as file:
            file.write("#include <errno.h>\nint flock(int file, int what) { (void)file, (void)what; errno = ENOLCK; return -1; }\n")
        subprocess.run([shutil.which("clang") or "cc", "-shared", "-fPIC", source, "-o", library], check=True)
        without = {"LD_PRELOAD": library}
        alone = Job(command(context, "alone"), folder).finish()
        warned = Job(command(context, "warned"), folder, without).finish()
        said = re.findall(r".*this file system has no locks.*", warned.err)
        passed = warned.code == 0 and len(said) == 1 and "no locks" not in alone.err
        check(passed, f"a folder without locks: {said}", warned)
        parts = [Job(command(context, "parts", "--part", f"{part}/2"), folder, without) for part in (1, 2)]
        ends = [part.finish() for part in parts]
        merged = Job([context.tool, "sweep", "sweep.yaml", "--folder", "parts", "--merge"], folder, without).finish()
        passed = [end.code for end in [*ends, merged]] == [0, 0, 0] and not any("no locks" in end.err for end in ends)
        passed = passed and results(f"{folder}/parts") == results(f"{folder}/alone")
        check(passed, "two parts at once in a folder without locks, and --merge, make the table of one worker", merged)


CHECKS = {"sweeps-shared": shared, "sweeps-interrupted": interrupted, "without-locks": without_locks}
