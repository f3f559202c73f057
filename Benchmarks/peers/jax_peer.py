"""The networks in plain JAX: one compiled function a step, images as height × width × channels.

The number of threads is the driver's business: XLA reads it from the environment.
"""

from dataclasses import dataclass
from functools import partial

import harness
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from networks import ADAM_EPSILON, WEIGHTED, flat, initial_weights


class Jax:
    versions = {"jax": jax.__version__}

    def __init__(self, network, threads, words, images, labels):
        # Quicker than the default generator, and dropout needs no better one.
        jax.config.update("jax_default_prng_impl", "rbg")
        self.images = jnp.asarray(images)
        self.labels = jnp.asarray(labels.astype(np.int32))
        weights, statistics = split(network)
        self.parameters = sum(part.size for part in jax.tree.leaves(weights))
        zeros = partial(jax.tree.map, jnp.zeros_like)
        # Weights, the optimizer's two moments, the number of the step, the source of randomness,
        # the statistics of batch normalization.
        self.state = (
            weights, zeros(weights), zeros(weights), jnp.int32(0), jax.random.key(1), statistics
        )
        self.update = jax.jit(partial(update, network), donate_argnums=0)
        self.outputs = jax.jit(partial(outputs, network))

    def step(self, numbers):
        self.state, loss = self.update(self.state, self.images, self.labels, numbers)
        return loss

    def wait(self, loss):
        return float(loss)

    def predict(self, numbers):
        weights, statistics = self.state[0], self.state[-1]
        return np.asarray(self.outputs(weights, statistics, self.images, numbers)[0])


def split(network):
    """Of each layer that has weights, those that are trained, and the others."""
    trained, statistics = [], []
    having = [layer for layer in flat(network.layers) if layer.kind in WEIGHTED]
    for layer, arrays in zip(having, initial_weights(network), strict=True):
        count = 2 if layer.kind == "batch_norm" else len(arrays)
        arrays = [None if array is None else jnp.asarray(array) for array in arrays]
        trained.append(arrays[:count])
        statistics.append(arrays[count:])
    return trained, statistics


def outputs(network, weights, statistics, images, numbers, key=None):
    """What the network makes of the images with these numbers, and the statistics after them.

    With a key, in training.
    """
    x = images[numbers].astype(jnp.float32) * (1 / 255)
    source = Source(iter(weights), iter(statistics), [], key)
    return applied(network.layers, x, source), source.after


@dataclass
class Source:
    """What layers take, one after the other, and the statistics they leave."""

    weights: object
    statistics: object
    after: list
    key: object

    def next(self):
        """The weights of a layer."""
        statistics = next(self.statistics)
        if not statistics:
            self.after.append(statistics)
        return next(self.weights), statistics

    def random(self):
        self.key, own = jax.random.split(self.key)
        return own


def applied(layers, x, source):
    for layer in layers:
        parts = [applied(part, x, source) for part in layer.parts]
        x = one(layer, x, parts, source)
    return x


def one(layer, x, parts, source):
    match layer.kind:
        case "residual":
            return parts[0] + parts[1]
        case "concatenate":
            return jnp.concatenate(parts, -1)
        case "multiply":
            factor = parts[0]
            return x * (factor[:, None, None] if factor.ndim < x.ndim else factor)
        case "conv2d" | "depthwise_conv2d":
            (kernel, *bias), _ = source.next()
            x = lax.conv_general_dilated(
                x, kernel, layer["stride"], layer["pads"], rhs_dilation=layer["dilation"],
                dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=layer["groups"],
            )
            return x + bias[0] if bias else x
        case "dense":
            (kernel, *bias), _ = source.next()
            x = x @ kernel
            return x + bias[0] if bias else x
        case "batch_norm":
            return batch_norm(layer, x, source)
        case "max_pool2d" | "avg_pool2d":
            return pool(layer, x)
        case "global_max_pool2d":
            return x.max((1, 2))
        case "global_avg_pool2d":
            return x.mean((1, 2))
        case "dropout":
            if source.key is None:
                return x
            kept = jax.random.bernoulli(source.random(), 1 - layer["rate"], x.shape)
            return jnp.where(kept, x * (1 / (1 - layer["rate"])), 0)
        case "flatten":
            return x.reshape(len(x), -1)
        case "leaky_relu":
            return jax.nn.leaky_relu(x, layer["slope"])
        case "elu":
            return jax.nn.elu(x, layer["alpha"])
        case "gelu":
            return jax.nn.gelu(x, approximate=False)
        case "relu":
            return jnp.maximum(x, 0)
        case "relu6" | "silu" | "sigmoid" | "tanh":
            return getattr(jax.nn, layer.kind)(x)
    raise ValueError(f"{layer.kind}: not in JAX yet")


def batch_norm(layer, x, source):
    (factor, offset), statistics = source.next()
    mean, variance = statistics
    if source.key is not None:
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        old = layer["momentum"]
        source.after.append([
            old * before + (1 - old) * lax.stop_gradient(now)
            for before, now in zip(statistics, (mean, variance))
        ])
    else:
        source.after.append(statistics)
    scale = lax.rsqrt(variance + layer["epsilon"])
    if factor is not None:
        scale = scale * factor
    x = (x - mean) * scale
    return x if offset is None else x + offset


def pool(layer, x):
    """Windows side by side go without `lax.reduce_window`, whose gradient is slow here."""
    (height, width), most = layer["window"], layer.kind == "max_pool2d"
    if layer["stride"] == layer["window"] and layer["padding"] == "valid":
        h, w, c = layer.after
        x = x[:, : h * height, : w * width].reshape(len(x), h, height, w, width, c)
        return x.max((2, 4)) if most else x.mean((2, 4))
    window, stride = (1, height, width, 1), (1, *layer["stride"], 1)
    pads = ((0, 0), *layer["pads"], (0, 0))
    if most:
        return lax.reduce_window(x, -jnp.inf, lax.max, window, stride, pads)
    sums, counts = (
        lax.reduce_window(each, 0.0, lax.add, window, stride, pads)
        for each in (x, jnp.ones((1, *x.shape[1:3], 1)))
    )
    return sums / counts


def loss_of(network, weights, statistics, images, labels, numbers, key):
    logits, statistics = outputs(network, weights, statistics, images, numbers, key)
    right = jnp.take_along_axis(logits, labels[numbers][:, None], 1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(logits, 1) - right), statistics


def update(network, state, images, labels, numbers):
    """One step of training: the new state and the loss."""
    weights, first, second, count, key, statistics = state
    key, own = jax.random.split(key)
    (loss, statistics), gradient = jax.value_and_grad(
        partial(loss_of, network), has_aux=True
    )(weights, statistics, images, labels, numbers, own)
    count += 1
    rate = network.learning_rate
    if network.optimizer == "sgd":
        first = jax.tree.map(lambda v, g: network.momentum * v + g, first, gradient)
        weights = jax.tree.map(lambda w, v: w - rate * v, weights, first)
    else:
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        decay = rate * network.weight_decay
        rate *= jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)

        def moved(w, m, v):
            kept = w * (1 - decay) if w.ndim > 1 else w
            return kept - rate * m / (jnp.sqrt(v) + ADAM_EPSILON)

        weights = jax.tree.map(moved, weights, first, second)
    return (weights, first, second, count, key, statistics), loss


if __name__ == "__main__":
    harness.main(Jax)
