"""Which code something was measured on."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What can change without changing what the code does: documents, where the workflows run it, and what runs the
# long runs and tells of them.
TEXTS = (
    "*.md", "*.png", "*.svg", "docs/*", "LICENSE", ".github/*",
    "Benchmarks/long_runs.py", "Benchmarks/evidence/*", "Benchmarks/test_*.py",
)
# What changes nothing for a part that runs neither suites of tests nor the package.
CHECKS = ("Tests/*Tests/*.swift", "Packaging/*", ".ci/*")
# Where a file that git does not know yet is code.
CODE = ("Sources", "Tests", "Benchmarks", "Examples", "Models", "Packaging")


def code(root=ROOT, without=TEXTS):
    """The newest commit that changes anything but what matches `without`, and whether the tree has changes since:
    `7add490` or `7add490 and changes`; nothing outside of a repository."""
    paths = [".", *(f":(top,exclude){pattern}" for pattern in without)]
    commit = git(root, "log", "-1", "--format=%h", "--", *paths)
    lines = git(root, "status", "--porcelain", "--", *paths).splitlines() if commit else []
    # A page or a model that lies about is no code.
    changed = [line for line in lines if not line.startswith("??") or line.split()[1].startswith(CODE)]
    return commit + (" and changes" if changed else "")


def git(root, *arguments):
    """What git prints; nothing where it fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
