"""Writes the golden fixtures in Tests/NeuralNetworkTests/Fixtures from Keras.

    python3 -m venv .venv-keras && .venv-keras/bin/pip install keras tensorflow-cpu h5py
    .venv-keras/bin/python Tests/Golden/make_golden.py            # everything
    .venv-keras/bin/python Tests/Golden/make_golden.py conv2d     # one kind of layer, or losses, ...

The reference computes in double precision from inputs that are exact Floats, so what a fixture
and a Float computation differ by is the rounding of the latter. The same versions give the same
files; each file names the versions it was made with.
"""

import sys
from pathlib import Path

import keras_models  # first: it settles how TensorFlow runs
import keras

keras.config.set_floatx("float64")

import fixtures
import layer_cases
import layer_fixtures
import training_cases

FOLDER = Path(__file__).resolve().parent.parent / "NeuralNetworkTests" / "Fixtures"

TRAINING = {
    "losses": training_cases.losses, "metrics": training_cases.metrics,
    "optimizers": training_cases.optimizers,
    "schedules": training_cases.schedules, "lenet-steps": training_cases.lenet_steps,
}


def write(path, cases):
    fixtures.write(path, fixtures.made_with("make_golden.py", "float64"), cases)


def main(wanted):
    for kind, cases in layer_cases.all_cases().items():
        if not wanted or kind in wanted:
            write(FOLDER / "layers" / f"{kind}.json", layer_fixtures.fixtures(kind, cases))
    for name, make in TRAINING.items():
        if not wanted or name in wanted:
            write(FOLDER / f"{name}.json", make())


if __name__ == "__main__":
    main(set(sys.argv[1:]))
