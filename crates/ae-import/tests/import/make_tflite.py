"""Writes the TensorFlow Lite files that the tests read, and what LiteRT computes with them.

Beside NAME.tflite stands NAME.tflite.txt: a line of inputs and a line of outputs. Made with Python 3.11,
tensorflow-cpu 2.21.0 (its converter and its interpreter), keras 3.15.1, numpy 2.4.6:

    python make_tflite.py
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import flatbuffers
import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema


K, L = tf.keras, tf.keras.layers
K.utils.set_random_seed(1)


def numbers(shape, seed):
    """Numbers that every f32 has exactly: multiples of 1/64 from -1 to 1."""
    return (np.random.default_rng(seed).integers(-64, 65, shape) / 64).astype(np.float32)


def model(shape, *layers, batch=None):
    made = K.Sequential([K.Input(shape, batch_size=batch), *layers])
    seeds = iter(range(1000))
    for layer in made.layers:
        weights = [numbers(w.shape, next(seeds)) for w in layer.get_weights()]
        if isinstance(layer, L.BatchNormalization):
            weights[-1] = np.abs(weights[-1]) + 0.5
        layer.set_weights(weights)
    return made


def small(data):
    """The file without descriptions, which are longer than the models."""
    read = schema.ModelT.InitFromPackedBuf(data, 0)
    read.description = read.metadata = read.metadataBuffer = read.signatureDefs = None
    buffers = {b"": schema.BufferT()}
    for number, tensor in enumerate(read.subgraphs[0].tensors):
        tensor.name = f"t{number}"
        if tensor.quantization is not None and tensor.quantization.scale is None:
            tensor.quantization = None
        data = read.buffers[tensor.buffer].data
        key = b"" if data is None else bytes(data)
        buffers.setdefault(key, read.buffers[tensor.buffer])
        tensor.buffer = list(buffers).index(key)
    read.buffers = list(buffers.values())
    builder = flatbuffers.Builder(1024)
    builder.Finish(read.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def write(name, made, **options):
    convert = tf.lite.TFLiteConverter.from_keras_model(made)
    for key, value in options.items():
        if key == "supported_types":
            convert.target_spec.supported_types = value
        elif key == "supported_ops":
            convert.target_spec.supported_ops = value
        else:
            setattr(convert, key, value)
    data = small(convert.convert())
    with open(f"{name}.tflite", "wb") as file:
        file.write(data)
    print(name, len(data))
    if name.startswith("refused"):
        return
    run = tf.lite.Interpreter(model_content=data)
    run.allocate_tensors()
    into, out = run.get_input_details()[0], run.get_output_details()[0]
    values = numbers(into["shape"], 7777)
    if into["dtype"] != np.float32:
        values = (np.round(values * 100) + 128 * (into["dtype"] == np.uint8)).astype(into["dtype"])
    run.set_tensor(into["index"], values)
    run.invoke()
    result = run.get_tensor(out["index"])
    with open(f"{name}.tflite.txt", "w") as file:
        for line in (values, result):
            file.write(" ".join(f"{v:.9g}" for v in line.ravel()) + "\n")


def calibration(shape):
    return lambda: ([numbers((1, *shape), seed)] for seed in range(50))


INT8 = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
INT16 = [tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8]
DEFAULT = [tf.lite.Optimize.DEFAULT]


def quantised(shape, kind=tf.int8, ops=INT8):
    return dict(
        optimizations=DEFAULT,
        representative_dataset=calibration(shape),
        supported_ops=ops,
        inference_input_type=kind,
        inference_output_type=kind,
    )


def dense():
    return model(
        (4,),
        L.Dense(3, activation="relu"),
        L.Dense(2, activation="tanh"),
        L.Dense(3, use_bias=False),
        L.Dense(4, activation="sigmoid"),
    )


def maps(batch=None):
    return model(
        (6, 6, 2),
        L.Conv2D(3, 3, padding="same", activation="relu"),
        L.MaxPooling2D(2),
        L.DepthwiseConv2D(3, padding="same", depth_multiplier=2, activation="relu6"),
        L.Conv2DTranspose(2, 3, strides=2, padding="same"),
        batch=batch,
    )


class Nearest(L.Layer):
    def call(self, x):
        return tf.image.resize(x, (x.shape[1] * 2, x.shape[2] * 3), method="nearest")


class Cut(L.Layer):
    """A transposed convolution to a size that is no multiple of the map's."""

    def call(self, x):
        return tf.nn.conv2d_transpose(x, numbers((3, 4, 1, 2), 1), (1, 5, 3, 1), 2, "SAME")


class Turned(L.Layer):
    def call(self, x):
        return tf.transpose(x, (0, 2, 3, 1))


class Back(L.Layer):
    def call(self, x):
        return tf.transpose(x, (0, 3, 1, 2))


class Constants(L.Layer):
    def call(self, x):
        return (3.0 - x * tf.constant([0.5, 2.0])) / 4.0 + tf.constant([[[[1.0, -1.0]]]])


write("dense", dense())
write("dense_f16", dense(), optimizations=DEFAULT, supported_types=[tf.float16])
write("dense_int8", dense(), **quantised((4,)))
write("dense_wrapped", dense(), **quantised((4,), kind=tf.float32))
write("dense_unsigned", dense(), **quantised((4,), kind=tf.uint8))
write("dynamic_range", model((32,), L.Dense(32), L.ReLU(), L.Dense(2)), optimizations=DEFAULT)
write("maps", maps())
write("maps_int8", maps(batch=1), **quantised((6, 6, 2)))
write(
    "pads",
    model(
        (5, 6, 2),
        L.ZeroPadding2D(((1, 2), (0, 1))),
        L.Conv2D(2, (3, 2), strides=(2, 1)),
        L.LeakyReLU(negative_slope=0.125),
        L.ELU(),
        L.Activation("gelu"),
        L.AveragePooling2D((2, 3), strides=1, padding="same"),
    ),
)
write(
    "dilated",
    model(
        (7, 7, 1),
        L.Conv2D(2, 3, dilation_rate=2, padding="same"),
        L.Activation("softplus"),
        L.Activation("silu"),
        L.GlobalAveragePooling2D(),
    ),
)
write(
    "signal",
    model(
        (8, 2),
        L.Conv1D(3, 3, padding="causal", dilation_rate=2, activation="relu"),
        L.MaxPooling1D(2),
        L.UpSampling1D(2),
        L.Conv1DTranspose(2, 3, strides=2, padding="same"),
    ),
)
write(
    "upsampling",
    model((2, 2, 1), L.UpSampling2D(2), L.Conv2D(2, 2, padding="same"), L.UpSampling2D((1, 2))),
)
write("nearest", model((2, 3, 1), Nearest(), L.Conv2DTranspose(1, 2, strides=3), batch=1))
write(
    "shapes",
    model(
        (2, 2, 2),
        L.BatchNormalization(),
        L.Flatten(),
        L.Dense(4),
        L.Reshape((2, 2, 1)),
        L.ReLU(),
        L.Conv2D(2, 1),
        Constants(),
    ),
)
write("cut", model((3, 2, 2), Cut(), batch=1))
write("turned", model((2, 3, 4), Turned(), L.Conv2D(3, 1), Back()))

# What is refused.
write("refused_softmax", model((3,), L.Dense(2, activation="softmax")))
write("refused_hard_swish", model((3,), L.Dense(2, activation="hard_silu")))
write("refused_int16", model((3,), L.Dense(2)), **quantised((3,), tf.float32, INT16))
write("refused_bilinear", model((2, 2, 1), L.UpSampling2D(2, interpolation="bilinear"), batch=1))
write("refused_padding", model((2, 2, 1), L.ZeroPadding2D(1), L.MaxPooling2D(2)))
write("refused_each_place", model((2, 3), L.Dense(2), batch=1))
x = K.Input((3,))
y = L.Dense(3)(x)
write("refused_join", K.Model(x, L.Add()([x, y])))
write("refused_branch", K.Model(x, L.Dense(2)(L.Concatenate()([y, L.ReLU()(x)]))))
write("refused_outputs", K.Model(x, [y, L.ReLU()(y)]))
