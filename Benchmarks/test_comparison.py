import sys
import unittest
from pathlib import Path

from comparison import candidates, goals, results
from comparison.checks import ReportCheck
from comparison.figures import Figure, number, ratio
from comparison.layers import layers
from comparison.networks import NETWORKS
from comparison.process import Failed, reason, run
from comparison.rounds import Rounds
from comparison.speed import MEASURES
from comparison.tables import table

TRAINING, _, ONE_IMAGE = MEASURES


class Figures(unittest.TestCase):
    def test_median_and_spread(self):
        self.assertEqual(Figure.of([3, 1, 2]), Figure(2, 1, 3))
        self.assertEqual(Figure.of([4]).written(" s"), "4.00 s (4.00..4.00)")

    def test_ratio_is_of_the_medians_and_its_spread_within_rounds(self):
        self.assertEqual(ratio([10, 20, 60], [10, 10, 20]), Figure(2, 1, 3))

    def test_numbers_have_three_digits(self):
        values = (38475.157, 612.4, 14.141, 5.228, 0.3125)
        self.assertEqual(
            [number(value) for value in values], ["38,475", "612", "14.1", "5.23", "0.312"]
        )


class Measures(unittest.TestCase):
    def reports(self, key, *values):
        return [{key: value} for value in values]

    def test_quicker_means_more_images_or_less_time(self):
        key = TRAINING.key
        speeds = {"a": self.reports(key, 10, 12), "b": self.reports(key, 20, 24)}
        self.assertEqual(TRAINING.best(speeds), "b")
        self.assertEqual(TRAINING.quicker(speeds["b"], speeds["a"]), Figure(2, 2, 2))
        key = ONE_IMAGE.key
        times = {"a": self.reports(key, 10), "b": self.reports(key, 20)}
        self.assertEqual(ONE_IMAGE.best(times), "a")
        self.assertEqual(ONE_IMAGE.quicker(times["a"], times["b"]), Figure(2, 2, 2))

    def test_who_does_not_train_is_never_the_best_at_it(self):
        speeds = {"a": self.reports(ONE_IMAGE.key, 10)}
        self.assertIsNone(TRAINING.best(speeds))
        self.assertEqual(TRAINING.written(speeds["a"]), "")


class Goals(unittest.TestCase):
    def test_bounds_are_met_when_reached(self):
        least, most = goals.Goal(5, "×"), goals.Goal(0.35, " s", at_least=False)
        self.assertTrue(least.met(5) and most.met(0.35))
        self.assertFalse(least.met(4.99) or most.met(0.36))
        self.assertEqual([str(least), str(most)], ["≥ 5×", "≤ 0.35 s"])

    def test_row_says_whether_the_median_meets_the_goal(self):
        network = NETWORKS["lenet5"]
        made = goals.row(network, 2, "training", Figure(4, 3, 6), goals.Goal(5, "×"), "a", "b")
        self.assertEqual(
            made,
            ("LeNet-5", 2, "training", "a", "b", "4.00× (3.00..6.00)", "≥ 5×", "**no**"),
        )


class Tables(unittest.TestCase):
    def test_columns_are_aligned(self):
        self.assertEqual(
            table(("name", "µs"), [("a", 1), ("b", "1,000")], right=(1,)),
            "| name |    µs |\n| ---- | ----: |\n| a    |     1 |\n| b    | 1,000 |",
        )

    def test_layers_are_medians_and_without_a_share_where_nothing_is_multiplied(self):
        def report(forward):
            return {
                "layers": [{
                    "name": "relu", "outputShape": [2, 3], "forwardMicroseconds": forward,
                    "backwardMicroseconds": 2.0, "forwardShare": forward / 10, "backwardShare": 0,
                }]
            }

        last = layers([report(1.0), report(5.0), report(3.0)]).splitlines()[-1]
        self.assertEqual(
            [cell.strip() for cell in last.strip("|").split("|")],
            ["relu", "2×3", "3.00", "30 %", "2.00", ""],
        )


class Results(unittest.TestCase):
    def test_only_the_part_between_the_markers_changes(self):
        text = f"before\n{results.BEGIN}\nold\n{results.END}\nafter\n"
        once = results.replaced(text, "new\n")
        self.assertEqual(once, f"before\n{results.BEGIN}\n\nnew\n\n{results.END}\nafter\n")
        self.assertEqual(results.replaced(once, "new"), once)

    def test_a_file_without_markers_is_refused(self):
        with self.assertRaises(ValueError):
            results.replaced(f"{results.END}\n{results.BEGIN}", "new")

    def test_the_file_that_is_kept_has_them(self):
        results.check(Path(__file__).with_name("RESULTS.md"))


class Processes(unittest.TestCase):
    def python(self, code, **settings):
        return run([sys.executable, "-S", "-c", code], **settings)

    def test_last_line_is_the_report_and_memory_is_the_childs(self):
        done = self.python("data = b'x' * 50_000_000; print('noise'); print('{\"a\": 1}')")
        self.assertEqual(done.report(), {"a": 1})
        self.assertGreater(done.peak_bytes, 50_000_000)
        self.assertLess(done.peak_bytes, 150_000_000)
        self.assertLess(done.started, done.ended)

    def test_a_failure_is_one_line(self):
        with self.assertRaisesRegex(Failed, "^ValueError: why$"):
            self.python("raise ValueError('why')")
        with self.assertRaisesRegex(Failed, "^printed no JSON object$"):
            self.python("pass").report()
        with self.assertRaisesRegex(Failed, "^took longer than 0 s$"):
            self.python("import time; time.sleep(60)", limit=0.1)
        with self.assertRaisesRegex(Failed, "No such file"):
            run(["./none"])

    def test_the_line_that_names_the_error_is_preferred(self):
        self.assertEqual(reason("Error: no compiler\nleaked function\n", 1), "Error: no compiler")
        self.assertEqual(reason("first\nlast\n", 1), "last")
        self.assertEqual(reason("", 3), "exit status 3")
        self.assertEqual(reason("", -11), "killed by signal 11")

    def test_a_job_that_fails_is_left_out_of_all_rounds(self):
        turns = iter([1, 2, Failed("why")])

        def second():
            value = next(turns)
            if isinstance(value, Failed):
                raise value
            return value

        rounds = Rounds(say=lambda line: None)
        done = rounds.run({("a", 1): lambda: 0, ("b", 2): second}, 3)
        self.assertEqual(done, {("a", 1): [0, 0, 0]})
        self.assertEqual(rounds.left_out, ["b, 2: why"])


class Programs(unittest.TestCase):
    def test_only_takes_the_beginnings_of_names(self):
        found = candidates.chosen(["minicnn", "jax"])
        self.assertEqual([each.name for each in found], ["MiniCNN", "JAX"])
        self.assertEqual(candidates.chosen(None), candidates.CANDIDATES)
        with self.assertRaisesRegex(ValueError, "--only torch: expected"):
            candidates.chosen(["torch"])

    def test_tuned_keeps_memory(self):
        tuned = candidates.Candidate("a", "pytorch.py", "channels_last+tuned")
        self.assertIn("MALLOC_TRIM_THRESHOLD_", candidates.environment(tuned, 2))
        self.assertEqual(candidates.environment(candidates.MINICNN, 2)["NPROC"], "2")

    def test_all_can_be_held_to_avx2_but_for_onnx_runtime(self):
        held = candidates.environment(candidates.MINICNN, 2, "x86-64-v3")
        self.assertEqual(held["MINICNN_KERNELS"], "x86-64-v3")
        free = [each.name for each in candidates.CANDIDATES if not each.limited]
        self.assertEqual(free, ["ONNX Runtime"])

    def test_peers_that_compute_something_else_are_refused(self):
        network = NETWORKS["lenet5"]
        summary = {"parameters": 5, "layers": [{"kind": "dense", "outputShape": [1]}]}

        def report(output, last=1.0, parameters=5, kind="dense"):
            return {
                "parameters": parameters, "losses": [2.0, last], "firstOutputs": [output],
                "layers": [[kind, [1]]],
            }

        check = ReportCheck(lambda network: summary)
        check(report(0.5), network, "a")
        check(report(0.5001), network, "b")
        untrained = report(0.5)
        del untrained["losses"]
        check(untrained, network, "c")
        for wrong in (
            report(0.6), report(0.5, last=2.5), report(0.5, parameters=3), report(0.5, kind="relu"),
        ):
            with self.assertRaises(Failed):
                check(wrong, network, "c")


if __name__ == "__main__":
    unittest.main()
