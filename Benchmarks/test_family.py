import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

from comparison import family_tables, pictures, results
from comparison.candidates import MINICNN, Candidate, Programs
from comparison.family import Family
from comparison.figures import Figure
from comparison.networks import Network, family
from comparison.process import Failed
from comparison.record import Record
from comparison.speed import MEASURES
from comparison.turns import Turns

TRAINING, _, ONE_IMAGE = MEASURES
SETTINGS = {"threads": 2, "seconds": 1, "kernels": ""}


class Folder(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = Path(made.name)

    def network(self, name="a", text="name: a"):
        path = self.folder / f"{name}.yaml"
        path.write_text(text)
        return Network(name, name, path)


class Networks(unittest.TestCase):
    def test_at_least_twelve_and_the_two_tuned_ones(self):
        self.assertEqual(list(family())[:2], ["lenet5", "mnist-cnn"])
        self.assertGreaterEqual(len(family()), 14)

    def test_the_files_of_results_have_markers(self):
        for name in ("FAMILY.md", "FAMILY-AVX2.md"):
            results.check(Path(__file__).with_name(name))


class Records(Folder):
    def record(self):
        return Record(self.folder / "record.json", SETTINGS)

    def test_it_goes_on_where_it_was(self):
        network, record = self.network(), self.record()
        record.prepare(network, {"MiniCNN": "x"})
        record.of(network, "MiniCNN")["reports"].append({"speed": 1})
        record.of(network, "JAX")["reports"].append({"speed": 2})
        record.save()
        again = self.record()
        again.prepare(network, {"MiniCNN": "x"})
        self.assertEqual(
            again.reports(network), {"MiniCNN": [{"speed": 1}], "JAX": [{"speed": 2}]}
        )

    def test_another_minicnn_is_measured_anew_and_the_peers_are_kept(self):
        network, record = self.network(), self.record()
        record.prepare(network, {"MiniCNN": "x"})
        for name in ("MiniCNN", "JAX"):
            record.of(network, name)["reports"].append({})
        record.prepare(network, {"MiniCNN": "y"})
        self.assertEqual(list(record.reports(network)), ["JAX"])

    def test_another_network_is_measured_anew(self):
        network, record = self.network(), self.record()
        record.prepare(network, {})
        record.of(network, "JAX")["reports"].append({})
        record.prepare(self.network(text="name: other"), {})
        self.assertEqual(record.reports(network), {})

    def test_other_settings_are_refused(self):
        self.record().save()
        with self.assertRaisesRegex(ValueError, "delete it first"):
            Record(self.folder / "record.json", {**SETTINGS, "seconds": 2})

    def test_who_failed_is_left_out_and_named(self):
        network, record = self.network(), self.record()
        record.prepare(network, {})
        record.of(network, "JAX").update(reports=[{}], failed="why")
        self.assertEqual(record.reports(network), {})
        self.assertEqual(list(record.failures()), ["a, JAX: why"])


class Rounds(Folder):
    def measured(self, record, network, rounds):
        """The programs in the order in which they had their turns; B always fails."""
        turns = []

        class Quiet(Family):
            def data(self, network):
                return None

            def report(self, programs, network, candidate, started):
                turns.append(candidate.name)
                if candidate.name == "B":
                    raise Failed("why")
                return {TRAINING.key: 1, "layers": []}

        programs = Programs(self.folder, self.folder, self.folder)
        found = [MINICNN, Candidate("A", "a.py"), Candidate("B", "b.py")]
        Quiet(programs, found, record, self.folder, rounds, say=lambda line: None).one(network)
        return turns

    def test_all_take_turns_and_who_fails_is_out(self):
        network, record = self.network(), Record(self.folder / "record.json", SETTINGS)
        record.prepare(network, {})
        turns = self.measured(record, network, 2)
        self.assertEqual(turns, ["MiniCNN", "A", "B", "MiniCNN", "A"])
        stored = json.loads(record.path.read_text())["networks"]["a"]["programs"]
        self.assertEqual(stored["A"], {"reports": [{TRAINING.key: 1}] * 2})
        self.assertEqual(stored["B"], {"reports": [], "failed": "why"})

    def test_after_a_kill_the_round_is_finished_first(self):
        network, record = self.network(), Record(self.folder / "record.json", SETTINGS)
        record.prepare(network, {})
        record.of(network, "MiniCNN")["reports"].append({})
        record.of(network, "B")["failed"] = "why"
        self.assertEqual(self.measured(record, network, 2), ["A", "MiniCNN", "A"])


class Tables(Folder):
    def record(self, name, network, **speeds):
        record = Record(self.folder / f"{name}.json", SETTINGS)
        record.prepare(network, {})
        for program, values in speeds.items():
            record.of(network, program)["reports"] += values
        return record

    def test_the_best_peer_of_each_measure_counts(self):
        network = self.network()
        record = self.record(
            "both", network,
            MiniCNN=[{TRAINING.key: 30, ONE_IMAGE.key: 10}, {TRAINING.key: 50, ONE_IMAGE.key: 10}],
            A=[{TRAINING.key: 10, ONE_IMAGE.key: 40}, {TRAINING.key: 10, ONE_IMAGE.key: 40}],
            B=[{ONE_IMAGE.key: 20}, {ONE_IMAGE.key: 20}],
        )
        self.assertIn(MINICNN.name, record.reports(network))
        ((_, training),) = family_tables.compared([network], record, record, TRAINING)
        ((_, image),) = family_tables.compared([network], record, record, ONE_IMAGE)
        self.assertEqual((training.best, training.ratio()), ("A", Figure(4, 3, 5)))
        self.assertEqual((image.best, image.ratio()), ("B", Figure(2, 2, 2)))

    def test_rounds_of_two_runs_are_compared_by_their_medians(self):
        network = self.network()
        ours = self.record("ours", network, MiniCNN=[{TRAINING.key: 40}])
        peers = self.record("peers", network, A=[{TRAINING.key: 10}, {TRAINING.key: 30}])
        ((_, against),) = family_tables.compared([network], ours, peers, TRAINING)
        self.assertEqual(against.ratio(), Figure(2, 2, 2))

    def test_median_and_least_are_held_against_the_goals(self):
        networks = [self.network(name) for name in "abc"]
        path = self.folder / "record.json"
        record = Record(path, SETTINGS)
        for network, speed in zip(networks, (15, 40, 35)):
            record.prepare(network, {})
            record.of(network, "MiniCNN")["reports"].append({TRAINING.key: speed})
            record.of(network, "A")["reports"].append({TRAINING.key: 10})
        found = {TRAINING: family_tables.compared(networks, record, record, TRAINING)}
        lines = family_tables.summary(found, "").splitlines()[2:]
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        self.assertEqual(cells, [
            ["training", "the median network", "3.50×", "≥ 3×", "yes"],
            ["training", "the least, a", "1.50×", "≥ 2×", "**no**"],
        ])
        held = family_tables.summary(found, "x86-64-v3").splitlines()[-1]
        self.assertEqual([cell.strip() for cell in held.strip("|").split("|")][3:], ["", ""])


class Pictures(Folder):
    def test_they_are_idx_files_of_the_shape(self):
        pictures.write(self.folder, (4, 5, 3))
        images = (self.folder / "train-images-idx4-ubyte").read_bytes()
        self.assertEqual(images[:4], b"\0\0\x08\x04")
        self.assertEqual(len(images), 20 + pictures.COUNT * 60)
        labels = (self.folder / "train-labels-idx1-ubyte").read_bytes()
        self.assertEqual(len(labels), 8 + pictures.COUNT)


class Turn(unittest.TestCase):
    def peer(self, code, **settings):
        made = Turns([sys.executable, "-S", "-c", code], dict(os.environ), **settings)
        self.addCleanup(made.close)
        return made

    def test_a_peer_answers_once_a_turn(self):
        peer = self.peer(
            "import sys\n"
            "print('noise'); print('{\"said\": 1}', flush=True)\n"
            "for n, _ in enumerate(sys.stdin): print('{\"turn\": %d}' % n, flush=True)"
        )
        answers = [peer.said, peer.turn(), peer.turn()]
        self.assertEqual(answers, [{"said": 1}, {"turn": 0}, {"turn": 1}])

    def test_a_peer_that_ends_says_why(self):
        with self.assertRaisesRegex(Failed, "^ValueError: why$"):
            self.peer("raise ValueError('why')")
        peer = self.peer("print('{}', flush=True); input(); raise ValueError('why')")
        with self.assertRaisesRegex(Failed, "^ValueError: why$"):
            peer.turn()

    def test_a_peer_that_takes_too_long_is_stopped(self):
        with self.assertRaisesRegex(Failed, "longer than 0 s"):
            self.peer("import time; time.sleep(60)", limit=0.2)


if __name__ == "__main__":
    unittest.main()
