"""Training on ranks: the bits of one process, and what is left when something dies."""
import json
import os
import shutil
import signal
import time

from checks import Folder, check
from jobs import Job, gone

# Of a run of ten epochs of 60 steps, 3840 images, that saves often.
OFTEN = ["--limit", "3840", "--batch-size", "64", "--epochs", "10", "--checkpoint-every", "5"]
# Of one that saves every 300 steps.
RARELY = ["--batch-size", "64", "--epochs", "2", "--checkpoint-every", "300"]


def command(context, arguments, threads=1):
    """The tool trains from one seed; so many threads a rank."""
    return [context.tool, "train", *arguments, "--threads", str(threads)]


def new(context, model, name, *settings):
    """The arguments of a new run that keeps NAME.weights.h5."""
    return ["--model", f"{context.root}/Models/{model}.yaml", "--data", f"{context.root}/Datasets/mnist", "--seed", "5",
            "--checkpoint", f"{name}.weights.h5", *settings]  # fmt: skip


def train(context, folder, arguments, ranks=0, launcher=None, threads=1):
    """Trains alone, or on so many ranks."""
    program = command(context, arguments, threads)
    return (launcher or context.open_mpi).run(ranks, program, folder=folder) if ranks else Job(program, folder).finish()


def facts(context, folder, name):
    outcome = Job([context.tool, "inspect", f"{name}.weights.h5", "--json"], folder).finish()
    return json.loads(outcome.out) if outcome.code == 0 else {"stateSHA256": "", "weightsSHA256": "", "steps": None, "error": outcome.err}


def same_bits(context, model, settings, cases, what):
    """The state after a run: of one process, and on ranks of some launchers."""
    with Folder() as folder:
        outcome = train(context, folder, new(context, model, "alone", *settings))
        alone = facts(context, folder, "alone")
        if not check(outcome.code == 0 and alone["stateSHA256"], f"{what} alone: weights {alone['weightsSHA256'][:12]}, {outcome.seconds:.1f} s", outcome):
            return
        for launcher, ranks in cases:
            name = f"ranks-{ranks}"
            outcome = train(context, folder, new(context, model, name, *settings, "--overwrite"), ranks, launcher)
            found = facts(context, folder, name)
            passed = outcome.code == 0 and all(found[key] == alone[key] for key in ("steps", "weightsSHA256", "stateSHA256"))
            check(passed, f"{what} on {ranks} ranks of {launcher.name}: weights {found['weightsSHA256'][:12]}, {found['steps']} steps, {outcome.seconds:.1f} s", outcome)  # fmt: skip


def cases(context, counts=(2, 1, 3, 4, 8)):
    if context.small:
        return [(context.open_mpi, counts[0]), (context.mpich, 3)]
    return [(context.open_mpi, count) for count in counts] + [(launcher, 2) for launcher in context.launchers[1:]]


def models(context):
    names = sorted(name.removesuffix(".yaml") for name in os.listdir(f"{context.root}/Models") if name.endswith(".yaml"))
    for model in ["lenet5", "resnet-mini"] if context.small else names:
        same_bits(context, model, ["--max-steps", "50"], cases(context), f"{model}, 50 steps,")


def batches(context):
    """A batch above 512, and a last one of three images, fewer than there are ranks."""
    for model in ["lenet5"] if context.small else ["lenet5", "resnet-mini"]:
        same_bits(context, model, ["--batch-size", "700", "--limit", "2800", "--epochs", "1"], cases(context), f"{model}, batch 700,")
        settings = ["--batch-size", "100", "--limit", "1003", "--epochs", "2", "--validation-fraction", "0"]
        same_bits(context, model, settings, cases(context, (4, 8)), f"{model}, last batch of 3,")
        settings = ["--shards", "64", "--batch-size", "1024", "--limit", "4096", "--epochs", "1"]
        same_bits(context, model, settings, cases(context), f"{model}, 64 shards,")


def epochs(context):
    """Evaluation of the epochs and an average of the weights, on parts of the data."""
    settings = ["--limit", "3000", "--epochs", "2", "--validation-fraction", "0.1", "--weight-average", "0.99"]
    for model in ["lenet5"] if context.small else ["lenet5", "digits-fast"]:
        same_bits(context, model, settings, cases(context), f"{model}, 2 epochs,")


def resumed_elsewhere(context):
    """37 steps on 2 ranks, some more on 3, the rest alone, and all of it alone."""
    settings = ["--limit", "3840", "--batch-size", "64", "--epochs", "1"]
    for model in ["lenet5", DIVIDED]:
        with Folder() as folder:
            whole = train(context, folder, new(context, model, "whole", *settings))
            parts = [
                train(context, folder, new(context, model, "parts", *settings, "--max-steps", "37"), 2),
                train(context, folder, ["--resume", "parts.weights.h5", "--max-steps", "48"], 3, context.mpich),
                train(context, folder, ["--resume", "parts.weights.h5"]),
            ]
            first, second = facts(context, folder, "whole"), facts(context, folder, "parts")
            failed = next((outcome for outcome in [whole, *parts] if outcome.code != 0), parts[2])
            passed = failed.code == 0 and first["stateSHA256"] == second["stateSHA256"] and second["steps"] == 60
            check(passed, f"{model}, 37 steps on 2 ranks, then 11 on 3, the rest alone: weights {second['weightsSHA256'][:12]}, without a stop {first['weightsSHA256'][:12]}", failed)  # fmt: skip


# A network whose largest kernel ranks divide.
DIVIDED = "mnist-cnn"


def under_way(context, folder, name, ranks, launcher, variables=None, settings=OFTEN, model="lenet5"):
    """A run that goes on, a moment after its first save, and its processes."""
    job = launcher.start(ranks, command(context, new(context, model, name, *settings)), folder=folder, variables=variables)
    processes = job.ranks(context.tool, ranks)
    job.wait_for(lambda: os.path.exists(f"{folder}/{name}.weights.h5"))
    time.sleep(0.2)
    return job, processes


def resumes(context, folder, name, after, settings=OFTEN, model="lenet5"):
    """Whether what a run has left is whole and ends as one that nothing has happened to: 40 steps further, on other ranks."""
    left = facts(context, folder, name)
    if left["steps"] is None:
        return f"no state: {left['error']}", False
    goal = left["steps"] + 40
    rest = train(context, folder, ["--resume", f"{name}.weights.h5", "--max-steps", str(goal)], after)
    train(context, folder, new(context, model, "whole", *settings, "--overwrite", "--max-steps", str(goal)))
    whole, found = facts(context, folder, "whole"), facts(context, folder, name)
    text = f"state of step {left['steps']}, 40 more on {after or 1}: weights {found['weightsSHA256'][:12]}, without it {whole['weightsSHA256'][:12]}"
    return text, rest.code == 0 and found["stateSHA256"] == whole["stateSHA256"]


def killed(context):
    for launcher in context.launchers:
        for victim, model in [(1, DIVIDED)] if context.small else [(0, "lenet5"), (1, DIVIDED)]:
            with Folder() as folder:
                job, processes = under_way(context, folder, "killed", 3, launcher, model=model)
                since = time.monotonic()
                os.kill(processes[victim], signal.SIGKILL)
                outcome = job.finish()
                left = gone(processes, since + 5 - time.monotonic())
                seconds = time.monotonic() - since
                text, passed = resumes(context, folder, "killed", 2, model=model)
                passed = passed and outcome.code not in (None, 0) and seconds < 5 and not left
                check(passed, f"{launcher.name}: rank {victim} of {model} is killed, all end after {seconds:.1f} s with {outcome.code}; {text}", outcome)


def interrupted(context):
    """Ctrl-C saves, at a step at which nothing else does. Launchers have exit codes of their own then, MPICH's now and then 0, and
    Open MPI 5 drops what ranks say after it."""
    model = "lenet5" if context.small else DIVIDED
    for launcher in context.launchers:
        with Folder() as folder:
            job, processes = under_way(context, folder, "stopped", 2, launcher, settings=RARELY, model=model)
            since = time.monotonic()
            job.interrupt()
            outcome = job.finish()
            left = gone(processes, since + 5 - time.monotonic())
            seconds = time.monotonic() - since
            steps = facts(context, folder, "stopped")["steps"] or 0
            text, passed = resumes(context, folder, "stopped", 0, RARELY, model)
            passed = passed and steps % 300 != 0 and outcome.code is not None and not left
            check(passed, f"{launcher.name}: Ctrl-C ends all after {seconds:.1f} s with {outcome.code}; {text}", outcome)


def refused(context):
    """A launcher with the library of another: each rank would train by itself and write the same file."""
    for launcher, library in [(context.open_mpi, "libmpich.so.12"), (context.mpich, "libmpi.so.40")]:
        with Folder() as folder:
            program = command(context, new(context, "lenet5", "refused", "--max-steps", "5"))
            outcome = launcher.run(2, program, folder=folder, variables={"MINICNN_MPI": library})
            said = outcome.sentences(r"has started 2 processes, but .* takes this one for rank 0 of 1")
            passed = outcome.code not in (None, 0) and said and not os.listdir(folder)
            check(passed, f"{launcher.name} with {library} is refused: {said[:1]}, code {outcome.code}, {len(os.listdir(folder))} files", outcome)


def differing(context):
    """A rank of another build, and one whose processor adds in another order: both are named before the first step."""
    for launcher in context.launchers[:2]:
        with Folder() as folder:
            other = os.path.join(folder, "minicnn")
            shutil.copy(context.tool, other)
            with open(other, "ab") as file:
                file.write(b"\0")
            program = command(context, new(context, "lenet5", "differing", "--max-steps", "5"))
            for what, second, expected in [
                ("program", [other, *program[1:]], r"rank 1 on \S+: program: expected .*, as rank 0 on \S+ has, found .*"),
                ("arithmetic", ["env", "MINICNN_KERNELS=baseline", *program], r"rank 1 on \S+: arithmetic: expected .*, as rank 0 on \S+ has, found .*"),
            ]:  # fmt: skip
                outcome = launcher.run(1, [*program, ":", "-n", "1", *second], folder=folder)
                said = outcome.sentences(expected)
                passed = outcome.code not in (None, 0) and said and not os.path.exists(f"{folder}/differing.weights.h5")
                check(passed, f"{launcher.name}: another {what} on rank 1 is refused: {said[:1]}", outcome)


def first_reads(context):
    """The other ranks need no file and write none: theirs are named in a folder that is empty, and stays so."""
    for launcher in context.launchers[:2]:
        with Folder() as folder, Folder() as empty:
            os.symlink(f"{context.root}/Datasets/mnist", f"{folder}/mnist")
            shutil.copy(f"{context.root}/Models/lenet5.yaml", folder)
            program = [context.tool, "train", "--model", "lenet5.yaml", "--data", "mnist", "--seed", "5", "--max-steps", "5",
                       "--checkpoint", "first.weights.h5", "--threads", "1"]  # fmt: skip
            outcome = launcher.run(1, [*program, ":", "-n", "1", "-wdir", empty, *program], folder=folder)
            steps = facts(context, folder, "first")["steps"]
            passed = outcome.code == 0 and steps == 5 and not os.listdir(empty)
            check(passed, f"{launcher.name}: rank 1 in an empty folder trains along, {steps} steps, and leaves {os.listdir(empty)}", outcome)


def silent_rank(context):
    """A rank that is stopped answers nothing, as a machine that hangs."""
    with Folder() as folder:
        job, processes = under_way(context, folder, "hung", 2, context.open_mpi, {"MINICNN_MPI_TIMEOUT": "3"})
        since = time.monotonic()
        os.kill(processes[1], signal.SIGSTOP)
        outcome = job.finish()
        gone(processes, since + 10 - time.monotonic())
        seconds = time.monotonic() - since
        said = outcome.sentences(r"rank 1 on \S+ did not answer within 3 s")
        text, passed = resumes(context, folder, "hung", 0)
        check(passed and said and outcome.code != 0 and seconds < 10, f"rank 1 hangs: {said[:1]}, all end after {seconds:.1f} s; {text}", outcome)


def mistyped(context):
    """A command that is wrong on one rank alone, and on all of them: one sentence, and the code of wrong usage."""
    right = new(context, "lenet5", "mistyped", "--max-steps", "5")
    for launcher in context.launchers[:2]:
        for what, second in [("rank 1", ["--bogus"]), ("all ranks", None)]:
            with Folder() as folder:
                words = [*command(context, right), ":", "-n", "1", *command(context, right), *second] if second else [*command(context, right), "--bogus"]
                outcome = launcher.run(1 if second else 3, words, folder=folder)
                said = outcome.sentences(r"error: .*--bogus.*")
                passed = outcome.code == 64 and len(said) == 1 and not os.listdir(folder) and outcome.seconds < 10
                check(passed, f"{launcher.name}: {what} mistyped: {said}, code {outcome.code} after {outcome.seconds:.1f} s", outcome)


def suspended(context):
    """All ranks stand still for longer than an exchange may: as a batch system suspends a job, or a laptop is closed."""
    for launcher in context.launchers[:2]:
        with Folder() as folder:
            job, processes = under_way(context, folder, "suspended", 3, launcher, {"MINICNN_MPI_TIMEOUT": "1"})
            for sign, seconds in [(signal.SIGSTOP, 3), (signal.SIGCONT, 0)]:
                for process in processes:
                    os.kill(process, sign)
                time.sleep(seconds)
            outcome = job.finish()
            train(context, folder, new(context, "lenet5", "whole", *OFTEN))
            whole, found = facts(context, folder, "whole"), facts(context, folder, "suspended")
            passed = outcome.code == 0 and whole["stateSHA256"] == found["stateSHA256"]
            check(passed, f"{launcher.name}: all ranks are suspended for 3 s and go on: weights {found['weightsSHA256'][:12]}, without it {whole['weightsSHA256'][:12]}", outcome)


def speed(context):
    """Two ranks of a thread each against two threads: images per second of the last of two epochs, of five pairs of runs.

    The best of each are held against the bounds, as whatever else runs only makes them slower: a rank waits for the
    other one's processor, where threads take each other's work, so that medians on a busy machine measure the others.
    """
    if context.small or (os.cpu_count() or 1) < 2:
        return
    settings = ["--limit", "25600", "--epochs", "2", "--validation-fraction", "0", "--json", "--overwrite"]
    for model, batch, least in [("mnist-cnn", 128, 0.85), ("mnist-cnn", 512, 0.85), ("lenet5", 64, 0.7), ("digits-fast", 80, 0.7), ("resnet-mini", 128, 0.8)]:
        pairs = []
        with Folder() as folder:
            for _ in range(5):
                speeds = []
                for ranks in [0, 2]:
                    arguments = new(context, model, "speed", *settings, "--batch-size", str(batch))
                    outcome = train(context, folder, arguments, ranks, threads=1 if ranks else 2)
                    if not check(outcome.code == 0, f"{model} trains on {ranks or 1} ranks", outcome):
                        return
                    speeds.append(json.loads(outcome.out.splitlines()[-1])["imagesPerSecond"])
                pairs.append(speeds)
        ratios = sorted(ranks / threads for threads, ranks in pairs)
        threads, ranks = (max(speeds) for speeds in zip(*pairs))
        text = f"the best {ranks / threads:.2f}, the median of pairs {ratios[2]:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        check(ranks / threads >= least, f"{model}, batch {batch}: 2 ranks to 2 threads: {text}")


CHECKS = {
    "models": models, "batches": batches, "epochs": epochs, "resumed-elsewhere": resumed_elsewhere, "killed": killed,
    "interrupted": interrupted, "refused": refused, "differing": differing, "first-reads": first_reads, "silent-rank": silent_rank, "suspended": suspended, "mistyped": mistyped, "speed": speed,
}  # fmt: skip
