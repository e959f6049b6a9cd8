"""Writes the Keras files that the tests of ae-import read.

    KERAS_BACKEND=jax python make_keras.py .

Made with Python 3.11, Keras 3.15.1, JAX 0.10.2, h5py 3.16.0 and NumPy 2.4.6.

Number i of a model's tensor t is ((7 i + 3 t + 1) mod 11 − 5) / 8, which every width holds exactly,
and of a variance 1 + the absolute value of that. The tests know this rule. Beside NAME stands
NAME.txt: a line of inputs and a line of what Keras makes of them.
"""

import io
import json
import pathlib
import sys
import zipfile

import h5py
import keras
import numpy as np
from keras import layers as L

OUT = pathlib.Path(sys.argv[1])


def pattern(shape, tensor):
    i = np.arange(int(np.prod(shape, dtype=int)))
    return (((7 * i + 3 * tensor + 1) % 11 - 5) / 8).reshape(shape)


def fill(model):
    """Gives each tensor of a model its pattern."""
    for number, variable in enumerate(model.weights):
        values = pattern(variable.shape, number)
        if variable.path.endswith("variance"):
            values = 1 + abs(values)
        if variable.path.endswith("count"):
            values = 1 + 0 * values
        variable.assign(values.astype("float32"))


def record(name, given, got):
    """Writes a line of inputs and a line of what the model makes of them."""
    lines = [" ".join(repr(float(number)) for number in np.ravel(values)) for values in (given, got)]
    (OUT / f"{name}.txt").write_text("\n".join(lines) + "\n")


def save(model, *names):
    fill(model)
    given = pattern(model.input_shape[1:], 2).astype("float32")
    for name in names:
        model.save(OUT / name)
        # Layers keep what they computed of their variables when they were built.
        read = keras.models.load_model(OUT / name, compile=False)
        record(name, given, read.predict(given[None], verbose=0)[0])


def groups():
    """Groups of channels, and padding in front alone."""
    return keras.Sequential(
        [
            keras.Input((7, 4)),
            L.Conv1D(6, 3, groups=2, padding="same", activation="relu"),
            L.Conv1D(3, 2, padding="causal", dilation_rate=2),
        ]
    )


def smaller(name):
    """Writes an archive's weights again as HDF5 since 1.10 does, in a fifth of the bytes."""
    with zipfile.ZipFile(OUT / name) as archive:
        files = {file: archive.read(file) for file in archive.namelist()}
    weights = io.BytesIO()
    with h5py.File(io.BytesIO(files["model.weights.h5"])) as old:
        with h5py.File(weights, "w", libver="latest") as new:

            def copy(path, node):
                if isinstance(node, h5py.Dataset):
                    new[path] = node[()]

            old.visititems(copy)
    files["model.weights.h5"] = weights.getvalue()
    with zipfile.ZipFile(OUT / name, "w") as archive:
        for file, content in files.items():
            archive.writestr(file, content)


def dense():
    """An encoder and a decoder inside a model, as autoencoders are written."""
    encoder = keras.Sequential(
        [
            L.Input((6,), name="window"),
            L.Dense(4, activation="relu"),
            L.BatchNormalization(),
            L.Dropout(0.2),
            L.Dense(2, name="latent"),
        ],
        name="encoder",
    )
    latent = L.Input((2,), name="code")
    x = L.Dense(4, use_bias=False)(latent)
    x = L.LeakyReLU(negative_slope=0.1)(x)
    x = L.Dense(6, activation="sigmoid")(x)
    decoder = keras.Model(latent, x, name="decoder")
    window = L.Input((6,), name="window")
    return keras.Model(window, decoder(encoder(window)), name="autoencoder")


def maps():
    """Every layer over maps."""
    return keras.Sequential(
        [
            L.Input((9, 8, 2)),
            L.Rescaling(0.5, offset=[0.25, -0.25]),
            L.ZeroPadding2D(((1, 0), (2, 1))),
            L.Conv2D(3, (2, 3), strides=2, activation="relu6"),
            L.BatchNormalization(scale=False, epsilon=0.25),
            L.ReLU(max_value=6.0),
            L.GaussianNoise(0.1),
            L.DepthwiseConv2D(3, padding="same", depth_multiplier=2, activation="silu"),
            L.SpatialDropout2D(0.1),
            L.MaxPooling2D(2, strides=1, padding="same"),
            L.AveragePooling2D((2, 1), padding="same"),
            L.SeparableConv2D(3, 2, padding="same", depth_multiplier=2, activation="elu"),
            L.UpSampling2D((2, 1)),
            L.Conv2D(2, 2, padding="same", dilation_rate=2, use_bias=False),
            L.Activation("tanh"),
            L.Conv2DTranspose(2, 3, strides=2, padding="same", activation="softplus"),
            L.Conv2DTranspose(1, (2, 1), strides=(3, 2), padding="valid", use_bias=False),
            L.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=1),
            L.Conv2DTranspose(2, (4, 2), strides=2, padding="valid", output_padding=1),
            L.ELU(alpha=0.5),
            L.Dense(3, activation="gelu"),
            L.GlobalAveragePooling2D(),
            L.Dense(4, activation=keras.layers.LeakyReLU(negative_slope=0.25)),
            L.Reshape((2, -1)),
            L.Flatten(),
        ],
        name="maps",
    )


def signal():
    """Every layer over signals."""
    return keras.Sequential(
        [
            L.Input((12, 2)),
            L.Normalization(),
            L.ZeroPadding1D((1, 2)),
            L.Conv1D(3, 3, strides=2, activation="leaky_relu"),
            L.BatchNormalization(center=False),
            L.SpatialDropout1D(0.1),
            L.DepthwiseConv1D(2, padding="same", depth_multiplier=2, use_bias=False),
            L.SeparableConv1D(2, 3, padding="same", use_bias=False),
            L.MaxPooling1D(2, padding="same"),
            L.AveragePooling1D(2, strides=1, padding="same"),
            L.UpSampling1D(3),
            L.Conv1DTranspose(2, 4, strides=2, padding="same"),
            L.Dense(2, activation="tanh"),
            L.ActivityRegularization(l2=0.1),
            L.GlobalAveragePooling1D(keepdims=True),
            L.Normalization(axis=None, mean=0.5, variance=4.0),
            L.Flatten(),
        ],
        name="signal",
    )


def half(width):
    return keras.Sequential(
        [L.Input((3,)), L.Dense(2, activation="relu", dtype=width), L.Dense(3, dtype=width)],
        name=f"half_{width}",
    )


def keras2():
    """An autoencoder as Keras 2 writes it: put together by hand, for Keras 2 needs TensorFlow."""

    def layer(kind, name, source, **config):
        nodes = [[[source, 0, 0, {}]]] if source else []
        config = {"name": name, "trainable": True, "dtype": "float32", **config}
        return {"class_name": kind, "config": config, "name": name, "inbound_nodes": nodes}

    def in_sequence(kind, name, **config):
        return {"class_name": kind, "config": {"name": name, "dtype": "float32", **config}}

    decoder = {
        "class_name": "Sequential",
        "config": {
            "name": "decoder",
            "layers": [
                in_sequence("InputLayer", "dense_1_input", batch_input_shape=[None, 2]),
                in_sequence("Dense", "dense_1", units=3, activation="relu", use_bias=True),
                in_sequence("Dense", "dense_2", units=4, activation="linear", use_bias=True),
            ],
        },
        "name": "decoder",
        "inbound_nodes": [[["leaky", 0, 0, {}]]],
    }
    both = {"scale": True, "center": True}
    relu6 = {"class_name": "function", "config": "relu6", "module": "builtins"}
    model = {
        "class_name": "Functional",
        "config": {
            "name": "model",
            "layers": [
                layer("InputLayer", "input_1", None, batch_input_shape=[None, 4]),
                layer("Dense", "dense", "input_1", units=2, activation=relu6, use_bias=True),
                layer("BatchNormalization", "bn", "dense", axis=[1], epsilon=0.001, **both),
                layer("LeakyReLU", "leaky", "bn", alpha=0.30000001192092896),
                decoder,
            ],
            "input_layers": [["input_1", 0, 0]],
            "output_layers": [["decoder", 1, 0]],
        },
    }
    groups = {
        "input_1": {},
        "dense": {"dense/kernel:0": (4, 2), "dense/bias:0": (2,)},
        "bn": {
            "bn/gamma:0": (2,),
            "bn/beta:0": (2,),
            "bn/moving_mean:0": (2,),
            "bn/moving_variance:0": (2,),
        },
        "leaky": {},
        "decoder": {
            "dense_1/kernel:0": (2, 3),
            "dense_1/bias:0": (3,),
            "dense_2/kernel:0": (3, 4),
            "dense_2/bias:0": (4,),
        },
    }
    with h5py.File(OUT / "keras2.h5", "w") as file:
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(model)
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [name.encode() for name in groups]
        number = 0
        for group, tensors in groups.items():
            inside = weights.create_group(group)
            inside.attrs["weight_names"] = [name.encode() for name in tensors]
            for name, shape in tensors.items():
                values = pattern(shape, number)
                if "variance" in name:
                    values = 1 + abs(values)
                inside.create_dataset(name, data=values.astype("float32"))
                number += 1


def weights_alone():
    model = keras.Sequential([L.Input((3,)), L.Dense(2)], name="weights")
    fill(model)
    model.save_weights(OUT / "refused_alone.weights.h5")


OUT.mkdir(parents=True, exist_ok=True)
keras.utils.clear_session()
save(dense(), "dense.keras", "dense.h5")
save(maps(), "maps.keras")
save(signal(), "signal.keras")
save(groups(), "groups.keras")
smaller("maps.keras")
smaller("signal.keras")
save(half("float16"), "float16.keras")
save(half("bfloat16"), "bfloat16.keras")
keras2()
weights_alone()
