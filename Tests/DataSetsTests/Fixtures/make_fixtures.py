"""Writes data sets in the forms of their publishers, small, for MiniCNN's importers to read.

Every pixel follows from its place, so that a test can say what it must be. NumPy writes its own files;
everything else is written byte by byte as the publishers describe it.

    python3 Tests/DataSetsTests/Fixtures/make_fixtures.py
"""

import gzip
import os
import struct

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
TRAIN, VALIDATION, TEST = 0, 1, 2


def pixel(part, image, row, column, channel=0):
    return (part * 101 + image * 37 + row * 5 + column * 3 + channel * 11) % 251


def images(part, count, height, width, channels=None):
    def value(n, r, c, k):
        return pixel(part, n, r, c, k)

    shape = (count, height, width, channels or 1)
    array = numpy.fromfunction(numpy.vectorize(value), shape, dtype=int).astype(numpy.uint8)
    return array if channels else array[..., 0]


def labels(count, classes, first=0):
    return numpy.array([first + n % classes for n in range(count)], numpy.uint8)


def path(name):
    full = os.path.join(HERE, name)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def write(name, content):
    if name.endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    with open(path(name), "wb") as file:
        file.write(content)


def csv():
    """Kaggle's Digit Recognizer, and MNIST in CSV by Joseph Redmon, which has no header."""
    header = ",".join(["label"] + [f"pixel{n}" for n in range(16)])
    rows = [
        ",".join(map(str, [label, *image.ravel()]))
        for label, image in zip(labels(6, 3), images(TRAIN, 6, 4, 4))
    ]
    write("kaggle/train.csv", "\n".join([header] + rows + [""]).encode())
    tests = [",".join(map(str, image.ravel())) for image in images(TEST, 2, 4, 4)]
    write("kaggle/test.csv", "\r\n".join([header[6:]] + tests + [""]).encode())
    write("kaggle/sample_submission.csv", b"ImageId,Label\n1,0\n2,0\n")
    write("plain/mnist_train.csv.gz", "\n".join(rows).encode())


def cifar():
    def record(part, image, *label):
        planes = images(part, image + 1, 32, 32, 3)[image].transpose(2, 0, 1)
        return bytes(label) + planes.tobytes()

    for batch in range(5):
        write(f"cifar-10/data_batch_{batch + 1}.bin", record(TRAIN, batch, batch * 2))
    write("cifar-10/test_batch.bin", record(TEST, 0, 9))
    names = "airplane automobile bird cat deer dog frog horse ship truck".split()
    write("cifar-10/batches.meta.txt", "\n".join(names + ["", ""]).encode())
    write("cifar-100/train.bin", record(TRAIN, 0, 19, 99) + record(TRAIN, 1, 3, 42))
    write("cifar-100/test.bin", record(TEST, 0, 0, 7))
    write("cifar-100/coarse_label_names.txt", "".join(f"super {n}\n" for n in range(20)).encode())
    write("cifar-100/fine_label_names.txt", "".join(f"fine {n}\n" for n in range(100)).encode())


def npz():
    numpy.savez_compressed(
        path("medmnist.npz"),
        train_images=images(TRAIN, 6, 4, 5, 3), train_labels=labels(6, 3)[:, None],
        val_images=images(VALIDATION, 3, 4, 5, 3), val_labels=labels(3, 3)[:, None],
        test_images=images(TEST, 3, 4, 5, 3), test_labels=labels(3, 3)[:, None])
    numpy.savez(
        path("keras.npz"),
        x_train=images(TRAIN, 6, 4, 4), y_train=labels(6, 3).astype(numpy.int64),
        x_test=images(TEST, 3, 4, 4).astype(numpy.float32), y_test=labels(3, 3).astype(numpy.int16))
    few = images(TRAIN, 2, 2, 3)
    for name, array in {
        "fortran": numpy.asfortranarray(few), "big-endian": few.astype(">i4"),
        "fractions": few.astype(numpy.float64) + 0.5, "negative": few.astype(numpy.int8) - 100,
        "objects": few.astype(object), "flat": few.ravel(),
    }.items():
        numpy.savez(path(f"npz-{name}.npz"), train_images=array)
    numpy.savez(path("npz-many-labels.npz"), train_images=few, train_labels=[[0, 1], [1, 0]])
    numpy.savez(path("npz-names.npz"), pictures=few)
    numpy.savez(
        path("npz-class-names.npz"), train_images=few, train_labels=[1, 0],
        class_names=["caf\u00e9", "<script>"])


def emnist():
    """Letters: labels from 1, and rows and columns of images exchanged."""
    for part, name, count in [(TRAIN, "train", 6), (TEST, "test", 3)]:
        turned = images(part, count, 4, 4).transpose(0, 2, 1)
        head = struct.pack(">4i", 2051, count, 4, 4)
        write(f"emnist/emnist-letters-{name}-images-idx3-ubyte.gz", head + turned.tobytes())
        head = struct.pack(">2i", 2049, count)
        write(
            f"emnist/emnist-letters-{name}-labels-idx1-ubyte.gz", head + labels(count, 3, 1).tobytes())
    write("emnist/emnist-letters-mapping.txt", b"1 65 97\n2 66 98\n3 67 99\n")


if __name__ == "__main__":
    csv()
    cifar()
    npz()
    emnist()
