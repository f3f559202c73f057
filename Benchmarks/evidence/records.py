"""What the long runs gave, in a JSON file, and as a table for readers."""

import json
import os
from pathlib import Path

HEAD = """# The last long runs

What `make long-runs` last gave, part by part. The code is the newest commit that changes what a part runs: documents \
change nothing for any of them, suites of tests and the package nothing for those that do not run them. \
[reliability.md](reliability.md) says what these runs are for.

| part | result | code | date | time |
|---|---|---|---|---|
"""


class Records:
    """By part: `command`, `code`, `date`, `seconds`, `passed`, `outcome`. Every change is saved at once."""

    def __init__(self, path):
        self.path = Path(path)
        self.parts = json.loads(self.path.read_text()) if self.path.exists() else {}

    def add(self, part, code, date, seconds, passed, outcome):
        self.parts[part.name] = {
            "command": " ".join(part.command), "code": code, "date": date, "seconds": round(seconds),
            "passed": passed, "outcome": outcome,
        }
        write(self.path, json.dumps(self.parts, indent=2, ensure_ascii=False) + "\n")

    def state(self, part, code):
        """`done`, `failed`, `older` (done on other code or by another command) or `to do`."""
        record = self.parts.get(part.name)
        if record is None:
            return "to do"
        if record["code"] != code or code.endswith(" and changes") or record["command"] != " ".join(part.command):
            return "older"
        return "done" if record["passed"] else "failed"

    def table(self, names):
        """In the order of `names`, those that are no longer parts left out."""
        rows = [(name, self.parts[name]) for name in names if name in self.parts]
        return HEAD + "".join(
            f"| `{name}` | {'' if row['passed'] else '**failed**: '}{row['outcome'].replace('|', '/')} | {row['code']} |"
            f" {row['date']} | {duration(row['seconds'])} |\n" for name, row in rows)


def duration(seconds):
    if seconds < 90:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def write(path, text):
    """In one step, so that there is the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    os.replace(new, path)
