"""The family: many networks, every program in turn, what was measured kept after each turn."""

from dataclasses import replace

from . import pictures
from .candidates import MINICNN, environment
from .checks import ReportCheck, check_losses
from .process import Failed, run
from .record import digest
from .rounds import to_terminal
from .speed import MEASURES
from .turns import Turns

# The peers that are ever the quickest.
QUICK = (
    "PyTorch channels_last tuned", "PyTorch compiled channels_last tuned", "Keras graph",
    "ONNX Runtime", "OpenVINO",
)
KEPT = ("batchSize", *(measure.key for measure in MEASURES))


class Family:
    """Measures into a record; `folder` is for made-up pictures and compiled code."""

    def __init__(self, programs, candidates, record, folder, rounds, say=to_terminal):
        self.programs, self.candidates, self.record = programs, candidates, record
        self.folder, self.rounds, self.say = folder, rounds, say
        settings = record.content["settings"]
        self.threads, self.seconds = settings["threads"], settings["seconds"]
        self.kernels = settings["kernels"]
        self.check = ReportCheck(self.summary)
        self.summaries = {}

    def measure(self, networks):
        ours = digest(self.programs.minicnn)
        for network in networks:
            self.record.prepare(network, {MINICNN.name: ours})
            self.one(network)

    def one(self, network):
        """Every program's missing rounds; a peer is one process for all of its own."""
        programs = replace(self.programs, data=self.data(network))
        started = {}
        try:
            for turn in range(self.rounds):
                for candidate in self.candidates:
                    made = self.record.of(network, candidate.name)
                    if len(made["reports"]) == turn and "failed" not in made:
                        self.turn(programs, network, candidate, started)
        finally:
            for peer in started.values():
                peer.close()

    def turn(self, programs, network, candidate, started):
        made = self.record.of(network, candidate.name)
        self.say(
            f"{network.name}, round {len(made['reports']) + 1}/{self.rounds}: {candidate.name}"
        )
        try:
            report = self.report(programs, network, candidate, started)
        except Failed as failure:
            made["failed"] = str(failure)
            self.say(f"left out: {network.name}, {candidate.name}: {failure}")
        else:
            made["reports"].append({key: report[key] for key in KEPT if key in report})
        self.record.save()

    def report(self, programs, network, candidate, started):
        command = programs.speed(candidate, network, self.threads, self.seconds)
        variables = environment(candidate, self.threads, self.kernels)
        if candidate == MINICNN:
            return run(command, variables).report()
        # What was compiled once need not be again when the measuring goes on.
        variables["TORCHINDUCTOR_CACHE_DIR"] = str(
            self.folder / f"inductor-{self.kernels or 'all'}"
        )
        if candidate not in started:
            peer = started[candidate] = Turns([*command, "--turns"], variables)
            self.check(peer.said, network, candidate.name)
            self.record.content["versions"].update(peer.said["versions"])
        first = not self.record.of(network, candidate.name)["reports"]
        report = started[candidate].turn()
        if first and "losses" in report:
            check_losses(report)
        return report

    def data(self, network):
        """The data set itself, or made-up pictures where a network wants others."""
        shape = tuple(self.summary(network)["inputShape"])
        if shape == (28, 28, 1):
            return self.programs.data
        folder = self.folder / ("pictures-" + "x".join(map(str, shape)))
        if not (folder / "train-labels-idx1-ubyte").exists():
            pictures.write(folder, shape)
        return folder

    def summary(self, network):
        if network.name not in self.summaries:
            self.summaries[network.name] = run(self.programs.summary(network)).report()
        return self.summaries[network.name]
