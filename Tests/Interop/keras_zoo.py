"""Models of Keras, optimizers, and bad files for `check_keras.py`."""

import json
import shutil
import zipfile

import h5py
import keras
import numpy as np

# What the models are made with: Keras 3, or Keras 2 after `use(tf_keras)`.
K, L = keras, keras.layers
SHAPE = (8, 8, 2)


def use(package):
    """Has the models be made with a package."""
    global K, L
    K, L = package, package.layers


def randomize(model):
    """Fills every variable with random numbers, variances with positive ones."""
    random = np.random.default_rng(11)
    for layer in model._flatten_layers():
        own = [v for v in layer.weights if not any(v is w for inner in parts(layer) for w in inner.weights)]
        for variable in own:
            if variable.dtype not in ("float32", "float64"):
                continue
            values = random.normal(0, 0.5, variable.shape)
            if "variance" in getattr(variable, "path", variable.name):
                values = 0.5 + np.abs(values)
            variable.assign(values)
        if isinstance(layer, L.Normalization):
            layer.finalize_state()


def parts(layer):
    """The layers inside a layer."""
    return getattr(layer, "layers", [])


def chain():
    return K.Sequential([
        K.Input(SHAPE), L.Conv2D(4, 3, activation="relu"), L.BatchNormalization(),
        L.MaxPooling2D(2), L.Dropout(0.3), L.Flatten(), L.Dense(5, activation="tanh"),
        L.Dense(3, activation="softmax")])


def activations():
    return K.Sequential([
        K.Input(SHAPE), L.Conv2D(4, 3, padding="same", activation="elu"), L.LeakyReLU(0.1),
        L.Conv2D(4, 3, activation="gelu"), L.PReLU(shared_axes=[1, 2]), L.ReLU(max_value=6.0),
        L.Conv2D(4, 1, activation=L.LeakyReLU(0.2)), L.ReLU(negative_slope=0.25), L.Activation("silu"),
        L.ELU(0.5), L.PReLU(), L.Conv2D(3, 3, activation="leaky_relu"), L.Activation("linear"),
        L.Activation("relu6"), L.Flatten(), L.Dense(4, activation="sigmoid"), L.Dense(3), L.Softmax()])


def normalizations():
    return K.Sequential([
        K.Input(SHAPE), L.Rescaling(2.0, offset=-1), L.Normalization(), L.Conv2D(4, 3),
        L.BatchNormalization(scale=False), L.LayerNormalization(), L.BatchNormalization(center=False, momentum=0.9),
        L.GroupNormalization(2), L.LayerNormalization(axis=[1, 2, 3]),
        L.BatchNormalization(scale=False, center=False), L.GaussianNoise(0.1), L.Flatten(), L.LayerNormalization(),
        L.BatchNormalization(), L.Dense(3)])


def constants():
    return K.Sequential([
        K.Input(SHAPE), L.Normalization(mean=[0.4, 0.6], variance=[0.2, 0.3]), L.Conv2D(4, 3),
        L.Normalization(mean=0.1, variance=2.0, axis=None), L.Normalization(axis=None), L.Flatten(), L.Dense(3)])


def convolutions():
    return K.Sequential([
        K.Input((9, 10, 2)), L.ZeroPadding2D(((1, 0), (2, 1))), L.Conv2D(4, (3, 2), strides=(2, 1), padding="same"),
        L.Conv2D(4, 3, dilation_rate=2, padding="same", use_bias=False), L.DepthwiseConv2D(3, depth_multiplier=2),
        L.SeparableConv2D(6, 3, depth_multiplier=2, padding="same", activation="relu"), L.UpSampling2D(2),
        L.Conv2DTranspose(4, 3, strides=2, padding="same"), L.Conv2D(4, 1, groups=2), L.SpatialDropout2D(0.2),
        L.AveragePooling2D(3, strides=2, padding="same"), L.MaxPooling2D((2, 3), padding="same"),
        L.UpSampling2D((1, 2), interpolation="bilinear"), L.GlobalAveragePooling2D(), L.Dense(3)])


def shapes():
    return K.Sequential([
        K.Input(SHAPE), L.Conv2D(4, 3), L.Reshape((4, 9, 4)), L.GlobalMaxPooling2D(keepdims=True), L.Conv2D(5, 1),
        L.Flatten(), L.Dense(12), L.Reshape((2, 2, 3)), L.Conv2D(3, 2), L.Flatten(), L.Activation("softmax")])


def residual():
    x = inputs = K.Input(SHAPE)
    x = L.Conv2D(4, 3, padding="same", use_bias=False)(x)
    x = start = L.ReLU()(L.BatchNormalization()(x))
    x = L.Conv2D(4, 3, padding="same")(x)
    x = start = L.ReLU()(L.Add()([x, start]))
    x = L.BatchNormalization()(L.Conv2D(6, 3, strides=2, padding="same")(x))
    shortcut = L.BatchNormalization()(L.Conv2D(6, 1, strides=2)(start))
    x = L.ReLU()(L.Add()([x, shortcut]))
    # An operator is an object of its own in Keras 3 alone.
    x = x + L.Conv2D(6, 1)(x) if K is keras else L.Add()([x, L.Conv2D(6, 1)(x)])
    return K.Model(inputs, L.Dense(3, activation="softmax")(L.GlobalAveragePooling2D()(x)))


def attention():
    """Squeeze and excitation."""
    x = inputs = K.Input(SHAPE)
    x = L.Conv2D(4, 3, padding="same")(x)
    s = L.GlobalAveragePooling2D()(x)
    s = L.Dense(2, activation="relu")(s)
    s = L.Reshape((1, 1, 4))(L.Dense(4, activation="sigmoid")(s))
    x = L.Multiply()([x, s])
    s = L.Conv2D(4, 1, activation="sigmoid")(x)
    x = x * s if K is keras else L.Multiply()([x, s])
    return K.Model(inputs, L.Dense(3)(L.Flatten()(x)))


def inception():
    x = inputs = K.Input(SHAPE)
    a = L.Conv2D(2, 1)(x)
    b = L.Conv2D(3, 3, padding="same")(L.Conv2D(2, 1)(x))
    c = L.MaxPooling2D(3, strides=1, padding="same")(x)
    x = L.Concatenate()([a, b, c])
    x = L.Concatenate()([x, L.Conv2D(2, 3, padding="same")(x)])
    return K.Model(inputs, L.Dense(3)(L.Flatten()(x)))


def nested():
    """Models inside models, with layers of which some are trained and some are not."""
    inner = K.Sequential([K.Input((8, 8, 4)), L.Conv2D(4, 3, activation="relu"), L.BatchNormalization()])
    y = inputs = K.Input((6, 6, 4))
    y = L.Add()([L.BatchNormalization()(L.Conv2D(4, 3, padding="same")(y)), y])
    block = K.Model(inputs, L.Conv2D(4, 1)(y))
    block.layers[1].trainable = False
    x = inputs = K.Input(SHAPE)
    x = block(inner(L.Conv2D(4, 1)(x)), training=False)
    top = K.Sequential([L.Flatten(), L.Dense(3)])
    return K.Model(inputs, top(L.Conv2D(2, 1)(x)))


def frozen():
    model = chain()
    model.layers[0].trainable = False
    model.layers[1].trainable = False
    return model


def many():
    """More names than one attribute of an older file holds."""
    name = "a_long_name_for_a_layer_of_a_model_whose_list_of_names_does_not_fit_into_64_kilobytes" * 4
    layers = [L.ReLU(name=f"{name}_{number}") for number in range(200)]
    return K.Sequential([K.Input(SHAPE), L.Conv2D(2, 3), *layers, L.Flatten(), L.Dense(3)])


MODELS = {f.__name__: f for f in [
    chain, activations, normalizations, constants, convolutions, shapes, residual, attention, inception, nested,
    frozen, many]}

# Models that people start from, with fresh weights.
APPLICATIONS = {
    "mobilenet": lambda: keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, weights=None, classes=4),
    "resnet": lambda: keras.applications.ResNet50(input_shape=(32, 32, 3), weights=None, classes=4),
    "densenet": lambda: keras.applications.DenseNet121(input_shape=(32, 32, 3), weights=None, classes=4),
    "xception": lambda: keras.applications.Xception(input_shape=(71, 71, 3), weights=None, classes=4),
}

OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.05),
    "momentum": lambda: keras.optimizers.SGD(0.02, momentum=0.9),
    "nesterov": lambda: keras.optimizers.SGD(0.02, momentum=0.8, nesterov=True),
    "adam": lambda: keras.optimizers.Adam(0.002),
    "adamw": lambda: keras.optimizers.AdamW(0.002, weight_decay=0.01),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.001),
    "rmsprop-momentum": lambda: keras.optimizers.RMSprop(0.001, momentum=0.5),
    "adagrad": lambda: keras.optimizers.Adagrad(0.02),
    "clipped": lambda: keras.optimizers.Adam(0.002, beta_1=0.8, global_clipnorm=0.5),
    "scheduled": lambda: keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.002, 10**9)),
}


def trainable():
    """A model without chance. A bias before batch normalization would have rounding errors for a gradient."""
    return K.Sequential([
        K.Input(SHAPE), L.Conv2D(4, 3, padding="same", use_bias=False), L.BatchNormalization(), L.ReLU(), L.MaxPooling2D(2),
        L.Flatten(), L.Dense(6), L.Activation("tanh"), L.Dense(3), L.Softmax()])


def trainable_yaml(optimizer):
    """The same as a model file, without the softmax that the loss includes."""
    kinds = {"SGD": "sgd", "Adam": "adam", "AdamW": "adamw", "RMSprop": "rmsprop", "Adagrad": "adagrad"}
    names = {"momentum": "momentum", "nesterov": "nesterov", "beta_1": "beta1", "beta_2": "beta2", "rho": "rho",
             "epsilon": "epsilon", "global_clipnorm": "clip_norm", "learning_rate": "learning_rate",
             "weight_decay": "weight_decay"}
    config = dict(optimizer["config"])
    if isinstance(config["learning_rate"], dict):
        config["learning_rate"] = config["learning_rate"]["config"]["initial_learning_rate"]
    training = {names[k]: v for k, v in config.items() if k in names and v is not None}
    if optimizer["class_name"] == "RMSprop":
        training.pop("centered", None)
    return json.dumps({
        "name": "trainable", "input": list(SHAPE),
        "layers": [{"conv2d": {"filters": 4, "kernel": 3, "padding": "same", "bias": False}}, "batch_norm", "relu",
                   {"max_pool2d": {"window": 2}}, "flatten", {"dense": {"units": 6}}, "tanh", {"dense": {"units": 3}}],
        "training": {"optimizer": kinds[optimizer["class_name"]], **training}})


def bad_files(folder):
    """Files that are none, with what has to stand in the message of each."""
    good, old = f"{folder}/good.keras", f"{folder}/good.h5"
    keras.utils.clear_session()  # names are numbered anew
    model = chain()
    model.save(good)
    model.save(old)

    def archive(name, change):
        """A copy of the good archive in which members are changed."""
        path = f"{folder}/{name}.keras"
        with zipfile.ZipFile(good) as source:
            members = {n: source.read(n) for n in source.namelist()}
        change(members)
        with zipfile.ZipFile(path, "w") as target:
            for member, content in members.items():
                target.writestr(member, content)
        return path

    def config(name, change):
        """A copy whose configuration is changed."""
        def alter(members):
            stated = json.loads(members["config.json"])
            change(stated)
            members["config.json"] = json.dumps(stated)
        return archive(name, alter)

    def weights(name, change):
        """A copy whose weights are changed."""
        def alter(members):
            path = f"{folder}/weights.h5"
            with open(path, "wb") as file:
                file.write(members["model.weights.h5"])
            with h5py.File(path, "a") as file:
                change(file)
            with open(path, "rb") as file:
                members["model.weights.h5"] = file.read()
        return archive(name, alter)

    def older(name, change):
        """A copy of the older file with changes."""
        path = f"{folder}/{name}.h5"
        shutil.copy(old, path)
        with h5py.File(path, "a") as file:
            change(file)
        return path

    def layer(stated, number):
        return stated["config"]["layers"][number]["config"]

    def replaced(file, path, value):
        del file[path]
        file[path] = value

    def attribute(file, path, name, value):
        file[path].attrs[name] = value

    first = "layers/conv2d/vars/0"
    yield "a missing member", archive("no-config", lambda m: m.pop("config.json")), ["config.json", "none"]
    yield "no JSON", archive("no-json", lambda m: m.update({"config.json": "{"})), ["config.json: expected a JSON text"]
    yield "deep JSON", archive("deep", lambda m: m.update({"config.json": "[" * 10**6})), ["64 levels"]
    yield "an unknown layer", config(
        "unknown", lambda s: s["config"]["layers"][1].update(class_name="LSTM")), ["config.json: layer conv2d", "expected a layer that", "LSTM"]
    yield "channels first", config(
        "first", lambda s: layer(s, 1).update(data_format="channels_first")), ["conv2d", "channels_first"]
    yield "an unknown activation", config(
        "mish", lambda s: layer(s, 1).update(activation="mish")), ["conv2d", "activation", "mish"]
    yield "a huge layer", config("huge", lambda s: layer(s, 1).update(filters=2**31)), ["conv2d", "filters"]
    yield "another axis", config("axis", lambda s: layer(s, 2).update(axis=1)), ["batch_normalization", "axis"]
    yield "a missing group", weights("no-group", lambda f: f.pop("layers/conv2d")), ["/layers/conv2d/vars", "nothing"]
    yield "a missing array", weights("no-array", lambda f: f.pop(first)), ["/layers/conv2d/vars", "2 variables", "1"]
    yield "another shape", weights(
        "shape", lambda f: replaced(f, first, np.zeros((3, 3, 2, 5), "f4"))), ["/" + first, "[3, 3, 2, 4]", "[3, 3, 2, 5]"]
    yield "integers", weights(
        "integers", lambda f: replaced(f, first, np.zeros((3, 3, 2, 4), "i4"))), ["/" + first, "a float", "integer"]
    yield "a soft link", weights(
        "soft", lambda f: replaced(f, first, h5py.SoftLink("/layers/dense/vars/0"))), ["/" + first, "link"]
    yield "an external link", weights(
        "external", lambda f: replaced(f, first, h5py.ExternalLink("/etc/passwd", "/x"))), ["/" + first, "link"]
    with h5py.File(old) as file:
        kernel = "model_weights/conv2d/" + file["model_weights/conv2d"].attrs["weight_names"][0]
    yield "an older file without a model", older(
        "no-model", lambda f: f.attrs.__delitem__("model_config")), ["model_config", "no model of Keras"]
    yield "an older file without names", older(
        "no-names", lambda f: f["model_weights/conv2d"].attrs.__delitem__("weight_names")), ["weight_names", "2", "0"]
    yield "an older file with numbers for names", older(
        "numbers", lambda f: attribute(f, "model_weights/conv2d", "weight_names", [1, 2])), ["attribute weight_names"]
    yield "an older file with other bytes", older(
        "bytes", lambda f: attribute(f, "model_weights/conv2d", "weight_names", np.array([b"\xff", b"\xfe"]))), ["UTF-8"]
    yield "an older file with another shape", older(
        "older-shape", lambda f: replaced(f, kernel, np.zeros((3, 3, 2, 5), "f4"))), ["/" + kernel, "[3, 3, 2, 4]"]
    yield "an older file with a link", older(
        "older-soft", lambda f: replaced(f, kernel, h5py.SoftLink("/other"))), ["/" + kernel, "link"]
    for path in (good, old):
        with open(path, "rb") as file:
            content = file.read()
        short = path.replace("good", "short")
        with open(short, "wb") as file:
            file.write(content[:len(content) * 2 // 3])
        yield f"a short {path.split('.')[-1]} file", short, []
