"""Two hosts out of one: network namespaces with a cable between them that can be pulled. Needs root and Open MPI."""
import os
import shutil
import stat
import subprocess
import sys
import time
from contextlib import contextmanager

import training
from checks import Folder, check
from jobs import ROOT_IS_FINE, Launcher, gone

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../Benchmarks"))
from scaling.exchange import GIGABIT_10  # noqa: E402

FIRST, SECOND = "minicnn-mpi-1", "minicnn-mpi-2"
ADDRESSES = {FIRST: "10.77.0.1", SECOND: "10.77.0.2"}
# Both are of one file system and one table of processes; a name of their own keeps Open MPI from shared memory.
INSIDE = ["unshare", "--uts", "sh", "-c", 'hostname "$0"; exec "$@"']


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def remove():
    for host in ADDRESSES:
        subprocess.run(["ip", "netns", "delete", host], capture_output=True)


@contextmanager
def hosts():
    """A launcher whose ranks alternate between the two; while it is there, so are they."""
    remove()
    with Folder() as folder:
        try:
            for host in ADDRESSES:
                ip("netns", "add", host)
            ip("link", "add", "cable", "netns", FIRST, "type", "veth", "peer", "name", "cable", "netns", SECOND)
            for host, address in ADDRESSES.items():
                ip("-n", host, "addr", "add", f"{address}/24", "dev", "cable")
                for link in ("cable", "lo"):
                    ip("-n", host, "link", "set", link, "up")
            agent = os.path.join(folder, "agent")  # in the place of ssh: agent HOST COMMAND...
            with open(agent, "w") as file:
                file.write(f"#!/bin/sh\nshift\nexec ip netns exec {SECOND} {' '.join(INSIDE[:4])} 'hostname two; exec sh -c \"$0\"' \"$*\"\n")
            os.chmod(agent, os.stat(agent).st_mode | stat.S_IXUSR)
            network = ["--mca", "plm_rsh_agent", agent, "--mca", "pml", "ob1", "--mca", "btl", "tcp,self"]
            for layer in ("btl", "oob"):
                network += ["--mca", f"{layer}_tcp_if_include", "10.77.0.0/24"]
            slots = ",".join(f"{address}:8" for address in ADDRESSES.values())
            yield Launcher("Open MPI on two hosts", ("ip", "netns", "exec", FIRST, *INSIDE, "one", "mpirun.openmpi", *network, "--host", slots, "--map-by", "node"), ROOT_IS_FINE)  # fmt: skip
        finally:
            remove()


def possible(context):
    if context.small:
        return False
    reason = "no root" if os.geteuid() != 0 else "no ip" if not shutil.which("ip") else ""
    if not reason and subprocess.run(["ip", "netns", "add", FIRST], capture_output=True).returncode != 0:
        reason = "no network namespaces"
    remove()
    return not reason or check(False, f"two hosts out of one: {reason}")


def two_hosts(context):
    if not possible(context):
        return
    with hosts() as launcher:
        outcome = launcher.run(2, [context.ranks_check, "who"])
        found = sorted(outcome.sentences(r"rank (\d) of 2 on (one|two), 1 here"))
        check(found == [("0", "one"), ("1", "two")], f"{launcher.name}: {found}", outcome)
        outcome = launcher.run(3, [context.ranks_check, "bytes"])
        check(outcome.out == "27 exchanges\n", f"{launcher.name}, 3 ranks: {outcome.out.strip()} in {outcome.seconds:.1f} s", outcome)
        outcome = launcher.run(2, [context.ranks_check, "time"])
        check(outcome.code == 0, f"{launcher.name}, median of an exchange: {'; '.join(outcome.out.splitlines())}", outcome)
        training.same_bits(context, "lenet5", ["--max-steps", "50"], [(launcher, 2), (launcher, 4)], "lenet5, 50 steps,")


def ten_gigabits(context):
    """Exchanges over a cable of 10 Gb/s, beside what the prediction of docs/many-machines.md assumes of one."""
    if not possible(context):
        return
    with hosts() as launcher:
        for host in ADDRESSES:
            shape = ["tc", "qdisc", "add", "dev", "cable", "root", "tbf", "rate", "10gbit", "burst", "256kb", "latency", "50ms"]
            subprocess.run(["ip", "netns", "exec", host, *shape], check=True)
        outcome = launcher.run(2, [context.ranks_check, "time"])
        times = outcome.sentences(r"(\d+) bytes ([\d.]+) ms")
        ratios = [float(found) / 1e3 / (GIGABIT_10.latency + int(count) / GIGABIT_10.bandwidth) for count, found in times]
        passed = outcome.code == 0 and len(times) == 2 and all(0.5 < ratio < 6 for ratio in ratios)
        check(passed, f"10 Gb/s: {times}, {', '.join(f'{ratio:.1f}' for ratio in ratios)} times what is assumed", outcome)


def cable(context):
    """The cable is pulled: each side says whom it does not hear, ends, and leaves a state that goes on.

    Open MPI's own mpirun waits for the other host, so it is ended here, as a second Ctrl-C would.
    """
    if not possible(context):
        return
    with hosts() as launcher, Folder() as folder:
        job, processes = training.under_way(context, folder, "cut", 2, launcher, {"MINICNN_MPI_TIMEOUT": "3"})
        since = time.monotonic()
        ip("-n", FIRST, "link", "set", "cable", "down")
        left = gone(processes, 15)
        seconds = time.monotonic() - since
        time.sleep(0.5)
        job.end()
        outcome = job.finish()
        said = outcome.sentences(r"rank 1 on two did not answer within 3 s")
        text, passed = training.resumes(context, folder, "cut", 0)
        check(passed and said and not left, f"the cable is pulled: {said[:1]}, both ranks end after {seconds:.1f} s; {text}", outcome)


CHECKS = {"two-hosts": two_hosts, "ten-gigabits": ten_gigabits, "cable": cable}
