"""A data set of made-up pictures, where there is none of a network's size."""

import random
import struct

COUNT, CLASSES = 2000, 10


def write(folder, shape):
    """Noise that is brighter in the rows of a class; `shape` is height, width, channels."""
    folder.mkdir(parents=True, exist_ok=True)
    height, width, channels = shape
    generator = random.Random(1)
    bright, dark = (bytes(value // 2 + added for value in range(256)) for added in (127, 0))
    labels = bytes(number % CLASSES for number in range(COUNT))
    pixels = bytearray()
    for label in labels:
        first = label * height // CLASSES
        for row in range(height):
            own = first <= row < first + max(1, height // 5)
            noise = generator.randbytes(width * channels)
            pixels += noise.translate(bright if own else dark)
    save(folder / "train-images-idx4-ubyte", (COUNT, *shape), pixels)
    save(folder / "train-labels-idx1-ubyte", (COUNT,), labels)


def save(path, shape, values):
    """As unsigned bytes in an IDX file."""
    header = struct.pack(f">I{len(shape)}I", 0x800 + len(shape), *shape)
    path.write_bytes(header + values)
