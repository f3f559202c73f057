"""How long it takes from the start of a process to a saved model of 99 % on MNIST's test digits.

MiniCNN trains Models/digits-fast.yaml. PyTorch trains the same network, and a cheaper one with a stride
in place of the pooling, with the same optimizer and one-cycle schedule, with a random shift for each
batch, which costs it next to nothing, and with each of a list of batch sizes, learning rates and epochs,
of which the quickest that reaches the goal counts. Rounds alternate, so that both share the machine's
moods. Times are wall-clock seconds of whole processes.

Usage: time_to_accuracy.py TOOL DATA [ROUNDS]   (with a Python that has torch: make time-to-99)
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOAL = 0.99
SETTINGS = [
    ("pooled", 256, 0.01, 3), ("pooled", 256, 0.01, 4), ("pooled", 512, 0.015, 4),
    ("strided", 256, 0.01, 3), ("strided", 256, 0.01, 4)]


def make_torch(name):
    from torch import nn

    if name == "pooled":  # Models/digits-fast.yaml
        second, size = [nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2)], 32 * 6 * 6
    else:
        second, size = [nn.Conv2d(16, 48, 3, stride=2, padding=1), nn.ReLU()], 48 * 7 * 7
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU(), *second, nn.Flatten(),
        nn.Linear(size, 64), nn.ReLU(), nn.Linear(64, 10))


def train_torch(data, name, batch, rate, epochs, seed, path):
    import numpy
    import torch
    from torch import nn

    sys.path.insert(0, str(Path(__file__).parent / "peers"))
    import data as digits

    torch.manual_seed(seed)
    images, labels = digits.load(data)
    images = torch.from_numpy(numpy.ascontiguousarray(images).reshape(-1, 28, 28))
    labels = torch.from_numpy(labels.astype(numpy.int64))
    padded = torch.zeros(len(images), 30, 30, dtype=torch.uint8)
    padded[:, 1:29, 1:29] = images
    # A little quicker than the other order of channels.
    network = make_torch(name).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), lr=rate, fused=True)
    steps = (len(images) + batch - 1) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=steps * epochs, cycle_momentum=False)
    loss = nn.CrossEntropyLoss()
    for _ in range(epochs):
        order = torch.randperm(len(images))
        for start in range(0, len(images), batch):
            chosen = order[start:start + batch]
            down, right = torch.randint(0, 3, (2,)).tolist()
            x = padded[chosen, down:down + 28, right:right + 28]
            optimizer.zero_grad(set_to_none=True)
            x = (x.unsqueeze(1).float() / 255).to(memory_format=torch.channels_last)
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


def run_torch(data, setting, seed, folder):
    start = time.time()
    result = subprocess.run(
        [sys.executable, __file__, "--torch", data, *map(str, setting), str(seed),
         f"{folder}/torch.pt"],
        check=True, capture_output=True, text=True)
    answer = json.loads(result.stdout)
    return answer["saved"] - start, answer["accuracy"]


def run_minicnn(tool, data, seed, folder):
    path = f"{folder}/fast.weights.h5"
    start = time.time()
    subprocess.run(
        [tool, "train", "--model", "Models/digits-fast.yaml", "--data", data, "--seed", str(seed),
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
        f"{name:42} {statistics.median(seconds):6.1f} s ({min(seconds):.1f} to {max(seconds):.1f}),"
        f" accuracy {100 * statistics.median(accuracies):.2f} %"
        f" ({100 * min(accuracies):.2f} to {100 * max(accuracies):.2f}),"
        f" {reached} of {len(runs)} reach {100 * GOAL:.0f} %", flush=True)


def main():
    if sys.argv[1] == "--torch":
        data, name, batch, rate, epochs, seed, path = sys.argv[2:]
        return train_torch(data, name, int(batch), float(rate), int(epochs), int(seed), path)
    tool, data = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    ours, theirs = [], {setting: [] for setting in SETTINGS}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, rounds + 1):
            ours.append(run_minicnn(tool, data, seed, folder))
            for setting in SETTINGS:
                theirs[setting].append(run_torch(data, setting, seed, folder))
    report("minicnn", ours)
    for setting in SETTINGS:
        report("PyTorch {}, {} at {}, {} epochs".format(*setting), theirs[setting])
    median = statistics.median
    good = [runs for runs in theirs.values() if median(accuracy for _, accuracy in runs) >= GOAL]
    if good:
        quickest = min(median(seconds for seconds, _ in runs) for runs in good)
        ratio = quickest / median(seconds for seconds, _ in ours)
        print(f"PyTorch's quickest that reaches the goal takes {ratio:.1f} times as long")


main()
