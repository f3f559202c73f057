"""Compares MiniCNN with its peers on this machine, in turn, and prints one table.

`make -C Benchmarks bench` runs it; README.md says what is measured and how.
"""

import argparse
import sys
from pathlib import Path

from comparison import candidates, goals, machine, results
from comparison.growth import Batches, Epochs
from comparison.layers import layers
from comparison.networks import NETWORKS
from comparison.process import Failed
from comparison.rounds import Rounds
from comparison.speed import Speed
from comparison.start import Start
from comparison.tables import table

ROOT = Path(__file__).resolve().parent.parent
SECTIONS = ("speed", "start", "batches", "epochs")


def main():
    arguments = parse()
    programs = candidates.Programs(
        minicnn=arguments.minicnn.absolute(), python=arguments.python.absolute(),
        data=arguments.data.absolute(),
    )
    networks = [NETWORKS[name] for name in arguments.networks]
    try:
        chosen = candidates.chosen(arguments.only)
        if arguments.write:
            results.check(arguments.write)
    except (Failed, ValueError, OSError) as problem:
        sys.exit(f"compare.py: {problem}")

    threads, seconds = arguments.threads, arguments.seconds
    # First, before this itself loads the machine.
    load = machine.load()
    speed = Speed(programs, networks, chosen, threads, seconds)
    sections = {
        "speed": speed,
        "start": Start(programs, networks, chosen, threads[0]),
        "batches": Batches(programs, networks, threads[0], seconds),
        "epochs": Epochs(programs, networks, threads[0]),
    }
    rounds = Rounds()
    measured = [sections[name] for name in SECTIONS if name in arguments.sections]
    for section in measured:
        section.measure(rounds, arguments.rounds)

    report = "\n\n".join([
        machine.description(programs, speed.versions, load),
        f"Rounds: {arguments.rounds}, {seconds:g} s a measurement. A figure is the median of the"
        " rounds, with the lowest and the highest; a ratio is that of the medians, with the lowest"
        " and the highest within a round.",
        table(goals.HEADER, [row for part in measured for row in part.rows()], goals.RIGHT),
        *left_out(rounds),
        *(f"### {part.title}\n\n{part.details()}" for part in measured),
        *layer_tables(speed, networks, threads[-1]),
    ])
    print(report)
    if arguments.write:
        results.write(arguments.write, report)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=positive, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement")
    parser.add_argument(
        "--threads", type=positive, nargs="+", default=[2, 1],
        help="numbers of threads; first steps and batches are measured with the first",
    )
    parser.add_argument("--only", nargs="+", help="programs whose names begin so")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--sections", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--write", type=Path, help="put the report between this file's markers")
    parser.add_argument("--minicnn", type=Path, default=ROOT / ".build/release/minicnn")
    parser.add_argument("--python", type=Path, default=ROOT / ".venv-bench/bin/python")
    parser.add_argument("--data", type=Path, default=ROOT / "Datasets/mnist")
    return parser.parse_args()


def positive(text):
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def left_out(rounds):
    if rounds.left_out:
        yield "Left out, because they failed:\n\n" + "\n".join(
            f"- {line}" for line in rounds.left_out
        )


def layer_tables(speed, networks, threads):
    for network in networks:
        reports, _ = speed.of(network, threads)
        if reports:
            yield (
                f"### Layers of {network.title}\n\nMicroseconds an image, on one thread, and the"
                " share of the measured multiply-add peak, counting the operations of the formula."
                f"\n\n{layers(reports)}"
            )


if __name__ == "__main__":
    main()
