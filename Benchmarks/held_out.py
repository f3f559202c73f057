#!/usr/bin/env python3
"""Writes a data set to choose by: the last 10,000 training images stand in for the test images.

Usage: held_out.py DATA FOLDER   (DATA: a folder with the four gzipped files of an MNIST-format data set)
"""

import gzip
import pathlib
import struct
import sys

HELD_OUT = 10_000


def parts(path):
    """The header's extents beyond the number of records, and the bytes of each record."""
    content = gzip.decompress(path.read_bytes())
    rank = content[3]
    count, *extents = struct.unpack(f">{rank}I", content[4 : 4 + 4 * rank])
    body = content[4 + 4 * rank :]
    size = len(body) // count
    return content[:4], extents, [body[i * size : (i + 1) * size] for i in range(count)]


def write(path, magic, extents, records):
    header = magic + struct.pack(f">{1 + len(extents)}I", len(records), *extents)
    path.write_bytes(gzip.compress(header + b"".join(records), mtime=0))


def main():
    data, folder = map(pathlib.Path, sys.argv[1:3])
    folder.mkdir(parents=True, exist_ok=True)
    for kind in ("images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"):
        magic, extents, records = parts(data / f"train-{kind}")
        write(folder / f"train-{kind}", magic, extents, records[:-HELD_OUT])
        write(folder / f"t10k-{kind}", magic, extents, records[-HELD_OUT:])


if __name__ == "__main__":
    main()
