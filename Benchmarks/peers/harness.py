"""What every peer does in the same way: read its arguments, train, measure, print one JSON object.

A peer is a class that is made from a network, the number of threads, the variant's words, the
images and the labels. It has `versions`, `parameters` (their number) and `predict(numbers)`, which
returns the outputs of the images with these numbers as an array. One that trains has two functions
more: `step(numbers)` trains on these images and returns the loss, which may still be being
computed; `wait(loss)` waits for it and returns it as a float.
"""

import argparse
import ctypes
import gc
import json
import signal
import sys
import time
from statistics import fmean, median

import data
import networks
import numpy as np

PR_SET_PDEATHSIG = 1  # of linux/prctl.h
WARM_UP_STEPS = 10
INFERENCE_BATCH = 1000


def main(make_peer):
    arguments = parse()
    if arguments.turns:
        end_with_driver()
    network = networks.read(arguments.model)
    images, labels = data.load(arguments.data)
    words = set(filter(None, arguments.variant.split("+")))
    peer = make_peer(network, arguments.threads, words, images, labels)
    batches = data.batches(len(images), network.batch)
    del images, labels  # the peer may have made its own of them
    said = {
        "versions": peer.versions, "parameters": peer.parameters, "layers": network.listed(),
    }
    if arguments.steps:
        tell(said | train_only(peer, batches, arguments.steps))
        return
    said["firstOutputs"] = outputs(peer)
    if arguments.turns:
        tell(said)
        for _ in sys.stdin:
            tell(measure(peer, batches, network.batch, arguments.seconds))
    else:
        tell(said | measure(peer, batches, network.batch, arguments.seconds))


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True, help="a model file")
    parser.add_argument("--data", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--variant", default="")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--steps", type=int, help="only train, this many steps")
    parser.add_argument(
        "--turns", action="store_true", help="measure once for each line of standard input"
    )
    return parser.parse_args()


def end_with_driver():
    """Between its turns a peer is stopped, and would never see that its driver was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def tell(report):
    print(json.dumps(report), flush=True)


def outputs(peer):
    """Of eight images, from the first weights."""
    return np.asarray(peer.predict(np.arange(8, dtype=np.int32)), np.float64).ravel().tolist()


def train_only(peer, batches, steps):
    losses = [peer.wait(peer.step(next(batches)))]
    # The same clock in every process, so the driver can subtract when it started this one.
    first = time.monotonic()
    losses += [peer.wait(peer.step(next(batches))) for _ in range(steps - 1)]
    return {"firstStepAt": first, "losses": ends(losses)}


def measure(peer, batches, batch, seconds):
    report = {}
    if hasattr(peer, "step"):
        losses, times = train(peer, batches, seconds)
        report = {"trainImagesPerSecond": batch / median(times), "losses": ends(losses)}
    many = np.arange(INFERENCE_BATCH, dtype=np.int32)
    return report | {
        "inferenceImagesPerSecond": INFERENCE_BATCH
        / repeat(lambda: peer.predict(many), seconds, warm_up=3),
        "latencyMicroseconds": 1e6
        * repeat(lambda: peer.predict(many[:1]), seconds, warm_up=50),
    }


def train(peer, batches, seconds):
    """All losses, and the seconds of each step after the warm-up.

    One step may be under way while the next batch is put together; what is timed is from the end
    of one step to the end of the next.
    """
    losses, times = [], []
    gc.collect()
    gc.freeze()
    under_way = peer.step(next(batches))
    start = last = time.perf_counter()
    while len(times) < 5 or last - start < seconds:
        following = peer.step(next(batches))
        losses.append(peer.wait(under_way))
        under_way = following
        now = time.perf_counter()
        if len(losses) > WARM_UP_STEPS:
            times.append(now - last)
        else:
            start = now
        last = now
    losses.append(peer.wait(under_way))
    return losses, times


def repeat(body, seconds, warm_up):
    """The median seconds of a call."""
    for _ in range(warm_up):
        body()
    times = []
    start = last = time.perf_counter()
    while len(times) < 5 or last - start < seconds:
        body()
        now = time.perf_counter()
        times.append(now - last)
        last = now
    return median(times)


def ends(losses):
    """The mean of the first and of the last losses, at most five each."""
    count = max(1, min(5, len(losses) // 2))
    return [fmean(losses[:count]), fmean(losses[-count:])]
