"""Writes what LiteRT makes of the sum of a map, where it takes the mean of all of its places.

A line of means.txt is the kernels that compute it (`xnnpack`, which LiteRT leaves it to by default, or
`reference`, whose arithmetic is TensorFlow Lite Micro's), the number of places, scale and zero point of what
goes in and of what comes out, and in hexadecimal the byte of each of 256 sums. Sum number i is i times the
places, and 7 · i modulo the places more, above the least that there is. Made with Python 3.11,
tensorflow 2.21.0 (its converter), ai-edge-litert 2.3.0, numpy 2.4.6:

    python make_means.py
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import flatbuffers
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tensorflow.lite.python import schema_py_generated as schema

K, L = tf.keras, tf.keras.layers
KERNELS = {"xnnpack": OpResolverType.AUTO, "reference": OpResolverType.BUILTIN_REF}
CHANNELS = 256


def converted(shape, keeps_dims):
    made = K.Sequential(
        [K.Input((*shape, CHANNELS), batch_size=1), L.GlobalAveragePooling2D(keepdims=keeps_dims)]
    )
    convert = tf.lite.TFLiteConverter.from_keras_model(made)
    random = np.random.default_rng(1)
    data = random.uniform(-1, 1, (1, *shape, CHANNELS)).astype(np.float32)
    convert.optimizations = [tf.lite.Optimize.DEFAULT]
    convert.representative_dataset = lambda: ([data],)
    convert.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    convert.inference_input_type = convert.inference_output_type = tf.int8
    return schema.ModelT.InitFromPackedBuf(convert.convert(), 0)


def packed(model, inside, outside):
    graph = model.subgraphs[0]
    for tensor, (scale, zero) in [(graph.inputs[0], inside), (graph.outputs[0], outside)]:
        graph.tensors[tensor].quantization.scale = [float(scale)]
        graph.tensors[tensor].quantization.zeroPoint = [int(zero)]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def sums(places):
    """A map of 256 channels, one for each sum: from the first place on as much as an integer holds."""
    number = np.arange(CHANNELS)
    left = np.minimum(number * places + 7 * number % places, 255 * places)
    values = np.empty((places, CHANNELS), np.int64)
    for place in range(places):
        values[place] = np.minimum(left, 255)
        left = left - values[place]
    return (values - 128).astype(np.int8)


def run(data, values, kernels):
    runtime = Interpreter(model_content=data, experimental_op_resolver_type=KERNELS[kernels])
    runtime.allocate_tensors()
    into, out = runtime.get_input_details()[0], runtime.get_output_details()[0]
    runtime.set_tensor(into["index"], values.reshape(into["shape"]))
    runtime.invoke()
    return runtime.get_tensor(out["index"]).ravel()


def codes(random):
    return np.float32(10 ** random.uniform(-2.2, -0.9)), random.integers(-128, 128)


random = np.random.default_rng(11)
shapes = [(1, 2), (1, 3), (2, 2), (2, 3), (3, 3), (4, 4), (5, 7), (8, 8), (9, 11), (14, 18), (17, 15)]
with open("means.txt", "w") as file:
    for turn, shape in enumerate(shapes * 2):
        model = converted(shape, turn % 2 == 0)
        for kind in range(3):
            inside = codes(random)
            # The same codes, a wider range, and a narrower one as behind the mean of many.
            scale = np.float32(inside[0] * random.uniform(*[(1, 1), (1, 3), (0.2, 1)][kind]))
            outside = inside if kind == 0 else (scale, random.integers(-128, 128))
            for kernels in KERNELS:
                places = shape[0] * shape[1]
                table = run(packed(model, inside, outside), sums(places), kernels).tobytes().hex()
                numbers = [places, f"{inside[0]:.9g}", inside[1], f"{outside[0]:.9g}", outside[1]]
                file.write(" ".join([kernels, *map(str, numbers), table]) + "\n")
