"""The networks in Keras on TensorFlow, trained by one `tf.function` a step.

That is quicker than `fit` and `train_on_batch`, which do the same step and keep metrics besides.
Variants: `xla` has XLA compile the step, otherwise TensorFlow runs it as a graph.
"""

import harness
import keras
import numpy as np
import tensorflow as tf
from networks import ADAM_EPSILON, initial_weights


class KerasOnTensorFlow:
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__}

    def __init__(self, network, threads, words, images, labels):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        # A layer waits for the one before; more would be threads beyond those asked for.
        tf.config.threading.set_inter_op_parallelism_threads(1)
        keras.utils.set_random_seed(1)
        model = build(network)
        self.parameters = sum(int(np.prod(each.shape)) for each in model.trainable_variables)
        optimizer = optimizer_of(network, model)
        optimizer.build(model.trainable_variables)
        images = tf.constant(images)
        labels = tf.constant(labels.astype(np.int32))
        numbers = tf.TensorSpec([None], tf.int32)
        compiled = "xla" in words

        def outputs(numbers, training):
            pixels = tf.cast(tf.gather(images, numbers), tf.float32) * (1 / 255)
            return model(pixels, training=training)

        @tf.function(jit_compile=compiled, input_signature=None if compiled else [numbers])
        def step(numbers):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(
                        tf.gather(labels, numbers), outputs(numbers, True)
                    )
                )
            variables = model.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
            return loss

        @tf.function(jit_compile=compiled, input_signature=None if compiled else [numbers])
        def predict(numbers):
            return outputs(numbers, False)

        self.step = lambda numbers: step(tf.constant(numbers))
        self.predict = lambda numbers: predict(tf.constant(numbers)).numpy()

    def wait(self, loss):
        return float(loss)


def optimizer_of(network, model):
    rate = network.learning_rate
    if network.optimizer == "sgd":
        return keras.optimizers.SGD(rate, network.momentum)
    if network.optimizer == "adam":
        return keras.optimizers.Adam(rate, epsilon=ADAM_EPSILON)
    made = keras.optimizers.AdamW(rate, network.weight_decay, epsilon=ADAM_EPSILON)
    made.exclude_from_weight_decay(
        [variable for variable in model.trainable_variables if len(variable.shape) == 1]
    )
    return made


def build(network):
    weights = iter(initial_weights(network))
    image = keras.Input(network.input)
    return keras.Model(image, applied(network.layers, image, weights))


def applied(layers, x, weights):
    """What the layers make of `x`, from the common first weights."""
    for layer in layers:
        parts = [applied(part, x, weights) for part in layer.parts]
        match layer.kind:
            case "residual":
                x = keras.layers.Add()(parts)
            case "concatenate":
                x = keras.layers.Concatenate()(parts)
            case "multiply":
                form = (*[1] * (len(x.shape) - len(parts[0].shape)), *parts[0].shape[1:])
                x = keras.layers.Multiply()([x, keras.layers.Reshape(form)(parts[0])])
            case _:
                for each in keras_layers(layer):
                    x = each(x)
                    if each.weights and not isinstance(each, keras.layers.Dropout):
                        fill(each, next(weights))
    return x


def keras_layers(layer):
    """The Keras layers that do what a layer does."""
    match layer.kind:
        case "conv2d":
            before, padding = padded(layer)
            return [*before, keras.layers.Conv2D(
                layer["filters"], layer["kernel"], layer["stride"], padding,
                dilation_rate=layer["dilation"], groups=layer["groups"], use_bias=layer["bias"],
            )]
        case "depthwise_conv2d":
            before, padding = padded(layer)
            return [*before, keras.layers.DepthwiseConv2D(
                layer["kernel"], layer["stride"], padding, layer["filters"] // layer["groups"],
                dilation_rate=layer["dilation"], use_bias=layer["bias"],
            )]
        case "dense":
            return [keras.layers.Dense(layer["units"], use_bias=layer["bias"])]
        case "batch_norm":
            return [keras.layers.BatchNormalization(
                momentum=layer["momentum"], epsilon=layer["epsilon"], center=layer["center"],
                scale=layer["scale"],
            )]
        case "max_pool2d" | "avg_pool2d":
            kind = keras.layers.MaxPooling2D
            if layer.kind == "avg_pool2d":
                kind = keras.layers.AveragePooling2D
            return [kind(layer["window"], layer["stride"], layer["padding"])]
        case "global_max_pool2d":
            return [keras.layers.GlobalMaxPooling2D()]
        case "global_avg_pool2d":
            return [keras.layers.GlobalAveragePooling2D()]
        case "flatten":
            return [keras.layers.Flatten()]
        case "dropout":
            return [keras.layers.Dropout(layer["rate"])]
        case "relu":
            return [keras.layers.ReLU()]
        case "relu6":
            return [keras.layers.ReLU(6.0)]
        case "leaky_relu":
            return [keras.layers.LeakyReLU(layer["slope"])]
        case "elu":
            return [keras.layers.ELU(layer["alpha"])]
        case "gelu" | "silu" | "sigmoid" | "tanh":
            return [keras.layers.Activation(layer.kind)]
    raise ValueError(f"{layer.kind}: not in Keras yet")


def padded(layer):
    """The layer that pads before, where Keras has no word for it, and the padding that is left."""
    if layer["padding"] in ("same", "valid"):
        return [], layer["padding"]
    return [keras.layers.ZeroPadding2D(layer["pads"])], "valid"


def fill(layer, weights):
    weights = [each for each in weights if each is not None]
    layer.set_weights([
        values.reshape(variable.shape) for values, variable in zip(weights, layer.weights)
    ])


if __name__ == "__main__":
    harness.main(KerasOnTensorFlow)
