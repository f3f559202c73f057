"""Has onnx and onnxruntime open what the tool exports: check_onnx.py TOOL [CHECKPOINTS [PYTHON...]].

Needs onnx and onnxruntime; each PYTHON is one with another version of onnxruntime, such as the oldest. Beside the tool
must be ExportedCases (swift build -c release --product ExportedCases). CHECKPOINTS is a folder with NAME.weights.h5 of
the models of Models/; those that are not there are trained for some steps. Prints a line for each check with the
largest difference it found; exit code 1 where one is too large.
"""
import gzip
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

# Of a number above 1 a share of it.
TOLERANCE = 1e-5
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DATA = os.path.join(ROOT, "Datasets", "mnist")
MODELS = ["digits-best", "digits-fast", "digits-tiny", "fashion", "lenet5", "mlp", "mnist-cnn",
          "resnet-mini"]

failed = False


def say(passed, line):
    global failed
    failed = failed or not passed
    print(f"{'ok' if passed else 'FAILED':6} {line}", flush=True)


def channels_first(array):
    return np.ascontiguousarray(np.moveaxis(array, -1, 1))


def difference(found, expected):
    if found.shape != expected.shape:
        return float("inf")
    distance = np.abs(found - expected) / np.maximum(1, np.abs(expected))
    return float(np.max(distance)) if np.all(np.isfinite(distance)) else float("inf")


def session(path):
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def outputs(running, x):
    return running.run(None, {running.get_inputs()[0].name: x})[0]


def test_digits():
    for name, opened in (("t10k-images-idx3-ubyte", open), ("t10k-images-idx3-ubyte.gz", gzip.open)):
        path = os.path.join(DATA, name)
        if os.path.exists(path):
            with opened(path, "rb") as file:
                pixels = np.frombuffer(file.read(), np.uint8, offset=16)
            return pixels.reshape(-1, 1, 28, 28).astype(np.float32) / np.float32(255)
    sys.exit(f"no test digits in {DATA}")


# What each version of onnxruntime is asked.

def run_cases(folder):
    worst, where, count = 0.0, "", 0
    for number in range(len([name for name in os.listdir(folder) if name.endswith(".json")])):
        with open(f"{folder}/{number}.json") as file:
            case = json.load(file)
        x = channels_first(np.array(case["x"], np.float32).reshape([-1] + case["input"]))
        y = channels_first(np.array(case["y"], np.float32).reshape([-1] + case["output"]))
        running = session(case["file"])
        for batch in (1, 7, 32):
            found = difference(outputs(running, x[:batch]), y[:batch])
            if found > TOLERANCE:
                print(f"       {case['name']}, batch {batch}: {found:.2e}")
            if found >= worst:
                worst, where = found, case["name"]
        count += 1
    return worst, where, count


def run(folder):
    import onnxruntime

    version = f"onnxruntime {onnxruntime.__version__}"
    worst, where, count = run_cases(f"{folder}/cases")
    say(count > 0 and worst <= TOLERANCE,
        f"{version}: {count} cases in batches of 1, 7 and 32: largest difference {worst:.1e} ({where})")
    digits = test_digits()
    for name in MODELS:
        running = session(f"{folder}/{name}/model.onnx")
        found = np.concatenate([outputs(running, digits[i:i + 500]) for i in range(0, len(digits), 500)])
        exact = outputs_here(f"{folder}/{name}/plain.f32", found)
        worst = difference(found[:len(exact)], exact)
        # Fast loops round more than formulas do (Winograd's convolution), which shows in the small numbers among
        # large ones.
        fast = outputs_here(f"{folder}/{name}/fast.f32", found)
        largest = np.max(np.abs(fast), axis=1, keepdims=True)
        share = float(np.max(np.abs(found - fast) / np.maximum(1, largest)))
        same = int(np.sum(found.argmax(1) == fast.argmax(1)))
        say(same == len(digits) and worst <= TOLERANCE and share <= TOLERANCE,
            f"{version}: {name}: {same} of {len(digits)} classes alike; largest difference of an output"
            f" {worst:.1e} from the formulas, {share:.1e} of an image's largest one from the fast loops")
        prove(version, name, running)


def outputs_here(path, found):
    return np.fromfile(path, np.float32).reshape(-1, found.shape[1])


def prove(version, name, running):
    """The file's own test image gives the file's own outputs."""
    texts = running.get_modelmeta().custom_metadata_map
    shape = [1] + running.get_inputs()[0].shape[1:]
    image = np.array(json.loads(texts["test_image"]), np.float32).reshape(shape)
    found = outputs(running, image / np.float32(texts["input_divisor"]))
    worst = difference(found.ravel(), np.array(json.loads(texts["test_outputs"]), np.float32))
    if worst > TOLERANCE:
        say(False, f"{version}: {name}: the test image in the file gives other outputs, by {worst:.1e}")


# What onnx says of the files.

def check_files(folder):
    import google.protobuf
    import onnx

    paths = sorted(os.path.join(place, name) for place, _, names in os.walk(folder)
                   for name in names if name.endswith(".onnx"))
    sound = same = transposing = 0
    for path in paths:
        with open(path, "rb") as file:
            content = file.read()
        model = onnx.ModelProto.FromString(content)
        same += model.SerializeToString() == content
        try:
            onnx.checker.check_model(model, full_check=True)
            inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
            assert inferred.graph.output[0].type == model.graph.output[0].type
            assert model.ir_version == 7 and model.opset_import[0].version == 13
            sound += 1
        except Exception as error:
            print(f"       {path}: {error}")
        is_model = os.path.basename(path) == "model.onnx"
        transposing += is_model and any(node.op_type in ("Transpose", "Reshape")
                                        for node in model.graph.node)
    say(sound == len(paths), f"onnx {onnx.__version__}: {sound} of {len(paths)} files pass the checker"
        " and the inference of shapes")
    say(same == len(paths), f"protobuf {google.protobuf.__version__}: {same} of {len(paths)} files keep"
        " their bytes when it reads and writes them")
    say(transposing == 0, f"{transposing} of {len(MODELS)} models transpose or reshape")


def trained(tool, name, checkpoints, folder):
    """A checkpoint of a model."""
    for place in (checkpoints, os.path.join(ROOT, "Models")):
        checkpoint = os.path.join(place, f"{name}.weights.h5")
        if os.path.exists(checkpoint):
            return checkpoint
    checkpoint = f"{folder}/{name}/{name}.weights.h5"
    model = os.path.join(ROOT, "Models", f"{name}.yaml")
    subprocess.run([tool, "train", "--model", model, "--data", DATA, "--epochs", "1", "--limit", "5000",
                    "--checkpoint", checkpoint], check=True, stdout=subprocess.DEVNULL)
    return checkpoint


def export(tool, checkpoints, folder):
    cases = os.path.join(os.path.dirname(tool), "ExportedCases")
    if not os.path.exists(cases):
        sys.exit(f"no {cases}: swift build -c release --product ExportedCases")
    plain = {**os.environ, "MINICNN_KERNELS": "plain"}
    os.mkdir(f"{folder}/cases")
    subprocess.run([cases, "cases", "onnx", f"{folder}/cases"], check=True)
    for name in MODELS:
        os.mkdir(f"{folder}/{name}")
        checkpoint = trained(tool, name, checkpoints, folder)
        exported = f"{folder}/{name}/model.onnx"
        subprocess.run([tool, "export", checkpoint, exported, "--data", DATA], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run([cases, "outputs", checkpoint, DATA, f"{folder}/{name}/fast.f32"], check=True)
        subprocess.run([cases, "outputs", checkpoint, DATA, f"{folder}/{name}/plain.f32", "1000"],
                       check=True, env=plain)
        found = [correct(tool, file) for file in (checkpoint, exported)]
        say(found[0] == found[1], f"{name}: minicnn evaluate finds {found[1]} right with the exported file,"
            f" {found[0]} with the checkpoint")


def correct(tool, file):
    ended = subprocess.run([tool, "evaluate", file, "--data", DATA, "--json"], check=True,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(ended.stdout)["correct"]


def main():
    if sys.argv[1] == "--run":
        return run(sys.argv[2])
    tool = os.path.abspath(sys.argv[1])
    checkpoints = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else os.path.join(ROOT, "Models")
    with tempfile.TemporaryDirectory() as folder:
        export(tool, checkpoints, folder)
        check_files(folder)
        run(folder)
        for python in sys.argv[3:]:
            ended = subprocess.run([python, __file__, "--run", folder])
            if ended.returncode != 0:
                say(False, f"{python} found differences")


if __name__ == "__main__":
    main()
    sys.exit(1 if failed else 0)
