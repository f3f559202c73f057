"""The networks as ONNX models, channels first, as `torch.onnx` writes them."""

import numpy as np
from networks import channels_first, initial_weights
from onnx import TensorProto, checker, helper, numpy_helper

# Newer than what either engine needs, older than what one might not know yet.
OPSET = 20

ELEMENTWISE = {
    "relu": "Relu", "gelu": "Gelu", "sigmoid": "Sigmoid", "tanh": "Tanh", "flatten": "Flatten",
}


class Writer:
    """Collects the nodes of a graph and the arrays they read."""

    def __init__(self, network):
        self.weights = iter(initial_weights(network))
        self.nodes, self.arrays = [], []

    def node(self, kind, *inputs, **attributes):
        """The name of its output."""
        output = f"x{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def array(self, values):
        name = f"w{len(self.arrays)}"
        self.arrays.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def applied(self, layers, x):
        for layer in layers:
            parts = [self.applied(part, x) for part in layer.parts]
            x = self.one(layer, x, parts)
        return x

    def one(self, layer, x, parts):
        match layer.kind:
            case "residual":
                return self.node("Add", *parts)
            case "concatenate":
                return self.node("Concat", *parts, axis=1)
            case "multiply":
                return self.node("Mul", x, self.as_image(layer, parts[0]))
            case "conv2d" | "depthwise_conv2d":
                kernel, *bias = next(self.weights)
                return self.node(
                    "Conv", x, self.array(kernel.transpose(3, 2, 0, 1)), *map(self.array, bias),
                    strides=layer["stride"], pads=pads(layer), dilations=layer["dilation"],
                    group=layer["groups"],
                )
            case "dense":
                kernel, *bias = next(self.weights)
                kernel = self.array(channels_first(kernel, layer.image))
                return self.node("Gemm", x, kernel, *map(self.array, bias))
            case "batch_norm":
                return self.batch_norm(layer, x)
            case "max_pool2d" | "avg_pool2d":
                kind = "MaxPool" if layer.kind == "max_pool2d" else "AveragePool"
                return self.node(
                    kind, x, kernel_shape=layer["window"], strides=layer["stride"],
                    pads=pads(layer),
                )
            case "global_max_pool2d":
                return self.node("Flatten", self.node("GlobalMaxPool", x))
            case "global_avg_pool2d":
                return self.node("Flatten", self.node("GlobalAveragePool", x))
            case "dropout":
                return x
            case "relu6":
                limits = [self.array(np.float32(limit)) for limit in (0, 6)]
                return self.node("Clip", x, *limits)
            case "leaky_relu":
                return self.node("LeakyRelu", x, alpha=layer["slope"])
            case "elu":
                return self.node("Elu", x, alpha=layer["alpha"])
            case "silu":
                return self.node("Mul", x, self.node("Sigmoid", x))
            case kind if kind in ELEMENTWISE:
                return self.node(ELEMENTWISE[kind], x)
        raise ValueError(f"{layer.kind}: not in ONNX yet")

    def batch_norm(self, layer, x):
        factor, offset, mean, variance = next(self.weights)
        factor = np.ones_like(mean) if factor is None else factor
        offset = np.zeros_like(mean) if offset is None else offset
        arrays = map(self.array, (factor, offset, mean, variance))
        return self.node("BatchNormalization", x, *arrays, epsilon=layer["epsilon"])

    def as_image(self, layer, factor):
        """A factor for each channel as an image of one pixel."""
        if len(layer.parts[0][-1].after) == len(layer.before):
            return factor
        return self.node("Unsqueeze", factor, self.array(np.array([2, 3])))


def pads(layer):
    (top, bottom), (left, right) = layer["pads"]
    return [top, left, bottom, right]


def written(network, count):
    """The bytes of the model for `count` images at once."""
    writer = Writer(network)
    height, width, channels = network.input
    last = writer.applied(network.layers, "images")
    graph = helper.make_graph(
        writer.nodes, network.name,
        [helper.make_tensor_value_info(
            "images", TensorProto.FLOAT, [count, channels, height, width]
        )],
        [helper.make_tensor_value_info(
            last, TensorProto.FLOAT, [count, *network.layers[-1].after]
        )],
        writer.arrays,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10
    )
    checker.check_model(model)
    return model.SerializeToString()


def pictures(images, count):
    """The first images as both engines want them: floats, channels first.

    They are ready before the clock starts, which MiniCNN's are not: it reads bytes.
    """
    floats = images[:count].astype(np.float32) * np.float32(1 / 255)
    return np.ascontiguousarray(floats.transpose(0, 3, 1, 2))


def parameters(network):
    """Those that would be trained."""
    return sum(
        array.size
        for arrays in initial_weights(network)
        for array in (arrays[:2] if len(arrays) == 4 else arrays)
        if array is not None
    )
