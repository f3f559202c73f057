"""Golden numbers of single layers and blocks: outputs and all gradients."""

import keras_models  # first: it settles how TensorFlow runs
import keras
import numpy as np
import tensorflow as tf
from fixtures import arrays, exact, numbers, spread, uniform

KINKED = (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.PReLU, keras.layers.ELU)
SMALLEST_DISTANCE = 0.002


def draw_input(rng, name, kind, shape):
    """A batch that stays away from the kinks of its layer, or sits on the ties it is about."""
    if name.startswith("ties"):
        return exact(np.maximum(rng.integers(-2, 4, shape), 0) * 0.5)
    if kind == "relu6":
        # Beyond 6 too, which no product comes nearer than 0.01.
        return exact(spread(rng, shape) * 4.99)
    if "pool" in kind or "relu" in kind or kind == "elu":
        return spread(rng, shape)
    return uniform(rng, shape, 2)


def fill(rng, model, variables):
    """Gives every variable but counts random values, those that are variances positive ones."""
    for v in variables:
        if v.name == "count":
            continue
        values = uniform(rng, v.shape, 0.5)
        if v.name in ("gamma", "moving_variance", "variance"):
            values = exact(values + 1)
        v.assign(values)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()


def distance_to_kinks(model, x, training):
    """How near any input of a layer with a kink comes to it."""
    inputs = [l.input for l in model.layers if isinstance(l, KINKED)]
    if not inputs:
        return np.inf
    values = keras.Model(model.input, inputs)(x, training=training)
    return min(float(np.min(np.abs(v))) for v in values)


def gradients(model, x, dy, trained, training):
    """y, dx and the gradients of trained variables."""
    x = tf.Variable(x)
    values = [v.value for v in trained]
    with tf.GradientTape() as tape:
        y = model(x, training=training)
    dx, *rest = tape.gradient(y, [x] + values, output_gradients=tf.constant(dy))
    return y.numpy(), tf.convert_to_tensor(dx).numpy(), [g.numpy() for g in rest]


def first_wins(x, dy, window, stride, offset):
    """dx of max pooling whose windows give their gradient to the first of equal maxima."""
    dx = np.zeros_like(x)
    batch, height, width, channels = x.shape
    for n, i, j, c in np.ndindex(dy.shape):
        places = [(h, w) for h in range(i * stride - offset, i * stride - offset + window)
                  for w in range(j * stride - offset, j * stride - offset + window)
                  if 0 <= h < height and 0 <= w < width]
        h, w = max(places, key=lambda p: x[n, p[0], p[1], c])
        dx[n, h, w, c] += dy[n, i, j, c]
    return dx


def check_ties(layers, x, dy, dx):
    """Proves that the reference gives a tie's gradient to the first maximum."""
    settings = layers[0]["max_pool2d"]
    offset = 1 if settings.get("padding") == "same" else 0
    stride = settings.get("stride", settings["window"])
    assert np.allclose(dx, first_wins(x, dy, settings["window"], stride, offset)), layers


def compute(rng, kind, name, layers, input_shape, batch, training):
    """One case of a fixture, drawn anew while an inner layer comes too near its kink."""
    model, order = keras_models.functional(layers, input_shape)
    variables = keras_models.variables(order)
    while True:
        x = draw_input(rng, name, kind, [batch, *input_shape])
        fill(rng, model, variables)
        before = [v.numpy() for v in variables]
        near = distance_to_kinks(model, x, training)
        for v, value in zip(variables, before):
            v.assign(value)
        if near > SMALLEST_DISTANCE:
            break
    dy = uniform(rng, (batch, *model.output_shape[1:]))
    trained = keras_models.trained_variables(order)
    y, dx, rest = gradients(model, x, dy, trained, training)
    if name.startswith("ties"):
        check_ties(layers, x, dy, dx)
    case = {
        "name": name, "layers": layers, "input": input_shape, "batch": batch,
        "training": training, "x": numbers(x), "variables": arrays(before), "y": numbers(y),
        "dy": numbers(dy), "dx": numbers(dx), "gradients": arrays(rest),
    }
    if training:
        case["updated_variables"] = arrays(v.numpy() for v in variables)
    return case


def fixtures(kind, cases):
    """All cases of a kind; each kind has its own generator, so that one can grow by itself."""
    rng = np.random.default_rng([1998, *kind.encode()])
    return [compute(rng, kind, *case) for case in cases]
