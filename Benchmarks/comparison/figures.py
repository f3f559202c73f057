"""Medians, spreads and ratios of what several rounds measured, and how they are written."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """The median of the rounds, the lowest and the highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values):
        values = list(values)
        return cls(median(values), min(values), max(values))

    def written(self, unit=""):
        low, high = number(self.low), number(self.high)
        return f"{number(self.median)}{unit} ({low}..{high})"


def ratio(above, below):
    """Of the medians; its spread is that of the ratios within each round.

    What disturbs the machine for a while disturbs both of a round, so within a round they compare
    better than across rounds.
    """
    each = [a / b for a, b in zip(above, below, strict=True)]
    return Figure(median(above) / median(below), min(each), max(each))


def number(value):
    """Three digits at least, thousands separated: 38,475, 612, 14.1, 5.23, 0.312."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:,.{digits}f}"
