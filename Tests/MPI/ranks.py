"""Ranks without training, by the program RanksCheck: bytes move, and what goes wrong is said."""
import os
import signal
import subprocess
import time

from checks import check
from jobs import gone

LATE = r"rank (\d+) on (\S+) did not answer within 2 s: it has ended, it hangs, or it cannot be reached"
MPICH_TAKES = r"Open MPI's mpirun has started 2 processes, but MPICH \S+ \(libmpich.so.12\) takes this one for rank 0 of 1"
OPEN_MPI_TAKES = r"MPICH's mpirun has started 2 processes, but Open MPI v\S+ \(libmpi.so.40\) takes this one for rank 0 of 1"


def alone(context):
    out = subprocess.run([context.ranks_check, "who"], capture_output=True, text=True, timeout=60).stdout
    check(out == "alone\n", f"without a launcher: {out.strip()}")
    outcome = context.open_mpi.run(2, [context.ranks_check, "who"], variables={"MINICNN_MPI": "none"})
    check(outcome.code == 0 and outcome.out == "alone\nalone\n", "with MINICNN_MPI=none each of 2 is alone", outcome)


def moved_bytes(context):
    for launcher in context.launchers:
        counts = [1, 2, 3] if context.small else [1, 2, 3, 4, 5, 8]
        for count in counts:
            outcome = launcher.run(count, [context.ranks_check, "bytes"])
            passed = outcome.code == 0 and outcome.out == "27 exchanges\n"
            check(passed, f"{launcher.name}, {count} ranks: {outcome.out.strip()} in {outcome.seconds:.1f} s", outcome)


def places(context):
    for launcher in context.launchers:
        outcome = launcher.run(3, [context.ranks_check, "who"])
        found = sorted(outcome.sentences(r"rank (\d) of 3 on \S+, 3 here, "))
        library = outcome.sentences(r"3 here, (.*)")
        # The library of the launcher's own installation, and of MPICH 5 the one with the standard ABI.
        own = launcher.library is None or all(f"({launcher.library})" in text for text in library)
        check(found == ["0", "1", "2"] and own, f"{launcher.name} has ranks {', '.join(found)}: {library[:1]}", outcome)


def behind_a_script(context):
    """The launcher's own library is found where a shell is between the launcher and the program."""
    for launcher in context.launchers:
        outcome = launcher.run(2, ["sh", "-c", '"$@"; exit $?', "sh", context.ranks_check, "who"])
        library = outcome.sentences(r"2 here, (.*)")
        passed = len(library) == 2 and all(launcher.library is None or f"({launcher.library})" in text for text in library)
        check(passed, f"{launcher.name} behind a script: {library[:1]}", outcome)


def signals(context):
    for launcher in context.launchers:
        outcome = launcher.run(2, [context.ranks_check, "signals"])
        check(outcome.out == "signal handlers as before\n", f"{launcher.name}: {outcome.out.strip()}", outcome)


def exchange_times(context):
    for launcher in context.launchers:
        outcome = launcher.run(2, [context.ranks_check, "time"])
        check(outcome.code == 0, f"{launcher.name}, median of an exchange: {'; '.join(outcome.out.splitlines())}", outcome)


def heap(context):
    """What an exchange asks the heap for: nothing by ours, and of MPI what it says."""
    for launcher in context.launchers:
        outcome = launcher.run(2, [context.ranks_check, "heap"])
        found = outcome.sentences(r"(\d+) allocations in 100 exchanges without bytes, (\d+) in 100 of 320000")
        # MPICH 5 allocates for each message.
        passed = outcome.code == 0 and found and found[0][0] == "0" and int(found[0][1]) <= 400
        check(passed, f"{launcher.name}: {outcome.out.strip()}", outcome)


def failures_of_ranks(context):
    """A rank that ends by itself ends all with its code; one that all have together is not taken for another."""
    for launcher in context.launchers:
        outcome = launcher.run(3, [context.ranks_check, "abort"])
        check(outcome.code == 5 and outcome.seconds < 5, f"{launcher.name}: a rank gives up with 5, all end with {outcome.code} after {outcome.seconds:.1f} s", outcome)  # fmt: skip
        outcome = launcher.run(3, [context.ranks_check, "together"])
        said = len(outcome.sentences("all ranks fail together"))
        check(outcome.code == 3 and said == 3, f"{launcher.name}: {said} of 3 ranks fail together, with {outcome.code}", outcome)
        outcome = launcher.run(2, [context.ranks_check, "short"])
        said = outcome.sentences(r"rank 1 on \S+ sent 8 bytes where 16 were expected")
        check(outcome.code == 3 and len(said) == 1, f"{launcher.name}: {said[:1]}", outcome)


def dead_rank(context):
    for launcher in context.launchers:
        job = launcher.start(3, [context.ranks_check, "wait"])
        processes = job.ranks(context.ranks_check, 3)
        time.sleep(1)
        killed = time.monotonic()
        os.kill(processes[1], signal.SIGKILL)
        outcome = job.finish()
        left = gone(processes, killed + 5 - time.monotonic())
        seconds = time.monotonic() - killed
        check(outcome.code not in (None, 0) and seconds < 5 and not left, f"{launcher.name}: a rank is killed, all end after {seconds:.1f} s with {outcome.code}", outcome)  # fmt: skip


def time_out(context):
    for launcher in context.launchers:
        outcome = launcher.run(3, [context.ranks_check, "hang"], variables={"MINICNN_MPI_TIMEOUT": "2"})
        said = outcome.sentences(LATE)
        passed = outcome.code == 3 and outcome.seconds < 9 and said and all(rank == "2" for rank, _ in said)
        check(passed, f"{launcher.name}: rank 2 hangs, a sentence names {said[:1]}, all end after {outcome.seconds:.1f} s", outcome)


def mismatch(context):
    for launcher, library, sentence in [
        (context.open_mpi, "libmpich.so.12", MPICH_TAKES), (context.mpich, "libmpi.so.40", OPEN_MPI_TAKES),
    ]:  # fmt: skip
        outcome = launcher.run(2, [context.ranks_check, "who"], variables={"MINICNN_MPI": library})
        said = outcome.sentences(sentence)
        check(outcome.code == 3 and said, f"{launcher.name} with {library} is refused: {said[:1]}", outcome)


def no_library(context):
    outcome = context.open_mpi.run(2, [context.ranks_check, "who"], variables={"MINICNN_MPI": "/nowhere/libmpi.so"})
    said = outcome.sentences("MINICNN_MPI names no library of MPI: .*")
    check(outcome.code == 3 and said, f"a library that is not there: {said[:1]}", outcome)
    for launcher in context.launchers:
        who = [context.ranks_check, "who"]
        outcome = launcher.run(2, ["env", "MINICNN_MPI=/nowhere/libmpi.so", *who])
        said = outcome.sentences("MINICNN_MPI names no library of MPI: .*")
        check(outcome.code == 3 and said and outcome.seconds < 5, f"{launcher.name}: no rank has a library: {said[:1]}, code {outcome.code}", outcome)
        outcome = launcher.run(1, [*who, ":", "-n", "1", "env", "MINICNN_MPI=/nowhere/libmpi.so", *who])
        said = outcome.sentences("MINICNN_MPI names no library of MPI: .*")
        passed = outcome.code == 3 and said and outcome.seconds < 5
        check(passed, f"{launcher.name}: rank 1 has no library, all end after {outcome.seconds:.1f} s with {outcome.code}: {said[:1]}", outcome)


CHECKS = {
    "alone": alone, "bytes": moved_bytes, "places": places, "behind-a-script": behind_a_script, "signals": signals, "exchange-times": exchange_times, "heap": heap,
    "failures": failures_of_ranks, "dead-rank": dead_rank, "time-out": time_out, "mismatch": mismatch,
    "no-library": no_library,
}  # fmt: skip
