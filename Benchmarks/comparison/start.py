"""From the start of the process to the end of the first training step, and peak memory."""

import tempfile

from . import goals
from .candidates import MINICNN, environment
from .figures import Figure
from .process import Failed, run
from .tables import table

# Enough for every buffer to be there: all steps after the first few are alike.
STEPS = 20


class Start:
    title = "First step and peak memory"

    def __init__(self, programs, networks, candidates, threads):
        self.programs, self.networks, self.threads = programs, networks, threads
        self.jobs = {
            (network.title, "start", candidate.name): self.job(candidate, network)
            for network in networks
            for candidate in candidates
            if candidate.trains
        }

    def job(self, candidate, network):
        if candidate == MINICNN:
            return lambda: self.minicnn(network)
        return lambda: self.peer(candidate, network)

    def minicnn(self, network):
        """The first step is timed to the end of the process, which has saved its state by then."""
        variables = environment(MINICNN, self.threads)
        with tempfile.TemporaryDirectory() as folder:
            one, many = (
                run(
                    self.programs.train(network, self.threads, "--max-steps", str(steps)),
                    variables, folder,
                )
                for steps in (1, STEPS)
            )
        return one.ended - one.started, many.peak_bytes / 1e6

    def peer(self, candidate, network):
        command = self.programs.peer(candidate, network, self.threads)
        done = run(command + ["--steps", str(STEPS)], environment(candidate, self.threads))
        first = done.report().get("firstStepAt")
        if first is None:
            raise Failed("did not say when its first step was done")
        return first - done.started, done.peak_bytes / 1e6

    def measure(self, rounds, count):
        self.results = rounds.run(self.jobs, count)

    def figures(self, key):
        return [Figure.of(values) for values in zip(*self.results[key])]

    def rows(self):
        for network in self.networks:
            measured = {
                key[2]: self.figures(key) for key in self.results if key[0] == network.title
            }
            ours = measured.pop(MINICNN.name, None)
            if not ours:
                continue
            for index, (what, unit, bound) in enumerate((
                ("start to first step", " s", goals.FIRST_STEP_SECONDS),
                ("peak memory in training", " MB", goals.PEAK_MEGABYTES[network.name]),
            )):
                best = min(measured, key=lambda name: measured[name][index].median, default=None)
                peer = f"{measured[best][index].written(unit)} {best}" if best else ""
                goal = goals.Goal(bound, unit, at_least=False)
                yield goals.row(
                    network, self.threads, what, ours[index], goal,
                    ours[index].written(unit), peer,
                )

    def details(self):
        rows = [
            (key[0], key[2], *(figure.written() for figure in self.figures(key)))
            for key in self.results
        ]
        header = ("network", "program", "start to first step s", "peak memory MB")
        return table(header, rows, right=(2, 3))
