"""What of a step's time on one thread grows with the images, with the shards, and with neither."""

from dataclasses import dataclass

# Batches and shards from which the parts are told apart: their chunks all have 16 images, so that an image
# costs the same in each.
FITTED = [(16, 1), (64, 1), (128, 8), (1024, 8), (1024, 64)]


@dataclass(frozen=True)
class Work:
    """Seconds on one thread."""

    image: float
    shard: float
    """For each shard: its gradient is set to zero and added."""
    step: float
    """For each step: weights are prepared and updated."""
    dense_share: float
    """The share of an image's time that goes into gradients of dense layers' kernels."""

    @classmethod
    def of(cls, times, dense_share):
        """From the seconds of a step by (batch, shards), of those in FITTED."""
        shard = max(0.0, (times[1024, 64] - times[1024, 8]) / 56)
        rest = {cut: max(0.0, times[cut] - shard * cut[1]) for cut in FITTED}
        # A line through the rest by least squares, in which a per cent counts alike at every batch.
        weights = {cut: 1 / times[cut] ** 2 for cut in FITTED}
        total = sum(weights.values())
        mean_batch = sum(weights[cut] * cut[0] for cut in FITTED) / total
        mean_rest = sum(weights[cut] * rest[cut] for cut in FITTED) / total
        image = sum(
            weights[cut] * (cut[0] - mean_batch) * (rest[cut] - mean_rest) for cut in FITTED
        ) / sum(weights[cut] * (cut[0] - mean_batch) ** 2 for cut in FITTED)
        step = mean_rest - image * mean_batch
        if step < 0:
            image, step = mean_rest / mean_batch, 0.0
        return cls(image, shard, step, dense_share)


def dense_share(layers):
    """From the layers that `minicnn benchmark --json` has timed: half of what a dense layer takes backwards is
    for its kernel, the other half for its input."""
    total = sum(layer["forwardMicroseconds"] + layer["backwardMicroseconds"] for layer in layers)
    dense = sum(layer["backwardMicroseconds"] for layer in layers if layer["kind"] == "dense")
    return dense / 2 / total
