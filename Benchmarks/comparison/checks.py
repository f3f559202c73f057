"""That all programs compute the same networks."""

from math import isfinite

from peers.networks import shaped

from .process import Failed, run

# Single precision, summed in different orders.
TOLERANCE = 1e-3


def check_model(programs, network):
    """The layers in `peers/networks.py` are those of the model file."""
    summary = run(programs.summary(network)).report()
    theirs = [(layer["kind"], tuple(layer["outputShape"])) for layer in summary["layers"]]
    ours = [(layer[0], after) for layer, _, after in shaped(network)]
    if theirs != ours or summary["parameters"] != network.parameters:
        raise Failed(f"{network.title}: peers/networks.py and the model file differ")


class ReportCheck:
    """Holds each peer's report against the network and against the first peer's outputs."""

    def __init__(self):
        self.outputs = {}

    def __call__(self, report, network, name):
        if report["parameters"] != network.parameters:
            raise Failed(f"{report['parameters']} parameters, expected {network.parameters}")
        first, last = report["losses"]
        if not (isfinite(last) and last < first):
            raise Failed(f"the loss went from {first:.3f} to {last:.3f}")
        outputs = report["firstOutputs"]
        other, expected = self.outputs.setdefault(network.name, (name, outputs))
        differences = [abs(a - b) for a, b in zip(outputs, expected, strict=True)]
        if not max(differences) <= TOLERANCE:
            raise Failed(f"the first outputs differ by {max(differences):.2g} from {other}'s")
