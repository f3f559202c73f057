"""How MiniCNN's cost grows with the batch and with the number of images."""

import tempfile

from . import goals
from .candidates import MINICNN, environment
from .figures import Figure, ratio
from .process import Failed, run
from .tables import table

# Training batch to inference batch: one process measures both.
BATCHES = {32: 250, 64: 500, 128: 1000, 256: 2000, 512: 4000}
SMALL, LARGE = min(BATCHES), max(BATCHES)

# Images of an epoch that takes long enough to be timed and not longer than it must.
EPOCH = {"lenet5": 30_000, "mnist-cnn": 7_680}


class Batches:
    title = "Batch sizes"

    def __init__(self, programs, networks, threads, seconds):
        self.networks, self.threads = networks, threads
        self.jobs = {
            (network.title, "batch", size): self.job(programs, network, size, seconds)
            for network in networks
            for size in BATCHES
        }

    def job(self, programs, network, size, seconds):
        command = programs.benchmark(
            network, self.threads, seconds, "--batch-size", str(size),
            "--inference-batch-size", str(BATCHES[size]),
        )
        return lambda: run(command, environment(MINICNN, self.threads)).report()

    def measure(self, rounds, count):
        self.results = rounds.run(self.jobs, count)

    def speeds(self, network, size, key):
        return [report[key] for report in self.results.get((network.title, "batch", size), ())]

    def rows(self):
        for network in self.networks:
            small, large = (
                self.speeds(network, size, "trainImagesPerSecond") for size in (SMALL, LARGE)
            )
            if small and large:
                yield goals.row(
                    network, self.threads, f"training, batch {SMALL} to {LARGE}",
                    ratio(small, large), goals.Goal(goals.SMALL_BATCHES, "×"),
                )
            for what, key, sizes in (
                ("a step, batch", "trainImagesPerSecond", {size: size for size in BATCHES}),
                ("inference, images", "inferenceImagesPerSecond", BATCHES),
            ):
                yield from self.doubling(network, what, key, sizes)

    def doubling(self, network, what, key, sizes):
        """The worst of the doublings."""
        costs = {}
        for size in sizes:
            once, twice = (self.speeds(network, each, key) for each in (size, 2 * size))
            if once and twice:
                costs[sizes[size]] = ratio([2 * speed for speed in once], twice)
        if costs:
            worst = max(costs, key=lambda size: costs[size].median)
            yield goals.row(
                network, self.threads, f"{what} {worst} to {2 * worst}", costs[worst],
                goals.Goal(goals.TWICE, "×", at_least=False),
            )

    def details(self):
        rows = []
        for (network, _, size), reports in self.results.items():
            training, inference = (
                Figure.of(report[key] for report in reports).written()
                for key in ("trainImagesPerSecond", "inferenceImagesPerSecond")
            )
            rows.append((network, size, training, BATCHES[size], inference))
        header = (
            "network", "batch", "training images/s", "predicted at once", "inference images/s"
        )
        return table(header, rows, right=(1, 2, 3, 4))


class Epochs:
    title = "Epochs"

    def __init__(self, programs, networks, threads):
        self.programs, self.networks, self.threads = programs, networks, threads
        self.jobs = {
            (network.title, "images", images): self.job(network, images)
            for network in networks
            for images in (EPOCH[network.name], 2 * EPOCH[network.name])
        }

    def job(self, network, images):
        command = self.programs.train(
            network, self.threads, "--limit", str(images), "--epochs", "2"
        )

        def measure():
            """Seconds of the second epoch: the first makes memory and wakes threads."""
            with tempfile.TemporaryDirectory() as folder:
                report = run(command, environment(MINICNN, self.threads), folder).report()
            if report.get("epoch") != 2:
                raise Failed("did not print its second epoch")
            return report["seconds"]

        return measure

    def measure(self, rounds, count):
        self.results = rounds.run(self.jobs, count)

    def rows(self):
        for network in self.networks:
            images = EPOCH[network.name]
            once, twice = (
                self.results.get((network.title, "images", n)) for n in (images, 2 * images)
            )
            if once and twice:
                yield goals.row(
                    network, self.threads, f"an epoch, images {images:,} to {2 * images:,}",
                    ratio(twice, once), goals.Goal(goals.TWICE, "×", at_least=False),
                )

    def details(self):
        rows = [
            (network, f"{images:,}", Figure.of(seconds).written())
            for (network, _, images), seconds in self.results.items()
        ]
        return table(("network", "images", "seconds"), rows, right=(1, 2))
