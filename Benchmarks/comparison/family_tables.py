"""The tables of the family: each network against its best peer, and both against the goals."""

from statistics import median

from . import goals
from .candidates import MINICNN
from .figures import number, ratio
from .speed import MEASURES
from .tables import table


class Against:
    """One network's figures of one kind: ours, and those of the peer that is best at it."""

    def __init__(self, measure, ours, peers):
        self.measure, self.ours = measure, ours
        self.best = measure.best(peers)
        self.theirs = peers.get(self.best)

    def ratio(self):
        """Of the medians; with a spread where both were measured in the same rounds."""
        ours, theirs = self.measure.values(self.ours), self.measure.values(self.theirs)
        if len(ours) != len(theirs):
            ours, theirs = [median(ours)], [median(theirs)]
        return ratio(ours, theirs) if self.measure.more_is_better else ratio(theirs, ours)


def compared(networks, ours_of, peers_of, measure):
    """(network, Against) of each network that both have figures of."""
    found = []
    for network in networks:
        ours = ours_of.reports(network).get(MINICNN.name, [])
        peers = {
            name: reports
            for name, reports in peers_of.reports(network).items()
            if name != MINICNN.name
        }
        against = Against(measure, ours, peers)
        if measure.values(ours) and against.best:
            found.append((network, against))
    return found


def one_table(measure, found):
    rows = [
        (
            network.title, against.ours[0].get("batchSize", ""),
            measure.figure(against.ours).written(), measure.figure(against.theirs).written(),
            against.best, against.ratio().written("×"),
        )
        for network, against in found
    ]
    header = ("network", "batch", f"MiniCNN{measure.unit}", f"best peer{measure.unit}", "", "ratio")
    return table(header, rows, right=(1, 2, 3))


def summary(found_of, kernels):
    """The median and the least ratio of each measure against the goals."""
    bounds = goals.FAMILY_HELD.get(kernels, goals.FAMILY)
    rows = []
    for measure, found in found_of.items():
        ratios = {network.title: against.ratio().median for network, against in found}
        if not ratios:
            continue
        for index, (what, value) in enumerate((
            ("the median network", median(ratios.values())),
            (f"the least, {min(ratios, key=ratios.get)}", min(ratios.values())),
        )):
            bound = bounds.get(measure.name, (None, None))[index]
            goal = bound and goals.Goal(bound, "×")
            met = goal and ("yes" if goal.met(value) else "**no**")
            rows.append((measure.name, what, f"{number(value)}×", goal or "", met or ""))
    return table(("what", "of", "ratio", "goal", "met"), rows)


def every_program(networks, record):
    rows = [
        (network.title, name, *(measure.written(reports) for measure in MEASURES))
        for network in networks
        for name, reports in record.reports(network).items()
    ]
    header = ("network", "program", *(measure.name + measure.unit for measure in MEASURES))
    return table(header, rows, right=(2, 3, 4))


def report(networks, ours, peers, kernels):
    """All tables, from the records of ours and of the peers, which may be the same one."""
    found_of = {measure: compared(networks, ours, peers, measure) for measure in MEASURES}
    parts = [summary(found_of, kernels)]
    for measure, found in found_of.items():
        if found:
            parts.append(f"### {measure.name.capitalize()}\n\n{one_table(measure, found)}")
    return "\n\n".join(parts)
