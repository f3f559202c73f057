"""The time of a step on many threads of one or several processes."""

from math import ceil, log2

from scaling.exchange import exchange

# Assumptions. All threads have cores of their own, of the speed of this machine's alone: no clock falls and
# no memory is waited for because the others are at work.
# The seconds that two threads take to wait for each other; more do so in a tree.
MEETING = 1.5e-6
# The seconds to add one float of a shard's gradient, at 10 GB/s.
SUM = 4e-10
# The seconds to add one float of a batch normalization's summaries, which one thread does.
JOIN = 1e-9
# Of the seconds that weights take in a step, those of the update; the others prepare the new weights for the
# next step. Of mnist-cnn with Adam.
UPDATE = 0.6


def seconds(network, work, total, batch, shards, threads, ranks=1, link=None):
    """Predicts the seconds of a step.

    `total` is what one thread takes for this batch in as many shards, measured; `threads` are those of
    each of the ranks, between which `link` is.
    """
    parts = network.shards(shards, batch)
    # A trainer starts no more: Trainer.threads.
    threads = min(threads, max(shards, 8))
    sums = SUM * network.sharded * parts
    joins = JOIN * sum(4 * channels * parts for channels in network.norms)
    rest = max(0.0, total - work.step - sums - joins)
    dense = rest * work.dense_share
    # A rank has as many whole shards as the others or one more; a thread works on one at a time.
    own = ceil(parts / ranks)
    passes = (rest - dense) * ceil(own / threads) / parts
    kernels = dense / ranks / min(threads, max(1, network.dense_width / ranks))
    # Its own shards, and its stretch of what all have summed.
    sums *= (own + (ranks > 1)) / parts / min(threads, network.sum_width)
    # The update of a large kernel is divided; each rank prepares all weights.
    foreign = sum(network.divided(ranks)) / network.trained * (1 - 1 / ranks)
    update = work.step * (1 - UPDATE * foreign) / min(threads, network.update_width)
    meetings = MEETING * network.meetings * log2(threads)
    alone = passes + kernels + sums + joins + update + meetings
    return alone + (exchange(network, batch, shards, ranks, link).seconds if ranks > 1 else 0)
