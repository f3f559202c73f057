"""Runs everything once a round, one after the other."""

import sys

from .process import Failed


def to_terminal(line):
    print(line, file=sys.stderr, flush=True)


class Rounds:
    """`left_out` has a line for each job that failed."""

    def __init__(self, say=to_terminal):
        self.say = say
        self.left_out = []

    def run(self, jobs, count):
        """The results of each job by its key, a list with one a round.

        A key is a tuple that says what the job is. A job that fails once is left out of all rounds:
        medians over different rounds would not compare.
        """
        results = {key: [] for key in jobs}
        for turn in range(1, count + 1):
            for key, job in jobs.items():
                if key not in results:
                    continue
                label = ", ".join(map(str, key))
                self.say(f"round {turn}/{count}: {label}")
                try:
                    results[key].append(job())
                except Failed as failure:
                    del results[key]
                    self.left_out.append(f"{label}: {failure}")
                    self.say(f"left out: {label}: {failure}")
        return results
