"""The table of golden cases: (name, layers, sample shape, batch, training)."""


def conv(name, input_shape, batch=2, **settings):
    return name, [{"conv2d": settings}], input_shape, batch, False


def pool(kind):
    def make(name, input_shape, batch=2, **settings):
        return name, [{kind: settings} if settings else kind], input_shape, batch, False
    return make


def plain(kind, *shapes, **settings):
    layer = {kind: settings} if settings else kind
    label = ", ".join(f"{k} {v}" for k, v in settings.items())
    return [(f"{'x'.join(map(str, s))} {label}".strip(), [layer], list(s), 3, False)
            for s in shapes]


def norm(name, input_shape, batch, training, **settings):
    layer = {"batch_norm": settings} if settings else "batch_norm"
    return name, [layer], input_shape, batch, training


def residual(name, input_shape, layers, training=False, batch=2, **settings):
    return name, [{"residual": {"layers": layers, **settings}}], input_shape, batch, training


def conv_cases():
    return [
        conv("1x1", [5, 7, 3], filters=4, kernel=1),
        conv("1x1 stride 2", [5, 7, 3], filters=5, kernel=1, stride=2),
        conv("1x1 17 to 16", [3, 5, 17], filters=16, kernel=1),
        conv("3x3 valid", [5, 7, 3], batch=3, filters=4, kernel=3),
        conv("3x3 same", [5, 7, 3], filters=4, kernel=[3, 3], padding="same"),
        conv("3x3 same, 1 channel", [7, 5, 1], filters=6, kernel=3, padding="same"),
        conv("3x3 same, 8 to 16", [4, 5, 8], filters=16, kernel=3, padding="same"),
        conv("3x3 same, 16 to 17", [3, 4, 16], filters=17, kernel=3, padding="same"),
        conv("3x3 valid, 17 to 5", [4, 5, 17], filters=5, kernel=3),
        conv("3x3 same, 8 to 8, image of 9x10", [9, 10, 8], batch=1, filters=8, kernel=3,
             padding="same"),
        conv("5x5 valid", [7, 6, 1], filters=6, kernel=5),
        conv("5x5 same", [5, 7, 3], filters=8, kernel=5, padding="same"),
        conv("5x5 same, kernel larger than image", [3, 2, 5], filters=3, kernel=5, padding="same"),
        conv("5x5 valid, one output", [5, 5, 6], batch=3, filters=5, kernel=5),
        conv("1x3 valid", [5, 7, 3], filters=4, kernel=[1, 3]),
        conv("5x1 same", [5, 7, 3], filters=4, kernel=[5, 1], padding="same"),
        conv("3x2 valid", [6, 5, 5], filters=3, kernel=[3, 2]),
        conv("2x2 same", [5, 7, 3], filters=4, kernel=2, padding="same"),
        conv("4x4 same", [5, 6, 3], filters=3, kernel=4, padding="same"),
        conv("2x2 stride 2 same, odd", [5, 7, 3], filters=4, kernel=2, stride=2, padding="same"),
        conv("3x3 stride 2 same, odd", [5, 7, 3], filters=4, kernel=3, stride=2, padding="same"),
        conv("3x3 stride 2 same, even", [6, 8, 3], filters=4, kernel=3, stride=2, padding="same"),
        conv("3x3 stride 2 valid", [6, 7, 3], filters=4, kernel=3, stride=2),
        conv("3x3 stride 2x1 same", [5, 7, 3], filters=4, kernel=3, stride=[2, 1], padding="same"),
        conv("3x3 stride 1x3 valid", [5, 8, 3], filters=4, kernel=3, stride=[1, 3]),
        conv("2x3 stride 3x2 same", [7, 8, 3], filters=4, kernel=[2, 3], stride=[3, 2],
             padding="same"),
        conv("1x1 stride 3, gaps between windows", [7, 8, 3], filters=4, kernel=1, stride=3,
             padding="same"),
        conv("5x5 stride 3 same", [7, 8, 1], filters=5, kernel=5, stride=3, padding="same"),
        conv("3x3 dilation 2 valid", [6, 7, 3], filters=4, kernel=3, dilation=2),
        conv("3x3 dilation 2 same", [5, 7, 3], filters=4, kernel=3, dilation=2, padding="same"),
        conv("2x3 dilation 2x1 same", [5, 7, 3], filters=4, kernel=[2, 3], dilation=[2, 1],
             padding="same"),
        conv("3x3 groups 2", [5, 6, 6], filters=4, kernel=3, groups=2),
        conv("3x3 groups 2 stride 2 same", [5, 7, 8], filters=6, kernel=3, groups=2, stride=2,
             padding="same"),
        conv("3x3 groups 5, one channel each", [5, 7, 5], filters=5, kernel=3, groups=5,
             padding="same"),
        conv("3x3 groups 3, one channel to two", [5, 6, 3], filters=6, kernel=3, groups=3,
             padding="same"),
        conv("1x1 groups 3", [3, 4, 6], filters=9, kernel=1, groups=3, bias=False),
        conv("3x3 no bias", [5, 7, 3], filters=4, kernel=3, bias=False),
        conv("5x5 padding 2", [5, 7, 3], filters=4, kernel=5, padding=2),
        conv("3x3 padding 2, more than same", [4, 5, 3], filters=4, kernel=3, padding=2),
        conv("3x3 padding by side, stride 2", [5, 6, 3], filters=4, kernel=3, stride=2,
             padding=[2, 0, 1, 3]),
        conv("3x3 padding 2 dilation 2", [5, 6, 1], filters=3, kernel=3, padding=2, dilation=2),
    ]


def pool_cases(kind):
    make = pool(kind)
    return [
        make("defaults", [6, 8, 3]),
        make("defaults, odd", [5, 7, 3], batch=3),
        make("2x2 same, odd", [5, 7, 3], window=2, padding="same"),
        make("2x2 stride 1", [4, 5, 5], window=2, stride=1),
        make("2x2 stride 1 same", [4, 5, 3], window=2, stride=1, padding="same"),
        make("3x3 stride 2, overlapping", [7, 9, 3], window=3, stride=2),
        make("3x3 stride 2 same, even", [6, 8, 3], window=3, stride=2, padding="same"),
        make("3x3 stride 1 same", [5, 4, 3], window=3, stride=1, padding="same"),
        make("3x2 stride 1x2", [5, 7, 3], window=[3, 2], stride=[1, 2]),
        make("2x2 stride 3, gaps", [8, 7, 1], window=2, stride=3),
        make("1x2", [3, 6, 17], window=[1, 2]),
        make("2x2, 16 channels", [4, 4, 16], batch=1, window=2),
    ]


def residual_cases():
    def c(filters, **settings):
        return {"conv2d": {"filters": filters, "kernel": 3, "padding": "same", **settings}}
    return [
        residual("identity", [5, 7, 3], [c(3)]),
        residual("identity, two convolutions", [4, 5, 3], [c(4), "relu", c(3)]),
        residual("projection for channels", [4, 5, 3], [c(5), "relu", c(4)]),
        residual("projection for stride, odd", [5, 7, 3], [c(4, stride=2), "relu", c(4)]),
        residual("projection for stride, even", [6, 8, 3], [c(3, stride=2)]),
        residual("projection for stride 2x1", [5, 4, 3], [c(4, stride=[2, 1])]),
        residual("projection asked for", [4, 3, 3], [c(3), "tanh"], projection="conv"),
        residual("batch norm, training", [4, 5, 3],
                 [c(4, stride=2, bias=False), "batch_norm", "relu", c(4, bias=False),
                  "batch_norm"], training=True, batch=3),
        residual("batch norm, inference", [4, 5, 3],
                 [c(3, bias=False), "batch_norm", "relu", c(3)]),
        residual("nested", [4, 4, 2],
                 [c(3), {"residual": {"layers": [c(4, stride=2), "tanh"]}}, "tanh"]),
        residual("vectors", [5], [{"dense": {"units": 4}}, "tanh", {"dense": {"units": 5}}]),
    ]


def depthwise(name, input_shape, batch=2, **settings):
    return name, [{"depthwise_conv2d": settings}], input_shape, batch, False


def depthwise_cases():
    return [
        depthwise("3x3 same", [5, 6, 3], kernel=3, padding="same"),
        depthwise("3x3 valid, 16 channels", [4, 5, 16], kernel=3, batch=1),
        depthwise("3x3 same, 17 channels", [3, 4, 17], kernel=3, padding="same"),
        depthwise("3x3 same, row of 17", [2, 17, 16], kernel=3, padding="same", batch=1),
        depthwise("1x1", [3, 4, 5], kernel=1),
        depthwise("5x5 same, kernel larger than image", [3, 2, 4], kernel=5, padding="same"),
        depthwise("2x4 same", [5, 6, 3], kernel=[2, 4], padding="same"),
        depthwise("3x3 stride 2 same, odd", [5, 7, 3], kernel=3, stride=2, padding="same"),
        depthwise("3x3 stride 2 same, even", [6, 8, 3], kernel=3, stride=2, padding="same"),
        depthwise("5x4 stride 3", [8, 7, 2], kernel=[5, 4], stride=3),
        depthwise("2x2 stride 3, gaps between windows", [8, 8, 3], kernel=2, stride=3),
        depthwise("3x3 dilation 2 same", [5, 7, 3], kernel=3, dilation=2, padding="same"),
        depthwise("2x3 dilation 1x2", [5, 7, 3], kernel=[2, 3], dilation=[1, 2]),
        depthwise("3x3 stride 2 dilation 2 same", [7, 6, 3], kernel=3, stride=2, dilation=2,
                  padding="same"),
        depthwise("4x3 stride 3 dilation 1x2", [7, 8, 2], kernel=[4, 3], stride=3, dilation=[1, 2]),
        depthwise("multiplier 2", [5, 4, 3], kernel=3, multiplier=2, padding="same"),
        depthwise("multiplier 3, stride 2, no bias", [5, 5, 6], kernel=3, multiplier=3, stride=2,
                  padding="same", bias=False, batch=1),
        depthwise("padding by side, no bias", [4, 5, 3], kernel=3, padding=[2, 0, 1, 3],
                  bias=False),
    ]


def transpose(name, input_shape, batch=2, **settings):
    return name, [{"conv2d_transpose": settings}], input_shape, batch, False


def transpose_cases():
    return [
        transpose("3x3 stride 2 same", [3, 4, 3], filters=4, kernel=3, stride=2, padding="same"),
        transpose("3x3 stride 2 valid", [3, 4, 3], filters=4, kernel=3, stride=2),
        transpose("2x2 stride 2", [3, 2, 5], filters=3, kernel=2, stride=2),
        transpose("3x3 valid", [3, 4, 3], filters=2, kernel=3),
        transpose("3x3 same", [4, 3, 3], filters=5, kernel=3, padding="same"),
        transpose("3x3 same, 16 to 16", [3, 4, 16], filters=16, kernel=3, padding="same", batch=1),
        transpose("4x4 stride 2 same", [3, 3, 2], filters=3, kernel=4, stride=2, padding="same"),
        transpose("5x5 stride 2 same, to 1 channel", [4, 3, 17], filters=1, kernel=5, stride=2,
                  padding="same"),
        transpose("3x2 stride 2x3", [3, 3, 3], filters=2, kernel=[3, 2], stride=[2, 3]),
        transpose("2x2 stride 3, gaps between windows", [2, 3, 3], filters=2, kernel=2, stride=3),
        transpose("2x2 stride 3 same, gaps", [2, 3, 3], filters=2, kernel=2, stride=3,
                  padding="same"),
        transpose("1x1, no bias", [3, 4, 3], filters=4, kernel=1, bias=False),
        transpose("3x3 stride 2 same, output padding 0", [3, 4, 2], filters=3, kernel=3, stride=2,
                  padding="same", output_padding=0),
        transpose("3x3 stride 3 valid, output padding 1x2", [3, 2, 2], filters=3, kernel=3,
                  stride=3, output_padding=[1, 2]),
    ]


def branches(name, input_shape, *lists, batch=2, training=False):
    return name, [{"concatenate": {"branches": list(lists)}}], input_shape, batch, training


def concatenate_cases():
    def c(filters, kernel, **settings):
        return {"conv2d": {"filters": filters, "kernel": kernel, "padding": "same", **settings}}
    pool = {"max_pool2d": {"window": 3, "stride": 1, "padding": "same"}}
    return [
        branches("inception", [5, 4, 3], [c(2, 1), "tanh"], [c(3, 1), "tanh", c(4, 3), "tanh"],
                 [pool, c(2, 1)]),
        branches("dense connection", [4, 3, 3], [], [c(4, 3), "tanh"]),
        branches("the input twice", [3, 2, 2], [], []),
        branches("vectors", [5], [{"dense": {"units": 3}}, "sigmoid"], [{"dense": {"units": 17}}]),
        branches("smaller images", [6, 5, 2], [c(3, 3, stride=2)], [{"avg_pool2d": {
            "window": 2, "padding": "same"}}]),
        branches("nested, with batch norm, training", [3, 4, 2], [c(2, 3), "batch_norm"],
                 [{"concatenate": {"branches": [[], [c(3, 1)]]}}, "tanh"], batch=3, training=True),
    ]


def product(name, input_shape, layers, batch=2):
    return name, [{"multiply": {"layers": layers}}], input_shape, batch, False


def multiply_cases():
    return [
        product("squeeze and excitation", [4, 5, 6],
                ["global_avg_pool2d", {"dense": {"units": 3}}, "tanh", {"dense": {"units": 6}},
                 "sigmoid"]),
        product("squeeze and excitation with relu, 17 channels", [3, 2, 17],
                ["global_avg_pool2d", {"dense": {"units": 4}}, "relu", {"dense": {"units": 17}},
                 "sigmoid"], batch=3),
        product("gate of each number", [3, 4, 3],
                [{"conv2d": {"filters": 3, "kernel": 3, "padding": "same"}}, "sigmoid"]),
        product("gate of a vector", [5], [{"dense": {"units": 5}}, "sigmoid"]),
        product("image of one pixel as the factor", [3, 3, 2], [{"avg_pool2d": {"window": 3}},
                                                                "tanh"]),
        product("inside itself", [3, 2, 2], [
            "tanh", {"multiply": {"layers": ["global_max_pool2d", "sigmoid"]}}, "tanh"]),
    ]


def batch_norm_cases():
    cases = []
    for training in (True, False):
        mode = "training" if training else "inference"
        cases += [
            norm(f"image, {mode}", [5, 7, 3], 3, training),
            norm(f"vector, {mode}", [7], 5, training),
            norm(f"momentum 0.9 epsilon 0.01, {mode}", [3, 4, 5], 2, training, momentum=0.9,
                 epsilon=0.01),
            norm(f"no center, {mode}", [3, 4, 3], 2, training, center=False),
            norm(f"no scale, {mode}", [3, 4, 3], 2, training, scale=False),
            norm(f"neither, {mode}", [6], 4, training, center=False, scale=False),
            norm(f"17 channels, {mode}", [2, 3, 17], 2, training),
        ]
    return cases + [norm("batch of 1, training", [3, 5, 2], 1, True)]


def tie_cases():
    """Maxima that occur more than once in a window: zeros, as a ReLU leaves them, and pairs."""
    return [
        pool("max_pool2d")("ties", [6, 8, 3], window=2),
        pool("max_pool2d")("ties, overlapping windows", [7, 7, 2], window=3, stride=2),
        pool("max_pool2d")("ties, overlapping windows, same", [5, 6, 3], window=3, stride=1,
                           padding="same"),
    ]


def all_cases():
    """Cases by kind."""
    images, vectors = [3, 5, 4], [7]
    return {
        "conv2d": conv_cases(),
        "depthwise_conv2d": depthwise_cases(),
        "conv2d_transpose": transpose_cases(),
        "max_pool2d": pool_cases("max_pool2d") + tie_cases(),
        "avg_pool2d": pool_cases("avg_pool2d"),
        "global_avg_pool2d": plain("global_avg_pool2d", images, [1, 1, 3], [4, 3, 17]),
        "global_max_pool2d": plain("global_max_pool2d", images, [1, 1, 3], [4, 3, 17]),
        "up_sampling2d": plain("up_sampling2d", images, [2, 3, 17])
        + plain("up_sampling2d", [3, 2, 4], size=[3, 1])
        + plain("up_sampling2d", images, [1, 2, 3], interpolation="bilinear")
        + plain("up_sampling2d", [2, 3, 17], size=[2, 3], interpolation="bilinear"),
        "zero_padding2d": plain("zero_padding2d", images)
        + plain("zero_padding2d", [2, 3, 2], padding=2)
        + plain("zero_padding2d", [2, 3, 1], padding=[0, 2])
        + plain("zero_padding2d", [3, 2, 3], padding=[2, 0, 1, 3]),
        "relu": plain("relu", images, vectors),
        "leaky_relu": plain("leaky_relu", images, vectors) + plain("leaky_relu", images, slope=0.1),
        "elu": plain("elu", images, vectors) + plain("elu", images, alpha=0.5),
        "relu6": plain("relu6", images, vectors),
        "prelu": plain("prelu", images, vectors)
        + plain("prelu", images, vectors, [3, 2, 17], initial=0.25)
        + plain("prelu", images, [3, 2, 17], shared=True),
        "silu": plain("silu", images, vectors),
        "sigmoid": plain("sigmoid", images, vectors),
        "tanh": plain("tanh", images, vectors),
        "gelu": plain("gelu", images, vectors),
        "softmax": plain("softmax", images, vectors, [1], [17]),
        "dense": plain("dense", [7], [33], units=5) + plain("dense", [7], units=1)
        + plain("dense", [5], units=17) + plain("dense", [7], units=4, bias=False),
        "flatten": plain("flatten", images, vectors, [1, 1, 3]),
        "reshape": plain("reshape", [2, 3, 4], [24], shape=[4, 3, 2])
        + plain("reshape", images, shape=[5, -1]) + plain("reshape", images, shape=[-1]),
        "dropout": plain("dropout", images, rate=0.5),
        "spatial_dropout2d": plain("spatial_dropout2d", images, rate=0.5),
        "gaussian_noise": plain("gaussian_noise", images, stddev=0.5),
        "rescaling": plain("rescaling", images, vectors, scale=2, offset=-1)
        + plain("rescaling", images, scale=0.5),
        "normalization": plain("normalization", [5, 4, 3], vectors, [4, 4, 1], [3, 2, 17]),
        "batch_norm": batch_norm_cases(),
        "group_norm": plain("group_norm", [5, 4, 6], [20], groups=2)
        + plain("group_norm", [2, 3, 32]) + plain("group_norm", images, groups=4)
        + plain("group_norm", [3, 2, 17], groups=1) + plain("group_norm", [3, 2, 34], groups=2)
        + plain("group_norm", images, groups=2, epsilon=0.01)
        + plain("group_norm", images, groups=2, center=False)
        + plain("group_norm", images, groups=2, scale=False)
        + plain("group_norm", images, groups=2, center=False, scale=False),
        "layer_norm": plain("layer_norm", images, vectors, [2, 3, 17], [33])
        + plain("layer_norm", images, [3, 2, 17], axes="all")
        + plain("layer_norm", images, epsilon=0.01) + plain("layer_norm", images, center=False)
        + plain("layer_norm", images, scale=False)
        + plain("layer_norm", images, center=False, scale=False),
        "residual": residual_cases(),
        "concatenate": concatenate_cases(),
        "multiply": multiply_cases(),
    }
