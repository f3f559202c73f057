"""The networks in Keras on TensorFlow, trained by one `tf.function` a step.

That is quicker than `fit` and `train_on_batch`, which do the same step and keep metrics besides.
Variants: `xla` has XLA compile the step, otherwise TensorFlow runs it as a graph.
"""

import harness
import keras
import numpy as np
import tensorflow as tf
from networks import ADAM_EPSILON, INPUT, initial_weights


class KerasOnTensorFlow:
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__}

    def __init__(self, network, threads, words, images, labels):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        # A layer waits for the one before; more would be threads beyond those asked for.
        tf.config.threading.set_inter_op_parallelism_threads(1)
        keras.utils.set_random_seed(1)
        model = build(network)
        self.parameters = model.count_params()
        optimizer = (
            keras.optimizers.SGD(network.learning_rate, network.momentum)
            if network.optimizer == "sgd"
            else keras.optimizers.Adam(network.learning_rate, epsilon=ADAM_EPSILON)
        )
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


def build(network):
    layers = [keras.Input(INPUT)]
    for layer in network.layers:
        match layer:
            case "conv2d", filters, kernel, padding:
                layers.append(keras.layers.Conv2D(filters, kernel, padding=padding))
            case "dense", units:
                layers.append(keras.layers.Dense(units))
            case "dropout", rate:
                layers.append(keras.layers.Dropout(rate))
            case ("relu",):
                layers.append(keras.layers.ReLU())
            case ("max_pool2d",):
                layers.append(keras.layers.MaxPooling2D(2))
            case ("flatten",):
                layers.append(keras.layers.Flatten())
    model = keras.Sequential(layers)
    model.set_weights([part for pair in initial_weights(network) for part in pair])
    return model


if __name__ == "__main__":
    harness.main(KerasOnTensorFlow)
