"""MiniCNN's layers, each timed by itself on one thread."""

from statistics import median

from .figures import number
from .tables import table

HEADER = ("layer", "output", "forward µs", "share", "backward µs", "share")


def layers(reports):
    """A table of the medians over the reports."""
    rows = []
    for measured in zip(*(report["layers"] for report in reports), strict=True):
        layer = measured[0]
        forward, backward, forward_share, backward_share = (
            median(each[key] for each in measured)
            for key in (
                "forwardMicroseconds", "backwardMicroseconds", "forwardShare", "backwardShare"
            )
        )
        shape = "×".join(map(str, layer["outputShape"]))
        rows.append((
            layer["name"], shape, number(forward), share(forward_share), number(backward),
            share(backward_share),
        ))
    return table(HEADER, rows, right=(2, 3, 4, 5))


def share(value):
    """Of the measured peak of a core's multiply-add units; nothing where none are used."""
    return f"{100 * value:.0f} %" if value else ""
