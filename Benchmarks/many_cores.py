#!/usr/bin/env python3
"""Predicts what more cores and more machines would give, from the times of one thread on this machine, and
compares the prediction for two threads with what they give here.

Usage: many_cores.py MINICNN [--rounds N] [--seconds S] [--only MODEL,...] [--times FILE]
"""

import argparse
import json
import pathlib
import sys

from comparison import process
from comparison.tables import table
from scaling import step
from scaling.exchange import GIGABIT_10, GIGABIT_100, SHARED_MEMORY, exchange
from scaling.network import Network
from scaling.work import FITTED, Work, dense_share

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODELS = ["lenet5", "mnist-cnn", "digits-fast", "resnet-mini"]
CORES = [2, 8, 16, 32, 64]
MACHINES = [2, 4, 8]
# Batches with the setting `shards`.
CUTS = [(128, 8), (128, 64), (1024, 8), (1024, 64)]


class Measured:
    """The seconds of steps of one model, each the least of several rounds: what else runs on the machine only
    makes them longer."""

    def __init__(self, network, times, share):
        self.network, self.times = network, times
        self.work = Work.of({cut: times[1, *cut] for cut in FITTED}, share)

    def predicted(self, batch, shards, threads, ranks=1, link=None):
        total = self.times[1, batch, shards]
        return step.seconds(self.network, self.work, total, batch, shards, threads, ranks, link)


def measure(tool, names, rounds, seconds):
    """Every figure of all models in turn, so that a slow minute affects all of them."""
    cuts = {(1, *cut) for cut in FITTED + CUTS} | {(2, *cut) for cut in CUTS}
    times, layers = {}, {}
    for turn in range(rounds):
        for name in names:
            for threads, batch, shards in sorted(cuts):
                report = process.run([
                    tool, "benchmark", "--model", str(model(name)), "--json", "--seconds", str(seconds),
                    "--threads", str(threads), "--batch-size", str(batch), "--shards", str(shards),
                ]).report()
                key = f"{name} {threads} {batch} {shards}"
                time = batch / report["trainImagesPerSecond"]
                times[key] = min(time, times.get(key, time))
                layers[name] = report["layers"]
            print(f"round {turn + 1}/{rounds}: {name}", file=sys.stderr, flush=True)
    return {"times": times, "layers": layers}


def model(name):
    return ROOT / "Models" / f"{name}.yaml"


def measured(tool, name, figures):
    report = process.run([tool, "summary", str(model(name)), "--no-time", "--json"]).report()
    times = {
        tuple(map(int, key.split()[1:])): time
        for key, time in figures["times"].items() if key.split()[0] == name
    }
    return Measured(Network.of(report), times, dense_share(figures["layers"][name]))


def parts_table(models):
    rows = []
    for one in models:
        rows.append([
            one.network.name, f"{one.network.sharded:,}", f"{one.network.gathered:,}",
            f"{1e6 * one.times[1, 128, 8] / 128:.1f}", f"{100 * one.work.dense_share:.0f} %",
            f"{1e6 * one.work.step:.0f}",
        ])
    header = [
        "model", "parameters in shards", "gathered", "µs an image", "dense kernels", "µs a step"]
    return table(header, rows, right=range(1, 6))


def check_table(models):
    """Two threads, predicted and measured."""
    rows = []
    for one in models:
        for batch, shards in CUTS:
            alone, two = one.times[1, batch, shards], one.times[2, batch, shards]
            found, expected = alone / two, alone / one.predicted(batch, shards, 2)
            rows.append([
                one.network.name, batch, shards, f"{batch / alone:,.0f}", f"{batch / two:,.0f}",
                f"{found:.2f}", f"{expected:.2f}", f"{100 * (expected / found - 1):+.0f} %",
            ])
    header = ["model", "batch", "`shards`", "images/s, 1 thread", "2 threads", "measured", "predicted", "off"]
    return table(header, rows, right=range(1, 8))


def cores_table(models):
    rows = []
    for one in models:
        for batch, shards in CUTS:
            alone = one.times[1, batch, shards]
            gains = [alone / one.predicted(batch, shards, cores) for cores in CORES[1:]]
            rows.append([
                one.network.name, batch, shards, one.network.shards(shards, batch),
                *(f"{gain:.1f}" for gain in gains),
            ])
    header = ["model", "batch", "`shards`", "in parts", *(f"{cores} cores" for cores in CORES[1:])]
    return table(header, rows, right=range(1, len(header)))


def machines_table(models, batch=1024, shards=64, cores=8):
    """Several machines of eight cores against one."""
    links = [GIGABIT_10, GIGABIT_100]
    rows = []
    for one in models:
        alone = one.predicted(batch, shards, cores)
        for link in links:
            gains = [
                alone / one.predicted(batch, shards, cores, ranks, link) for ranks in MACHINES]
            rows.append([one.network.name, link.name, *(f"{gain:.1f}" for gain in gains)])
    header = ["model", "network", *(f"{machines} machines" for machines in MACHINES)]
    return table(header, rows, right=range(2, len(header)))


def ranks_table(models, batch=128, shards=64):
    """Ranks of one thread on one machine against as many threads."""
    rows = []
    for one in models:
        losses = [
            one.predicted(batch, shards, ranks)
            / one.predicted(batch, shards, 1, ranks, SHARED_MEMORY) for ranks in [2, 8]
        ]
        rows.append([one.network.name, *(f"{loss:.2f}" for loss in losses)])
    return table(["model", "2 ranks to 2 threads", "8 to 8"], rows, right=[1, 2])


def volume_table(models, batch=1024, shards=64, ranks=8):
    rows = []
    for one in models:
        sent = exchange(one.network, batch, shards, ranks, GIGABIT_10)
        rows.append([
            one.network.name,
            *(f"{count / 1e3:,.0f}"
              for count in (sent.shares, sent.columns, sent.sums, sent.summaries, sent.bytes)),
        ])
    header = ["model", "shares", "columns", "sums", "summaries", "all, KB"]
    return table(header, rows, right=range(1, 6))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("tool")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.4)
    parser.add_argument("--only", default=",".join(MODELS))
    parser.add_argument("--times", type=pathlib.Path, help="measured before, or to be kept here")
    flags = parser.parse_args()
    names = flags.only.split(",")
    try:
        if flags.times and flags.times.exists():
            figures = json.loads(flags.times.read_text())
        else:
            figures = measure(flags.tool, names, flags.rounds, flags.seconds)
            if flags.times:
                flags.times.write_text(json.dumps(figures))
        models = [measured(flags.tool, name, figures) for name in names]
    except process.Failed as error:
        sys.exit(f"minicnn: {error}")
    print("What a step consists of, on one thread:\n\n" + parts_table(models))
    print("\nTwo threads to one, here:\n\n" + check_table(models))
    print("\nTo one core, predicted:\n\n" + cores_table(models))
    print(
        "\nMachines of 8 cores to one of them, batch 1024, shards 64, predicted:\n\n"
        + machines_table(models))
    print("\nRanks of one thread to threads, on one machine, predicted:\n\n" + ranks_table(models))
    print("\nSent by each of 8 ranks in a step, batch 1024, shards 64:\n\n" + volume_table(models))


if __name__ == "__main__":
    main()
