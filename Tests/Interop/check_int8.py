"""Holds exported C with 8-bit integers to the tool: every bit of the scores of 10,000 test images of digits-tiny and
lenet5, and of a hundred for the other models in Models/, by gcc and clang at several levels, on emulated
microcontrollers, on an emulated ARM with Linux and in WebAssembly; warnings; sanitizers; flash and RAM; the self test.

    python3 Tests/Interop/check_int8.py .build/release/minicnn [--trained FOLDER] [--only MODEL ...]

The program QuantizedDigits is to be beside the tool. Models that come without weights, or are not in FOLDER, are
trained for a moment, digits-tiny for all of its recipe (two minutes). Installs Debian's compilers and emulators. Prints
a line for each check and exits with 1 where one fails.
"""

import argparse
import gzip
import os
import re
import sys
import tempfile

import c_targets
from c_targets import CORTEX_M0, CORTEX_M4, STRICT, WASM, Checks, Source, check, deepest_stack, run

ROOT = os.path.abspath(os.path.join(c_targets.HERE, "../.."))
MODELS = ["digits-tiny", "digits-fast", "lenet5", "mnist-cnn", "mlp", "resnet-mini", "digits-best", "fashion"]
# On all images; the others on a hundred.
WHOLLY = ["digits-tiny", "lenet5"]
# Too large for the emulated microcontroller's memory.
TOO_LARGE = ["mnist-cnn"]
# The most points that may be lost.
ALLOWED = {"digits-tiny": 0.2, "digits-fast": 0.2}
LARGEST_TINY = 12 * 1024

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--trained", default="")
    parser.add_argument("--only", nargs="*", default=MODELS)
    options = parser.parse_args()
    c_targets.install()
    for name in options.only:
        with tempfile.TemporaryDirectory() as folder:
            check_model(os.path.abspath(options.tool), name, options.trained, folder)
    return 1 if Checks.failed else 0


def check_model(tool, name, trained, folder):
    data = "/usr/share/datasets/fashion-mnist" if name == "fashion" else os.path.join(ROOT, "Datasets/mnist")
    checkpoint = find_checkpoint(tool, name, data, trained, folder)
    path = os.path.join(folder, f"{name}.c")
    told = run([tool, "export", checkpoint, path, "--quantize", "int8", "--data", data]).decode()
    source = Source(path, re.search(r"^int (\w+)_predict\(", open(path).read(), re.M)[1])
    check_report(name, told)
    check_warnings(source)
    check_sizes(source, told)
    check_self_test(source)

    count = 10000 if name in WHOLLY else 100
    expected = os.path.join(folder, "expected")
    run([os.path.join(os.path.dirname(tool), "QuantizedDigits"), checkpoint, data, count, expected])
    with gzip.open(os.path.join(data, "t10k-images-idx3-ubyte.gz")) as file:
        pixels = file.read()[16:]
    images, some = os.path.join(folder, "images"), os.path.join(folder, "some")
    for target, number in {images: count, some: 100}.items():
        with open(target, "wb") as file:
            file.write(pixels[:784 * number])
    with open(expected, "rb") as file:
        check_scores(source, name, images, some, count, file.read())


def find_checkpoint(tool, name, data, trained, folder):
    for place in [trained, os.path.join(ROOT, "Models")]:
        path = os.path.join(place, f"{name}.weights.h5")
        if place and os.path.exists(path):
            return path
    path = os.path.join(folder, f"{name}.weights.h5")
    # What a network loses before its training has ended says nothing of it.
    steps = [] if name in ALLOWED else ["--max-steps", 900]
    run([tool, "train", "--model", os.path.join(ROOT, f"Models/{name}.yaml"), "--data", data, "--seed", 1,
         *steps, "--checkpoint", path])
    return path


def check_report(name, told):
    """At most so much is lost, and the tool says how sure that is."""
    for line in told.splitlines():
        print(f"     {name}: {line}")
    lost = float(re.search(r"(-?[\d.]+) points lost", told)[1])
    allowed = ALLOWED.get(name, 0.5)
    check(lost <= allowed, f"{name}: {lost} points lost, at most {allowed} allowed")
    check(re.search(r"p = [\d.]+ \(McNemar\)", told), f"{name}: the paired test is printed")
    check("outputs are the same bits" in told, f"{name}: the tool has compared its own file")


def check_warnings(source):
    commands = {
        "gcc": ["gcc", "-std=c99"], "clang": ["clang", "-std=c99"], "g++": ["g++", "-std=c++11", "-x", "c++"],
        "clang++": ["clang++", "-std=c++11", "-x", "c++"],
        "Cortex-M4": ["arm-none-eabi-gcc", "-std=c99", *CORTEX_M4],
        "Cortex-M0+": ["arm-none-eabi-gcc", "-std=c99", *CORTEX_M0], "wasm32": ["clang", "-std=c99", *WASM],
    }
    bad = []
    for target, command in commands.items():
        for level in ["-O0", "-Os", "-O2"]:
            try:
                run([*command, *STRICT, level, "-c", source.path, "-o", os.devnull])
            except RuntimeError as error:
                bad.append(f"{target} {level}: {error}")
    check(not bad, f"{source.base}: no warning from {', '.join(commands)}{''.join(bad)}")


def check_sizes(source, told):
    """Flash, RAM and stack are what the tool printed, and nothing is called but arithmetic of the processor's."""
    constants, code = map(int, re.search(r"flash: (\d+) bytes of constants, at most (\d+) of code", told).groups())
    arena, stack = map(int, re.search(r"RAM: (\d+) bytes of arena, at most (\d+) of stack", told).groups())
    if source.base == "digits-tiny":
        check(constants <= LARGEST_TINY, f"{source.base}: {constants} bytes of weights, at most {LARGEST_TINY} wanted")
    for target, processor in {"Cortex-M4": CORTEX_M4, "Cortex-M0+": CORTEX_M0}.items():
        program = source.file(target, "o")
        run(["arm-none-eabi-gcc", "-std=c99", "-Os", "-fstack-usage", *processor, "-c", source.path, "-o", program])
        flash, data, bss = map(int, run(["arm-none-eabi-size", program]).decode().split("\n")[1].split()[:3])
        check(0 < flash - constants <= code,
              f"{source.base}, {target}: {flash - constants} bytes of code, at most {code} told")
        check(data == 0 and bss == arena, f"{source.base}, {target}: {data + bss} bytes of RAM, {arena} told")
        deepest = deepest_stack(open(source.path).read(), source.name, program[:-1] + "su")
        check(deepest <= stack, f"{source.base}, {target}: {deepest} bytes of stack, at most {stack} told")
        symbols = run(["arm-none-eabi-nm", "-u", program]).decode().split()
        others = [name for name in symbols if name != "U" and not re.fullmatch(
            r"__aeabi_\w+|__gnu_thumb1_case\w+|mem(cpy|set)", name)]
        check(not others, f"{source.base}, {target}: calls no function of a library {' '.join(others)}")


def check_self_test(source):
    program = source.file("selftest", "out")
    run(["gcc", "-std=c99", *STRICT, f"-D{source.name.upper()}_SELFTEST", source.path, "-o", program])
    check(True, f"{source.base}: the self test says '{run([program]).decode().strip()}'")


def check_scores(source, name, images, some, count, expected):
    sanitized = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    targets = {}
    for compiler in ["gcc", "clang"]:
        for level in ["-O0", "-O2", "-O3"]:
            targets[f"{compiler} {level}"] = lambda c=compiler, o=level: c_targets.native(source, images, c, o)
        targets[f"{compiler}, sanitized"] = lambda c=compiler: c_targets.native(source, some, c, "-O1", sanitized)
    targets["ARM Linux"] = lambda: c_targets.linux_arm(source, images)
    if name not in TOO_LARGE:
        targets["Cortex-M4"] = lambda: c_targets.cortex_m(source, some)
        targets["Cortex-M0+"] = lambda: c_targets.cortex_m(source, some, CORTEX_M0, "cortex-m0")
    targets["wasm32"] = lambda: c_targets.wasm(source, images)
    for target, scores in targets.items():
        found = scores()
        size = len(expected) // count
        wanted = 100 if "sanitized" in target or "Cortex" in target else count
        same = sum(found[i * size:(i + 1) * size] == expected[i * size:(i + 1) * size] for i in range(wanted))
        check(same == wanted and len(found) == wanted * size,
              f"{name}, {target}: the same bits for {same} of {wanted} images")


if __name__ == "__main__":
    sys.exit(main())
