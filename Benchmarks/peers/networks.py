"""What the peers build: the network of a model file, each layer with its shapes and first weights.

Every peer walks over the same `Layer`s, so a network is stated in its model file and nowhere else.
A kind or a setting that the peers do not have is refused.
"""

from dataclasses import dataclass
from math import prod, sqrt

WINDOWS = {"window": 2, "stride": None, "padding": "valid"}
CONVOLUTION = {"stride": 1, "padding": "valid", "dilation": 1, "bias": True}
# The settings of each kind with their defaults; ... where there is none.
KINDS = {
    "conv2d": {"filters": ..., "kernel": ..., "groups": 1, **CONVOLUTION},
    "depthwise_conv2d": {"kernel": ..., "multiplier": 1, **CONVOLUTION},
    "dense": {"units": ..., "bias": True},
    "batch_norm": {"momentum": 0.99, "epsilon": 1e-3, "center": True, "scale": True},
    "max_pool2d": WINDOWS,
    "avg_pool2d": WINDOWS,
    "global_max_pool2d": {},
    "global_avg_pool2d": {},
    "relu": {},
    "relu6": {},
    "leaky_relu": {"slope": 0.3},
    "elu": {"alpha": 1.0},
    "gelu": {},
    "silu": {},
    "sigmoid": {},
    "tanh": {},
    "dropout": {"rate": ...},
    "flatten": {},
    "residual": {"layers": ..., "projection": "auto"},
    "concatenate": {"branches": ...},
    "multiply": {"layers": ...},
}
# What a block is called in a list of layers: the layer that joins its parts.
JOINED = {"residual": "add", "concatenate": "concatenate", "multiply": "multiply"}
# They change neither what a layer costs nor, as the peers bring weights of their own, its outputs.
IGNORED = {"name", "initializer"}
WEIGHTED = {"conv2d", "depthwise_conv2d", "dense", "batch_norm"}
ACTIVATIONS = {"relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "sigmoid", "tanh"}

TRAINING = {"batch_size": 64, "optimizer": "adam", "learning_rate": None, "momentum": 0.0}
DECAY = {"adamw": 0.004}
# Keras's and MiniCNN's; PyTorch and optax use another.
ADAM_EPSILON = 1e-7


@dataclass(frozen=True)
class Layer:
    """`before` and `after` are the shapes of an image: height, width, channels, or features.

    `settings` has pairs for what may differ by direction, and `pads`, what `padding` comes to:
    ((top, bottom), (left, right)). `parts` are the lists of layers of a block: of a residual one
    its layers and its shortcut. `image` is the shape of what was flattened into the input of a
    dense layer, if its features still have that order.
    """

    kind: str
    settings: dict
    before: tuple
    after: tuple
    parts: tuple = ()
    image: tuple | None = None

    def __getitem__(self, setting):
        return self.settings[setting]


@dataclass(frozen=True)
class Network:
    """A network and how it is trained."""

    name: str
    input: tuple
    layers: tuple
    batch: int
    optimizer: str
    learning_rate: float
    momentum: float
    weight_decay: float

    def listed(self):
        """Kind and output shape of each layer, block by block as `minicnn summary` has them."""
        return [(JOINED.get(layer.kind, layer.kind), layer.after) for layer in flat(self.layers)]


def read(path):
    import yaml  # here, because the translator itself needs none

    with open(path) as file:
        return network(yaml.safe_load(file))


def network(description):
    """The network of a model file's content."""
    unknown(description, {"name", "input", "layers", "training"}, "a model")
    training = description.get("training") or {}
    unknown(training, {*TRAINING, "epochs", "weight_decay"}, "training")
    settings = {**TRAINING, **training}
    kind = settings["optimizer"]
    if kind not in ("sgd", "adam", "adamw"):
        raise ValueError(f"optimizer {kind}: not among the peers'")
    rate = settings["learning_rate"]
    shape = tuple(description["input"])
    return Network(
        description["name"], shape, translated(description["layers"], shape),
        settings["batch_size"], kind,
        # PyYAML takes 1e-3 for a text.
        float(rate if rate is not None else 0.01 if kind == "sgd" else 0.001),
        float(settings["momentum"]), float(settings.get("weight_decay", DECAY.get(kind, 0))),
    )


def translated(layers, shape, image=None):
    """The layers of a list in a model file, for an input of this shape."""
    made = []
    for item in layers:
        kind, settings = stated(item)
        if kind == "flatten":
            image = shape
        layer = one_layer(kind, settings, shape, image)
        if kind not in ACTIVATIONS | {"flatten", "dropout"}:
            image = None
        made.append(layer)
        shape = layer.after
    return tuple(made)


def stated(item):
    """The kind of a layer and all its settings."""
    kind, own = (item, {}) if isinstance(item, str) else next(iter(item.items()))
    if kind not in KINDS:
        raise ValueError(f"{kind}: the peers have no such layer")
    own = {key: value for key, value in (own or {}).items() if key not in IGNORED}
    unknown(own, KINDS[kind], kind)
    settings = {**KINDS[kind], **own}
    missing = [key for key, value in settings.items() if value is ...]
    if missing:
        raise ValueError(f"{kind}: {missing[0]} is missing")
    return kind, settings


def unknown(settings, known, what):
    for key in settings:
        if key not in known:
            raise ValueError(f"{what}: the peers have no {key}")


def one_layer(kind, settings, shape, image):
    if kind in JOINED:
        return block(kind, settings, shape)
    if kind in ("conv2d", "depthwise_conv2d", "max_pool2d", "avg_pool2d"):
        return sliding(kind, settings, shape)
    if kind in ("global_avg_pool2d", "global_max_pool2d"):
        return Layer(kind, settings, shape, shape[-1:])
    if kind == "flatten":
        return Layer(kind, settings, shape, (prod(shape),))
    if kind == "dense":
        return Layer(kind, settings, shape, (settings["units"],), image=image)
    if kind == "batch_norm" and len(shape) != 3:
        raise ValueError("batch_norm: the peers have it for images only")
    return Layer(kind, settings, shape, shape)


def sliding(kind, settings, shape):
    """A convolution or a pooling: what a window makes of each of its places."""
    settings = dict(settings)
    if kind == "depthwise_conv2d":
        settings |= {"groups": shape[2], "filters": shape[2] * settings.pop("multiplier")}
    pooling = kind.endswith("_pool2d")
    window = settings["window" if pooling else "kernel"] = pair(
        settings["window" if pooling else "kernel"]
    )
    stride = settings["stride"] = pair(settings["stride"] or window)
    dilation = settings["dilation"] = pair(settings.get("dilation", 1))
    padding = settings["padding"]
    if pooling and padding not in ("valid", "same"):
        raise ValueError(f"{kind}: the peers have no padding in numbers")
    reach = [(size - 1) * step + 1 for size, step in zip(window, dilation)]
    pads = settings["pads"] = tuple(
        sides(padding, side, *each) for side, each in enumerate(zip(shape, reach, stride))
    )
    size = tuple(
        (length + sum(added) - one) // step + 1
        for length, added, one, step in zip(shape, pads, reach, stride)
    )
    return Layer(kind, settings, shape, (*size, settings.get("filters", shape[2])))


def sides(padding, direction, length, reach, stride):
    """The zeros before and after; an odd one of `same` goes to the bottom or right."""
    if padding == "valid":
        return (0, 0)
    if padding == "same":
        added = max(0, (-(-length // stride) - 1) * stride + reach - length)
        return (added // 2, added - added // 2)
    if isinstance(padding, int):
        return (padding, padding)
    return tuple(padding[2 * direction : 2 * direction + 2])


def pair(value):
    return tuple(value) if isinstance(value, (list, tuple)) else (value, value)


def block(kind, settings, shape):
    lists = settings["branches"] if kind == "concatenate" else [settings["layers"]]
    parts = [translated(layers, shape) for layers in lists]
    ends = [part[-1].after if part else shape for part in parts]
    if kind == "concatenate":
        after = (*ends[0][:-1], sum(end[-1] for end in ends))
    elif kind == "multiply":
        after = shape
    else:
        after = ends[0]
        parts.append(shortcut(settings["projection"], shape, after))
    return Layer(kind, {}, shape, after, tuple(parts))


def shortcut(projection, shape, after):
    """Nothing, or a 1×1 convolution."""
    if projection == "identity" or (projection == "auto" and shape == after):
        return ()
    stride = [-(-a // b) for a, b in zip(shape[:2], after[:2])]
    settings = {"filters": after[2], "kernel": 1, "stride": stride}
    return translated([{"conv2d": settings}], shape)


def flat(layers):
    """Every layer, those of a block's parts before the block."""
    for layer in layers:
        for part in layer.parts:
            yield from flat(part)
        yield layer


def initial_weights(network):
    """The arrays of each layer that has some, in the order of `flat`, the same in every call.

    A convolution's kernel is height × width × input of a group × output, a dense layer's input ×
    output; their bias follows. Batch normalization has factor, offset, mean and variance, no two
    channels alike. All programs start from these numbers, so their first outputs can be compared.
    """
    import numpy as np  # here, because the tests need none

    random = np.random.default_rng(1)

    def near(value, count):
        return (value + 0.1 * random.standard_normal(count)).astype(np.float32)

    def kernel_and_bias(layer, form):
        kernel = random.standard_normal(form) * sqrt(2 / prod(form[:-1]))
        bias = [0.1 * near(0, form[-1])] if layer["bias"] else []
        return [kernel.astype(np.float32), *bias]

    weights = []
    for layer in flat(network.layers):
        channels = layer.before[-1]
        if layer.kind in ("conv2d", "depthwise_conv2d"):
            form = (*layer["kernel"], channels // layer["groups"], layer["filters"])
            weights.append(kernel_and_bias(layer, form))
        elif layer.kind == "dense":
            weights.append(kernel_and_bias(layer, (channels, layer["units"])))
        elif layer.kind == "batch_norm":
            factor = near(1, channels) if layer["scale"] else None
            offset = near(0, channels) if layer["center"] else None
            weights.append([factor, offset, near(0, channels), np.exp(near(0, channels))])
    return weights


def channels_first(kernel, image):
    """The kernel of a dense layer with its rows as others flatten: channels, height, width."""
    if image is None or len(image) != 3:
        return kernel
    return kernel.reshape(*image, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
