#!/usr/bin/env python3
"""Runs what takes long before a release, part by part, and writes what came out into docs/long-runs.md.

A part that has passed on the code as it is is not run again; whatever stops this program, started again it goes on.
"""

import argparse
import sys
import time
from pathlib import Path

from evidence.parts import Finding, Part
from evidence.records import Records, duration, write
from evidence.revision import CHECKS, ROOT, TEXTS, code
from evidence.runner import Runner, Stop, Stopped

FOLDER = ROOT / ".long-runs"
RECORDS, TABLE = ROOT / "docs/long-runs.json", ROOT / "docs/long-runs.md"

READERS = "idx yaml sweep runs csv npy npz cifar emnist netpbm keras onnx safetensors pictures hdf5 state".split()
RECIPES = {"digits-fast": 3, "digits-tiny": 40, "digits-best": 80, "fashion": 45}
WEIGHTS = {"digits-fast": 2, "lenet5": 2, "digits-best": 16}

TESTS = Finding(r"Test run with (\d+) tests? .*passed", "{1} tests")
INPUTS = Finding(r"^\S+: (\d+) inputs,", "{1} inputs", is_sum=True)
# libFuzzer says nothing of inputs that are all read or refused; make says how many it was asked for.
LED = Finding(r"^\.build-fuzz/release/Fuzz \S+ (\d+) ", "{1} inputs led by coverage")
PASSED = Finding(r"^ok\s", "every check passed")


def make(*words):
    return ("make", *words)


def research(*words):
    return ("make", "-C", "Benchmarks", *words)


def parts(inputs, soak_minutes):
    """All of them. `inputs`: how many altered files each reader of files gets at random."""
    counts = f"FUZZ_RANDOM={inputs}", f"FUZZ_LED={inputs // 10}", f"FUZZ_HDF5={inputs // 5}"
    share = inputs / 5_000_000
    return [
        Part("sanitize-address", make("sanitize-address"), 25, (TESTS,), checks=True),
        Part("sanitize-threads", make("sanitize-threads"), 12, (TESTS,), checks=True),
        Part("check-arm64", make("check-arm64"), 1, (Finding(r"^all (\d+) digests", "{1} digests agree"),)),
        Part("test-crash", make("test-crash"), 8,
             (Finding(r"Test run with \d+ tests? .*passed", "50 kills, nothing lost"),), checks=True),
        Part("test-package", make("test-package"), 10, (Finding(r"^(\w+): the same bits", "{1}: the same bits"),)),
        Part("test-lab", make("test-lab"), 4, checks=True),
        Part("test-deb", make("test-deb"), 12,
             (Finding(r"^(from the package to the first digit: [\d.]+ s)", "{1}"),), checks=True),
        Part("test-mpi", make("test-mpi"), 15, (PASSED,)),
        Part("interop", make("interop"), 40, (PASSED,)),
        Part("soak", make("soak", f"SOAK_MINUTES={soak_minutes}"), soak_minutes + 2,
             (Finding(r"^(.* epochs, .* steps, .* saves)$", "{1}"), Finding(r"^(memory: .*)$", "{1}"),
              Finding(r"^(open files: .*)$", "{1}"))),
        *(Part(f"read-{reader}", make("fuzz-target", f"FUZZ_TARGET={reader}", *counts), max(2, round(30 * share)),
               (LED, INPUTS, Finding(r"^(slowest input \d+ ms).*", "{1}")))
          for reader in READERS),
        Part("fuzz-hdf5", make("fuzz-hdf5", counts[2], f"FUZZ_HDF5_SANITIZED={inputs // 50}"), max(2, round(60 * share)),
             (INPUTS,)),
        Part("fuzz-pictures", make("fuzz-pictures", f"FUZZ_PICTURES={inputs // 5}"), max(2, round(30 * share)), (INPUTS,)),
        *(Part(f"recipe-{name}", research("recipes", f"RECIPES={name}"), minutes,
               (Finding(rf"^{name}\s+(\d+)\s+(\d+)\s+\S+\s+\S+\s+(\S+)\s+(\S+)\s+(\S+)",
                        "{1} seeds, {2} failed, median {3} % ({4} to {5})"),),
               (f"Benchmarks/sweeps/{name}.sweep",))
          for name, minutes in RECIPES.items()),
        *(Part(f"weights-{name}", research("check-weights", f"WEIGHTS={name}"), minutes,
               (Finding(r": (the same bits), ", "{1}"),))
          for name, minutes in WEIGHTS.items()),
        Part("pictures", research("pictures"), 8, (Finding(r"^(photographs, prepared: \S+ %) of", "{1} right"),)),
        Part("time-to-99", research("time-to-99"), 3,
             (Finding(r"^MiniCNN +([\d.]+ s.*)$", "{1}"), Finding(r"^(PyTorch's quicker .*)$", "{1}"))),
        Part("bench", research("bench"), 80, (Finding(r"\A", "[RESULTS.md](../Benchmarks/RESULTS.md)"),)),
        Part("bench-family", research("bench-family"), 40, (Finding(r"\A", "[FAMILY.md](../Benchmarks/FAMILY.md)"),)),
    ]


def positive(text):
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--list", action="store_true", help="say which parts are done, and run none")
    parser.add_argument("--only", nargs="+", metavar="PART", help="run these alone")
    parser.add_argument("--minutes", type=float, help="begin no part when so many are over")
    parser.add_argument("--inputs", type=positive, default=5_000_000, help="altered files for each reader (default: %(default)s)")
    parser.add_argument("--soak", type=positive, default=60, metavar="MINUTES", help="how long to soak (default: %(default)s)")
    options = parser.parse_args(arguments)
    listed = parts(options.inputs, options.soak)
    known = {part.name for part in listed}
    for name in options.only or []:
        if name not in known:
            parser.error(f"there is no part {name}; --list names them")
    chosen = [part for part in listed if not options.only or part.name in options.only]
    kept = Records(RECORDS)
    # Those that run suites or the package come first, on code that has these too.
    groups = [([part for part in chosen if part.checks], code()),
              ([part for part in chosen if not part.checks], code(without=TEXTS + CHECKS))]
    if options.list:
        print(f"code: {groups[1][1] or 'unknown'}, with suites of tests and the package {groups[0][1] or 'unknown'}")
        for part, now in ((part, now) for group, now in groups for part in group):
            record = kept.parts.get(part.name, {})
            print(f"{kept.state(part, now):7} {part.name:20} {'about ' + duration(60 * part.minutes):18}"
                  f" {record.get('outcome', '')}".rstrip())
        return 0
    if any(group and now.endswith(" and changes") for group, now in groups):
        print("the code has changes: what is run now is not taken for done", file=sys.stderr)
    stop, failed = Stop(), []
    stop.listen()
    try:
        end = None if options.minutes is None else time.monotonic() + 60 * options.minutes
        for group, now in groups:
            minutes = None if end is None else (end - time.monotonic()) / 60
            failed += Runner(ROOT, FOLDER, kept, now, stop).run(group, minutes)
    except Stopped:
        print("stopped; what is done is kept", file=sys.stderr)
        return 130
    finally:
        if kept.parts:
            write(TABLE, kept.table([part.name for part in listed]))
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
