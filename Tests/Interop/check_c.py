"""Holds exported C to the tool, for every model in Models/: the classes of the 10,000 test digits on this machine, on
an emulated microcontroller, on an emulated ARM with Linux and in WebAssembly; warnings; flash, RAM and stack; the self
test.

    python3 Tests/Interop/check_c.py .build/release/minicnn [--trained FOLDER] [--only MODEL ...]

Models that come without weights, or are not in FOLDER, are trained for a moment. Installs Debian's compilers and
emulators. Prints a line for each check and exits with 1 where one fails.
"""

import argparse
import glob
import gzip
import json
import math
import os
import re
import struct
import sys
import tempfile

import c_targets
from c_targets import CORTEX_M0, CORTEX_M4, STRICT, WASM, Checks, Source, check, deepest_stack, run

ROOT = os.path.abspath(os.path.join(c_targets.HERE, "../.."))
DATA = os.path.join(ROOT, "Datasets/mnist")
# Emulated on all digits; the others on a hundred, and on ten where each product is a call of a function.
EMULATED_WHOLLY = ["lenet5", "digits-tiny"]
TOLERANCE = 1e-4

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--trained", default="")
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    c_targets.install()
    tool = os.path.abspath(options.tool)
    layers = [os.path.join(ROOT, "Tests", part) for part in
              ["Golden/layers.yaml", "Golden/kinds.yaml", "Interop/activations.yaml"]]
    with tempfile.TemporaryDirectory() as folder:
        with gzip.open(os.path.join(DATA, "t10k-images-idx3-ubyte.gz")) as file:
            pixels = file.read()[16:]
        images = {}
        for count in [10, 100, 1000, 10000]:
            images[count] = os.path.join(folder, f"{count}.bin")
            with open(images[count], "wb") as file:
                file.write(pixels[:784 * count])
        sources = []
        for model in sorted(glob.glob(os.path.join(ROOT, "Models/*.yaml"))) + layers:
            name = os.path.splitext(os.path.basename(model))[0]
            if options.only and name not in options.only:
                continue
            sources.append(check_model(tool, model, name, options.trained, folder, images))
        if len(sources) > 1:
            check_together(sources, folder)
    return 1 if Checks.failed else 0


def check_model(tool, model, name, trained, folder, images):
    checkpoint = find_checkpoint(tool, model, name, trained, folder)
    path = os.path.join(folder, f"{name}.c")
    told = run([tool, "export", checkpoint, path, "--data", DATA]).decode()
    identifier = re.search(r"^int (\w+)_predict\(", open(path).read(), re.M)[1]
    source = Source(path, identifier)
    check_warnings(source)
    check_sizes(source, told)
    check_self_test(source)
    check_scores(tool, source, name, checkpoint, images)
    return source


def find_checkpoint(tool, model, name, trained, folder):
    for place in [trained, os.path.join(ROOT, "Models")]:
        path = os.path.join(place, f"{name}.weights.h5")
        if place and os.path.exists(path):
            return path
    path = os.path.join(folder, f"{name}.weights.h5")
    run([tool, "train", "--model", model, "--data", DATA, "--seed", 1, "--max-steps", 300, "--checkpoint", path])
    return path


def check_warnings(source):
    """Every compiler takes the file without a warning, as C and as C++."""
    strict = [*STRICT, "-Wstrict-prototypes", "-Wmissing-prototypes"]
    commands = {
        "gcc": ["gcc", "-std=c99", *strict], "clang": ["clang", "-std=c99", *strict],
        "g++": ["g++", "-std=c++11", "-x", "c++", *STRICT],
        "clang++": ["clang++", "-std=c++11", "-x", "c++", *STRICT],
        "Cortex-M4": ["arm-none-eabi-gcc", "-std=c99", *CORTEX_M4, *strict],
        "Cortex-M0+": ["arm-none-eabi-gcc", "-std=c99", *CORTEX_M0, *strict],
        "wasm32": ["clang", "-std=c99", *WASM, *strict],
    }
    bad = []
    for target, command in commands.items():
        try:
            run([*command, "-O2", "-c", source.path, "-o", os.devnull])
        except RuntimeError as error:
            bad.append(f"{target}: {error}")
    check(not bad, f"{source.base}: no warning from {', '.join(commands)}{''.join(bad)}")


def check_sizes(source, told):
    """Flash, RAM and stack are what the tool printed, and no function but the C library's simplest is called."""
    constants, code = map(int, re.search(r"flash: (\d+) bytes of constants, at most (\d+) of code", told).groups())
    arena, stack = map(int, re.search(r"RAM: (\d+) bytes of arena, at most (\d+) of stack", told).groups())
    text = open(source.path).read()
    tables = {name: 4 * int(count) for name, count in
              re.findall(r"^static const float (\w+)\[(\d+)\]", text.split("_SELFTEST\n#include")[0], re.M)}
    for target, processor in {"Cortex-M4": CORTEX_M4, "Cortex-M0+": CORTEX_M0}.items():
        program = source.file(target, "o")
        run(["arm-none-eabi-gcc", "-std=c99", "-Os", "-fstack-usage", *processor, "-c", source.path, "-o", program])
        flash, data, bss = map(int, run(["arm-none-eabi-size", program]).decode().split("\n")[1].split()[:3])
        symbols = [line.split() for line in run(["arm-none-eabi-nm", "-S", program]).decode().splitlines()]
        sizes = {words[3]: int(words[1], 16) for words in symbols if len(words) == 4}
        # A compiler may write a table of one number into the instructions.
        written = sum(size for name, size in tables.items() if size == 4 and name not in sizes)
        stored = sum(sizes.get(name, 0) for name in tables) + written
        check(stored == constants == sum(tables.values()),
              f"{source.base}, {target}: {stored} bytes of constants, {constants} told")
        instructions = flash - stored + written
        check(0 < instructions <= code,
              f"{source.base}, {target}: {instructions} bytes of code, at most {code} told")
        check(data == 0 and bss == arena, f"{source.base}, {target}: {data + bss} bytes of RAM, {arena} told")
        deepest = deepest_stack(text, source.name, program[:-1] + "su")
        check(deepest <= stack, f"{source.base}, {target}: {deepest} bytes of stack, at most {stack} told")
        called = {words[-1] for words in symbols if words[0] == "U"}
        others = {name for name in called if not re.fullmatch(
            r"__aeabi_\w+|__gnu_thumb1_case\w+|mem(cpy|set|move)|(exp|expm1|tanh|erf|sqrt)f", name)}
        check(not others, f"{source.base}, {target}: no heap, calls {', '.join(sorted(called)) or 'nothing'}")


def check_self_test(source):
    """The self test passes, and does not where a weight is another."""
    flags = ["gcc", "-std=c99", *STRICT, f"-D{source.name.upper()}_SELFTEST"]
    program = source.file("selftest", "out")
    run([*flags, source.path, "-o", program, "-lm"])
    said = run([program]).decode().strip()
    altered = source.file("altered", "c")
    text = open(source.path).read()
    tables = list(re.finditer(r"^(static const float \w+_(?:kernel|bias)\[\d+\] = \{\n  )[-\d.e]+f", text, re.M))
    last = tables[-1]
    with open(altered, "w") as file:
        file.write(text[:last.start()] + last[1] + "1000.0f" + text[last.end():])
    run([*flags, altered, "-o", program, "-lm"])
    try:
        run([program])
        fails = False
    except RuntimeError:
        fails = True
    check(fails, f"{source.base}: the self test says '{said}', and fails with another weight")


def check_scores(tool, source, name, checkpoint, images):
    """Classes and scores against the tool's."""
    told = json.loads(run([
        tool, "predict", checkpoint, "--images", os.path.join(DATA, "t10k-images-idx3-ubyte.gz"), "--json"]))
    expected = [(int(one["class"]), one["probabilities"]) for one in told["predictions"]]
    emulated = 10000 if name in EMULATED_WHOLLY else 100
    sanitized = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    targets = {
        "gcc -O3": (10000, lambda path: c_targets.native(source, path, "gcc")),
        "clang -O2": (1000, lambda path: c_targets.native(source, path, "clang", "-O2")),
        "gcc -O1, sanitized": (100, lambda path: c_targets.native(source, path, "gcc", "-O1", sanitized)),
        "Cortex-M4": (emulated, lambda path: c_targets.cortex_m(source, path)),
        "Cortex-M0+": (10, lambda path: c_targets.cortex_m(source, path, CORTEX_M0, "cortex-m0")),
        "ARM Linux": (100, lambda path: c_targets.linux_arm(source, path)),
        "wasm32": (emulated, lambda path: c_targets.wasm(source, path)),
    }
    scores = {target: compute(images[count]) for target, (count, compute) in targets.items()}
    reference = rows(scores["gcc -O3"])
    for target, data in scores.items():
        found = rows(data)
        same = sum(row.index(max(row)) == expected[i][0] for i, row in enumerate(found))
        probability = max(abs(a - b) for i, row in enumerate(found) for a, b in zip(softmax(row), expected[i][1]))
        score = max(abs(a - b) / max(1, abs(b)) for i, row in enumerate(found) for a, b in zip(row, reference[i]))
        wanted = targets[target][0]
        check(same == len(found) == wanted and probability <= TOLERANCE and score <= TOLERANCE,
              f"{name}, {target}: {same} of {wanted} classes, probabilities within {probability:.1e}, "
              f"scores within {score:.1e} of gcc's")


def rows(data):
    numbers = struct.unpack(f"<{len(data) // 4}f", data)
    return [numbers[i:i + 10] for i in range(0, len(numbers), 10)]


def softmax(row):
    powers = [math.exp(value - max(row)) for value in row]
    return [power / sum(powers) for power in powers]


def check_together(sources, folder):
    """Two models in one program, one included whole and one as a header."""
    first, second = sources[:2]
    caller = os.path.join(folder, "together.c")
    with open(caller, "w") as file:
        file.write(f"""
#define {first.name.upper()}_HEADER_ONLY
#include "{first.path}"
#include "{first.path}"
#include "{second.path}"
#include "{first.path}"
int main(void) {{
  static const uint8_t image[784] = {{0}};
  static float arena[{first.name.upper()}_ARENA_BYTES / sizeof(float)];
  float scores[10], others[10];
  return {first.name}_predict(image, scores) != {first.name}_predict_in(arena, image, others)
      || {second.name}_predict(image, others) < 0 || {first.name}_predict(0, scores) != -1;
}}
""")
    program = os.path.join(folder, "together.out")
    run(["gcc", "-std=c99", *STRICT, caller, first.path, "-o", program, "-lm"])
    run([program])
    check(True, f"{first.base} and {second.base} in one program")


if __name__ == "__main__":
    sys.exit(main())
