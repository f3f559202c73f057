"""Compiles C files for this machine, for microcontrollers and for WebAssembly, and runs them there."""

import os
import re
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = [
    "gcc", "g++", "gcc-arm-none-eabi", "libnewlib-arm-none-eabi", "gcc-arm-linux-gnueabihf",
    "libc6-dev-armhf-cross", "qemu-user", "qemu-system-arm", "nodejs", "wasi-libc",
]
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow",
          "-Wdouble-promotion"]
CORTEX_M4 = ["-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"]
CORTEX_M0 = ["-mcpu=cortex-m0plus", "-mthumb"]
WASM = ["--target=wasm32-wasi", "-ffreestanding", "-isystem", "/usr/include/wasm32-wasi"]


def install():
    """Installs what is missing, Debian's clang where no other one makes WebAssembly."""
    packages = list(PACKAGES)
    if not (shutil.which("clang") and shutil.which("wasm-ld")):
        packages += ["clang", "lld"]
    script = os.path.join(HERE, "../../.ci/install-packages")
    subprocess.run([script, *packages], check=True)


class Checks:
    """How many checks there were that failed."""

    failed = 0


def check(passes, text):
    """Prints a line for a check."""
    Checks.failed += not passes
    print(f"{'ok  ' if passes else 'FAIL'} {text}", flush=True)


def deepest_stack(text, name, usage):
    """The deepest chain of calls of the prediction, in bytes, without the C library's functions."""
    frames = {}
    for line in open(usage):
        words = line.split("\t")
        function = words[0].split(":")[-1].split(".")[0]
        frames[function] = frames.get(function, 0) + int(words[1])
    bodies = dict(re.findall(rf"^(?:static )?\w+ ({name}_\w+)\([^;]*?\) \{{(.*?)^\}}", text, re.M | re.S))

    def depth(function):
        called = set(re.findall(rf"\b{name}_\w+(?=\()", bodies.get(function, ""))) - {function}
        return frames.get(function, 0) + max(map(depth, called), default=0)

    return depth(f"{name}_predict_in")


def run(command, **options):
    """Runs a command and returns what it prints; where it fails, its messages are the error's."""
    done = subprocess.run([str(word) for word in command], capture_output=True, **options)
    if done.returncode != 0:
        messages = done.stderr.decode(errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(str(word) for word in command[:4])}: {done.returncode}\n{messages}")
    return done.stdout


class Source:
    """An exported C file of a classifier of MNIST's digits."""

    def __init__(self, path, name):
        self.path, self.name = path, name
        self.folder = os.path.dirname(path)
        self.base = os.path.splitext(os.path.basename(path))[0]

    def definitions(self):
        large = self.name.upper()
        return [f'-DMODEL="{self.path}"', f"-DPREDICT={self.name}_predict", f"-DPIXELS={large}_PIXELS",
                f"-DSCORES={large}_SCORES"]

    def file(self, target, what):
        return os.path.join(self.folder, f"{self.base}-{target}.{what}")

    def caller(self, command, target):
        """Compiles it with a main function and returns the program's path."""
        program = self.file(target, "out")
        run([*command, *self.definitions(), os.path.join(HERE, "caller.c"), "-o", program, "-lm"])
        return program


def native(source, images, compiler, level="-O3", flags=()):
    target = f"{os.path.basename(compiler)}{level}{''.join(flags)}".replace("/", "_")
    program = source.caller([compiler, "-std=c99", level, *flags], target)
    return scores(source, target, [program, images, source.file(target, "scores")])


def linux_arm(source, images):
    """A 32-bit ARM processor with Linux, emulated."""
    program = source.caller(["arm-linux-gnueabihf-gcc", "-std=c99", "-O2", "-static"], "armhf")
    return scores(source, "armhf", ["qemu-arm", program, images, source.file("armhf", "scores")])


def cortex_m(source, images, processor=CORTEX_M4, target="cortex-m4"):
    """A microcontroller without an operating system, emulated; one without a floating-point unit runs its
    instructions on one that has it."""
    board = os.path.join(HERE, "cortex-m")
    start = os.path.join(board, "start.c")
    # Semihosting opens files in the folder of the emulator, by fixed names.
    folder = source.file(target, "folder")
    os.makedirs(folder, exist_ok=True)
    shutil.copy(images, os.path.join(folder, "images.bin"))
    program = source.caller(
        ["arm-none-eabi-gcc", "-std=gnu99", "-Os", *processor, "--specs=rdimon.specs", "-T",
         os.path.join(board, "link.ld"), start], target)
    command = ["qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none", "-serial", "none",
               "-semihosting-config", "enable=on,target=native", "-kernel", program]
    run(command, cwd=folder, stdin=subprocess.DEVNULL)
    with open(os.path.join(folder, "scores.bin"), "rb") as file:
        return file.read()


def wasm(source, images):
    """A module without imports, in Node."""
    module = source.file("wasm", "wasm")
    run(["clang", "-std=c99", "-O3", *WASM, "-nostdlib", "-Wl,--no-entry", f"-Wl,--export={source.name}_predict",
         "-Wl,--export=__heap_base", source.path, "/usr/lib/wasm32-wasi/libc.a", "-o", module])
    with open(images, "rb") as file:
        return run(["node", os.path.join(HERE, "wasm.mjs"), module, f"{source.name}_predict", 784, 10],
                   stdin=file)


def scores(source, target, command):
    run(command)
    with open(source.file(target, "scores"), "rb") as file:
        return file.read()
