"""Prints a line for each thing that is held."""
import shutil
import tempfile

failures = []


def check(passed, text, outcome=None):
    """Prints what was measured, and all that a job has said where it is not as it should be."""
    print(f"{'ok  ' if passed else 'FAIL'} {text}", flush=True)
    if not passed:
        failures.append(text)
        if outcome is not None:
            print(f"     exit code {outcome.code} after {outcome.seconds:.1f} s\n{outcome.out}{outcome.err}", flush=True)
    return passed


class Folder:
    """A folder that is gone afterwards."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="minicnn-mpi-")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)
