"""Training, inference and one image: every program, both networks, each number of threads."""

from dataclasses import dataclass

from . import goals
from .candidates import MINICNN, environment
from .checks import ReportCheck, summaries
from .figures import Figure, ratio
from .process import run
from .tables import table


@dataclass(frozen=True)
class Measure:
    name: str
    key: str
    unit: str
    more_is_better: bool = True

    def values(self, reports):
        """Nothing where a program does not do this at all."""
        return [report[self.key] for report in reports if self.key in report]

    def figure(self, reports):
        return Figure.of(self.values(reports))

    def written(self, reports):
        return self.figure(reports).written() if self.values(reports) else ""

    def quicker(self, reports, others):
        """How many times as quick as the others."""
        ours, theirs = self.values(reports), self.values(others)
        return ratio(ours, theirs) if self.more_is_better else ratio(theirs, ours)

    def best(self, reports_of):
        """The quickest name, or none."""
        medians = {
            name: self.figure(reports).median
            for name, reports in reports_of.items()
            if self.values(reports)
        }
        return (max if self.more_is_better else min)(medians, key=medians.get, default=None)


TRAINING = Measure("training", "trainImagesPerSecond", " images/s")
MEASURES = (
    TRAINING,
    Measure("inference", "inferenceImagesPerSecond", " images/s"),
    Measure("one image", "latencyMicroseconds", " µs", more_is_better=False),
)


class Speed:
    title = "Every program"

    def __init__(self, programs, networks, candidates, threads, seconds):
        self.programs, self.seconds = programs, seconds
        self.check = ReportCheck(summaries(programs))
        self.networks, self.threads = networks, threads
        self.jobs = {
            (network.title, f"threads {count}", candidate.name): self.job(
                candidate, network, count
            )
            for network in networks
            for count in threads
            for candidate in candidates
        }
        self.results, self.versions = {}, {}

    def job(self, candidate, network, threads):
        command = self.programs.speed(candidate, network, threads, self.seconds)
        variables = environment(candidate, threads)

        def measure():
            report = run(command, variables).report()
            if candidate != MINICNN:
                self.check(report, network, candidate.name)
                self.versions.update(report["versions"])
            return report

        return measure

    def measure(self, rounds, count):
        self.results = rounds.run(self.jobs, count)

    def of(self, network, threads):
        """The reports by program, MiniCNN's apart."""
        start = (network.title, f"threads {threads}")
        reports = {key[2]: value for key, value in self.results.items() if key[:2] == start}
        return reports.pop(MINICNN.name, None), reports

    def rows(self):
        for network in self.networks:
            for threads in self.threads:
                ours, peers = self.of(network, threads)
                if ours and peers:
                    for measure in MEASURES:
                        best = measure.best(peers)
                        if best:
                            yield self.row(network, threads, measure, ours, best, peers[best])
            yield from self.scaling(network)

    def row(self, network, threads, measure, ours, best, theirs):
        goal = goals.Goal(goals.QUICKER[network.name, measure.name], "×")
        return goals.row(
            network, threads, measure.name, measure.quicker(ours, theirs), goal,
            measure.figure(ours).written(measure.unit),
            f"{measure.figure(theirs).written(measure.unit)} {best}",
        )

    def scaling(self, network):
        one, two = (self.of(network, n)[0] if n in self.threads else None for n in (1, 2))
        if one and two:
            gained = TRAINING.quicker(two, one)
            goal = goals.Goal(goals.SCALING, "×")
            yield goals.row(network, "1, 2", "training, 2 threads to 1", gained, goal)

    def details(self):
        header = ("network", "threads", "program", *(m.name + m.unit for m in MEASURES))
        rows = [
            (network, threads.split()[1], name, *(m.written(reports) for m in MEASURES))
            for (network, threads, name), reports in self.results.items()
        ]
        return table(header, rows, right=(1, 3, 4, 5))
