import unittest

from scaling import step
from scaling.exchange import GIGABIT_10, Link, exchange, most_subtrees, subtrees
from scaling.network import Network
from scaling.work import FITTED, Work, dense_share

LENET = {
    "name": "lenet5", "inputShape": [28, 28, 1], "trainedParameters": 61_706,
    "layers": [
        {"kind": "conv2d", "outputShape": [28, 28, 6]}, {"kind": "max_pool2d", "outputShape": [14, 14, 6]},
        {"kind": "conv2d", "outputShape": [10, 10, 16]}, {"kind": "max_pool2d", "outputShape": [5, 5, 16]},
        {"kind": "flatten", "outputShape": [400]}, {"kind": "dense", "outputShape": [120]},
        {"kind": "dense", "outputShape": [84]}, {"kind": "dense", "outputShape": [10]},
    ],
}
# Sums in one piece, dense gradients and updates in four.
SMALL = Network("small", trained=4 * 16_384, dense=((64, 512),), norms=())
# One kernel of which four ranks have 16,384 weights each.
LARGE = Network("large", trained=65_792, dense=((256, 256),), norms=())
NORMED = Network("normed", trained=100, dense=(), norms=(16, 32))


class NetworkTests(unittest.TestCase):
    def test_what_shards_and_what_gathers(self):
        lenet = Network.of(LENET)
        self.assertEqual(lenet.dense, ((400, 120), (120, 84), (84, 10)))
        self.assertEqual((lenet.gathered, lenet.sharded), (59_134, 2_572))
        self.assertEqual(lenet.sum_width, 1)

    def test_shards_as_the_trainer_cuts_them(self):
        self.assertEqual([SMALL.shards(64, batch) for batch in (7, 15, 128, 1024)], [1, 1, 16, 64])
        large = Network("large", trained=4_000_000, dense=(), norms=())
        self.assertEqual([large.shards(most, 1024) for most in (1, 8, 64)], [1, 8, 8])

    def test_large_batches_are_gathered_in_waves(self):
        waves = [SMALL.waves(*cut) for cut in ((8, 512), (8, 513), (8, 1024), (64, 512), (64, 1024))]
        self.assertEqual(waves, [1, 2, 2, 1, 2])
        self.assertEqual(NORMED.waves(8, 1024), 1)

    def test_stages_meet_there_and_back(self):
        self.assertEqual((SMALL.meetings, NORMED.meetings), (5, 10))


class WorkTests(unittest.TestCase):
    def test_what_does_not_grow_is_told_apart(self):
        times = {(batch, shards): 1e-4 * batch + 1e-3 for batch, shards in FITTED}
        self.assertAlmostEqual(Work.of(times, 0.2).step, 1e-3, 12)

    def test_no_part_is_below_nothing(self):
        times = {(batch, shards): 1e-4 * batch - 1e-5 for batch, shards in FITTED}
        self.assertEqual(Work.of(times, 0.2).step, 0)

    def test_half_of_the_way_back_is_a_kernels_gradient(self):
        layers = [
            {"kind": "conv2d", "forwardMicroseconds": 3, "backwardMicroseconds": 5},
            {"kind": "dense", "forwardMicroseconds": 0, "backwardMicroseconds": 2},
        ]
        self.assertEqual(dense_share(layers), 0.1)


class StepTests(unittest.TestCase):
    """Steps of 0.1 ms an image and 1 ms besides."""

    def seconds(self, batch, shards, threads, ranks=1, link=None, network=SMALL):
        work = Work(step=1e-3, dense_share=0)
        return step.seconds(
            network, work, 1e-4 * batch + 1e-3, batch, shards, threads, ranks, link)

    def test_one_thread_takes_what_was_measured(self):
        for network in (SMALL, NORMED):
            self.assertAlmostEqual(self.seconds(128, 8, 1, network=network), 13.8e-3, 12)

    def test_a_thread_works_on_whole_shards(self):
        # Of 16 shards, 8 threads have two each, and so have 15; the update falls into four pieces.
        times = [self.seconds(128, 64, threads) for threads in (8, 15, 16)]
        sums = 16 * step.SUM * SMALL.sharded
        rest = sums / SMALL.sum_width + 1e-3 / 4
        meetings = 5 * step.MEETING
        self.assertAlmostEqual(times[0], (128e-4 - sums) / 8 + rest + 3 * meetings, 12)
        self.assertAlmostEqual(times[2], (128e-4 - sums) / 16 + rest + 4 * meetings, 12)
        self.assertGreater(times[1], times[0])

    def test_more_threads_than_shards_idle(self):
        self.assertEqual(self.seconds(128, 8, 8), self.seconds(128, 8, 64))

    def test_a_small_gradient_is_summed_by_one_thread(self):
        summed = step.SUM * NORMED.sharded * 64
        slow = self.seconds(1024, 64, 64, network=NORMED)
        self.assertGreater(slow, 1024e-4 / 64 + 1e-3 + summed)

    def test_ranks_share_the_shards_and_pay_for_the_link(self):
        swift = Link("swift", 0, 1e30)
        sums = step.SUM * SMALL.sharded
        shared = self.seconds(128, 64, 1, 4, swift)
        # The passes fall to a quarter, the sums to 4 + 1 of 16 shards, the update stays.
        self.assertAlmostEqual(shared, (128e-4 - 16 * sums) / 4 + 5 * sums + 1e-3, 12)
        sent = exchange(SMALL, 128, 64, 4, GIGABIT_10)
        slow = self.seconds(128, 64, 1, 4, GIGABIT_10)
        self.assertAlmostEqual(slow - shared, sent.bytes / 1.15e9 + 60e-6, 9)

    def test_ranks_divide_the_update_of_large_kernels(self):
        self.assertEqual([LARGE.divided(ranks) for ranks in (1, 2, 4, 8)], [[], [65_536], [65_536], []])
        sent = exchange(LARGE, 128, 8, 2, GIGABIT_10)
        self.assertAlmostEqual(sent.seconds, sent.bytes / GIGABIT_10.bandwidth + 3 * 30e-6, 12)
        swift = Link("swift", 0, 1e30)
        whole = self.seconds(128, 8, 1, 8, swift, LARGE)
        self.assertAlmostEqual(whole, 128e-4 / 8 + 1e-3, 12)
        halved = self.seconds(128, 8, 1, 2, swift, LARGE)
        # But for half of the kernel, every rank updates all.
        foreign = 65_536 / 65_792 / 2
        self.assertAlmostEqual(halved, 128e-4 / 2 + 1e-3 * (1 - step.UPDATE * foreign), 12)


class ExchangeTests(unittest.TestCase):
    def test_aligned_shards_are_one_subtree(self):
        self.assertEqual([subtrees(0, 8), subtrees(8, 16), subtrees(4, 6)], [1, 1, 1])
        self.assertEqual([subtrees(0, 3), subtrees(3, 6), subtrees(1, 8), subtrees(5, 5)], [2, 2, 3, 0])
        self.assertEqual([most_subtrees(8, ranks) for ranks in (1, 2, 3, 4, 8, 16)], [1, 1, 2, 1, 1, 1])

    def test_volumes_are_those_of_the_model(self):
        sent = exchange(SMALL, 128, 64, 4, GIGABIT_10)
        sharded = 4 * 16_384 - 65 * 512
        self.assertEqual(sent.shares, 4 * sharded * 3 / 4)
        self.assertEqual(sent.columns, 4 * 3 * 32 * (16 + 512))
        self.assertEqual(sent.sums, 4 * 4 * 16_384 * 3 / 4)
        self.assertEqual(sent.summaries, 0)
        normed = exchange(NORMED, 128, 64, 4, GIGABIT_10)
        self.assertEqual(normed.summaries, 4 * 3 * 4 * 48 * 4)
        self.assertAlmostEqual(normed.seconds, normed.bytes / 1.15e9 + 6 * 30e-6, 12)
        waved = exchange(SMALL, 1024, 64, 4, GIGABIT_10)
        self.assertAlmostEqual(waved.seconds, waved.bytes / 1.15e9 + 3 * 30e-6, 12)


if __name__ == "__main__":
    unittest.main()
