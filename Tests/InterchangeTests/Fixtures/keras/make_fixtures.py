"""Models that Keras saved, with what Keras computes of them.

    python make_fixtures.py   (in this folder; made with Keras 3.15.1, tf_keras 2.21.0 and TensorFlow 2.21)

For each model a file, and in predictions.json images as bytes with the outputs for them. For each optimizer a model
that was trained for a few steps, with its memory, and in steps.json the images and labels of five further steps with
the variables after them.
"""

import json
import pathlib
import sys
import zipfile

HERE = pathlib.Path(__file__).parent
for folder in ("Golden", "Interop"):
    sys.path.insert(0, str(HERE.parents[2] / folder))
import keras_models  # first: it settles how TensorFlow runs
import keras
import keras_zoo
import numpy as np
import tf_keras

L = keras.layers


def numbers(array):
    """The floats of an array, each with the digits that tell it from others."""
    return [float(str(v)) for v in np.asarray(array, dtype="float32").ravel()]


def deflate(path):
    """Makes an archive smaller; most of an HDF5 file is zeros."""
    with zipfile.ZipFile(path) as source:
        members = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for name, content in members.items():
            target.writestr(name, content)


def model(name, ending, package):
    """Saves a model; its predictions."""
    keras_zoo.use(package)
    made = keras_zoo.MODELS[name]()
    keras_zoo.randomize(made)
    file = f"{name}-{2 if package is tf_keras else 3}{ending}"
    made.save(HERE / file)
    pixels = np.random.default_rng(5).integers(0, 256, (2, *made.input_shape[1:]), dtype=np.uint8)
    outputs = made(pixels.astype("float32") / 255, training=False)
    return {"file": file, "pixels": pixels.ravel().tolist(), "outputs": numbers(outputs)}


def small():
    """A model without chance. A bias before batch normalization would have rounding errors for a gradient."""
    return keras.Sequential([
        keras.Input((5, 5, 1)), L.Conv2D(2, 3, use_bias=False), L.BatchNormalization(), L.ReLU(), L.Flatten(),
        L.Dense(3, activation="softmax")])


def steps(name, make):
    """Saves a model after five steps; its variables after five more."""
    keras.utils.set_random_seed(3)
    made = small()
    made.compile(make(), "sparse_categorical_crossentropy")
    # minicnn has no decay of these.
    made.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    random = np.random.default_rng(5)
    pixels = random.integers(0, 256, (20, 5, 5, 1), dtype=np.uint8)
    labels = random.integers(0, 3, 20)
    batches = [(pixels[i:i + 4].astype("float32") / 255, labels[i:i + 4]) for i in range(0, 20, 4)]
    for x, y in batches:
        made.train_on_batch(x, y)
    made.save(HERE / f"{name}.keras")
    if name == "adam":
        made.save_weights(HERE / f"{name}.weights.h5")
    for x, y in batches:
        made.train_on_batch(x, y)
    return {"name": name, "pixels": pixels.ravel().tolist(), "labels": labels.tolist(),
            "variables": [numbers(v) for layer in made.layers for v in layer.weights]}


MODELS = [
    ("chain", ".keras", keras), ("activations", ".keras", keras), ("normalizations", ".keras", keras),
    ("constants", ".keras", keras), ("convolutions", ".keras", keras), ("shapes", ".keras", keras),
    ("residual", ".keras", keras), ("attention", ".keras", keras), ("inception", ".h5", keras),
    ("nested", ".keras", keras), ("nested", ".h5", keras), ("frozen", ".h5", keras), ("chain", ".h5", tf_keras),
    ("nested", ".h5", tf_keras), ("residual", ".keras", tf_keras)]

if __name__ == "__main__":
    predictions = [model(*about) for about in MODELS]
    (HERE / "predictions.json").write_text(json.dumps(predictions) + "\n")
    training = [steps(name, make) for name, make in keras_zoo.OPTIMIZERS.items()]
    (HERE / "steps.json").write_text(json.dumps(training) + "\n")
    for archive in HERE.glob("*.keras"):
        deflate(archive)
