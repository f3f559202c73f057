"""What of a step's time on one thread does not grow with the batch, and what waits for all of it."""

from dataclasses import dataclass

# Batches of one shard from which the part is told that does not grow with them. Larger ones leave the
# caches, and their images take longer.
FITTED = [(16, 1), (32, 1), (64, 1)]


@dataclass(frozen=True)
class Work:
    step: float
    """Seconds in which one thread prepares the weights of a step and updates them."""
    dense_share: float
    """The share of the rest that goes into gradients of dense layers' kernels."""

    @classmethod
    def of(cls, times, dense_share):
        """From the seconds of a step by (batch, shards), of those in FITTED."""
        # A line by least squares, in which a per cent counts alike at every batch.
        weights = {cut: 1 / times[cut] ** 2 for cut in FITTED}
        total = sum(weights.values())
        batch = sum(weights[cut] * cut[0] for cut in FITTED) / total
        time = sum(weights[cut] * times[cut] for cut in FITTED) / total
        slope = sum(
            weights[cut] * (cut[0] - batch) * (times[cut] - time) for cut in FITTED
        ) / sum(weights[cut] * (cut[0] - batch) ** 2 for cut in FITTED)
        return cls(max(0.0, time - slope * batch), dense_share)


def dense_share(layers):
    """From the layers that `minicnn benchmark --json` has timed: half of what a dense layer takes backwards is
    for its kernel, the other half for its input."""
    total = sum(layer["forwardMicroseconds"] + layer["backwardMicroseconds"] for layer in layers)
    dense = sum(layer["backwardMicroseconds"] for layer in layers if layer["kind"] == "dense")
    return dense / 2 / total
