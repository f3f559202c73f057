"""The networks in PyTorch.

Variants, joined by `+`: `channels_last` keeps images as height × width × channels, `compile` has
TorchInductor compile the network, `tuned` flushes denormals (the driver sets how memory is kept).
Neither of the first two: eager, channels first, as PyTorch is without being asked.
"""

import harness
import numpy as np
import torch
from networks import ADAM_EPSILON, initial_weights, shaped
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
        # One channel: the same bytes whether channels come first or last.
        self.images = torch.from_numpy(images.reshape(len(images), 1, *images.shape[1:3]))
        self.labels = torch.from_numpy(labels.astype(np.int64))
        self.network = build(network).to(memory_format=self.format)
        weights = list(self.network.parameters())
        self.parameters = sum(weight.numel() for weight in weights)
        self.optimizer = (
            torch.optim.SGD(weights, network.learning_rate, network.momentum, fused=True)
            if network.optimizer == "sgd"
            else torch.optim.Adam(
                weights, network.learning_rate, eps=ADAM_EPSILON, fused=True
            )
        )
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


def build(network):
    """The network with the common first weights."""
    modules = []
    weights = iter(initial_weights(network))
    flattened = None  # the shape before it became a vector, until a layer has used it
    for layer, before, after in shaped(network):
        match layer:
            case "conv2d", filters, kernel, padding:
                module = nn.Conv2d(before[-1], filters, kernel, padding=padding)
                copy(module, next(weights), lambda kernel: kernel.transpose(3, 2, 0, 1))
            case "dense", units:
                module = nn.Linear(before[0], units)
                copy(module, next(weights), lambda kernel: channels_first(kernel, flattened).T)
                flattened = None
            case "dropout", rate:
                module = nn.Dropout(rate)
            case ("relu",):
                module = nn.ReLU(inplace=True)
            case ("max_pool2d",):
                module = nn.MaxPool2d(2)
            case ("flatten",):
                module = nn.Flatten()
                flattened = before
        modules.append(module)
    return nn.Sequential(*modules)


def copy(module, weights, arrange):
    kernel, bias = weights
    module.weight.data = torch.from_numpy(np.ascontiguousarray(arrange(kernel)))
    module.bias.data = torch.from_numpy(bias)


def channels_first(kernel, flattened):
    """Rows in the order in which PyTorch flattens: channels, height, width."""
    if flattened is None:
        return kernel
    rows = kernel.reshape(*flattened, -1).transpose(2, 0, 1, 3)
    return rows.reshape(kernel.shape)


if __name__ == "__main__":
    harness.main(PyTorch)
