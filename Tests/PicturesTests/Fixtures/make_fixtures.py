"""Writes png.json and jpeg.json: small pictures with the pixels that they are to be decoded to.

PNGs are written by hand with Python's standard library alone; JPEGs, and what they decode to, come
from Pillow (pip install pillow).
"""
import io
import json
import os
import struct
import zlib

HEIGHT, WIDTH = 5, 9
ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(row, depth):
    """The samples of a row in bytes."""
    if depth == 16:
        return b"".join(struct.pack(">H", value) for value in row)
    bits = "".join(format(value, f"0{depth}b") for value in row)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def png(samples, color, depth, interlaced, before=()):
    """A file of samples [height][width][channels]; `before` are the chunks before the pixels."""
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    data = b""
    for top, left, down, right in passes:
        for row in samples[top::down]:
            values = [value for pixel in row[left::right] for value in pixel]
            if values:
                data += b"\0" + packed(values, depth)
    header = struct.pack(">IIBBBBB", len(samples[0]), len(samples), depth, color, 0, 0, interlaced)
    chunks = [chunk(b"IHDR", header), *(chunk(*item) for item in before)]
    chunks += [chunk(b"IDAT", zlib.compress(data, 9)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def scaled(value, depth):
    return (value * 255 * 2 + (2**depth - 1)) // (2 * (2**depth - 1))


def flat(color, opacity, ground):
    return [(value * opacity + ground * (255 - opacity) + 127) // 255 for value in color]


def entry(name, file, pixels):
    return {"name": name, "file": file.hex(), "height": len(pixels), "width": len(pixels[0]),
            "channels": len(pixels[0][0]), "pixels": bytes(sum(sum(pixels, []), [])).hex()}


def pattern(color, depth):
    most = 2**depth - 1
    return [[[(row * 7919 + column * 104729 + channel * 1299709) * 31 % (most + 1)
              for channel in range(CHANNELS[color])]
             for column in range(WIDTH)] for row in range(HEIGHT)]


def pngs():
    depths = {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}
    for interlaced in (0, 1):
        for color, depths_of in depths.items():
            for depth in depths_of:
                samples = pattern(color, depth)
                palette = [[(i * 37 + k * 85) % 256 for k in range(3)] for i in range(2**depth)]
                before = [(b"PLTE", bytes(sum(palette, [])))] if color == 3 else []
                # In the pattern much is opaque, so the ground is white.
                pixels = [[palette[pixel[0]] if color == 3 else
                           [scaled(value, depth) for value in pixel] for pixel in row]
                          for row in samples]
                if color in (4, 6):
                    for row in samples:
                        for pixel in row:
                            pixel[-1] |= 3 << (depth - 2)
                    pixels = [[flat([scaled(value, depth) for value in pixel[:-1]],
                                    scaled(pixel[-1], depth), 255) for pixel in row]
                              for row in samples]
                name = f"colour type {color}, {depth} bits" + (", interlaced" if interlaced else "")
                yield entry(name, png(samples, color, depth, interlaced, before), pixels)
    # One transparent shade, colour or entry of the palette.
    samples = pattern(0, 8)
    pixels = [[[255] if pixel == samples[1][1] else pixel for pixel in row] for row in samples]
    yield entry("a transparent grey", png(
        samples, 0, 8, 0, [(b"tRNS", struct.pack(">H", samples[1][1][0]))]), pixels)
    samples = pattern(2, 8)
    pixels = [[[255] * 3 if pixel == samples[1][1] else pixel for pixel in row] for row in samples]
    yield entry("a transparent colour", png(
        samples, 2, 8, 0, [(b"tRNS", struct.pack(">HHH", *samples[1][1]))]), pixels)
    samples = pattern(3, 1)
    colors = [flat([200, 100, 0], 128, 255), [10, 20, 30]]
    yield entry("a transparent entry", png(
        samples, 3, 1, 0, [(b"PLTE", bytes([200, 100, 0, 10, 20, 30])), (b"tRNS", b"\x80")]),
        [[colors[pixel[0]] for pixel in row] for row in samples])
    # White strokes on nothing, and black ones.
    for name, shade, ground in [("white", 255, 0), ("black", 0, 255)]:
        samples = [[[shade, 255 if column == 4 else 0] for column in range(WIDTH)]
                   for row in range(HEIGHT)]
        yield entry(f"{name} ink on nothing", png(samples, 4, 8, 0),
                    [[[shade if column == 4 else ground] for column in range(WIDTH)]
                     for row in range(HEIGHT)])


def exif(orientation, order):
    number = {"<": b"II", ">": b"MM"}[order]
    entries = [struct.pack(order + "HHII", 0x0100, 4, 1, 24),
               struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)]
    return (b"Exif\0\0" + number + struct.pack(order + "HIH", 42, 8, len(entries))
            + b"".join(entries) + struct.pack(order + "I", 0))


def jpegs():
    from PIL import Image, ImageOps

    def rows(image):
        width, height = image.size
        data = image.tobytes()
        channels = len(image.getbands())
        return [[list(data[(row * width + column) * channels:][:channels])
                 for column in range(width)] for row in range(height)]

    def file(image, **options):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=90, **options)
        return buffer.getvalue()

    color = Image.new("RGB", (24, 16))
    color.putdata([(10 * column, 15 * row, 200 if row < 8 and column < 8 else 30)
                   for row in range(16) for column in range(24)])
    grey = color.convert("L")
    for name, image, options in [
        ("grey", grey, {}), ("grey, progressive", grey, {"progressive": True}),
        ("colour", color, {"subsampling": 0}), ("colour, 4:2:0", color, {"subsampling": 2}),
        ("colour, progressive", color, {"progressive": True}),
        ("colour, RGB", color, {"keep_rgb": True}),
    ]:
        bytes_ = file(image, **options)
        yield entry(name, bytes_, rows(Image.open(io.BytesIO(bytes_))))
    for orientation in range(1, 9):
        bytes_ = file(grey, exif=exif(orientation, "<>"[orientation % 2]))
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(bytes_)))
        yield entry(f"orientation {orientation}", bytes_, rows(upright))
    bytes_ = file(grey, exif=exif(9, "<"))
    yield entry("an orientation that there is not", bytes_, rows(Image.open(io.BytesIO(bytes_))))
    # Refused, so without pixels that could be expected.
    yield entry("CMYK", file(color.convert("CMYK")), [[[0]]])


here = os.path.dirname(os.path.abspath(__file__))
for name, entries in [("png.json", pngs()), ("jpeg.json", jpegs())]:
    with open(os.path.join(here, name), "w") as output:
        output.write("[\n" + ",\n".join(json.dumps(item) for item in entries) + "\n]\n")
