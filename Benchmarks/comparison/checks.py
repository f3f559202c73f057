"""That all programs compute the same networks."""

from math import isfinite

from .process import Failed, run

# Single precision, summed in different orders.
TOLERANCE = 1e-3


class ReportCheck:
    """Holds each peer's report against MiniCNN's summary and the first peer's outputs."""

    def __init__(self, summary):
        """`summary(network)` is the report of `minicnn summary`."""
        self.summary = summary
        self.summaries, self.outputs = {}, {}

    def __call__(self, report, network, name):
        """Fails unless the peer has the network's layers and parameters, and outputs like others'.

        Where it has trained, its loss has fallen.
        """
        if network.name not in self.summaries:
            self.summaries[network.name] = self.summary(network)
        expected = self.summaries[network.name]
        if layers(report["layers"]) != [
            (layer["kind"], tuple(layer["outputShape"])) for layer in expected["layers"]
        ]:
            raise Failed("its layers are not those of minicnn summary")
        if report["parameters"] != expected["parameters"]:
            raise Failed(
                f"{report['parameters']} parameters, expected {expected['parameters']}"
            )
        self.check_outputs(report["firstOutputs"], network, name)
        if "losses" in report:
            check_losses(report)

    def check_outputs(self, outputs, network, name):
        other, expected = self.outputs.setdefault(network.name, (name, outputs))
        differences = [abs(a - b) for a, b in zip(outputs, expected, strict=True)]
        if not max(differences) <= TOLERANCE:
            raise Failed(f"the first outputs differ by {max(differences):.2g} from {other}'s")


def layers(listed):
    return [(kind, tuple(shape)) for kind, shape in listed]


def check_losses(report):
    first, last = report["losses"]
    if not (isfinite(last) and last < first):
        raise Failed(f"the loss went from {first:.3f} to {last:.3f}")


def summaries(programs):
    return lambda network: run(programs.summary(network)).report()
