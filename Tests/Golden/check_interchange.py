"""Trains every model of `Models/`, and two of other layers, with minicnn on a few real digits, and has Keras open the result.

    check_interchange.py MINICNN

Keras builds the same model from the same YAML file, loads the checkpoint as it is, weights and
optimizer, and predicts the first test digits; its probabilities have to be minicnn's. Run by
`make interop`, from the top of the repository.
"""

import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

import check_keras_loads  # first: it settles how TensorFlow runs
import keras
import numpy as np
import yaml

DIGITS = "Datasets/mnist/t10k-images-idx3-ubyte.gz"
COUNT = 64
OPTIMIZERS = [("sgd", {"momentum": 0.0}), ("sgd", {"momentum": 0.9}), ("rmsprop", {"momentum": 0.5}),
              ("adagrad", {}), ("adam", {}), ("adamw", {})]


def run(minicnn, *words):
    return subprocess.run([minicnn, *words], check=True, capture_output=True, text=True).stdout


def predictions(minicnn, checkpoint):
    """minicnn's probabilities for the first digits."""
    numbers = [str(i) for i in range(COUNT)]
    # Keras reads the last weights, not their average.
    text = run(minicnn, "predict", checkpoint, "--images", DIGITS, "--json", "--weights", "last",
               "--index", *numbers)
    return np.array([p["probabilities"] for p in json.loads(text)["predictions"]])


def digits():
    with gzip.open(DIGITS) as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16)
    return pixels.reshape(-1, 28, 28, 1)[:COUNT].astype("float32") / 255


def check(minicnn, model_file, kind, settings, folder):
    """The largest difference, or what Keras complains of."""
    checkpoint = f"{folder}/{model_file.stem}-{kind}.weights.h5"
    flags = [word for key, value in settings.items() for word in (f"--{key}", str(value))]
    run(minicnn, "train", "--model", str(model_file), "--data", "Datasets/mnist", "--limit", "256",
        "--batch-size", "32", "--epochs", "2", "--seed", "5", "--optimizer", kind, "--overwrite",
        "--checkpoint", checkpoint, *flags)
    description = yaml.safe_load(model_file.read_text())
    description["optimizer"] = {kind: settings}
    model = check_keras_loads.build(description, True)
    complaints = check_keras_loads.load(model, checkpoint)
    complaints += check_keras_loads.optimizer_complaints(model, checkpoint)
    if complaints or int(model.optimizer.iterations) != 16:
        return complaints or [f"step 16 expected, found {int(model.optimizer.iterations)}"]
    found = np.array(keras.ops.softmax(model(digits(), training=False)))
    return float(np.abs(found - predictions(minicnn, checkpoint)).max())


def main():
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for model_file in [*sorted(pathlib.Path("Models").glob("*.yaml")),
                           pathlib.Path("Tests/Golden/kinds.yaml"), pathlib.Path("Tests/Golden/layers.yaml")]:
            for kind, settings in OPTIMIZERS:
                result = check(sys.argv[1], model_file, kind, settings, folder)
                good = isinstance(result, float) and result <= 1e-5
                failed = failed or not good
                print(f"{model_file.stem} {kind} {settings or ''}: {result}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
