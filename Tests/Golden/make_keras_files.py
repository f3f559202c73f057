"""Writes small checkpoints from Keras, with predictions, for CheckpointsTests.

    .venv-keras/bin/python Tests/Golden/make_keras_files.py

See make_golden.py for the environment. Beside each `keras-<name>.weights.h5` is a JSON file
with the layers, the input, an optimizer if the checkpoint has the state of one, all variables in
MiniCNN's order, the optimizer's in Keras's, an input batch and what Keras predicts for it.
`keras-saved.weights.h5` is the file out of a `.keras` archive; the others are from `save_weights`.
The same versions give the same bytes.
"""

import tempfile
import zipfile
from pathlib import Path

import keras_models  # first: it settles how TensorFlow runs
import keras
import numpy as np

import fixtures

FOLDER = Path(__file__).resolve().parent.parent / "CheckpointsTests" / "Fixtures"
STEPS, BATCH = 2, 3

CNN = [
    {"conv2d": {"filters": 4, "kernel": 3, "padding": "same"}}, "batch_norm", "relu",
    "max_pool2d", {"conv2d": {"filters": 3, "kernel": 3, "bias": False}},
    {"batch_norm": {"scale": False}}, "relu", {"dropout": {"rate": 0.25}}, "flatten",
    {"dense": {"units": 5}}, "relu", {"dense": {"units": 3}},
]
RESIDUAL = [
    {"conv2d": {"filters": 4, "kernel": 3, "padding": "same", "bias": False}}, "batch_norm", "relu",
    {"residual": {"layers": [
        {"conv2d": {"filters": 4, "kernel": 3, "padding": "same"}}, "relu",
        {"conv2d": {"filters": 4, "kernel": 3, "padding": "same"}}]}},
    "relu",
    {"residual": {"layers": [
        {"conv2d": {"filters": 6, "kernel": 3, "stride": 2, "padding": 1}}, "batch_norm", "relu",
        {"conv2d": {"filters": 6, "kernel": 3, "padding": "same"}}]}},
    {"residual": {"layers": [
        {"residual": {"layers": [{"conv2d": {"filters": 2, "kernel": 1}}]}},
        {"conv2d": {"filters": 5, "kernel": 3, "padding": "same"}}]}},
    "global_avg_pool2d", {"dense": {"units": 3}},
]
BRANCHES = [
    {"conv2d": {"filters": 4, "kernel": 3, "padding": "same"}}, "relu",
    {"concatenate": {"branches": [
        [{"conv2d": {"filters": 2, "kernel": 1}}],
        [{"conv2d": {"filters": 3, "kernel": 1}}, "relu",
         {"conv2d": {"filters": 4, "kernel": 3, "padding": "same"}}],
        [],
        [{"depthwise_conv2d": {"kernel": 3, "padding": "same"}},
         {"multiply": {"layers": ["global_avg_pool2d", {"dense": {"units": 2}}, "relu",
                                  {"dense": {"units": 4}}, "sigmoid"]}},
         {"conv2d": {"filters": 3, "kernel": 1, "bias": False}}, "batch_norm"]]}},
    {"residual": {"layers": [{"concatenate": {"branches": [
        [{"conv2d": {"filters": 2, "kernel": 1}}, "tanh"], [{"conv2d": {"filters": 3, "kernel": 1}}]]}}]}},
    {"conv2d_transpose": {"filters": 3, "kernel": 3, "stride": 2, "padding": "same"}},
    "global_avg_pool2d", {"dense": {"units": 3}},
]


KINDS = [
    "normalization", {"conv2d": {"filters": 6, "kernel": 3, "padding": "same"}},
    {"prelu": {"shared": True, "initial": 0.25}}, {"group_norm": {"groups": 3}},
    {"conv2d": {"filters": 4, "kernel": 3}}, "prelu", "layer_norm", "silu",
    {"layer_norm": {"axes": "all"}}, {"reshape": {"shape": [-1]}}, {"dense": {"units": 3}},
]


def adapt(model, rng, shape):
    """Has layers that learn from data before training do so, from noise."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.adapt(fixtures.uniform(rng, (BATCH, *shape)) * 2 + 1)


def train(model, rng, shape, classes):
    """A few steps on noise, so that running statistics and slots hold something."""
    for _ in range(STEPS):
        x = fixtures.uniform(rng, (BATCH, *shape))
        model.train_on_batch(x, np.eye(classes, dtype="float32")[rng.integers(0, classes, BATCH)])


def save(model, path):
    """Writes a checkpoint, by way of a `.keras` archive where its name says so."""
    if path.name != "keras-saved.weights.h5":
        return model.save_weights(path)
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        with zipfile.ZipFile(f"{folder}/model.keras") as archive:
            path.write_bytes(archive.read("model.weights.h5"))


def make(name, seed, build, layers, shape, optimizer=None):
    """Trains a model and writes its checkpoint and the file beside it."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng([1998, seed])
    model = build(layers, shape)
    adapt(model, rng, shape)
    if optimizer:
        model.compile(optimizer=keras_models.optimizer(optimizer), jit_compile=False,
                      loss=keras.losses.CategoricalCrossentropy(from_logits=True))
        train(model, rng, shape, model.output_shape[-1])
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"keras-{name}.weights.h5"
    save(model, path)
    print(f"{path}: {path.stat().st_size} bytes")
    x = fixtures.uniform(rng, (BATCH, *shape))
    case = {"name": name, "input": shape, "layers": layers}
    if optimizer:
        case |= {"optimizer": optimizer, "steps": STEPS, "optimizer_variables":
                 fixtures.arrays(v.numpy() for v in model.optimizer.variables)}
    case |= {"variables": fixtures.arrays(
        v.numpy() for v in keras_models.variables(model.minicnn_order)),
        "batch": BATCH, "x": fixtures.numbers(x),
        "predictions": fixtures.numbers(model(x, training=False))}
    fixtures.write_one(FOLDER / f"keras-{name}.json",
                       fixtures.made_with("make_keras_files.py", "float32"), case)


def main():
    def functional(layers, shape):
        model, order = keras_models.functional(layers, shape)
        model.minicnn_order = tuple(order)
        return model

    def sequential(layers, shape):
        model = keras_models.sequential(layers, shape)
        model.minicnn_order = tuple(model.layers)
        return model

    adam = {"adam": {"learning_rate": 0.01}}
    rmsprop = {"rmsprop": {"learning_rate": 0.01, "momentum": 0.9}}
    make("sequential", 1, sequential, CNN, [8, 7, 1], adam)
    make("functional", 2, functional, RESIDUAL, [6, 5, 2], rmsprop)
    make("saved", 3, functional, CNN, [8, 7, 1], {"sgd": {"learning_rate": 0.1, "momentum": 0.9}})
    make("untrained", 4, sequential, CNN, [8, 7, 1])
    make("kinds", 5, sequential, KINDS, [6, 5, 2], adam)
    make("branches", 5, functional, BRANCHES, [6, 5, 2], adam)


if __name__ == "__main__":
    main()
