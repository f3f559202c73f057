"""The networks in plain JAX: one compiled function a step, images as height × width × channels.

The number of threads is the driver's business: XLA reads it from the environment.
"""

from functools import partial

import harness
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from networks import ADAM_EPSILON, initial_weights


class Jax:
    versions = {"jax": jax.__version__}

    def __init__(self, network, threads, words, images, labels):
        # Quicker than the default generator, and dropout needs no better one.
        jax.config.update("jax_default_prng_impl", "rbg")
        self.images = jnp.asarray(images)
        self.labels = jnp.asarray(labels.astype(np.int32))
        weights = jax.tree.map(jnp.asarray, initial_weights(network))
        self.parameters = sum(part.size for pair in weights for part in pair)
        zeros = partial(jax.tree.map, jnp.zeros_like)
        # Weights, the optimizer's two moments, the number of the step, the source of randomness.
        self.state = (weights, zeros(weights), zeros(weights), jnp.int32(0), jax.random.key(1))
        self.update = jax.jit(partial(update, network), donate_argnums=0)
        self.outputs = jax.jit(partial(outputs, network))

    def step(self, numbers):
        self.state, loss = self.update(self.state, self.images, self.labels, numbers)
        return loss

    def wait(self, loss):
        return float(loss)

    def predict(self, numbers):
        return np.asarray(self.outputs(self.state[0], self.images, numbers))


def outputs(network, weights, images, numbers, key=None):
    """What the network makes of the images with these numbers; with a key, in training."""
    x = images[numbers].astype(jnp.float32) * (1 / 255)
    weights = iter(weights)
    for layer in network.layers:
        match layer:
            case "conv2d", _, _, padding:
                kernel, bias = next(weights)
                x = lax.conv_general_dilated(
                    x, kernel, (1, 1), padding.upper(),
                    dimension_numbers=("NHWC", "HWIO", "NHWC"),
                )
                x += bias
            case "dense", _:
                kernel, bias = next(weights)
                x = x @ kernel + bias
            case "dropout", rate:
                if key is not None:
                    key, own = jax.random.split(key)
                    kept = jax.random.bernoulli(own, 1 - rate, x.shape)
                    x = jnp.where(kept, x * (1 / (1 - rate)), 0)
            case ("relu",):
                x = jnp.maximum(x, 0)
            case ("max_pool2d",):
                # The gradient of `lax.reduce_window` is slow on processors.
                n, h, w, c = x.shape
                x = x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))
            case ("flatten",):
                x = x.reshape(len(x), -1)
    return x


def loss_of(network, weights, images, labels, numbers, key):
    logits = outputs(network, weights, images, numbers, key)
    right = jnp.take_along_axis(logits, labels[numbers][:, None], 1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(logits, 1) - right)


def update(network, state, images, labels, numbers):
    """One step of training: the new state and the loss."""
    weights, first, second, count, key = state
    key, own = jax.random.split(key)
    loss, gradient = jax.value_and_grad(partial(loss_of, network))(
        weights, images, labels, numbers, own
    )
    count += 1
    rate = network.learning_rate
    if network.optimizer == "sgd":
        first = jax.tree.map(lambda v, g: network.momentum * v + g, first, gradient)
        weights = jax.tree.map(lambda w, v: w - rate * v, weights, first)
    else:
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        rate *= jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        weights = jax.tree.map(
            lambda w, m, v: w - rate * m / (jnp.sqrt(v) + ADAM_EPSILON), weights, first, second
        )
    return (weights, first, second, count, key), loss


if __name__ == "__main__":
    harness.main(Jax)
