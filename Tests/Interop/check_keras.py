"""Keras 3 and minicnn open each other's models.

    check_keras.py MINICNN

Keras makes models of every layer that both have and saves them in each of its formats; minicnn has to predict what
Keras predicts, and to train on as Keras does. minicnn exports a model of every layer and of every file in `Models`;
Keras has to open them and to predict what minicnn predicts. Run by `make interop`, from the top of the repository.
"""

import gzip
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Golden"))
import keras_models  # first: it settles how TensorFlow runs
import h5py
import keras
import keras_zoo
import numpy as np

try:
    import tf_keras
except ImportError:  # it follows TensorFlow's versions, and is not everywhere
    tf_keras = None

TOLERANCE = 1e-5
MINICNN = sys.argv[1]
FAILURES = []


def report(name, value, bound=TOLERANCE):
    """A line for a check, whose number has to be within a bound."""
    good = bool(value <= bound)
    if not good:
        FAILURES.append(name)
    print(f"{'ok  ' if good else 'FAIL'} {name}: {value:.3g}", flush=True)


def tool(*words):
    """What the tool prints; the words of a refusal in an exception."""
    done = subprocess.run([MINICNN, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr else done.returncode)
    return done.stdout


def attempt(name, check):
    """Runs a check; what goes wrong in it fails it."""
    try:
        check()
    except Exception as error:  # whatever a library throws
        FAILURES.append(name)
        print(f"FAIL {name}: {type(error).__name__}: {str(error)[:400]}", flush=True)


def write_idx(path, array):
    """An IDX file of bytes."""
    with open(path, "wb") as file:
        file.write(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape))
        file.write(array.astype(np.uint8).tobytes())


class Data:
    """Random images of a shape, with labels, as files for the tool and as floats for Keras."""

    def __init__(self, folder, shape, classes, count=40):
        random = np.random.default_rng(7)
        self.folder = pathlib.Path(folder) / ("x".join(map(str, shape)) + f"-{classes}-{count}")
        self.folder.mkdir(exist_ok=True)
        pixels = random.integers(0, 256, (count, *shape), dtype=np.uint8)
        self.labels = random.integers(0, classes, count, dtype=np.uint8)
        for part in ("train", "t10k"):
            images = pixels[..., 0] if shape[-1] == 1 else pixels
            write_idx(self.folder / f"{part}-images-idx3-ubyte", images)
            write_idx(self.folder / f"{part}-labels-idx1-ubyte", self.labels)
        self.x = pixels.astype("float32") / 255
        self.images = self.folder / "t10k-images-idx3-ubyte"


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def predictions(file, data, *words):
    """The tool's probabilities."""
    numbers = map(str, range(len(data.x)))
    text = tool("predict", file, "--images", data.images, "--json", *words, "--index", *numbers)
    return np.array([p["probabilities"] for p in json.loads(text)["predictions"]])


def probabilities(model, x):
    """Keras's probabilities, whether the model ends with a softmax or with logits."""
    outputs = np.array(model(x, training=False))
    sums = outputs.sum(axis=-1)
    return outputs if outputs.min() >= 0 and np.allclose(sums, 1, atol=1e-4) else softmax(outputs)


# Keras's models in minicnn


def check_import(folder, name, build, endings=(".keras", ".h5")):
    """A model in each format: read directly, and converted."""
    model = build()
    keras_zoo.randomize(model)
    data = Data(folder, model.input_shape[1:], model.output_shape[-1])
    expected = probabilities(model, data.x)
    accuracy = float((expected.argmax(-1) == data.labels).mean())
    for ending in endings:
        file = f"{folder}/{name}{ending}"
        model.save(file)
        report(f"{name}{ending} predicts", np.abs(predictions(file, data) - expected).max())
        found = json.loads(tool("evaluate", file, "--data", data.folder, "--json"))
        report(f"{name}{ending} evaluates", abs(found["accuracy"] - accuracy), 0)
        checkpoint = f"{folder}/{name}.converted.weights.h5"
        tool("convert", file, checkpoint, "--overwrite")
        report(f"{name}{ending} converted predicts", np.abs(predictions(checkpoint, data) - expected).max())
        if ending == endings[0]:
            again = f"{folder}/{name}.again.keras"
            tool("export", file, again, "--overwrite")
            back = keras.models.load_model(again)
            report(f"{name}{ending} exported again predicts",
                   np.abs(probabilities(back, data.x) - expected).max())


def check_application(folder, name, build):
    """A large model, read directly."""
    keras.utils.set_random_seed(2)
    model = build()
    data = Data(folder, model.input_shape[1:], model.output_shape[-1], count=8)
    file = f"{folder}/{name}.keras"
    model.save(file)
    report(f"{name}.keras predicts", np.abs(predictions(file, data) - probabilities(model, data.x)).max())


# Training on


def check_training(folder, name, make, extra=()):
    """Five steps in Keras, then five more there and, from each file, here."""
    keras.utils.set_random_seed(3)
    model = keras_zoo.trainable()
    model.compile(make(), "sparse_categorical_crossentropy")
    model.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    data = Data(folder, model.input_shape[1:], model.output_shape[-1])
    batches = [(data.x[i:i + 8], data.labels[i:i + 8]) for i in range(0, 40, 8)]
    for x, y in batches:
        model.train_on_batch(x, y)
    files = [f"{folder}/{name}.keras", f"{folder}/{name}.weights.h5"]
    model.save(files[0])
    model.save_weights(files[1])
    for x, y in batches:
        model.train_on_batch(x, y)
    described = json.loads(zipfile.ZipFile(files[0]).read("config.json"))["compile_config"]["optimizer"]
    yaml = f"{folder}/{name}.yaml"
    pathlib.Path(yaml).write_text(keras_zoo.trainable_yaml(described))
    for file in files:
        start, end = f"{folder}/{name}.start.weights.h5", f"{folder}/{name}.end.weights.h5"
        words = ["--model", yaml] if file.endswith(".weights.h5") else []
        tool("convert", file, start, "--overwrite", "--epochs", 1, "--batch-size", 8, "--no-shuffle",
             *words, *extra)
        tool("train", "--resume", start, "--data", data.folder, "--checkpoint", end, "--overwrite")
        there = [v.numpy() for layer in model.layers for v in layer.weights]
        here = variables(end, model)
        report(f"{name} five steps on from {file[len(folder) + 1:]}",
               max(np.abs(a - b).max() / np.abs(a).max() for a, b in zip(there, here, strict=True)))


def variables(checkpoint, model):
    """The variables of a checkpoint in the order of Keras's layers."""
    found, uses = [], {}
    with h5py.File(checkpoint) as file:
        for layer in model.layers:
            name = keras.src.utils.naming.to_snake_case(type(layer).__name__)
            use = uses.get(name, 0)
            uses[name] = use + 1
            group = file.get(f"layers/{name}" + (f"_{use}" if use else ""))
            found += [group[f"vars/{i}"][()] for i in range(len(layer.weights))] if layer.weights else []
    return found


# minicnn's models in Keras


def check_export(folder, name, checkpoint, data):
    """Keras opens an exported file, and it has its proof."""
    file = f"{folder}/{name}.keras"
    tool("export", checkpoint, file, "--overwrite", "--data", data.folder)
    model = keras.models.load_model(file)
    report(f"{name} exported predicts",
           np.abs(probabilities(model, data.x) - predictions(checkpoint, data)).max())
    proof = json.loads(zipfile.ZipFile(file).read("metadata.json"))["minicnn"]
    image = np.array(proof["test_image"], dtype="float32").reshape(1, *model.input_shape[1:]) / 255
    scores = np.array(model(image, training=False)).ravel()
    report(f"{name} exported proves itself",
           np.abs(scores - proof["test_scores"]).max() / max(1, np.abs(scores).max()))


def check_kind(folder, name, case):
    """A model of a layer, trained for a step."""
    layers = case["layers"] + ["flatten", {"dense": {"units": 3}}]
    shape = case["input"]
    if len(shape) < 3:  # images alone are read from files
        layers = [{"reshape": {"shape": shape}}] + layers
        shape = [1, *shape] if len(shape) == 2 else [1, 1, *shape]
    if len(case["input"]) < 3 or name.startswith("softmax"):
        layers = [*layers]
    model = pathlib.Path(folder) / f"{name}.yaml"
    model.write_text(json.dumps({"name": name, "input": shape, "layers": layers}))
    data = Data(folder, shape, 3)
    checkpoint = f"{folder}/{name}.weights.h5"
    tool("train", "--model", model, "--data", data.folder, "--epochs", 1, "--batch-size", 20,
         "--seed", 5, "--checkpoint", checkpoint, "--overwrite")
    check_export(folder, name, checkpoint, data)


def check_model(folder, file):
    """A model of `Models`, trained on a few digits."""
    checkpoint = f"{folder}/{file.stem}.weights.h5"
    tool("train", "--model", file, "--data", "Datasets/mnist", "--limit", 256, "--batch-size", 32,
         "--epochs", 1, "--seed", 5, "--checkpoint", checkpoint, "--overwrite")
    data = Digits()
    check_export(folder, file.stem, checkpoint, data)


class Digits:
    """The first test digits."""

    def __init__(self):
        self.folder = pathlib.Path("Datasets/mnist")
        self.images = self.folder / "t10k-images-idx3-ubyte.gz"
        with gzip.open(self.images) as file:
            pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16)
        self.x = pixels.reshape(-1, 28, 28, 1)[:64].astype("float32") / 255


# Bad files


def check_refusals(folder):
    """Each bad file is refused with exit code 65, the file, the place, what was expected and found."""
    for name, file, words in keras_zoo.bad_files(folder):
        done = subprocess.run([MINICNN, "summary", file], capture_output=True, text=True)
        line = done.stderr.strip()
        good = done.returncode == 65 and line.count("\n") == 0 and all(w in line for w in [file, *words])
        if not good:
            FAILURES.append(name)
        print(f"{'ok  ' if good else 'FAIL'} {name} is refused: {line.replace(folder + '/', '')}", flush=True)


def main():
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    with tempfile.TemporaryDirectory() as folder:
        for name, build in keras_zoo.MODELS.items():
            if only in f"import {name}":
                attempt(name, lambda: check_import(folder, name, build))
        for name, build in keras_zoo.APPLICATIONS.items():
            if only in f"application {name}":
                attempt(name, lambda: check_application(folder, name, build))
        if only in "import with Keras 2" and tf_keras is not None:
            keras_zoo.use(tf_keras)
            for name, build in keras_zoo.MODELS.items():
                attempt(f"keras-2-{name}", lambda: check_import(folder, f"keras-2-{name}", build, (".h5", ".keras")))
            keras_zoo.use(keras)
        for name, make in keras_zoo.OPTIMIZERS.items():
            if only in f"train {name}":
                attempt(name, lambda: check_training(folder, name, make))
        if only in "refuse":
            check_refusals(folder)
        for path in sorted(pathlib.Path("Models").glob("*.yaml")):
            if only in f"export {path.stem}":
                attempt(path.stem, lambda: check_model(folder, path))
        for path in sorted(pathlib.Path("Tests/NeuralNetworkTests/Fixtures/layers").glob("*.json")):
            for number, case in enumerate(json.loads(path.read_text())["cases"]):
                if only in f"kind {path.stem}":
                    name = f"{path.stem}-{number}"
                    attempt(name, lambda: check_kind(folder, name, case))
    print(f"{len(FAILURES)} of the checks failed: {', '.join(FAILURES)}" if FAILURES else "all checks passed")
    sys.exit(1 if FAILURES else 0)


if __name__ == "__main__":
    main()
