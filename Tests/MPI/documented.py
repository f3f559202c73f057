"""What docs/many-machines.md says is done: its commands for MPI, and its program, on ranks as alone."""
import os
import re
import shlex

from checks import Folder, check
from jobs import Job


def linked(context, folder):
    for name in ["Datasets", "Models", "docs"]:
        os.symlink(f"{context.root}/{name}", f"{folder}/{name}")


def documented(context):
    """The commands in the order of the page, each under the first launcher."""
    with open(f"{context.root}/docs/many-machines.md") as page:
        blocks = re.findall(r"```bash\n(.*?)```", page.read(), re.DOTALL)
    with Folder() as folder:
        linked(context, folder)
        for line in "".join(blocks).splitlines():
            words = shlex.split(line, comments=True)
            words[words.index("minicnn")] = context.tool
            if words[0] == "mpirun":
                outcome = context.open_mpi.run(int(words[2]), words[3:], folder=folder)
            else:
                outcome = Job(words, folder).finish()
            check(outcome.code == 0, f"{line}: {outcome.seconds:.1f} s", outcome)


def program(context):
    """The library's example: 100 steps alone and on 2 ranks."""
    with Folder() as folder:
        linked(context, folder)
        together = os.path.join(os.path.dirname(context.tool), "TrainTogether")
        alone = Job([together], folder).finish()
        ranks = context.mpich.run(2, [together], folder=folder)
        passed = ranks.code == 0 and ranks.out == alone.out.replace("ranks: 1", "ranks: 2")
        check(passed, f"a program of the library on 2 ranks: {ranks.out.strip()}", ranks)


CHECKS = {"documented": documented, "program": program}
