"""The time of a step on many threads of one or several processes."""

from math import ceil, log2

from scaling.exchange import exchange

# Assumptions. All threads have cores of their own, of the speed of this machine's alone: no clock falls and
# no memory is waited for because the others are at work.
# The seconds that two threads take to wait for each other; more do so in a tree.
MEETING = 1.5e-6
# The seconds to add one float of a batch normalization's summaries, which one thread does.
JOIN = 1e-9


def seconds(network, work, total, batch, shards, threads, ranks=1, link=None):
    """Predicts the seconds of a step.

    `total` is what one thread takes for this batch in as many shards, measured; `threads` are those of
    each of the ranks, between which `link` is.
    """
    parts = network.shards(shards, batch)
    # A trainer starts no more: Trainer.threads.
    threads = min(threads, max(shards, 8))
    base = max(0.0, total - work.shard * parts - work.step)
    dense = base * work.dense_share
    # A rank has as many whole shards as the others or one less; a thread works on one at a time.
    own = ceil(parts / ranks)
    passes = (base - dense) * ceil(own / threads) / parts
    sums = work.shard * (own + (ranks > 1)) / min(threads, network.sum_width)
    kernels = dense / ranks / min(threads, max(1, network.dense_width / ranks))
    update = work.step / min(threads, network.update_width)
    joins = JOIN * sum(4 * channels * parts for channels in network.norms)
    meetings = MEETING * network.meetings * log2(threads) if threads > 1 else 0
    alone = passes + sums + kernels + update + joins + meetings
    return alone + (exchange(network, batch, parts, ranks, link).seconds if ranks > 1 else 0)
