"""A part of the long runs: a command, and what its log says came out."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What to say of the lines of a log that a pattern finds: `{1}` is its first group, with commas in a number.

    With `is_sum`, numbers of all such lines are added up; otherwise each line is said once.
    """

    pattern: str
    text: str
    is_sum: bool = False

    def say(self, log):
        matches = [match.groups() for match in re.finditer(self.pattern, log, re.MULTILINE)]
        if not matches:
            return []
        if self.is_sum:
            matches = [tuple(str(sum(map(int, column))) for column in zip(*matches))]
        said = [self.text.format(None, *map(number, groups)) for groups in matches]
        return list(dict.fromkeys(said))


def number(text):
    return f"{int(text):,}" if text.isdigit() else text


@dataclass(frozen=True)
class Part:
    name: str
    command: tuple
    # What to expect, roughly.
    minutes: int
    findings: tuple = ()
    # Patterns of what an earlier run of it has left, with which it would go on: removed where that was other code.
    leftovers: tuple = ()
    # Whether it runs suites of tests or the package, which other parts do without.
    checks: bool = False

    def outcome(self, log):
        said = [text for finding in self.findings for text in finding.say(log)]
        return "; ".join(said) or "passed"
