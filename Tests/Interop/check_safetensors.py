"""Checks exports for PyTorch with PyTorch, and reads what PyTorch saves: check_safetensors.py TOOL [CHECKPOINTS].

Needs torch and safetensors, and the program ExportedCases beside the tool. Prints a line for each check with the largest difference it found; exit code 1 where
one is too large. CHECKPOINTS is a folder with NAME.weights.h5 of the models of Models/; those that are not there
are trained for some steps.
"""
import contextlib
import gzip
import importlib.util
import json
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOL = os.path.abspath(sys.argv[1])
CHECKPOINTS = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else os.path.join(ROOT, "Models")
DIGITS = os.path.join(ROOT, "Datasets/mnist")
TEST_IMAGES = os.path.join(DIGITS, "t10k-images-idx3-ubyte.gz")
TOLERANCE = 1e-5
failures = []


def report(name, difference, note=""):
    """Prints a check's line; more than the tolerance fails."""
    passed = difference <= TOLERANCE
    print(f"{'ok  ' if passed else 'FAIL'} {name}: largest difference {difference:.2g}{note}", flush=True)
    if not passed:
        failures.append(name)


def tool(*arguments):
    outcome = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True)
    if outcome.returncode != 0:
        raise RuntimeError(f"minicnn {' '.join(map(str, arguments))}: {outcome.stderr}")
    return outcome.stdout


def tool_probabilities(model, images, *flags):
    found = json.loads(tool("predict", model, "--images", images, "--json", *flags))["predictions"]
    return torch.tensor([one.get("probabilities") or one["outputs"] for one in found])


def write_idx(path, array):
    with open(path, "wb") as file:
        file.write(struct.pack(">HBB", 0, 8, array.ndim))
        file.write(struct.pack(f">{array.ndim}I", *array.shape))
        file.write(array.astype(np.uint8).tobytes())


def read_idx(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        content = file.read()
    rank = content[3]
    shape = struct.unpack(f">{rank}I", content[4 : 4 + 4 * rank])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape).copy()


def module_at(path):
    """The program beside an exported file."""
    spec = importlib.util.spec_from_file_location("exported", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_file(path):
    """What the format's own library, and contiguity, say of a file; its tensors."""
    tensors = load_file(path)
    assert all(tensor.is_contiguous() for tensor in tensors.values())
    with safe_open(path, "pt") as file:
        assert file.metadata()["format"] == "pt"
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        assert length % 8 == 0, "the arrays are not aligned"
    return tensors


def difference_of_export(checkpoint, images, folder):
    """The largest difference of a probability between the exported module and the tool."""
    path = os.path.join(folder, "exported.safetensors")
    tool("export", checkpoint, path, "--overwrite")
    tensors = check_file(path)
    exported = module_at(path[: -len(".safetensors")] + ".py")
    model = exported.load(path)
    # Strict: no name is missing or left over.
    model.load_state_dict(tensors)
    found = exported.predict(model, read_idx(images)).flatten(1)
    expected = tool_probabilities(checkpoint, images)
    with contextlib.redirect_stdout(None):
        assert exported.verify(path) == 0
    return (found - expected).abs().max().item(), (found.argmax(1) != expected.argmax(1)).sum().item()


def small_model(name, layers, extents, folder):
    """A model file of a golden case's layers with a classifier after them, and images for it."""
    image = extents if len(extents) == 3 else [1, extents[0], 1]
    front = [] if len(extents) == 3 else [{"reshape": {"shape": extents}}]
    tail = ["flatten", {"dense": {"units": 3, "name": "classifier"}}]
    model = {"name": name, "input": image, "layers": front + layers + tail}
    path = os.path.join(folder, "model.yaml")
    with open(path, "w") as file:
        json.dump(model, file)
    random = np.random.default_rng(1)
    write_idx(os.path.join(folder, "images"), random.integers(0, 256, [24, *image]))
    write_idx(os.path.join(folder, "labels"), np.arange(24) % 3)
    return path


def check_cases(folder):
    """Every case that all formats are tested with: each kind of layer in each of its settings, and their meetings."""
    subprocess.run([os.path.join(os.path.dirname(TOOL), "ExportedCases"), "cases", "safetensors", folder], check=True)
    worst = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".json"):
            continue
        with open(os.path.join(folder, name)) as file:
            case = json.load(file)
        x = torch.tensor(case["x"]).reshape(case["samples"], *case["input"])
        y = torch.tensor(case["y"]).reshape(case["samples"], -1)
        check_file(case["file"])
        exported = module_at(case["file"][: -len(".safetensors")] + ".py")
        with torch.no_grad():
            found = exported.load(case["file"])(x.permute(0, 3, 1, 2) if x.dim() == 4 else x)
        found = (found.permute(0, 2, 3, 1) if found.dim() == 4 else found).flatten(1)
        difference = ((found - y).abs() / y.abs().clamp(min=1)).max().item()
        kind = case["name"].split(",")[0]
        count, largest = worst.get(kind, (0, 0.0))
        worst[kind] = (count + 1, max(largest, difference))
    for kind, (count, difference) in worst.items():
        report(kind, difference, f" in {count} cases")


def check_case(layers, extents, folder):
    model = small_model("case", layers, extents, folder)
    checkpoint = os.path.join(folder, "case.weights.h5")
    images, labels = os.path.join(folder, "images"), os.path.join(folder, "labels")
    try:
        tool("train", "--model", model, "--images", images, "--labels", labels, "--batch-size", 8,
             "--epochs", 2, "--learning-rate", 0.05, "--seed", 1, "--validation-fraction", 0,
             "--checkpoint", checkpoint, "--overwrite")  # fmt: skip
        return difference_of_export(checkpoint, images, folder)[0]
    except Exception as error:
        print(f"     {json.dumps(layers)} of {extents}: {str(error)[:300]}")
        return float("inf")


OTHERS = {
    "windows beside the image": [
        {"max_pool2d": {"window": 2, "stride": 2, "padding": [3, 0, 0, 2]}},
        {"avg_pool2d": {"window": [2, 1], "stride": 1, "padding": [2, 2, 1, 0]}},
    ],
    "a flattened image through layers of vectors": [
        "flatten", {"batch_norm": {"scale": False}}, "prelu", {"layer_norm": {"axes": "all"}},
        {"dropout": {"rate": 0.2}}, "normalization", {"dense": {"units": 6}}, {"group_norm": {"groups": 2}},
    ],
    "a flattened image that is normalized in groups": ["flatten", {"group_norm": {"groups": 5}}],
    "rows of vectors": [
        {"reshape": {"shape": [5, -1]}}, "batch_norm", "layer_norm", {"prelu": {"shared": True}}, "softmax",
        {"group_norm": {"groups": 2}}, "prelu", {"reshape": {"shape": [3, 4, -1]}}, {"conv2d": {"filters": 2, "kernel": 2}},
    ],
    "names that are not Python's": [
        {"conv2d": {"filters": 3, "kernel": 1, "name": "train"}}, {"relu": {"name": "a\"b"}},
        {"conv2d": {"filters": 3, "kernel": 1, "name": "1. Faltung"}}, {"conv2d": {"filters": 3, "kernel": 1, "name": "class"}},
    ],
    "blocks in blocks": [
        {"residual": {"layers": [
            {"concatenate": {"branches": [[], [{"conv2d": {"filters": 2, "kernel": 3, "padding": "same"}}, "relu"]]}},
            {"multiply": {"layers": ["global_avg_pool2d", {"dense": {"units": 6}}, "sigmoid"]}},
        ]}},
    ],
}  # fmt: skip


def check_others(folder):
    for name, layers in OTHERS.items():
        report(name, check_case(layers, [5, 3, 4], folder))


def check_models(folder):
    for file in sorted(os.listdir(os.path.join(ROOT, "Models"))):
        name, ending = os.path.splitext(file)
        if ending != ".yaml":
            continue
        images = TEST_IMAGES
        checkpoint = os.path.join(CHECKPOINTS, f"{name}.weights.h5")
        if not os.path.exists(checkpoint):
            checkpoint = os.path.join(folder, f"{name}.weights.h5")
            tool("train", "--model", os.path.join(ROOT, "Models", file), "--data", DIGITS, "--seed", 1,
                 "--max-steps", 40, "--checkpoint", checkpoint)  # fmt: skip
        difference, others = difference_of_export(checkpoint, images, folder)
        report(name, difference, f", {others} of 10000 digits of another class")
        if others:
            failures.append(f"{name}: classes")


class Foreign(nn.Module):
    """A network as PyTorch's users write them: modules in lists, whose names do not sort as they run."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(),
            nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(),
            nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(196, 12), nn.GELU(), nn.Linear(12, 10))

    def forward(self, x):
        return self.classifier(self.features(x))


FOREIGN_LAYERS = [
    {"conv2d": {"filters": 4, "kernel": 3, "padding": "same"}}, {"batch_norm": {"epsilon": 1e-5}}, "relu",
    {"conv2d": {"filters": 4, "kernel": 3, "padding": "same"}}, {"batch_norm": {"epsilon": 1e-5}}, "relu", "max_pool2d",
    {"conv2d": {"filters": 4, "kernel": 3, "padding": "same"}}, {"batch_norm": {"epsilon": 1e-5}}, "relu",
    {"conv2d": {"filters": 4, "kernel": 3, "padding": "same"}}, {"batch_norm": {"epsilon": 1e-5}}, "relu", "max_pool2d",
    "flatten", {"dense": {"units": 12}}, "gelu", {"dense": {"units": 10}},
]  # fmt: skip


def check_foreign(folder):
    torch.manual_seed(1)
    model = Foreign()
    pixels = read_idx(TEST_IMAGES)[:500]
    images = os.path.join(folder, "digits")
    write_idx(images, pixels)
    x = torch.tensor(pixels, dtype=torch.float32)[:, None] / 255
    model(x)  # gives the batch normalizations running statistics
    model.eval()
    stated = os.path.join(folder, "foreign.yaml")
    with open(stated, "w") as file:
        json.dump({"name": "foreign", "input": [28, 28, 1], "layers": FOREIGN_LAYERS}, file)
    for dtype in (torch.float32, torch.float16, torch.bfloat16, torch.float64):
        path = os.path.join(folder, "foreign.safetensors")
        state = {
            name: tensor.to(dtype) if tensor.is_floating_point() else tensor
            for name, tensor in model.state_dict().items()
        }
        save_file(state, path)
        rounded = Foreign().eval()
        rounded.load_state_dict(state)
        with torch.no_grad():
            expected = rounded(x).softmax(dim=1)
        found = tool_probabilities(path, images, "--model", stated)
        report(f"saved by PyTorch in {dtype}".replace("torch.", ""), (found - expected).abs().max().item())


with tempfile.TemporaryDirectory() as folder:
    with tempfile.TemporaryDirectory() as cases:
        check_cases(cases)
    check_foreign(folder)
    check_others(folder)
    if "--no-models" not in sys.argv:
        check_models(folder)
if failures:
    print("failed: " + ", ".join(failures))
sys.exit(1 if failures else 0)
