"""Writes what LiteRT makes of every integer, for each function that this project makes a table of.

A line of tables.txt is an operator, scale and zero point of what goes in and of what comes out, and in
hexadecimal the byte of each integer from -128 to 127. Some of the models are kept: NAME_int8.tflite, and
beside it NAME_int8.tflite.txt, a line of inputs and a line of outputs. Made with Python 3.11,
tensorflow 2.21.0 (its converter), ai-edge-litert 2.3.0, numpy 2.4.6:

    python make_tables.py
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import flatbuffers
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from tensorflow.lite.python import schema_py_generated as schema

K, L = tf.keras, tf.keras.layers
ALL = np.arange(-128, 128).astype(np.int8)


class Of(L.Layer):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x):
        return self.function(x)


def converted(shape, *layers):
    """A model whose integers have codes of the converter's choice."""
    made = K.Sequential([K.Input(shape, batch_size=1), *layers])
    convert = tf.lite.TFLiteConverter.from_keras_model(made)
    random = np.random.default_rng(1)
    data = [random.uniform(-4, 4, (1, *shape)).astype(np.float32) for _ in range(10)]
    convert.optimizations = [tf.lite.Optimize.DEFAULT]
    convert.representative_dataset = lambda: ([x] for x in data)
    convert.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    convert.inference_input_type = convert.inference_output_type = tf.int8
    return schema.ModelT.InitFromPackedBuf(convert.convert(), 0)


def between(function):
    """A function between two layers that do nothing."""
    return converted((16, 16, 1), L.MaxPooling2D(1), Of(function), L.MaxPooling2D(1))


def another(model, number, version):
    """The model with another operator in the place of the tangent."""
    for code in model.operatorCodes:
        if code.builtinCode == 28:
            code.builtinCode, code.deprecatedBuiltinCode = number, number
            code.version = version
            place = model.operatorCodes.index(code)
    for operator in model.subgraphs[0].operators:
        if operator.opcodeIndex == place:
            operator.builtinOptions, operator.builtinOptionsType = None, 0
    return model


def with_codes(model, inside, outside):
    graph = model.subgraphs[0]
    first, last = graph.operators[0], graph.operators[-1]
    for tensor, (scale, zero) in [
        (graph.inputs[0], inside),
        (first.outputs[0], inside),
        (last.inputs[0], outside),
        (graph.outputs[0], outside),
    ]:
        graph.tensors[tensor].quantization.scale = [float(scale)]
        graph.tensors[tensor].quantization.zeroPoint = [int(zero)]


def packed(model):
    model.description = model.metadata = model.metadataBuffer = model.signatureDefs = None
    for number, tensor in enumerate(model.subgraphs[0].tensors):
        tensor.name = f"t{number}"
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def run(data, values):
    runtime = Interpreter(model_content=data)
    runtime.allocate_tensors()
    into, out = runtime.get_input_details()[0], runtime.get_output_details()[0]
    runtime.set_tensor(into["index"], values.reshape(into["shape"]))
    runtime.invoke()
    return runtime.get_tensor(out["index"]).ravel()


def keep(name, model, values):
    data = packed(model)
    with open(f"{name}_int8.tflite", "wb") as file:
        file.write(data)
    with open(f"{name}_int8.tflite.txt", "w") as file:
        for line in (values.ravel(), run(data, values)):
            file.write(" ".join(str(code) for code in line) + "\n")


def codes(random):
    return np.float32(10 ** random.uniform(-2.2, -0.9)), random.integers(-128, 128)


functions = {
    "SILU": between(tf.nn.silu),
    "GELU": between(lambda x: tf.nn.gelu(x, approximate=False)),
    "GELU_TANH": between(lambda x: tf.nn.gelu(x, approximate=True)),
    "HARD_SWISH": between(lambda x: x * tf.nn.relu6(x + 3) * (1 / 6)),
    "LEAKY_RELU": between(lambda x: tf.nn.leaky_relu(x, 0.1)),
    "ELU": between(tf.nn.elu),
    "QUANTIZE": another(between(tf.nn.tanh), 114, 1),
    "RELU": another(between(tf.nn.tanh), 19, 2),
    "RELU6": another(between(tf.nn.tanh), 21, 2),
}
random = np.random.default_rng(9)
with open("tables.txt", "w") as file:
    for turn in range(6):
        for name, model in functions.items():
            inside, outside = codes(random), codes(random)
            if turn % 2 == 0:
                outside = (np.float32(inside[0] * random.uniform(0.5, 1)), outside[1])
            with_codes(model, inside, outside)
            table = run(packed(model), ALL).tobytes().hex()
            numbers = [f"{inside[0]:.9g}", inside[1], f"{outside[0]:.9g}", outside[1]]
            file.write(" ".join([name, *map(str, numbers), table]) + "\n")

for name in ["SILU", "GELU_TANH", "HARD_SWISH", "ELU"]:
    with_codes(functions[name], (0.03, -5), (0.025, -100))
    keep(name.lower(), functions[name], ALL)
means = converted(
    (7, 9, 4),
    L.AveragePooling2D((2, 3), strides=1, padding="same"),
    L.AveragePooling2D(4, strides=1, padding="same"),
)
keep("means", means, random.integers(-128, 128, (7, 9, 4)).astype(np.int8))
