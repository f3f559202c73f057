"""Keras models from MiniCNN's layer lists.

A layer list is what a model file holds under `layers:`, as JSON: each element a kind, or
`{kind: {setting: value}}`.
"""

import os
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import tensorflow as tf

warnings.filterwarnings("ignore", message="You are using a softmax over axis -1")
tf.get_logger().setLevel("ERROR")
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

WEIGHTLESS = {
    "global_avg_pool2d": keras.layers.GlobalAveragePooling2D,
    "global_max_pool2d": keras.layers.GlobalMaxPooling2D,
    "relu": keras.layers.ReLU,
    "sigmoid": lambda: keras.layers.Activation("sigmoid"),
    "tanh": lambda: keras.layers.Activation("tanh"),
    "gelu": lambda: keras.layers.Activation("gelu"),
    "silu": lambda: keras.layers.Activation("silu"),
    "relu6": lambda: keras.layers.ReLU(max_value=6.0),
    "rescaling": keras.layers.Rescaling,
    "spatial_dropout2d": keras.layers.SpatialDropout2D,
    "gaussian_noise": keras.layers.GaussianNoise,
    "softmax": keras.layers.Softmax,
    "flatten": keras.layers.Flatten,
}


def kind_and_settings(layer):
    """The kind of a layer and its settings without the name."""
    if isinstance(layer, str):
        return layer, {}
    ((kind, settings),) = layer.items()
    return kind, {k: v for k, v in (settings or {}).items() if k != "name"}


def border(padding):
    """Zeros round an image: the same on all sides, vertically and horizontally, or side by side."""
    if isinstance(padding, list) and len(padding) == 4:
        top, bottom, left, right = padding
        padding = ((top, bottom), (left, right))
    return keras.layers.ZeroPadding2D(padding)


def padded(padding):
    """The layers that come before a convolution, and the padding that Keras knows: what is stated in
    numbers becomes a layer."""
    return ([], padding) if isinstance(padding, str) else ([border(padding)], "valid")


def convolution(filters, kernel, stride=1, padding="valid", dilation=1, groups=1, bias=True,
                initializer="glorot_uniform"):
    """The layers of a convolution."""
    before, padding = padded(padding)
    return before + [keras.layers.Conv2D(
        filters, kernel, strides=stride, padding=padding, dilation_rate=dilation, groups=groups,
        use_bias=bias)]


def depthwise(kernel, stride=1, padding="valid", dilation=1, multiplier=1, bias=True,
              initializer="glorot_uniform"):
    """The layers of a depthwise convolution."""
    before, padding = padded(padding)
    return before + [keras.layers.DepthwiseConv2D(
        kernel, strides=stride, padding=padding, dilation_rate=dilation,
        depth_multiplier=multiplier, use_bias=bias)]


def transposed(filters, kernel, stride=1, padding="valid", output_padding=None, dilation=1,
               bias=True, initializer="glorot_uniform"):
    """A transposed convolution."""
    return keras.layers.Conv2DTranspose(
        filters, kernel, strides=stride, padding=padding, output_padding=output_padding,
        dilation_rate=dilation, use_bias=bias)


def pooling(layer, window=2, stride=None, padding="valid"):
    """A pooling layer with a window."""
    return layer(window, strides=stride, padding=padding)


def prelu(shared=False, initial=0.0):
    """A layer with a slope for each number of a sample, or for each channel of an image."""
    return keras.layers.PReLU(alpha_initializer=keras.initializers.Constant(initial),
                              shared_axes=[1, 2] if shared else None)


def layer_norm(axes="last", **settings):
    """A layer that normalizes channels, or whole images."""
    return keras.layers.LayerNormalization(axis=-1 if axes == "last" else [1, 2, 3], **settings)


def keras_layers(kind, settings):
    """The Keras layers, mostly one, that do what a layer of ours does."""
    if kind in WEIGHTLESS:
        return [WEIGHTLESS[kind](**settings)]
    if kind == "conv2d":
        return convolution(**settings)
    if kind == "depthwise_conv2d":
        return depthwise(**settings)
    if kind == "conv2d_transpose":
        return [transposed(**settings)]
    if kind == "up_sampling2d":
        return [keras.layers.UpSampling2D(**settings)]
    if kind == "zero_padding2d":
        return [border(settings.get("padding", 1))]
    if kind == "max_pool2d":
        return [pooling(keras.layers.MaxPooling2D, **settings)]
    if kind == "avg_pool2d":
        return [pooling(keras.layers.AveragePooling2D, **settings)]
    if kind == "leaky_relu":
        return [keras.layers.LeakyReLU(negative_slope=settings.get("slope", 0.3))]
    if kind == "elu":
        return [keras.layers.ELU(alpha=settings.get("alpha", 1.0))]
    if kind == "dense":
        return [keras.layers.Dense(settings["units"], use_bias=settings.get("bias", True))]
    if kind == "dropout":
        return [keras.layers.Dropout(settings["rate"])]
    if kind == "batch_norm":
        return [keras.layers.BatchNormalization(**settings)]
    if kind == "group_norm":
        return [keras.layers.GroupNormalization(**settings)]
    if kind == "layer_norm":
        return [layer_norm(**settings)]
    if kind == "normalization":
        return [keras.layers.Normalization()]
    if kind == "prelu":
        return [prelu(**settings)]
    if kind == "reshape":
        return [keras.layers.Reshape(settings["shape"])]
    raise ValueError(f"no such kind of layer: {kind}")


def put_residual(x, order, layers, projection="auto", shortcut=None):
    """y = inner(x) + shortcut(x); the inner sum comes first, which settles Keras's layer order."""
    inner = put_layers(x, order, layers)
    other = x
    if shortcut:
        other = put_layers(x, order, shortcut)
    elif projection == "conv" or (projection == "auto" and inner.shape != x.shape):
        stride = [-(-a // b) for a, b in zip(x.shape[1:3], inner.shape[1:3])]
        layer = keras.layers.Conv2D(inner.shape[-1], 1, strides=stride)
        order.append(layer)
        other = layer(x)
    order.append(keras.layers.Add())
    return order[-1]([inner, other])


def put_concatenate(x, order, branches):
    """All branches read x; Keras lists the layers of one after those of the other."""
    ends = [put_layers(x, order, layers) for layers in branches]
    order.append(keras.layers.Concatenate())
    return order[-1](ends)


def put_multiply(x, order, layers):
    """x times what the layers make of it; Keras wants a factor for each channel as an image of one
    pixel."""
    factor = put_layers(x, order, layers)
    if len(factor.shape) == 2 < len(x.shape):
        order.append(keras.layers.Reshape((1, 1, factor.shape[-1])))
        factor = order[-1](factor)
    order.append(keras.layers.Multiply())
    return order[-1]([x, factor])


BLOCKS = {"residual": put_residual, "concatenate": put_concatenate, "multiply": put_multiply}


def put_layers(x, order, layers):
    """Applies layers to `x` and appends them to `order`, which is MiniCNN's order."""
    for layer in layers:
        kind, settings = kind_and_settings(layer)
        if kind in BLOCKS:
            x = BLOCKS[kind](x, order, **settings)
            continue
        for keras_layer in keras_layers(kind, settings):
            order.append(keras_layer)
            x = keras_layer(x)
    return x


def functional(layers, input_shape):
    """A functional Keras model, and its layers in MiniCNN's order: branch by branch, where Keras has
    those first that are further from the output."""
    order = []
    x = keras.Input(input_shape)
    model = keras.Model(x, put_layers(x, order, layers))
    assert set(model.layers[1:]) == set(order), [layer.name for layer in model.layers]
    return model, order


def sequential(layers, input_shape):
    """A sequential Keras model; it can hold no block."""
    stack = [keras.Input(input_shape)]
    for layer in layers:
        stack += keras_layers(*kind_and_settings(layer))
    return keras.Sequential(stack)


def optimizer(description):
    """The Keras optimizer for `{kind: {setting: value}}` with the names of a model file."""
    kind, settings = kind_and_settings(description)
    names = {"beta1": "beta_1", "beta2": "beta_2", "clip_norm": "global_clipnorm"}
    makers = {
        "sgd": keras.optimizers.SGD, "rmsprop": keras.optimizers.RMSprop,
        "adagrad": keras.optimizers.Adagrad, "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
    }
    return makers[kind](**{names.get(k, k): v for k, v in settings.items()})


def variables(order):
    """All variables in MiniCNN's order: layer by layer, those that are trained first.

    `weights`, unlike `variables`, leaves out the state of a dropout's random generator.
    """
    return [v for layer in order for v in layer.trainable_weights + layer.non_trainable_weights]


def trained_variables(order):
    """The trained variables in MiniCNN's order."""
    return [v for layer in order for v in layer.trainable_weights]
