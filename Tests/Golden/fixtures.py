"""Numbers for fixtures, and the form fixtures are written in."""

import json
import platform

import h5py
import keras
import numpy as np
import tensorflow as tf


def made_with(script, precision):
    """What a fixture says of its origin."""
    return {
        "script": f"Tests/Golden/{script}", "precision": precision,
        "python": platform.python_version(), "keras": keras.__version__,
        "tensorflow": tf.__version__, "numpy": np.__version__, "h5py": h5py.__version__,
    }


def exact(array):
    """Float32 values of at most 3 decimals, in the current precision.

    A fixture shows "0.123"; a reader gets the very Float the reference computed with.
    """
    return np.round(array, 3).astype(np.float32).astype(keras.config.floatx())


def uniform(rng, shape, bound=1.0):
    """Values between -bound and bound."""
    return exact(rng.uniform(-bound, bound, shape))


def spread(rng, shape):
    """Values of either sign, all distinct by 0.01 or more and that far from 0."""
    count = int(np.prod(shape))
    magnitude = 0.02 + 0.01 * rng.permutation(count)
    return exact((magnitude * rng.choice([-1, 1], count)).reshape(shape))


def number(value):
    """A float of 9 significant digits, of which there is only one zero."""
    return float(f"{float(value):.9g}") + 0.0


def numbers(array):
    """A flat list of floats."""
    return [number(v) for v in np.asarray(array).reshape(-1)]


def arrays(values):
    """Shapes and flat lists of several arrays."""
    return [{"shape": list(np.shape(v)), "data": numbers(v)} for v in values]


def lines(object, indent):
    """An object with one line for each of its keys."""
    return ",\n".join(
        f'{indent}{json.dumps(k)}: {json.dumps(v, allow_nan=False, separators=(",", ":"))}'
        for k, v in object.items())


def write(path, header, cases):
    """Writes cases after what they were made with."""
    texts = ["   {\n" + lines(case, "    ") + "\n   }" for case in cases]
    write_text(path, '{"made_with": ' + json.dumps(header) + ',\n "cases": [\n'
               + ",\n".join(texts) + "\n]}\n", f"{len(cases)} cases")


def write_one(path, header, case):
    """Writes a single case, its keys beside what it was made with."""
    write_text(path, "{\n" + lines({"made_with": header} | case, "  ") + "\n}\n", "1 case")


def write_text(path, text, summary):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    print(f"{path}: {summary}, {path.stat().st_size} bytes")
