#!/usr/bin/env python3
"""Compares sets of views (minicnn evaluate --views) on digits that took no part in training.

Usage: choose_views.py CHECKPOINT...   (of runs on Benchmarks/held-out: make -C Benchmarks held-out)
"""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HELD_OUT = ROOT / "Benchmarks/held-out"
TOOL = os.environ.get("MINICNN", ROOT / ".build/release/minicnn")

# Turned by degrees, scaled by factors, sheared by degrees, moved by pixels.
TURNED = ["rotation=4", "rotation=-4"]
TURNED_MORE = TURNED + ["rotation=8", "rotation=-8"]
SCALED = ["scale=0.93", "scale=1.07"]
SHEARED = ["shear=4", "shear=-4"]
MOVED = ["right=1", "right=-1", "down=1", "down=-1"]
MOVED_LITTLE = [view.replace("1", "0.5") for view in MOVED]
SETS = {
    "none": [],
    "turned": TURNED,
    "turned more": TURNED_MORE,
    "scaled": SCALED,
    "sheared": SHEARED,
    "moved": MOVED,
    "moved a little": MOVED_LITTLE,
    "turned, scaled": TURNED + SCALED,
    "turned more, scaled": TURNED_MORE + SCALED,
    "turned, moved": TURNED + MOVED,
    "turned, scaled, sheared": TURNED + SCALED + SHEARED,
    "turned, scaled, moved a little": TURNED + SCALED + MOVED_LITTLE,
    "turned more, scaled, sheared, moved": TURNED_MORE + SCALED + SHEARED + MOVED,
    "turned more, scaled, sheared, moved a little": TURNED_MORE + SCALED + SHEARED + MOVED_LITTLE,
}


def run(*arguments):
    result = subprocess.run([TOOL, *arguments, "--json"], stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(result.returncode)
    return json.loads(result.stdout.splitlines()[-1])


def wrong_and_loss(checkpoint, views):
    looks = ["--views", " ".join(views)] if views else []
    report = run("evaluate", checkpoint, "--data", HELD_OUT, *looks)
    return report["samples"] - report["correct"], report["loss"]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())
    if not HELD_OUT.exists():
        sys.exit(f"{HELD_OUT}: is not there yet; make -C Benchmarks held-out writes it")
    for checkpoint in sys.argv[1:]:
        if str(HELD_OUT) not in (run("inspect", checkpoint)["data"] or []):
            sys.exit(f"{checkpoint}: not trained on {HELD_OUT}, and may have learnt these digits")
    print("wrong, of each checkpoint; their mean; mean loss")
    for name, views in SETS.items():
        results = [wrong_and_loss(checkpoint, views) for checkpoint in sys.argv[1:]]
        wrong = [count for count, _ in results]
        loss = sum(loss for _, loss in results) / len(results)
        print(f"{name:44} {wrong}  {sum(wrong) / len(wrong):6.1f}  {loss:.4f}", flush=True)


if __name__ == "__main__":
    main()
