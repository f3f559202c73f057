#!/usr/bin/env python3
"""Writes a data set to choose by: the last 10,000 training images stand in for the test images.

Usage: held_out.py DATA FOLDER   (DATA: a folder with an MNIST-format data set, gzipped or not)
"""

import gzip
import pathlib
import struct
import sys
import zlib

HELD_OUT = 10_000
KINDS = ("images-idx3-ubyte", "labels-idx1-ubyte")


def read(data, name):
    """The type of an IDX file of bytes, the extents of a record, and the records."""
    path = next((p for p in (data / f"{name}.gz", data / name) if p.exists()), None)
    if path is None:
        sys.exit(f"{data}: has no {name}, gzipped or not")
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            sys.exit(f"{path}: damaged: {error}")
    if len(content) < 8 or content[:3] != b"\0\0\x08" or len(content) < 4 + 4 * content[3]:
        sys.exit(f"{path}: is no IDX file of bytes")
    rank = content[3]
    count, *extents = struct.unpack(f">{rank}I", content[4 : 4 + 4 * rank])
    size = 1
    for extent in extents:
        size *= extent
    body = content[4 + 4 * rank :]
    if len(body) != count * size:
        sys.exit(f"{path}: expected {count * size} bytes of records, found {len(body)}")
    return content[:4], extents, [body[i * size : (i + 1) * size] for i in range(count)]


def write(path, magic, extents, records):
    header = magic + struct.pack(f">{1 + len(extents)}I", len(records), *extents)
    new = path.with_name(path.name + ".tmp")
    new.write_bytes(gzip.compress(header + b"".join(records), mtime=0))
    new.rename(path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    data, folder = map(pathlib.Path, sys.argv[1:])
    files = [read(data, f"train-{kind}") for kind in KINDS]
    counts = [len(records) for _, _, records in files]
    if counts[0] != counts[1] or counts[0] <= HELD_OUT:
        sys.exit(f"{data}: expected as many images as labels, over {HELD_OUT:,}, found"
                 f" {counts[0]:,} and {counts[1]:,}")
    if folder.exists() and data.samefile(folder):
        sys.exit(f"{folder}: is the data set itself")
    folder.mkdir(parents=True, exist_ok=True)
    for kind, (magic, extents, records) in zip(KINDS, files):
        write(folder / f"train-{kind}.gz", magic, extents, records[:-HELD_OUT])
        write(folder / f"t10k-{kind}.gz", magic, extents, records[-HELD_OUT:])


if __name__ == "__main__":
    main()
