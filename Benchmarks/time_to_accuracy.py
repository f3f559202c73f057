"""How long it takes from the start of a process to a saved model of 99 % on MNIST's test digits.

MiniCNN trains Models/digits-fast.yaml. PyTorch trains the same network from the same kinds of random
weights with the same recipe (optimizer, schedule, label smoothing, batch size, epochs), in either order
of channels, of which the quicker counts. Rounds alternate, so that both share the machine's moods, and
each has a seed of its own. Times are wall-clock seconds of whole processes up to the saved file; MiniCNN's
include the end of the process, PyTorch's the reading of the model file.

Usage: time_to_accuracy.py TOOL DATA [ROUNDS]   (with a Python that has torch: make -C Benchmarks time-to-99)
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOAL = 0.99
MODEL = "Models/digits-fast.yaml"
SEEDS = "Benchmarks/sweeps/digits-fast.yaml"
LAYOUTS = ["channels_last", "contiguous_format"]


def content(path):
    import yaml

    return yaml.safe_load(Path(path).read_text())


class Recipe:
    """What the model file asks of training; anything that this script does not do ends it."""

    def __init__(self, training):
        known = {
            "optimizer", "beta1", "beta2", "learning_rate", "batch_size", "epochs", "schedule",
            "label_smoothing"}
        schedule, _, rise = training.get("schedule", "").partition(":rise=")
        if (set(training), training.get("optimizer"), schedule) != (known, "adam", "one_cycle") \
                or not rise:
            sys.exit(f"{MODEL}: expected Adam, one_cycle with a rise and {known}, found {training}")
        self.batch, self.epochs = training["batch_size"], training["epochs"]
        self.rate, self.rise = training["learning_rate"], float(rise)
        self.betas = training["beta1"], training["beta2"]
        self.smoothing = training["label_smoothing"]


def make_torch(description):
    import networks
    import pytorch
    from torch import nn

    network = pytorch.build(networks.network({**description, "training": None}))
    *hidden, last = [layer for layer in network if isinstance(layer, (nn.Conv2d, nn.Linear))]
    for layer in hidden:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.xavier_uniform_(last.weight)
    for layer in [*hidden, last]:
        nn.init.zeros_(layer.bias)
    return network


def train_torch(data, layout, seed, path):
    import numpy
    import torch
    from torch import nn

    sys.path.insert(0, str(Path(__file__).parent / "peers"))
    import data as digits
    from networks import ADAM_EPSILON

    description = content(MODEL)
    recipe = Recipe(description["training"])
    torch.manual_seed(seed)
    images, labels = digits.load(data)
    images = torch.from_numpy(images).reshape(-1, 1, 28, 28)
    labels = torch.from_numpy(labels.astype(numpy.int64))
    layout = getattr(torch, layout)
    network = make_torch(description).to(memory_format=layout)
    optimizer = torch.optim.Adam(
        network.parameters(), lr=recipe.rate, betas=recipe.betas, eps=ADAM_EPSILON, fused=True)
    steps = -(-len(images) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.rate, total_steps=steps * recipe.epochs, pct_start=recipe.rise,
        cycle_momentum=False)
    loss = nn.CrossEntropyLoss(label_smoothing=recipe.smoothing)
    for _ in range(recipe.epochs):
        order = torch.randperm(len(images))
        for start in range(0, len(images), recipe.batch):
            chosen = order[start:start + recipe.batch]
            x = (images[chosen].float() / 255).to(memory_format=layout)
            optimizer.zero_grad(set_to_none=True)
            loss(network(x), labels[chosen]).backward()
            optimizer.step()
            schedule.step()
    torch.save({"network": network.state_dict(), "optimizer": optimizer.state_dict()}, path)
    saved = time.time()
    network.eval()
    images = digits.read_idx(Path(data) / "t10k-images-idx3-ubyte.gz")
    labels = digits.read_idx(Path(data) / "t10k-labels-idx1-ubyte.gz")
    with torch.no_grad():
        found = network(torch.from_numpy(images.reshape(-1, 1, 28, 28)).float() / 255).argmax(1)
    accuracy = (found.numpy() == labels).mean()
    print(json.dumps({"accuracy": float(accuracy), "saved": saved}))


def run_torch(data, layout, seed, folder):
    start = time.time()
    result = subprocess.run(
        [sys.executable, __file__, "--torch", data, layout, str(seed), f"{folder}/torch.pt"],
        check=True, capture_output=True, text=True)
    answer = json.loads(result.stdout)
    return answer["saved"] - start, answer["accuracy"]


def run_minicnn(tool, data, seed, folder):
    path = f"{folder}/fast.weights.h5"
    start = time.time()
    subprocess.run(
        [tool, "train", "--model", MODEL, "--data", data, "--seed", str(seed),
         "--checkpoint", path, "--overwrite"], check=True, capture_output=True)
    seconds = time.time() - start
    result = subprocess.run(
        [tool, "evaluate", path, "--data", data, "--json"], check=True, capture_output=True)
    return seconds, json.loads(result.stdout)["accuracy"]


def report(name, runs):
    seconds = [run[0] for run in runs]
    accuracies = [run[1] for run in runs]
    reached = sum(accuracy >= GOAL for accuracy in accuracies)
    print(
        f"{name:27} {statistics.median(seconds):6.2f} s ({min(seconds):.2f} to {max(seconds):.2f}),"
        f" accuracy {100 * statistics.median(accuracies):.2f} %"
        f" ({100 * min(accuracies):.2f} to {100 * max(accuracies):.2f}),"
        f" {reached} of {len(runs)} reach {100 * GOAL:.0f} %", flush=True)


def main():
    if sys.argv[1] == "--torch":
        data, layout, seed, path = sys.argv[2:]
        return train_torch(data, layout, int(seed), path)
    tool, data = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    ours, theirs = [], {layout: [] for layout in LAYOUTS}
    with tempfile.TemporaryDirectory() as folder:
        for seed in content(SEEDS)["seeds"][:rounds]:
            ours.append(run_minicnn(tool, data, seed, folder))
            for layout in LAYOUTS:
                theirs[layout].append(run_torch(data, layout, seed, folder))
    report("MiniCNN", ours)
    for layout in LAYOUTS:
        report(f"PyTorch, {layout}", theirs[layout])
    median = statistics.median
    quickest = min(median(seconds for seconds, _ in runs) for runs in theirs.values())
    ratio = quickest / median(seconds for seconds, _ in ours)
    print(f"PyTorch's quicker order of channels takes {ratio:.1f} times as long")


main()
