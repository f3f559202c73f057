"""What is compared, and the command and environment of each."""

import os
from dataclasses import dataclass
from pathlib import Path

PEERS = Path(__file__).resolve().parent.parent / "peers"


@dataclass(frozen=True)
class Candidate:
    """MiniCNN when there is no script, otherwise a script of `peers/` with its variant.

    `limited` says whether it can be held to a lower instruction set.
    """

    name: str
    script: str = ""
    variant: str = ""
    trains: bool = True
    limited: bool = True


MINICNN = Candidate("MiniCNN")

CANDIDATES = (
    MINICNN,
    Candidate("PyTorch eager", "pytorch.py"),
    Candidate("PyTorch channels_last", "pytorch.py", "channels_last"),
    Candidate("PyTorch channels_last tuned", "pytorch.py", "channels_last+tuned"),
    Candidate("PyTorch compiled tuned", "pytorch.py", "compile+tuned"),
    Candidate(
        "PyTorch compiled channels_last tuned", "pytorch.py", "compile+channels_last+tuned"
    ),
    Candidate("JAX", "jax_peer.py"),
    Candidate("Keras graph", "keras_tensorflow.py"),
    Candidate("Keras XLA", "keras_tensorflow.py", "xla"),
    Candidate("ONNX Runtime", "onnx_runtime.py", trains=False, limited=False),
    Candidate("OpenVINO", "openvino_peer.py", trains=False),
)

# Memory that was given back is kept, so the buffers of a step cost no page faults in the next.
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 32),
    "MALLOC_TOP_PAD_": str(1 << 26),
}


@dataclass(frozen=True)
class Programs:
    """Where the programs and their data are; all paths are absolute."""

    minicnn: Path
    python: Path
    data: Path

    def speed(self, candidate, network, threads, seconds):
        """Measures training, inference and one image."""
        if candidate.script:
            return self.peer(candidate, network, threads) + ["--seconds", str(seconds)]
        return self.benchmark(network, threads, seconds)

    def benchmark(self, network, threads, seconds, *more):
        return [
            str(self.minicnn), "benchmark", "--model", str(network.model),
            "--data", str(self.data), "--threads", str(threads), "--seconds", str(seconds),
            "--json", *more,
        ]

    def train(self, network, threads, *more):
        """Writes its checkpoint into the folder it runs in."""
        return [
            str(self.minicnn), "train", "--model", str(network.model),
            "--data", str(self.data), "--threads", str(threads), "--seed", "1",
            "--overwrite", "--json", *more,
        ]

    def summary(self, network):
        return [str(self.minicnn), "summary", str(network.model), "--json"]

    def peer(self, candidate, network, threads):
        return [
            str(self.python), str(PEERS / candidate.script), "--model", str(network.model),
            "--data", str(self.data), "--threads", str(threads),
            "--variant", candidate.variant,
        ]


# What holds each library to AVX2: TensorFlow's own loops are built for no more, OpenVINO's fork of
# oneDNN reads the same variable (its few MLAS products do not), ONNX Runtime has no such setting.
AVX2 = {
    "MINICNN_KERNELS": "x86-64-v3",
    "ATEN_CPU_CAPABILITY": "avx2",  # TorchInductor's vectors too
    "TORCHINDUCTOR_CPP_MARCH": "x86-64-v3",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}
KERNELS = {"": {}, "x86-64-v3": AVX2}


def environment(candidate, threads, kernels=""):
    """The number of threads for every library that reads it here, and the processor only.

    With `kernels`, no more than this instruction set.
    """
    variables = {
        **os.environ,
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
        "NPROC": str(threads),  # XLA's
        "JAX_PLATFORMS": "cpu",
        "CUDA_VISIBLE_DEVICES": "",
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Otherwise PyTorch compiles in processes of its own, which stay while it is measured.
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
        **KERNELS[kernels],
    }
    if "tuned" in candidate.variant:
        variables.update(KEEP_MEMORY)
    return variables


def chosen(names):
    """The candidates whose names begin with one of these, whatever the case; without names, all."""
    if not names:
        return CANDIDATES
    wanted = tuple(name.lower() for name in names)
    found = tuple(each for each in CANDIDATES if each.name.lower().startswith(wanted))
    missing = [
        name for name in wanted if not any(each.name.lower().startswith(name) for each in found)
    ]
    if missing:
        known = ", ".join(each.name for each in CANDIDATES)
        raise ValueError(f"--only {missing[0]}: expected the beginning of one of: {known}")
    return found
