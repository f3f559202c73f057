"""The networks that are compared: model files, and what `minicnn summary` says of them."""

from dataclasses import dataclass
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
MODELS = BENCHMARKS.parent / "Models"


@dataclass(frozen=True)
class Network:
    name: str
    title: str
    model: Path


NETWORKS = {
    name: Network(name, title, MODELS / f"{name}.yaml")
    for name, title in (("lenet5", "LeNet-5"), ("mnist-cnn", "mnist-cnn"))
}


def family():
    """The networks above and those that nobody tuned for, by name."""
    files = sorted((BENCHMARKS / "family").glob("*.yaml"))
    return NETWORKS | {file.stem: Network(file.stem, file.stem, file) for file in files}
