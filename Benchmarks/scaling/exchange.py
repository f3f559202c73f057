"""What ranks send each other in a step, and how long that takes."""

from dataclasses import dataclass
from math import ceil

FLOAT = 4


@dataclass(frozen=True)
class Link:
    """A network between ranks, each of which sends and receives at once."""

    name: str
    latency: float
    """Seconds until the first byte of an exchange arrives."""
    bandwidth: float
    """Bytes a second of each rank."""


# Assumptions: what such links usually reach with TCP, and two ranks of one machine through its memory.
SHARED_MEMORY = Link("shared memory", 2e-6, 8e9)
GIGABIT_100 = Link("100 GbE", 15e-6, 10e9)
GIGABIT_10 = Link("10 GbE", 30e-6, 1.15e9)


@dataclass(frozen=True)
class Exchange:
    shares: float
    """Bytes that a rank sends: the stretches of its shards' gradient to their owners."""
    columns: float
    """Inputs of dense layers to the owners of their columns, output gradients to all."""
    sums: float
    """Its stretches of the sum, and its part of the dense gradients, or of large kernels the new weights, to all."""
    summaries: float
    """What its shards say at batch normalizations, to all, there and back."""
    seconds: float

    @property
    def bytes(self):
        return self.shares + self.columns + self.sums + self.summaries


def subtrees(first, end):
    """The number of whole subtrees of the fixed tree that shards `first` to `end` are: a rank sends the sum
    of each, and not the gradient of every shard."""
    count = 0
    while first < end:
        size = first & -first or 1 << (end - first).bit_length()
        while size > end - first:
            size >>= 1
        first += size
        count += 1
    return count


def most_subtrees(shards, ranks):
    """Those of the rank that has most."""
    starts = [rank * shards // ranks for rank in range(ranks + 1)]
    return max(subtrees(first, end) for first, end in zip(starts, starts[1:]))


def exchange(network, batch, shards, ranks, link):
    """What each rank sends in a step with this setting of `shards`; it receives as much."""
    others = ranks - 1
    parts = network.shards(shards, batch)
    shares = FLOAT * network.sharded * most_subtrees(parts, ranks) * others / ranks
    columns = FLOAT * others * sum(
        batch / ranks * (inputs / ranks + units) for inputs, units in network.dense)
    sums = FLOAT * network.trained * others / ranks
    summaries = FLOAT * others * sum(
        2 * 2 * channels * ceil(parts / ranks) for channels in network.norms)
    total = shares + columns + sums + summaries
    # Columns go out wave by wave, shares with the last one, and sums come back; the loss and what ranks ask for
    # travel with them. Divided kernels go by themselves.
    rounds = network.waves(shards, batch) + 1 + len(network.divided(ranks)) + 2 * len(network.norms)
    return Exchange(
        shares, columns, sums, summaries, rounds * link.latency + total / link.bandwidth)
