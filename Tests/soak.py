#!/usr/bin/env python3
"""Trains a tiny model for a long time and watches that nothing grows.

    soak.py MINICNN DATA MINUTES

States are saved every 50 steps. Once a second the process is looked at and the last state is read
by another process. Fails where memory grows by more than 1 %, the number of open files changes, or
a state cannot be read. Memory is compared between the second tenth of the run and the last, as
medians, because pages that have been used once come in over the first minutes.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

MODEL = """
name: tiny
input: [28, 28, 1]
layers:
  - avg_pool2d: {window: 4}
  - conv2d: {filters: 4, kernel: 3}
  - batch_norm
  - relu
  - max_pool2d: {window: 2}
  - flatten
  - dropout: {rate: 0.1}
  - dense: {units: 10}
training: {optimizer: adam, learning_rate: 0.0005, batch_size: 64, epochs: 1000000, seed: 1}
"""


def resident_bytes(process):
    """The memory of a process that is in use, shared pages of files left out."""
    with open(f"/proc/{process}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return int(fields["RssAnon"].split()[0]) * 1024


def inspect(minicnn, path):
    """What a state says of itself; raises where it cannot be read."""
    run = subprocess.run([minicnn, "inspect", path, "--json"], capture_output=True, check=True)
    return json.loads(run.stdout)


def watch(minicnn, process, path, seconds):
    """One (memory, open files) a second, and the number of states read."""
    samples, reads = [], 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(1)
        if process.poll() is not None:
            sys.exit(f"training ended by itself with {process.returncode}")
        samples.append(
            (resident_bytes(process.pid), len(os.listdir(f"/proc/{process.pid}/fd")))
        )
        if os.path.exists(path):
            inspect(minicnn, path)
            reads += 1
    return samples, reads


def main():
    minicnn, data, minutes = (
        os.path.abspath(sys.argv[1]),
        os.path.abspath(sys.argv[2]),
        float(sys.argv[3]),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tiny.weights.h5")
        with open(os.path.join(folder, "tiny.yaml"), "w") as model:
            model.write(MODEL)
        command = [minicnn, "train", "--model", "tiny.yaml", "--data", data]
        command += ["--checkpoint-every", "50", "--keep", "3", "--threads", "1"]
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            samples, reads = watch(minicnn, process, path, minutes * 60)
            process.send_signal(signal.SIGINT)
            status = process.wait(60)
        finally:
            process.kill()
        if status != 130:
            sys.exit(f"training ended with {status}, expected 130")
        states = [path] + [os.path.join(folder, f"tiny.{age}.weights.h5") for age in (1, 2, 3)]
        last = [inspect(minicnn, state) for state in states][0]
        left = sorted(set(os.listdir(folder)) - {os.path.basename(state) for state in states})

    tenth = max(1, len(samples) // 10)
    early = statistics.median(memory for memory, _ in samples[tenth : 2 * tenth])
    late = statistics.median(memory for memory, _ in samples[-tenth:])
    # A state that is being written is one file more.
    files = {min(files for _, files in samples[n : n + 10]) for n in range(10, len(samples), 10)}
    saves = last["steps"] // 50 + last["epoch"]
    print(f"{minutes:g} minutes: {last['epoch']:,} epochs, {last['steps']:,} steps, {saves:,} saves")
    print(f"memory: {early / 1e6:.2f} MB, at the end {late / 1e6:.2f} MB ({late / early - 1:+.2%})")
    print(f"open files: {sorted(files)}; states read while they were replaced: {reads}, all whole")
    if left != ["tiny.yaml"]:
        sys.exit(f"left behind: {left}")
    if late > early * 1.01:
        sys.exit("memory has grown by more than 1 %")
    if len(files) > 1:
        sys.exit("the number of open files has changed")


main()
