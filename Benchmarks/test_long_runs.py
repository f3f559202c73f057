import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import long_runs
from evidence import revision
from evidence.parts import Finding, Part
from evidence.records import Records, duration
from evidence.revision import ROOT
from evidence.runner import Runner, Stop


class Folder(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.root = Path(made.name)
        self.lines = []

    def runner(self, code="abc1234", clock=time.monotonic):
        self.kept = Records(self.root / "docs/records.json")
        return Runner(self.root, self.root / "logs", self.kept, code, Stop(), self.lines.append, clock)

    def part(self, name, script="true", **more):
        return Part(name, ("sh", "-c", f"echo {name} >> ran; {script}"), 1, **more)

    def ran(self):
        return (self.root / "ran").read_text().split()


class Runs(Folder):
    def test_a_part_is_run_once_on_the_same_code(self):
        parts = [self.part("a"), self.part("b")]
        self.assertEqual(self.runner().run(parts), [])
        self.assertEqual(self.runner().run(parts), [])
        self.assertEqual(self.ran(), ["a", "b"])
        self.assertEqual(self.runner("def5678").run(parts), [])
        self.assertEqual(self.ran(), ["a", "b", "a", "b"])

    def test_changes_that_are_not_committed_are_never_done(self):
        for _ in range(2):
            self.runner("abc1234 and changes").run([self.part("a")])
        self.assertEqual(self.ran(), ["a", "a"])

    def test_another_command_is_another_run(self):
        self.runner().run([self.part("a")])
        self.runner().run([self.part("a", "echo more")])
        self.assertEqual(self.ran(), ["a", "a"])

    def test_a_part_that_fails_holds_none_up_and_is_run_again(self):
        parts = [self.part("a", "echo why; exit 3"), self.part("b")]
        self.assertEqual(self.runner().run(parts), ["a"])
        self.assertIn("  why", self.lines)
        self.assertEqual(self.kept.parts["a"]["outcome"], "exit code 3")
        self.assertEqual(self.kept.state(parts[0], "abc1234"), "failed")
        self.assertEqual(self.runner().run(parts), ["a"])
        self.assertEqual(self.ran(), ["a", "b", "a"])

    def test_the_last_lines_of_a_log_are_shown(self):
        self.runner().run([self.part("a", "seq 40; exit 1")])
        self.assertEqual(self.lines[-15:], [f"  {number}" for number in range(26, 41)])

    def test_no_part_is_begun_when_the_time_is_over(self):
        times = iter([0, 0, 0, 50, 70, 70, 70])
        parts = [self.part(name) for name in "abc"]
        self.runner(clock=lambda: next(times)).run(parts, minutes=1)
        self.assertEqual(self.ran(), ["a"])
        self.assertEqual(self.lines[-1], "1 minutes are over; not begun: b, c")

    def test_what_other_code_has_left_is_removed(self):
        left = self.root / "kept.sweep"
        part = self.part("a", "test -e kept.sweep && echo on >> ran; mkdir -p kept.sweep; exit 1", leftovers=("*.sweep",))
        left.mkdir()
        self.runner().run([part])
        self.assertEqual(self.ran(), ["a"])
        self.runner().run([part])
        self.assertEqual(self.ran(), ["a", "a", "on"])
        self.runner("def5678").run([part])
        self.assertEqual(self.ran(), ["a", "a", "on", "a"])

    def test_an_interruption_ends_the_part_and_keeps_what_is_done(self):
        script = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from pathlib import Path; from evidence.parts import Part; from evidence.records import Records\n"
            "from evidence.runner import Runner, Stop, Stopped\n"
            "root = Path(sys.argv[2])\n"
            "parts = [Part('a', ('true',), 1), Part('b', ('sh', '-c', 'echo $$ > pid; sleep 60; echo on > on'), 1)]\n"
            "stop = Stop()\nstop.listen()\n"
            "try: Runner(root, root / 'logs', Records(root / 'records.json'), 'abc', stop).run(parts)\n"
            "except Stopped: sys.exit(130)\n")
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(Path(__file__).parent), str(self.root)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        pid = self.root / "pid"
        for _ in range(600):
            if pid.exists() and pid.read_text().strip():
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), 130)
        self.assertEqual(list(json.loads((self.root / "records.json").read_text())), ["a"])
        with self.assertRaises(ProcessLookupError):
            os.kill(int(pid.read_text()), 0)


class Outcomes(unittest.TestCase):
    def test_numbers_are_added_up_or_said_once(self):
        log = "idx: 5000000 inputs, 3 sound\nslowest input 12 ms, 0 MB\nidx: 1000 inputs, 0 sound\nslowest input 12 ms\n"
        part = Part("a", (), 1, (
            Finding(r"^\S+: (\d+) inputs,", "{1} inputs", is_sum=True), Finding(r"^(slowest input \d+ ms)", "{1}")))
        self.assertEqual(part.outcome(log), "5,001,000 inputs; slowest input 12 ms")
        self.assertEqual(part.outcome("nothing"), "passed")

    def test_logs_of_the_real_programs_are_understood(self):
        listed = {part.name: part for part in long_runs.parts(5_000_000, 60)}
        cases = {
            "read-idx": (".build-fuzz/release/Fuzz idx 500000 1\n.build/release/Fuzz idx 5000000 1\n"
                         "idx: 5000000 inputs, 12 sound, 4999988 refused\n"
                         "slowest input 27 ms, 1 MB more memory\n",
                         "500,000 inputs led by coverage; 5,000,000 inputs; slowest input 27 ms"),
            "soak": ("60 minutes: 4,142 epochs, 3,885,950 steps, 81,861 saves\n"
                     "memory: 54.97 MB, at the end 53.58 MB (-2.53%)\n"
                     "open files: [4]; states read while they were replaced: 3025, all whole\n",
                     "60 minutes: 4,142 epochs, 3,885,950 steps, 81,861 saves; memory: 54.97 MB, at the end 53.58 MB"
                     " (-2.53%); open files: [4]; states read while they were replaced: 3025, all whole"),
            "recipe-digits-fast": (
                "test accuracy in %\nmodel        runs  failed   mean  ± sd  median    min    max   95 % interval\n"
                "digits-fast    20       0  99.19  0.07   99.17  99.08  99.33  98.97 to 99.33\n",
                "20 seeds, 0 failed, median 99.17 % (99.08 to 99.33)"),
            "weights-lenet5": ("lenet5: the same bits, weights SHA-256 abc\n", "the same bits"),
            "time-to-99": (
                "MiniCNN                       0.71 s (0.70 to 0.74), accuracy 99.17 % (99.08 to 99.33), 5 of 5 reach 99 %\n"
                "PyTorch's quicker order of channels takes 9.7 times as long\n",
                "0.71 s (0.70 to 0.74), accuracy 99.17 % (99.08 to 99.33), 5 of 5 reach 99 %;"
                " PyTorch's quicker order of channels takes 9.7 times as long"),
            "test-crash": ("✔ Test run with 1 test in 1 suite passed after 41.913 seconds.\n", "50 kills, nothing lost"),
            "test-deb": ("from the package to the first digit: 4.3 s, of which 0.31 s to read it\n",
                         "from the package to the first digit: 4.3 s"),
            "bench": ("", "[RESULTS.md](../Benchmarks/RESULTS.md)"),
            "sanitize-address": ("✔ Test run with 812 tests in 98 suites passed after 700.1 seconds.\n", "812 tests"),
        }
        for name, (log, outcome) in cases.items():
            self.assertEqual(listed[name].outcome(log), outcome)


class Parts(unittest.TestCase):
    def test_every_part_is_a_target_that_exists(self):
        targets = {}
        for folder in ("", "Benchmarks"):
            file = ROOT / folder / "Makefile"
            text = file.read_text() if file.exists() else ""
            targets[folder] = set(re.findall(r"^([a-z0-9-]+):", text, re.MULTILINE))
        names = [part.name for part in long_runs.parts(1000, 1)]
        self.assertEqual(len(names), len(set(names)))
        for part in long_runs.parts(1000, 1):
            folder, target = ("Benchmarks", part.command[3]) if part.command[1] == "-C" else ("", part.command[1])
            self.assertIn(target, targets[folder], part.name)

    def test_every_reader_that_is_fuzzed_is_a_part(self):
        source = (ROOT / "Makefile").read_text()
        listed = re.search(r"^FUZZ_TARGETS = (.*) \$\(UNLED\)$", source, re.M).group(1).split()
        listed += re.search(r"^UNLED = (.*)$", source, re.M).group(1).split()
        self.assertEqual(set(listed) - set(long_runs.READERS), set())

    def test_a_part_that_does_not_exist_is_named(self):
        with self.assertRaises(SystemExit) as raised, contextlib.redirect_stderr(io.StringIO()) as errors:
            long_runs.main(["--only", "nothing"])
        self.assertEqual(raised.exception.code, 2)
        self.assertIn("there is no part nothing", errors.getvalue())

    def test_the_list_runs_nothing(self):
        with contextlib.redirect_stdout(io.StringIO()) as output:
            self.assertEqual(long_runs.main(["--list", "--only", "soak", "bench"]), 0)
        self.assertEqual(
            [line.split("about")[0].split()[-1] for line in output.getvalue().splitlines()[1:]], ["soak", "bench"])

    def test_the_table_is_that_of_the_records(self):
        if long_runs.RECORDS.exists():
            names = [part.name for part in long_runs.parts(1000, 1)]
            self.assertEqual(long_runs.TABLE.read_text(), Records(long_runs.RECORDS).table(names))


class Tables(Folder):
    def test_a_row_for_each_part_in_order(self):
        kept = Records(self.root / "records.json")
        parts = [Part(name, ("true",), 1) for name in "abc"]
        kept.add(parts[2], "abc", "2026-11-27", 4000, False, "exit code 1")
        kept.add(parts[0], "abc", "2026-11-27", 12.4, True, "5 | 6")
        rows = Records(self.root / "records.json").table("abc").splitlines()[-2:]
        self.assertEqual(rows, [
            "| `a` | 5 / 6 | abc | 2026-11-27 | 12 s |",
            "| `c` | **failed**: exit code 1 | abc | 2026-11-27 | 1 h 7 min |"])

    def test_durations(self):
        self.assertEqual([duration(s) for s in (3, 89, 90, 3599, 7200)], ["3 s", "89 s", "2 min", "1 h 0 min", "2 h 0 min"])


class Revisions(Folder):
    def git(self, *arguments):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=self.root, check=True,
            capture_output=True)

    def commit(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.git("add", ".")
        self.git("commit", "-m", name)
        return revision.git(self.root, "rev-parse", "--short", "HEAD")

    def test_documents_are_no_code(self):
        self.assertEqual(revision.code(self.root), "")
        self.git("init")
        first = self.commit("Sources/a.swift", "1")
        for name in (
                "README.md", "docs/a.yaml", "Models/b.md", "docs/images/c.png", ".github/workflows/d.yml",
                "Benchmarks/long_runs.py", "Benchmarks/evidence/e.py", "Benchmarks/test_f.py"):
            self.assertNotEqual(self.commit(name, "2"), first)
            self.assertEqual(revision.code(self.root), first)
        (self.root / "README.md").write_text("3")
        self.assertEqual(revision.code(self.root), first)
        (self.root / "Sources/a.swift").write_text("4")
        self.assertEqual(revision.code(self.root), f"{first} and changes")
        second = self.commit("Makefile", "5")
        self.assertEqual(revision.code(self.root), second)

    def test_suites_and_packages_change_nothing_for_other_parts(self):
        self.git("init")
        first = self.commit("Tests/Fuzz/a.swift", "1")
        for name in ("Tests/FilesTests/Folder/b.swift", "Packaging/deb", ".ci/run"):
            last = self.commit(name, "2")
        self.assertEqual(revision.code(self.root), last)
        self.assertEqual(revision.code(self.root, without=revision.TEXTS + revision.CHECKS), first)
        fixture = self.commit("Tests/FilesTests/Fixtures/c.h5", "3")
        self.assertEqual(revision.code(self.root, without=revision.TEXTS + revision.CHECKS), fixture)


if __name__ == "__main__":
    unittest.main()
