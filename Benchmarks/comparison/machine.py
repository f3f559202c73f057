"""What was measured on: the processor, the system, the versions."""

import os
import platform
import subprocess
from datetime import date
from pathlib import Path

from evidence import revision


def load():
    """Processes that wanted a processor in the last minute, on average."""
    return os.getloadavg()[0]


def description(programs, versions, load):
    """Lines of Markdown. `versions` are the peers', by name."""
    system = platform.freedesktop_os_release()["PRETTY_NAME"] if linux() else platform.platform()
    listed = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return "\n".join([
        f"- Date: {date.today().isoformat()}",
        f"- Processor: {processor()}, {os.cpu_count()} cores, {memory()}",
        f"- System: {system}, {platform.machine()}; load before the start: {load:.1f}",
        f"- MiniCNN: {minicnn(programs)}",
        f"- Peers: {listed or 'none'}; Python {first_line([programs.python, '--version'])}",
    ])


def linux():
    return Path("/etc/os-release").exists()


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    flags = {word for line in lines if line.startswith("flags") for word in line.split()}
    widest = next((w for f, w in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if f in flags), "")
    return ", ".join(filter(None, [names[0] if names else platform.machine(), widest]))


def memory():
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB"


def minicnn(programs):
    """The version, the code and the compiler."""
    commit = revision.code()
    version = first_line([programs.minicnn, "--version"]).removeprefix("minicnn ")
    parts = [version, commit and f"commit {commit}"]
    return ", ".join(filter(None, [*parts, first_line(["swift", "--version"])]))


def first_line(command):
    """Of what the command prints; nothing when it cannot be run."""
    try:
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return next(iter(done.stdout.strip().splitlines()), "").removeprefix("Python ")
