"""Golden cases of losses, optimizers, schedules, and of a few training steps."""

import keras_models  # first: it settles how TensorFlow runs
import keras
import numpy as np
import tensorflow as tf

from fixtures import arrays, exact, number, numbers, uniform

SHRUNKEN_LENET = [
    {"conv2d": {"filters": 3, "kernel": 3, "padding": "same"}}, "relu", "max_pool2d",
    {"conv2d": {"filters": 4, "kernel": 3}}, "relu", "max_pool2d",
    "flatten", {"dense": {"units": 8}}, "relu", {"dense": {"units": 10}},
]
CROSS_ENTROPY = keras.losses.CategoricalCrossentropy(from_logits=True)


# Losses

def one_hot(labels, classes):
    return np.eye(classes, dtype=keras.config.floatx())[labels]


def soft(rng, classes, samples):
    """Distributions, such as smoothing and mixtures give."""
    targets = exact(rng.dirichlet(np.ones(classes), samples))
    # Exact Floats whose sum is exactly 1 are the gradient's business: the last one makes up for it.
    targets[:, -1] = 1 - targets[:, :-1].sum(axis=1)
    return targets


LOSSES = {
    "cross_entropy": CROSS_ENTROPY,
    "binary_cross_entropy": keras.losses.BinaryCrossentropy(from_logits=True),
    "mse": keras.losses.MeanSquaredError(), "mae": keras.losses.MeanAbsoluteError(),
    "huber": keras.losses.Huber(), "huber:delta=0.5": keras.losses.Huber(delta=0.5),
}


def loss_case(name, kind, outputs, targets):
    outputs = tf.Variable(outputs)
    with tf.GradientTape() as tape:
        value = LOSSES[kind](targets, outputs)
    return {
        "name": f"{kind}, {name}", "loss": kind, "shape": list(outputs.shape),
        "outputs": numbers(outputs), "targets": numbers(targets), "value": number(value),
        "gradient": numbers(tape.gradient(value, outputs)),
    }


def losses():
    rng = np.random.default_rng([1998, 1])
    large = exact(np.array([[100, -100, 0.5], [-100, 100, 99.5], [100, 100, -100], [0, 0, 0]]))
    classes = [
        ("10 classes", uniform(rng, (5, 10), 3), one_hot(rng.integers(0, 10, 5), 10)),
        ("2 classes", uniform(rng, (3, 2), 3), one_hot(np.array([0, 1, 1]), 2)),
        ("one sample of 17 classes", uniform(rng, (1, 17), 5), one_hot(np.array([16]), 17)),
        ("large outputs, right", large, one_hot(np.array([0, 1, 0, 2]), 3)),
        ("large outputs, wrong", large, one_hot(np.array([1, 0, 2, 0]), 3)),
        ("equal outputs", exact(np.full((2, 7), 1.5)), one_hot(np.array([6, 0]), 7)),
        ("shares of 6 classes", uniform(rng, (4, 6), 3), soft(rng, 6, 4)),
    ]
    several = [
        ("several labels", uniform(rng, (4, 9), 4), exact(rng.integers(0, 2, (4, 9)))),
        ("one output", uniform(rng, (6, 1), 4), exact(rng.integers(0, 2, (6, 1)))),
    ]
    values = [
        ("numbers", uniform(rng, (5, 8), 3), uniform(rng, (5, 8), 3)),
        ("one number", uniform(rng, (7, 1), 3), uniform(rng, (7, 1), 3)),
    ]
    return [loss_case(name, kind, outputs, targets) for kind in LOSSES
            for name, outputs, targets in classes
            + (several if kind != "cross_entropy" else [])
            + (values if kind not in ("cross_entropy", "binary_cross_entropy") else [])]


# Metrics

def macro(make, width, targets, outputs):
    """The mean over the outputs of a metric that Keras computes for one of them."""
    values = []
    for j in range(width):
        metric = make()
        metric.update_state(targets[:, j], outputs[:, j])
        values.append(metric.result())
    return np.mean(values)


def metric_value(metric, targets, outputs, has_classes):
    width = outputs.shape[1]
    # Where there is one class, what Keras calls the precision of a class is that of an argmax.
    taken = one_hot(np.argmax(outputs, axis=1), width) if has_classes else outputs
    if metric in ("precision", "recall"):
        make = keras.metrics.Precision if metric == "precision" else keras.metrics.Recall
        return macro(make, width, targets, taken)
    if metric == "accuracy":
        metric = (keras.metrics.CategoricalAccuracy if has_classes
                  else keras.metrics.BinaryAccuracy)()
    elif metric == "f1":
        metric = keras.metrics.F1Score("macro", None if has_classes else 0.5)
    elif metric.startswith("top_k_accuracy"):
        # TensorFlow has this one in single precision only.
        metric = keras.metrics.TopKCategoricalAccuracy(int(metric.split("=")[1]), dtype="float32")
        outputs, targets = outputs.astype("float32"), targets.astype("float32")
    else:
        metric = (keras.metrics.MeanAbsoluteError if metric == "mae"
                  else keras.metrics.MeanSquaredError)()
    metric.update_state(targets, outputs)
    return metric.result()


def metrics():
    rng = np.random.default_rng([1998, 4])
    softmax = exact(rng.dirichlet(np.ones(6), 40))
    batches = [
        ("classes", softmax, one_hot(rng.integers(0, 6, 40), 6), True),
        # The last class is never right, the first never present.
        ("classes of which two never occur", softmax, one_hot(rng.integers(1, 5, 40), 6), True),
        ("several labels", exact(rng.uniform(0, 1, (30, 5))),
         exact(rng.integers(0, 2, (30, 5))), False),
        ("numbers", uniform(rng, (20, 3), 4), uniform(rng, (20, 3), 4), False),
    ]
    of_numbers = ["mae", "mse"]
    of_labels = ["accuracy", "precision", "recall", "f1"] + of_numbers
    kinds = [of_labels + ["top_k_accuracy:k=2"]] * 2 + [of_labels, of_numbers]
    return [{
        "name": f"{metric} of {name}", "metric": metric, "shape": list(outputs.shape),
        "has_classes": has_classes, "outputs": numbers(outputs), "targets": numbers(targets),
        "value": number(metric_value(metric, targets, outputs, has_classes)),
    } for (name, outputs, targets, has_classes), wanted in zip(batches, kinds) for metric in wanted]


# Optimizers

def optimizer_descriptions():
    decay, clip = {"weight_decay": 0.01}, {"clip_norm": 1.0}
    momentum = {"momentum": 0.9}
    nesterov = {"momentum": 0.9, "nesterov": True}
    table = [
        ("sgd", 0.1, [{}, momentum, nesterov, decay, momentum | decay, nesterov | decay, clip,
                      nesterov | decay | clip]),
        ("rmsprop", 0.01, [{}, momentum, {"rho": 0.8, "epsilon": 0.001}, decay, momentum | decay,
                           clip, momentum | decay | clip]),
        ("adagrad", 0.1, [{}, {"epsilon": 0.001}, decay, clip, decay | clip]),
        ("adam", 0.01, [{}, {"beta1": 0.8, "beta2": 0.99, "epsilon": 0.001}, decay, clip,
                        decay | clip]),
        ("adamw", 0.01, [{}, decay, {"weight_decay": 0.1, "beta1": 0.8}, clip, decay | clip]),
    ]
    return [{kind: {"learning_rate": rate, **more}}
            for kind, rate, settings in table for more in settings]


def optimizer_case(description, initial, gradients):
    """Weights after each step; they lie in two variables, which a global norm does not notice."""
    parts = [slice(0, 3), slice(3, None)]
    variables = [keras.Variable(initial[p]) for p in parts]
    optimizer = keras_models.optimizer(description)
    after = []
    for gradient in gradients:
        optimizer.apply([tf.constant(gradient[p]) for p in parts], variables)
        after.append(numbers(np.concatenate([v.numpy() for v in variables])))
    ((kind, settings),) = description.items()
    return {
        "name": ", ".join([kind, *(k for k in settings if k != "learning_rate")]),
        "optimizer": description, "initial": numbers(initial),
        "gradients": [numbers(g) for g in gradients], "weights_after": after,
    }


def optimizers():
    """Gradients of very different sizes, a zero, and a step whose norm is below the clip norm.

    Keras rounds some settings (a beta, a decay) to float32 even here, which moves weights by 2e-7.
    """
    rng = np.random.default_rng([1998, 2])
    initial = uniform(rng, 7)
    gradients = exact(rng.normal(size=(4, 7)) * [0.01, 0.1, 1, 1, 3, 10, 0])
    gradients[2] = exact(gradients[2] / 20)
    gradients[3, 6] = 0.5
    return [optimizer_case(d, initial, gradients) for d in optimizer_descriptions()]


# Schedules

def schedule_case(text, steps_per_epoch, epochs, warmup, schedule):
    steps = list(range(steps_per_epoch * epochs))
    return {
        "schedule": text, "steps_per_epoch": steps_per_epoch, "epochs": epochs, "warmup": warmup,
        "steps": steps, "factors": [number(schedule(s)) for s in steps],
    }


def schedules():
    """Factors of the rate, so Keras's schedules start from 1.

    Keras counts a cosine's length to the step after the last, MiniCNN to the last, and a warm-up's
    from 0, MiniCNN from the first part of it; the arguments here make up for both.
    """
    s = keras.optimizers.schedules
    one, tenth, half, nine_tenths = np.float64([1, 0.1, 0.5, 0.9])
    return [
        schedule_case("exponential:factor=0.9", 5, 4, 0, s.ExponentialDecay(one, 5, nine_tenths)),
        schedule_case("exponential:factor=0.5", 1, 6, 0, s.ExponentialDecay(one, 1, half)),
        schedule_case("cosine:final=0", 5, 4, 0, s.CosineDecay(one, 19)),
        schedule_case("cosine:final=0.1", 7, 3, 0, s.CosineDecay(one, 20, alpha=tenth)),
        schedule_case("cosine:final=0", 6, 4, 1.5, s.CosineDecay(
            tenth, 14, warmup_target=one, warmup_steps=9)),
        schedule_case("step:every=2,factor=0.5", 3, 7, 0, s.PiecewiseConstantDecay(
            [5, 11, 17], [1.0, 0.5, 0.25, 0.125])),
    ]


# A few steps of training

def fill_lenet(rng, variables):
    for v in variables:
        fan_in = int(np.prod(v.shape[:-1])) or 1
        v.assign(exact(rng.normal(size=v.shape) * (2 / fan_in) ** 0.5 if len(v.shape) > 1
                       else rng.uniform(-0.1, 0.1, v.shape)))


def train_step(model, optimizer, x, labels):
    """Applies one step and returns its loss and gradients."""
    values = [v.value for v in model.trainable_variables]
    with tf.GradientTape() as tape:
        loss = CROSS_ENTROPY(one_hot(labels, 10), model(x, training=True))
    gradients = tape.gradient(loss, values)
    optimizer.apply(gradients, model.trainable_variables)
    return number(loss), gradients


def nearest_kink(model, x):
    """How near an input of a ReLU comes to 0, or a window's second maximum to a positive first."""
    nearest = np.inf
    for layer in model.layers[1:]:
        values = keras.Model(model.input, layer.input)(x).numpy()
        if isinstance(layer, keras.layers.ReLU):
            nearest = min(nearest, np.min(np.abs(values)))
        if isinstance(layer, keras.layers.MaxPooling2D):
            n, h, w, c = values.shape
            windows = values[:, :h // 2 * 2, :w // 2 * 2].reshape(n, h // 2, 2, w // 2, 2, c)
            ranked = np.sort(windows.transpose(0, 1, 3, 5, 2, 4).reshape(-1, 4))
            gaps = (ranked[:, 3] - ranked[:, 2])[ranked[:, 3] > 0]
            nearest = min(nearest, np.min(gaps))
    return nearest


def lenet_steps():
    """Three steps, drawn anew while rounding could carry a value across a kink."""
    description = {"sgd": {"learning_rate": 0.1, "momentum": 0.9}}
    rng = np.random.default_rng([1998, 3])
    while True:
        model, order = keras_models.functional(SHRUNKEN_LENET, [12, 12, 1])
        optimizer = keras_models.optimizer(description)
        fill_lenet(rng, model.trainable_variables)
        initial = [v.numpy() for v in keras_models.variables(order)]
        steps, nearest = [], np.inf
        for _ in range(3):
            x, labels = exact(rng.uniform(0, 1, (4, 12, 12, 1))), rng.integers(0, 10, 4)
            nearest = min(nearest, nearest_kink(model, x))
            loss, gradients = train_step(model, optimizer, x, labels)
            steps.append({"x": numbers(x), "labels": [int(l) for l in labels], "loss": loss})
            if len(steps) == 1:
                steps[0]["gradients"] = arrays(gradients)
        if nearest > 1e-5:
            break
    return [{
        "name": "shrunken LeNet", "layers": SHRUNKEN_LENET, "input": [12, 12, 1], "batch": 4,
        "optimizer": description, "loss": "cross_entropy", "initial_variables": arrays(initial),
        "steps": steps,
        "final_variables": arrays(v.numpy() for v in keras_models.variables(order)),
    }]
