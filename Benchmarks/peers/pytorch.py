"""The networks in PyTorch.

Variants, joined by `+`: `channels_last` keeps images as height × width × channels, `compile` has
TorchInductor compile the network, `tuned` flushes denormals (the driver sets how memory is kept).
Neither of the first two: eager, channels first, as PyTorch is without being asked.
"""

import harness
import numpy as np
import torch
from networks import ADAM_EPSILON, channels_first, initial_weights
from torch import nn
from torch.nn import functional


class PyTorch:
    versions = {"torch": torch.__version__}

    def __init__(self, network, threads, words, images, labels):
        if "tuned" in words:
            torch.set_flush_denormal(True)
        torch.set_num_threads(threads)
        torch.manual_seed(1)
        self.format = (
            torch.channels_last if "channels_last" in words else torch.contiguous_format
        )
        self.images = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(
            memory_format=self.format
        )
        self.labels = torch.from_numpy(labels.astype(np.int64))
        self.network = build(network).to(memory_format=self.format)
        weights = [weight for weight in self.network.parameters() if weight.requires_grad]
        self.parameters = sum(weight.numel() for weight in weights)
        self.optimizer = optimizer(network, weights)
        self.loss, self.outputs = self.compute_loss, self.compute_outputs
        if "compile" in words:
            self.loss = torch.compile(self.compute_loss, dynamic=False)
            self.outputs = torch.compile(self.compute_outputs, dynamic=False)

    def compute_outputs(self, images):
        images = images.to(torch.float32, memory_format=self.format) * (1 / 255)
        return self.network(images)

    def compute_loss(self, images, labels):
        return functional.cross_entropy(self.compute_outputs(images), labels)

    def step(self, numbers):
        if not self.network.training:
            self.network.train()
        numbers = torch.from_numpy(numbers)
        loss = self.loss(
            self.images.index_select(0, numbers), self.labels.index_select(0, numbers)
        )
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss

    def wait(self, loss):
        return loss.item()

    def predict(self, numbers):
        if self.network.training:
            self.network.eval()
        with torch.inference_mode():
            return self.outputs(self.images.index_select(0, torch.from_numpy(numbers))).numpy()


def optimizer(network, weights):
    if network.optimizer == "sgd":
        return torch.optim.SGD(weights, network.learning_rate, network.momentum, fused=True)
    settings = {"lr": network.learning_rate, "eps": ADAM_EPSILON, "fused": True}
    if network.optimizer == "adam":
        return torch.optim.Adam(weights, **settings)
    kernels, others = (
        [weight for weight in weights if (weight.ndim > 1) == wanted] for wanted in (True, False)
    )
    groups = [
        {"params": kernels, "weight_decay": network.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, **settings)


class Residual(nn.Module):
    def __init__(self, layers, shortcut):
        super().__init__()
        self.layers, self.shortcut = layers, shortcut

    def forward(self, x):
        return self.layers(x) + self.shortcut(x)


class Concatenate(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


class Multiply(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def forward(self, x):
        factor = self.layers(x)
        return x * (factor[..., None, None] if factor.ndim < x.ndim else factor)


class Global(nn.Module):
    """A reduction over height and width."""

    def __init__(self, reduce):
        super().__init__()
        self.reduce = reduce

    def forward(self, x):
        return self.reduce(x, (2, 3))


BLOCKS = {"residual": Residual, "concatenate": Concatenate, "multiply": Multiply}
# The layers that do not need their own output to compute a gradient: what follows may overwrite it.
OVERWRITABLE = {"conv2d", "depthwise_conv2d", "dense", "batch_norm", "residual"}


def build(network):
    """The network with the common first weights."""
    return sequence(network.layers, iter(initial_weights(network)))


def sequence(layers, weights):
    modules, previous = [], None
    for layer in layers:
        if layer.kind in BLOCKS:
            parts = [sequence(part, weights) for part in layer.parts]
            modules.append(BLOCKS[layer.kind](*parts))
        else:
            modules += made(layer, weights, previous in OVERWRITABLE)
        previous = layer.kind
    return nn.Sequential(*modules)


def made(layer, weights, overwrite):
    """The modules of a layer."""
    match layer.kind:
        case "conv2d" | "depthwise_conv2d":
            before, padding = padded(layer["pads"], 0)
            module = nn.Conv2d(
                layer.before[2], layer["filters"], layer["kernel"], layer["stride"], padding,
                layer["dilation"], layer["groups"], layer["bias"],
            )
            copy(module, next(weights), lambda kernel: kernel.transpose(3, 2, 0, 1))
            return [*before, module]
        case "dense":
            module = nn.Linear(layer.before[0], layer["units"], layer["bias"])
            copy(module, next(weights), lambda kernel: channels_first(kernel, layer.image).T)
            return [module]
        case "batch_norm":
            return [batch_norm(layer, *next(weights))]
        case "max_pool2d":
            before, padding = padded(layer["pads"], float("-inf"))
            return [*before, nn.MaxPool2d(layer["window"], layer["stride"], padding)]
        case "avg_pool2d":
            _, padding = padded(layer["pads"])
            return [nn.AvgPool2d(
                layer["window"], layer["stride"], padding, count_include_pad=False
            )]
        case "global_max_pool2d":
            return [Global(torch.amax)]
        case "global_avg_pool2d":
            return [Global(torch.mean)]
        case "flatten":
            return [nn.Flatten()]
        case "dropout":
            return [nn.Dropout(layer["rate"])]
        case "relu":
            return [nn.ReLU(overwrite)]
        case "relu6":
            return [nn.ReLU6(overwrite)]
        case "leaky_relu":
            return [nn.LeakyReLU(layer["slope"], overwrite)]
        case "elu":
            return [nn.ELU(layer["alpha"], overwrite)]
        case "gelu":
            return [nn.GELU()]
        case "silu":
            return [nn.SiLU(overwrite)]
        case "sigmoid":
            return [nn.Sigmoid()]
        case "tanh":
            return [nn.Tanh()]
    raise ValueError(f"{layer.kind}: not in PyTorch yet")


def padded(pads, value=None):
    """The module that has to pad before, if sides differ, and the padding that is left."""
    if all(before == after for before, after in pads):
        return [], (pads[0][0], pads[1][0])
    if value is None:
        raise ValueError("avg_pool2d: PyTorch pads both sides alike")
    return [nn.ConstantPad2d((*pads[1], *pads[0]), value)], 0


def batch_norm(layer, factor, offset, mean, variance):
    module = nn.BatchNorm2d(
        layer.before[2], layer["epsilon"], 1 - layer["momentum"],
        affine=factor is not None or offset is not None,
    )
    for parameter, values in ((module.weight, factor), (module.bias, offset)):
        if values is not None:
            parameter.data = torch.from_numpy(values)
        elif parameter is not None:
            parameter.requires_grad = False
    module.running_mean, module.running_var = map(torch.from_numpy, (mean, variance))
    return module


def copy(module, weights, arrange):
    kernel, *bias = weights
    module.weight.data = torch.from_numpy(np.ascontiguousarray(arrange(kernel)))
    if bias:
        module.bias.data = torch.from_numpy(bias[0])


if __name__ == "__main__":
    harness.main(PyTorch)
