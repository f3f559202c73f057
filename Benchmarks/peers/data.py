"""The training images of a folder in memory, and shuffled batches of their numbers."""

import gzip
from pathlib import Path

import numpy as np


def load(folder):
    """Images `[count, height, width, channels]` and labels `[count]`, as the bytes in the files."""
    images = read_idx(found(folder, "train-images-idx[34]-ubyte*"))
    labels = read_idx(found(folder, "train-labels-idx1-ubyte*"))
    return images if images.ndim == 4 else images[..., None], labels


def found(folder, pattern):
    for path in sorted(Path(folder).glob(pattern)):
        return path
    raise SystemExit(f"{folder}: no {pattern}")


def read_idx(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        magic = file.read(4)
        if magic[:3] != b"\0\0\x08" or not magic[3]:
            raise SystemExit(f"{path}: not an IDX file of bytes")
        values = np.empty(np.frombuffer(file.read(4 * magic[3]), ">i4"), np.uint8)
        # In pieces, so the content is never in memory twice: peak memory is one of the figures.
        rest = memoryview(values.reshape(-1))
        while rest:
            count = file.readinto(rest[:65_536])
            if count == 0:
                raise SystemExit(f"{path}: ends early")
            rest = rest[count:]
    return values


def batches(count, size):
    """Without end, the numbers of `size` images, every epoch in an order of its own.

    A last batch that is not full is left out: it would make a compiler start anew.
    """
    random = np.random.default_rng(2)
    while True:
        order = random.permutation(count).astype(np.int32)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]
