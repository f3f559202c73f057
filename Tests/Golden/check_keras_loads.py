"""Checks that Keras loads a checkpoint MiniCNN wrote and predicts what MiniCNN did.

    check_keras_loads.py FILE.weights.h5 MODEL.json EXPECTED.json [--optimizer]

MODEL.json holds `input` (the shape of a sample), `layers` (the model file's list as JSON) and, for
--optimizer, `optimizer` ({kind: {setting: value}}). EXPECTED.json holds `x`, a flat batch, and
`predictions`, flat. One file can be both. With --optimizer the optimizer's state has to load too:
as many variables as Keras has, in its order and shapes, which Keras would else skip with a warning.

Prints the largest difference of predictions; exit status 1 when it exceeds 1e-5 or a load failed.
"""

import argparse
import json
import sys
import warnings

import keras_models  # first: it settles how TensorFlow runs
import h5py
import keras
import numpy as np

TOLERANCE = 1e-5


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("model")
    parser.add_argument("expected")
    parser.add_argument("--optimizer", action="store_true")
    return parser.parse_args()


def read_json(path):
    with open(path) as file:
        return json.load(file)


def build(model_file, with_optimizer):
    """The Keras model a checkpoint is for, its optimizer ready to take on state."""
    model, _ = keras_models.functional(model_file["layers"], model_file["input"])
    if with_optimizer:
        model.compile(optimizer=keras_models.optimizer(model_file["optimizer"]), loss="mse")
        model.optimizer.build(model.trainable_variables)
    return model


def load(model, path):
    """Loads a checkpoint; returns what Keras said, errors and warnings alike."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model.load_weights(path)
        except Exception as error:
            return [f"{type(error).__name__}: {error}"]
    return [str(w.message) for w in caught]


def optimizer_complaints(model, path):
    """Where the optimizer's variables differ from the datasets of the checkpoint."""
    with h5py.File(path) as file:
        stored = file.get("optimizer/vars", {})
        if len(stored) != len(model.optimizer.variables):
            return [f"optimizer/vars: {len(model.optimizer.variables)} variables expected,"
                    f" {len(stored)} found"]
        return [f"optimizer/vars/{i} is not {v.path}"
                for i, v in enumerate(model.optimizer.variables)
                if not np.array_equal(v.numpy(), stored[str(i)][()])]


def largest_difference(model, expected):
    """How far Keras's predictions lie from the given ones, infinitely where one is no number."""
    x = np.array(expected["x"], dtype="float32").reshape(-1, *model.input_shape[1:])
    predictions = np.array(model(x, training=False)).reshape(-1)
    given = np.array(expected["predictions"], dtype="float32").reshape(-1)
    if predictions.shape != given.shape:
        sys.exit(f"predictions: expected {predictions.size} numbers, found {given.size}")
    difference = np.abs(predictions - given).max()
    return difference if np.isfinite(difference) else np.inf


def main():
    options = arguments()
    model = build(read_json(options.model), options.optimizer)
    complaints = load(model, options.checkpoint)
    if not options.optimizer:  # a model without an optimizer has nothing to put its state into
        complaints = [c for c in complaints if "for optimizer" not in c]
    if not complaints and options.optimizer:
        complaints = optimizer_complaints(model, options.checkpoint)
    if complaints:
        sys.exit("\n".join(f"Keras: {c}" for c in complaints))
    difference = largest_difference(model, read_json(options.expected))
    print(f"largest difference of predictions: {difference:.3g}")
    if options.optimizer:
        print(f"optimizer: {len(model.optimizer.variables)} variables,"
              f" step {int(model.optimizer.iterations)}")
    sys.exit(0 if difference <= TOLERANCE else 1)


if __name__ == "__main__":
    main()
