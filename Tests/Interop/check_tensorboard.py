"""Reads the logs of minicnn train with TensorBoard's own reader: check_tensorboard.py TOOL.

Needs tensorboard. Prints a line for each check; exit code 1 where one fails.
"""
import csv
import glob
import os
import signal
import subprocess
import sys
import tempfile
import time

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader, RawEventFileLoader

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOL = os.path.abspath(sys.argv[1])
SETTINGS = ["train", "--model", os.path.join(ROOT, "Models/digits-tiny.yaml"), "--data", os.path.join(ROOT, "Datasets/mnist"),
            "--limit", "4000", "--epochs", "4", "--seed", "5", "--validation-fraction", "0.1"]  # fmt: skip
failures = []


def check(passed, text):
    print(f"{'ok  ' if passed else 'FAIL'} {text}", flush=True)
    if not passed:
        failures.append(text)


def log_flags(name):
    return ["--log", name, "--tensorboard"]


def run(arguments, folder):
    outcome = subprocess.run([TOOL, *arguments], cwd=folder, capture_output=True, text=True)
    if outcome.returncode != 0:
        raise RuntimeError(outcome.stderr)


def killed(folder, name, after):
    """Starts a run and kills it once its table has so many rows and there is a state, or a little later."""
    process = subprocess.Popen([TOOL, *SETTINGS, "--checkpoint", f"{name}.weights.h5", *log_flags(name)], cwd=folder,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    table, state = os.path.join(folder, name, "metrics.csv"), os.path.join(folder, f"{name}.weights.h5")
    while process.poll() is None:
        if os.path.exists(state) and len(open(table).read().splitlines()) > after:
            break
        time.sleep(0.005)
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()


def rows(folder, name):
    with open(os.path.join(folder, name, "metrics.csv"), "rb") as file:
        return [line.rsplit(b",", 2)[0] for line in file.read().splitlines()]


def events(folder, name):
    """All records of a log's files; a bad check sum is an error of the reader."""
    found = []
    for path in sorted(glob.glob(os.path.join(folder, name, "*tfevents*"))):
        count = sum(1 for _ in RawEventFileLoader(path).Load())
        loaded = list(EventFileLoader(path).Load())
        size, place, records = os.path.getsize(path), 0, 0
        with open(path, "rb") as file:
            while place < size:
                file.seek(place)
                place += int.from_bytes(file.read(8), "little") + 16
                records += 1
        check(count == records == len(loaded), f"{name}/{os.path.basename(path)}: {records} records, {count} of them read")
        found += loaded
    return found


def accumulated(folder, name):
    accumulator = EventAccumulator(os.path.join(folder, name), size_guidance={"histograms": 0, "scalars": 0, "images": 0})
    return accumulator.Reload()


with tempfile.TemporaryDirectory() as folder:
    run([*SETTINGS, "--checkpoint", "whole.weights.h5", *log_flags("whole")], folder)
    whole = accumulated(folder, "whole")
    events(folder, "whole")
    tags = whole.Tags()
    print("     scalars: " + ", ".join(tags["scalars"]))
    check(len(tags["histograms"]) >= 8, f"{len(tags['histograms'])} histograms of weights and gradients")
    check(sorted(tags["images"]) == ["images/training", "kernels/conv2d"], "pictures: " + ", ".join(sorted(tags["images"])))
    with open(os.path.join(folder, "whole/metrics.csv"), newline="") as file:
        table = list(csv.DictReader(file))
    for tag, column in (("loss/training", "loss"), ("accuracy/validation", "validation_accuracy"), ("learning_rate", "learning_rate")):
        points = [(point.step, point.value) for point in whole.Scalars(tag)]
        expected = [(int(row["step"]), float(row[column])) for row in table]
        agree = len(points) == len(expected) and all(
            a[0] == b[0] and abs(a[1] - b[1]) < 1e-6 * max(1, abs(b[1])) for a, b in zip(points, expected)
        )
        check(agree, f"{tag} is metrics.csv's {column}, at {len(points)} steps")

    for after in (1, 2, 3):
        name = f"killed-{after}"
        killed(folder, name, after)
        run(["train", "--resume", f"{name}.weights.h5", *log_flags(name)], folder)
        check(rows(folder, name) == rows(folder, "whole"), f"{name}: the same rows of metrics.csv")
        events(folder, name)
        resumed = accumulated(folder, name)
        for tag in tags["scalars"]:
            a = [(point.step, point.value) for point in whole.Scalars(tag)]
            b = [(point.step, point.value) for point in resumed.Scalars(tag)]
            if a != b:
                check(False, f"{name}: {tag} has other points: {b}, not {a}")
        a = [(point.step, point.histogram_value.bucket) for point in whole.Histograms("weights/conv2d/kernel")]
        b = [(point.step, point.histogram_value.bucket) for point in resumed.Histograms("weights/conv2d/kernel")]
        check(a == b, f"{name}: the same points of {len(tags['scalars'])} scalars and the histograms, none twice")
if failures:
    print("failed: " + ", ".join(failures))
sys.exit(1 if failures else 0)
