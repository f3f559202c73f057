"""Compares MiniCNN with its peers on the networks of Benchmarks/family, in turn.

`make -C Benchmarks bench-family` runs it; README.md says what is measured and how. Killed and started again, it
goes on where it was.
"""

import argparse
import os
import sys
from pathlib import Path

from comparison import candidates, family_tables, machine, networks, results
from comparison.family import QUICK, Family
from comparison.process import Failed
from comparison.record import Record

ROOT = Path(__file__).resolve().parent.parent


def main():
    arguments = parse()
    try:
        if arguments.write:
            results.check(arguments.write)
        run(arguments, chosen_networks(arguments.only))
    except (Failed, ValueError, OSError) as problem:
        sys.exit(f"bench_family.py: {problem}")


def run(arguments, chosen):
    kernels, folder = arguments.kernels, arguments.folder.absolute()
    programs = candidates.Programs(
        minicnn=arguments.minicnn.absolute(), python=arguments.python.absolute(),
        data=arguments.data.absolute(),
    )
    settings = {
        "threads": arguments.threads, "seconds": arguments.seconds, "kernels": kernels,
    }
    suffix = f"-{kernels}" if kernels else ""
    going, last = (folder / f"{name}{suffix}.json" for name in ("going-on", "last"))
    if arguments.ours_only:
        against = Record.read(arguments.against or last)
        path = folder / "ours.json"
        path.unlink(missing_ok=True)
    else:
        path = arguments.state or going
    record = Record(path, settings)
    load = machine.load()
    record.content["loads"].append(round(load, 1))
    Family(programs, compared(arguments), record, folder, arguments.rounds).measure(chosen)

    if arguments.ours_only:
        print(family_tables.report(chosen, record, against, kernels))
        return
    report = described(programs, record, chosen, arguments)
    print(report)
    if arguments.only:
        return
    if arguments.write:
        results.write(arguments.write, report)
    if path == going:
        os.replace(going, last)


def chosen_networks(names):
    family = networks.family()
    missing = [name for name in names or () if name not in family]
    if missing:
        raise ValueError(f"--only {missing[0]}: expected one of: {', '.join(family)}")
    return [family[name] for name in names or family]


def compared(arguments):
    """MiniCNN and the peers asked for, without those that cannot be held to `--kernels`."""
    if arguments.ours_only:
        return [candidates.MINICNN]
    return [
        candidate
        for candidate in candidates.CANDIDATES
        if (arguments.all_peers or candidate.name in (candidates.MINICNN.name, *QUICK))
        and (candidate.limited or not arguments.kernels)
    ]


def described(programs, record, chosen, arguments):
    loads = record.content["loads"]
    held = arguments.kernels and (
        f"\n- Everything held to {arguments.kernels}; left out because nothing holds it: "
        + ", ".join(each.name for each in candidates.CANDIDATES if not each.limited)
    )
    parts = [
        machine.description(programs, record.content["versions"], loads[0]) + held,
        f"{arguments.threads} threads. {arguments.rounds} rounds, {arguments.seconds:g} s a"
        " measurement. A figure is the median of the rounds, with the lowest and the highest; a"
        " ratio is that of the medians, with the lowest and the highest within a round.",
        family_tables.report(chosen, record, record, arguments.kernels),
    ]
    if len(loads) > 1:
        parts.append(f"In {len(loads)} parts; load before each: {', '.join(map(str, loads))}.")
    failures = list(record.failures())
    if failures:
        parts.append("Left out, because they failed:\n\n" + "\n".join(f"- {x}" for x in failures))
    parts.append(f"### Every program\n\n{family_tables.every_program(chosen, record)}")
    return "\n\n".join(parts)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all-peers", action="store_true", help="every peer and setting")
    parser.add_argument("--kernels", choices=candidates.KERNELS, default="",
                        help="hold every program to this instruction set")
    parser.add_argument("--only", type=lambda text: text.split(","), metavar="NAME,...",
                        help="these networks; nothing is written")
    parser.add_argument("--ours-only", action="store_true",
                        help="measure MiniCNN alone against figures of peers measured before")
    parser.add_argument("--against", type=Path, metavar="FILE",
                        help="those figures (default: of the last whole run)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1, help="of each measurement")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--write", type=Path, help="put the report between this file's markers")
    parser.add_argument("--state", type=Path, metavar="FILE",
                        help="keep what was measured here, and go on from it")
    parser.add_argument("--folder", type=Path, default=ROOT / ".bench-family",
                        help="for that, made-up pictures and compiled code")
    parser.add_argument("--minicnn", type=Path, default=ROOT / ".build/release/minicnn")
    parser.add_argument("--python", type=Path, default=ROOT / ".venv-bench/bin/python")
    parser.add_argument("--data", type=Path, default=ROOT / "Datasets/mnist")
    return parser.parse_args()


if __name__ == "__main__":
    main()
