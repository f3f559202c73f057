"""The networks that are compared: those of `Models/lenet5.yaml` and `Models/mnist-cnn.yaml`.

They are written out here because the standard library reads no YAML; `compare.py` holds them
against what `minicnn summary` says of the files and stops when they differ.
"""

from dataclasses import dataclass
from math import prod, sqrt

INPUT = (28, 28, 1)


@dataclass(frozen=True)
class Network:
    """A network and how it is trained. `layers` are tuples: the kind, then its settings."""

    name: str
    title: str
    parameters: int
    batch: int
    optimizer: str
    learning_rate: float
    momentum: float
    layers: tuple


# The settings: conv2d filters, kernel, padding; dense units; dropout rate.
NETWORKS = {
    network.name: network
    for network in (
        Network(
            "lenet5", "LeNet-5", 61_706, 64, "sgd", 0.01, 0.9,
            (
                ("conv2d", 6, 5, "same"),
                ("relu",),
                ("max_pool2d",),
                ("conv2d", 16, 5, "valid"),
                ("relu",),
                ("max_pool2d",),
                ("flatten",),
                ("dense", 120),
                ("relu",),
                ("dense", 84),
                ("relu",),
                ("dense", 10),
            ),
        ),
        Network(
            "mnist-cnn", "mnist-cnn", 1_199_882, 128, "adam", 0.001, 0.0,
            (
                ("conv2d", 32, 3, "valid"),
                ("relu",),
                ("conv2d", 64, 3, "valid"),
                ("relu",),
                ("max_pool2d",),
                ("dropout", 0.25),
                ("flatten",),
                ("dense", 128),
                ("relu",),
                ("dropout", 0.5),
                ("dense", 10),
            ),
        ),
    )
}

# Keras's and MiniCNN's; PyTorch and optax use another.
ADAM_EPSILON = 1e-7


def shaped(network):
    """Each layer with the shapes of its input and its output, height × width × channels."""
    shape = INPUT
    for layer in network.layers:
        before = shape
        if layer[0] == "conv2d":
            _, filters, kernel, padding = layer
            lost = 0 if padding == "same" else kernel - 1
            shape = (shape[0] - lost, shape[1] - lost, filters)
        elif layer[0] == "max_pool2d":
            shape = (shape[0] // 2, shape[1] // 2, shape[2])
        elif layer[0] == "flatten":
            shape = (prod(shape),)
        elif layer[0] == "dense":
            shape = (layer[1],)
        yield layer, before, shape


def initial_weights(network):
    """Kernel and bias of each layer that has them, the same in every call.

    A convolution's kernel is height × width × input × output, a dense layer's input × output. All
    programs start from these numbers, so their first outputs can be compared.
    """
    import numpy as np  # here, because the driver has to stay small

    random = np.random.default_rng(1)
    weights = []
    for layer, before, after in shaped(network):
        if layer[0] == "conv2d":
            form = (layer[2], layer[2], before[-1], after[-1])
        elif layer[0] == "dense":
            form = before + after
        else:
            continue
        kernel = random.standard_normal(form) * sqrt(2 / prod(form[:-1]))
        bias = random.standard_normal(form[-1]) * 0.01
        weights.append((kernel.astype(np.float32), bias.astype(np.float32)))
    return weights
