#!/usr/bin/env python3
"""Makes the pictures of this folder: digits of MNIST's test set, as if they had been photographed.

    docs/pictures/make.py Datasets/mnist

Needs cjpeg, of Debian's libjpeg-turbo-progs.
"""
import gzip
import os
import random
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def digits(folder):
    with gzip.open(os.path.join(folder, "t10k-images-idx3-ubyte.gz")) as file:
        pixels = file.read()[16:]
    return lambda n: pixels[784 * n:784 * (n + 1)]


def ink(digit, row, column):
    """How much ink there is at a place of a digit, between its pixels too."""
    total = 0
    top, left = int(row // 1), int(column // 1)
    for y in (top, top + 1):
        for x in (left, left + 1):
            if 0 <= y < 28 and 0 <= x < 28:
                total += digit[28 * y + x] * (1 - abs(row - y)) * (1 - abs(column - x))
    return total / 255


def photograph(name, height, width, placed, seed):
    """placed: digits with the scale, the top and the left of each."""
    noise = random.Random(seed)
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            # Light from the left, a shadow in the lower right corner.
            paper = 226 - 50 * x / width - (45 if x / width + y / height > 1.5 else 0)
            dark = max(ink(d, (y - top) / scale, (x - left) / scale) for d, scale, top, left in placed)
            pixels.append(max(0, min(255, round(paper * (1 - 0.7 * dark) + noise.gauss(0, 3)))))
    image = b"P5 %d %d 255\n" % (width, height) + bytes(pixels)
    with open(os.path.join(HERE, name), "wb") as file:
        subprocess.run(["cjpeg", "-quality", "75"], input=image, stdout=file, check=True)


def main():
    digit = digits(sys.argv[1])
    photograph("five.jpg", 300, 260, [(digit(15), 6, 70, 30)], 1)
    photograph("seven.jpg", 240, 320, [(digit(0), 5, 40, 120)], 2)
    number = [(digit(n), 5, 30 + 12 * (i % 2), 20 + 125 * i) for i, n in enumerate([1, 4, 2, 18])]
    photograph("number.jpg", 220, 540, number, 3)


main()
