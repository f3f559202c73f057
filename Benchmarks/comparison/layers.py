"""MiniCNN's layers, each timed by itself on one thread."""

from statistics import median

from .figures import number
from .tables import table

HEADER = ("layer", "output", "forward µs", "backward µs", "GFLOP/s")


def layers(reports):
    """A table of the medians over the reports."""
    rows = []
    for measured in zip(*(report["layers"] for report in reports), strict=True):
        layer = measured[0]
        forward, backward, gflops = (
            median(each[key] for each in measured)
            for key in ("forwardMicroseconds", "backwardMicroseconds", "gflops")
        )
        rate = number(gflops) if gflops else ""  # no multiply-adds
        shape = "×".join(map(str, layer["outputShape"]))
        rows.append((layer["name"], shape, number(forward), number(backward), rate))
    return table(HEADER, rows, right=(2, 3, 4))
