"""What MiniCNN aims at, and a row of the table that holds a figure against it."""

from dataclasses import dataclass

# Times as quick as the best peer: (network, what was measured) to the goal.
QUICKER = {
    ("lenet5", "training"): 6,
    ("lenet5", "inference"): 2.5,
    ("lenet5", "one image"): 2,
    ("mnist-cnn", "training"): 3.3,
    ("mnist-cnn", "inference"): 2,
    ("mnist-cnn", "one image"): 1.7,
}
SCALING = 1.85  # training on two threads to one
# Of the family: what was measured to the goals for the median network and for every one.
FAMILY = {"training": (3, 2), "inference": (2, 1.3), "one image": (2, 1.2)}
FAMILY_HELD = {"x86-64-v3": {"training": (2.5, None)}}  # to this instruction set
PEAK_MEGABYTES = {"lenet5": 150, "mnist-cnn": 250}
FIRST_STEP_SECONDS = 0.15
TWICE = 2.05  # the cost of twice the images or twice the batch
SMALL_BATCHES = 0.8  # images/s of batch 32 to batch 512


@dataclass(frozen=True)
class Goal:
    bound: float
    unit: str = ""
    at_least: bool = True

    def __str__(self):
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}{self.unit}"

    def met(self, value):
        return value >= self.bound if self.at_least else value <= self.bound


HEADER = ("network", "threads", "what", "MiniCNN", "best peer", "result", "goal", "met")
RIGHT = (1,)


def row(network, threads, what, figure, goal, ours="", peer=""):
    """`figure` is held against the goal; `ours` and `peer` are what it was made from."""
    met = "yes" if goal.met(figure.median) else "**no**"
    written = figure.written(goal.unit)
    return (network.title, threads, what, ours, peer, written, str(goal), met)
