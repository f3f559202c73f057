"""Tries check_keras_loads.py on checkpoints in MiniCNN's layout, good and spoilt ones.

    .venv-keras/bin/python Tests/Golden/test_check_keras_loads.py

The checkpoints come from the variables in Tests/CheckpointsTests/Fixtures/keras-*.json, which are
in MiniCNN's order, so this also proves how groups have to be named and numbered.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "CheckpointsTests" / "Fixtures"
GROUPS = {
    "conv2d": ("conv2d", lambda s: 1 + s.get("bias", True)),
    "dense": ("dense", lambda s: 1 + s.get("bias", True)),
    "batch_norm": ("batch_normalization",
                   lambda s: 2 + s.get("center", True) + s.get("scale", True)),
}


def flat(layers, shape):
    """Layers with variables in MiniCNN's order: a block's own, then its projection.

    `shape` is the input's, `[h, w, c]`. Returns (group without number, variables), and the shape.
    """
    result = []
    for layer in layers:
        kind, settings = (layer, {}) if isinstance(layer, str) else next(iter(layer.items()))
        if kind == "residual":
            inner, out = flat(settings["layers"], shape)
            result += inner + ([("conv2d", 2)] if out != shape else [])
            shape = out
        elif kind in GROUPS:
            result.append((GROUPS[kind][0], GROUPS[kind][1](settings)))
        if kind == "conv2d":
            stride = settings.get("stride", 1)  # of the blocks here each keeps its size but for it
            shape = [-(-shape[0] // stride), -(-shape[1] // stride), settings["filters"]]
    return result, shape


def put(group, name, values):
    """A dataset as MiniCNN stores it."""
    if values.ndim == 0:
        group.create_dataset(name, data=values)
    else:
        group.create_dataset(name, data=values, chunks=values.shape, fletcher32=True)


def write(path, case, drop=None, change=None):
    """A checkpoint without the dataset `drop`, and with 1 added to `change`."""
    arrays = [np.array(v["data"], "float32").reshape(v["shape"]) for v in case["variables"]]
    seen = Counter()
    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_group("minicnn").attrs["format"] = 1
        for name, count in flat(case["layers"], case["input"])[0]:
            number = f"_{seen[name]}" if seen[name] else ""
            seen[name] += 1
            group = file.create_group(f"layers/{name}{number}/vars")
            for i in range(count):
                put(group, str(i), arrays.pop(0))
        assert not arrays
        for i, v in enumerate(case.get("optimizer_variables", [])):
            kind = "int64" if i == 0 else "float32"
            put(file.require_group("optimizer/vars"), str(i),
                np.array(v["data"], kind).reshape(v["shape"]))
        if drop:
            del file[drop]
        if change:
            file[change][...] += 1


def check(name, status, *options, **spoilt):
    """Runs the check on a checkpoint of fixture `name` and compares the exit status."""
    model = FIXTURES / f"keras-{name}.json"
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/own.weights.h5"
        write(path, json.loads(model.read_text()), **spoilt)
        run = subprocess.run([sys.executable, HERE / "check_keras_loads.py", path, model, model,
                              *options], capture_output=True, text=True)
    said = run.stdout.strip() or run.stderr.strip()[-400:]
    print(f"{name} {spoilt or ''} {' '.join(options)}: exit {run.returncode}\n    {said}")
    assert run.returncode == status, run.stderr


def main():
    for name in ("sequential", "functional", "saved"):
        check(name, 0, "--optimizer")
    check("sequential", 0)
    check("untrained", 0)
    check("functional", 1, change="layers/conv2d_5/vars/0")
    check("functional", 1, drop="layers/conv2d_9/vars/1")
    check("functional", 1, "--optimizer", drop="optimizer/vars/51")
    check("sequential", 1, "--optimizer", drop="optimizer")


if __name__ == "__main__":
    main()
