"""Writes the ONNX files that the tests read, and what ONNX Runtime computes with them.

Beside NAME.onnx stands NAME.onnx.txt: a line of inputs and a line of outputs. Made with Python 3.11,
onnx 1.23.2, onnxruntime 1.32.0, numpy 2.4.6:

    python make_onnx.py
"""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

F = TensorProto.FLOAT


def numbers(shape, seed):
    """Numbers that every f32 has exactly: multiples of 1/64 from -1 to 1."""
    return (np.random.default_rng(seed).integers(-64, 65, shape) / 64).astype(np.float32)


class Line:
    """Operators one behind the other, with constants that are drawn."""

    def __init__(self, shape, opset=17, batch="N"):
        self.shape, self.opset, self.batch = shape, opset, batch
        self.head, self.nodes, self.constants = "input", [], []

    def constant(self, value):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def drawn(self, *shape):
        return self.constant(numbers(shape, len(self.constants)))

    def aside(self, kind, *inputs, **attributes):
        """An operator whose output is not the next one's input by itself."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=f"n{len(self.nodes)}", **attributes))
        return name

    def then(self, kind, *inputs, **attributes):
        self.head = self.aside(kind, self.head, *inputs, **attributes)
        return self

    def model(self, outputs=None):
        into = helper.make_tensor_value_info("input", F, [self.batch, *self.shape])
        out = [helper.make_tensor_value_info(o, F, None) for o in outputs or [self.head]]
        graph = helper.make_graph(self.nodes, "g", [into], out, self.constants)
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def write(self, name, run=True, outputs=None):
        made = self.model(outputs)
        with open(f"{name}.onnx", "wb") as file:
            file.write(made.SerializeToString())
        if run:
            record(name, made, (1, *self.shape))
        return made


def record(name, made, shape):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(made.SerializeToString(), options)
    values = numbers(shape, 7777)
    (result,) = session.run(None, {session.get_inputs()[0].name: values})
    with open(f"{name}.onnx.txt", "w") as file:
        for line in (values, result):
            file.write(" ".join(f"{v:.9g}" for v in line.ravel()) + "\n")
    print(name, len(made.SerializeToString()))


def batch_norm(line, channels):
    return line.then(
        "BatchNormalization",
        line.drawn(channels),
        line.drawn(channels),
        line.drawn(channels),
        line.constant(np.abs(numbers(channels, 9)) + 0.5),
        epsilon=0.25,
    )


# Dense layers.
line = Line((4,))
line.then("Gemm", line.drawn(3, 4), line.drawn(3), transB=1, alpha=0.5, beta=2.0).then("Relu")
batch_norm(line, 3)
line.then("MatMul", line.drawn(3, 2)).then("Add", line.drawn(2)).then("Tanh")
line.then("Gemm", line.drawn(2, 4)).then("Dropout").then("Identity").then("Cast", to=F)
line.then("Mul", line.constant(np.float32(0.5))).then("Sub", line.drawn(1, 4))
line.head = line.aside("Sub", line.constant(np.float32(1)), line.head)
line.then("Div", line.constant(np.full(4, 2, np.float32))).then("Sigmoid")
line.write("dense")

# Maps.
line = Line((2, 6, 6))
line.then("Conv", line.drawn(3, 2, 3, 2), line.drawn(3), pads=[1, 0, 1, 1], strides=[1, 1])
line.then("LeakyRelu", alpha=0.125).then("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
line.then("Conv", line.drawn(6, 1, 3, 3), line.drawn(6), group=3, auto_pad="SAME_UPPER")
line.then("Clip", line.constant(np.float32(0)), line.constant(np.float32(6)))
line.then("ConvTranspose", line.drawn(6, 2, 3, 3), line.drawn(2), strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
batch_norm(line, 2)
line.then("AveragePool", kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
line.then("Mul", line.drawn(2, 1, 1))
line.write("maps")

# Enlarging, in the ways that repeat each value, and other transposed convolutions.
line = Line((1, 2, 2), opset=13)
scales = line.constant(np.array([1, 1, 2, 3], np.float32))
line.then("Resize", "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
line.then("ConvTranspose", line.drawn(1, 2, 2, 2), strides=[2, 2], auto_pad="SAME_UPPER")
line.then("Resize", "", "", line.constant(np.array([1, 2, 16, 12], np.int64)), mode="nearest")
line.then("ConvTranspose", line.drawn(2, 1, 2, 3), strides=[1, 1], output_shape=[16, 12])
line.then("GlobalAveragePool").then("Squeeze", line.constant(np.array([2, 3], np.int64)))
line.write("enlarged")

# A signal.
line = Line((2, 8))
line.then("Pad", line.constant(np.array([0, 0, 2, 0, 0, 1], np.int64)))
line.then("Conv", line.drawn(3, 2, 2), dilations=[2]).then("Elu", alpha=0.5)
line.then("Conv", line.drawn(3, 1, 3), group=3, pads=[1, 1]).then("Softplus")
line.then("AveragePool", kernel_shape=[2], strides=[2])
line.then("ConvTranspose", line.drawn(3, 2, 3), strides=[2], output_padding=[1]).then("Relu")
line.then("ReduceMean", axes=[2], keepdims=0)
line.write("signal")

# The same as converters from TensorFlow write it: a map of height 1.
line = Line((2, 4))
line.then("Pad", line.constant(np.array([0, 0, 2, 0, 0, 0], np.int64)))
line.then("Unsqueeze", line.constant(np.array([2], np.int64)))
line.then("Conv", line.drawn(3, 2, 1, 3)).then("Squeeze", line.constant(np.array([2], np.int64)))
line.write("signal_as_map")

# Shapes that are computed because the batch is open.
line = Line((2, 2, 3))
shape = line.aside("Shape", line.head)
batch = line.aside("Gather", shape, line.constant(np.array(0, np.int64)), axis=0)
batch = line.aside("Unsqueeze", batch, line.constant(np.array([0], np.int64)))
left = line.aside("Constant", value=numpy_helper.from_array(np.array([-1], np.int64)))
line.then("Reshape", line.aside("Concat", batch, left, axis=0))
line.then("Gemm", line.drawn(12, 8)).then("Unsqueeze", line.constant(np.array([1], np.int64)))
line.then("Reshape", line.constant(np.array([0, 2, 2, -1], np.int64))).then("Relu").then("Flatten")
line.write("shapes")

# Channels moved, as converters from TensorFlow do.
line = Line((2, 3, 4))
line.then("Transpose", perm=[0, 3, 1, 2]).then("Conv", line.drawn(5, 4, 1, 1), line.drawn(5))
line.then("Transpose", perm=[0, 2, 3, 1]).then("Add", line.drawn(5))
line.then("Reshape", line.constant(np.array([-1, 30], np.int64))).then("Gemm", line.drawn(30, 2))
line.write("turned")

line = Line((3,))
line.then("Gemm", line.drawn(3, 12)).then("Relu")
line.then("Reshape", line.constant(np.array([-1, 2, 2, 3], np.int64)))
line.then("Transpose", perm=[0, 3, 1, 2]).then("Conv", line.drawn(2, 3, 2, 1))
line.then("Transpose", perm=[0, 2, 3, 1]).write("turned_later")

line = Line((2, 3, 1))
line.then("Transpose", perm=[0, 3, 1, 2]).then("Conv", line.drawn(2, 1, 2, 2)).then("Relu")
line.then("Transpose", perm=[0, 1, 3, 2]).write("turned_one")

line = Line((5, 3))
line.then("Unsqueeze", line.constant(np.array([1], np.int64)))
line.then("Transpose", perm=[0, 3, 1, 2]).then("Conv", line.drawn(2, 3, 1, 2))
line.then("Squeeze", line.constant(np.array([2], np.int64))).then("Transpose", perm=[0, 2, 1])
line.write("turned_signal")

# Groups of channels.
line = Line((4, 5, 5))
line.then("Conv", line.drawn(6, 2, 3, 3), line.drawn(6), group=2, strides=[2, 2]).then("Flatten")
line.write("groups")

# Places repeated: along dimensions of their own, one after the other, and a map of one place.
def whole(*numbers):
    return np.array(numbers, np.int64)


line = Line((2, 3, 4))
line.then("Conv", line.drawn(3, 2, 1, 1)).then("Unsqueeze", line.constant(whole(3, 5)))
line.then("Expand", line.constant(whole(1, 3, 3, 2, 4, 3)))
line.then("Reshape", line.constant(whole(0, 3, 6, -1)))
line.then("Conv", line.drawn(2, 3, 2, 2)).then("Unsqueeze", line.constant(whole(4)))
line.then("Tile", line.constant(whole(1, 1, 1, 1, 2)))
line.then("Reshape", line.constant(whole(-1, 2, 5, 22))).then("GlobalAveragePool")
line.then("Expand", line.constant(whole(1, 2, 3, 2))).then("Conv", line.drawn(1, 2, 2, 1))
line.write("repeated")

# Functions that are written in parts.
line = Line((3,))
x = line.head
exp = line.aside("Add", line.aside("Exp", x), line.constant(np.float32(1)))
mask = line.aside("Greater", x, line.constant(np.float32(20)))
line.head = line.aside("Where", mask, x, line.aside("Log", exp))
line.then("Gemm", line.drawn(3, 4))
x = line.head
scaled = line.aside("Mul", x, line.constant(np.float32(2)))
mask = line.aside("Greater", scaled, line.constant(np.float32(20)))
soft = line.aside("Div", line.aside("Softplus", scaled), line.constant(np.float32(2)))
line.head = line.aside("Where", mask, x, soft)
line.then("Mul", line.constant(np.float32(1))).then("Gemm", line.drawn(4, 3))
line.write("softplus")

line = Line((3,))
x = line.head
line.head = line.aside("Mul", x, line.aside("Sigmoid", x))
x = line.head
erf = line.aside("Erf", line.aside("Div", x, line.constant(np.float32(np.sqrt(2)))))
parts = line.aside("Mul", x, line.aside("Add", erf, line.constant(np.float32(1))))
line.head = line.aside("Mul", parts, line.constant(np.float32(0.5)))
line.then("PRelu", line.constant(np.array([0.25], np.float32)))
line.write("parts")


def quantise(line, scale, zero):
    parts = line.constant(np.float32(scale)), line.constant(zero)
    return line.then("QuantizeLinear", *parts).then("DequantizeLinear", *parts)


def stored(line, codes, scale, zero, **attributes):
    """A constant of integers."""
    scale, zero = line.constant(np.asarray(scale, np.float32)), line.constant(zero)
    return line.aside("DequantizeLinear", line.constant(codes), scale, zero, **attributes)


def codes(shape, seed):
    return np.random.default_rng(seed).integers(-127, 128, shape).astype(np.int8)


# Integers: activations signed and unsigned, weights with one scale and one for each output.
I8, U8 = np.int8, np.uint8
line = quantise(Line((2, 4, 4)), 1 / 128, I8(0))
weights = stored(line, codes((3, 2, 2, 2), 1), [1 / 256, 1 / 128, 1 / 64], np.zeros(3, I8), axis=0)
bias = np.array([100, -200, 300], np.int32), [1 / 256 / 128, 1 / 128 / 128, 1 / 64 / 128]
line.then("Conv", weights, stored(line, *bias, np.zeros(3, np.int32), axis=0)).then("Relu")
quantise(line, 1 / 64, U8(0)).then("MaxPool", kernel_shape=[2, 2], strides=[1, 1]).then("Flatten")
weights = stored(line, (codes((12, 4), 2).astype(np.int32) + 128).astype(U8), 1 / 512, U8(128))
line.then("MatMul", weights).then("Add", line.drawn(4))
quantise(line, 1 / 32, U8(120)).then("Sigmoid")
quantise(line, 1 / 256, I8(-128))
line.write("integers")

# Weights alone are integers, and those of 16 bits.
line = Line((3,))
line.then("MatMul", stored(line, codes((3, 4), 3), [0.5, 1, 2, 4], np.zeros(4, I8), axis=1))
line.then("MatMul", line.aside("Identity", line.constant(numbers((4, 2), 5))))
line.write("weights_of_8_bits")

# Numbers in fields of their own kind.
line = Line((2,))
line.constants.append(helper.make_tensor("w", F, [2, 2], [0.5, -0.25, 1, 2]))
line.constants.append(helper.make_tensor("h", TensorProto.FLOAT16, [2], np.array([1, -2], np.float16)))
line.constants.append(helper.make_tensor("s", TensorProto.INT64, [3], [-1, 1, 2]))
line.then("Gemm", "w").then("Reshape", "s")
line.write("typed")

# What is refused.


def refused(name, *operators, shape=(2, 4, 4), constants=lambda line: [], opset=17, **attributes):
    line = Line(shape, opset)
    line.then(*operators, *constants(line), **attributes).write(f"refused_{name}", run=False)


refused("softmax", "Softmax")
refused("hard_sigmoid", "HardSigmoid")
refused("lstm", "LSTM", constants=lambda line: [line.drawn(1, 8, 4), line.drawn(1, 8, 2)], shape=(4, 4))
refused("linear", "Resize", "", constants=lambda l: [l.constant(np.array([1, 1, 2, 2], np.float32))], mode="linear")
refused("corners", "Resize", "", constants=lambda l: [l.constant(np.array([1, 1, 3, 3], np.float32))], coordinate_transformation_mode="align_corners")
refused("fraction", "Resize", "", constants=lambda l: [l.constant(np.array([1, 1, 1.5, 2], np.float32))])
refused("ceil", "MaxPool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
refused("tiles", "Tile", constants=lambda line: [line.constant(np.array([1, 1, 2, 1], np.int64))])
refused("exp", "Exp")
refused("transpose", "Transpose", perm=[0, 1, 3, 2])
refused("clip", "Clip", constants=lambda line: [line.constant(np.float32(-1)), line.constant(np.float32(1))])
refused("each_place", "Add", constants=lambda line: [line.drawn(2, 4, 4)])
refused("dynamic", "DynamicQuantizeLinear")
refused("lower", "Conv", constants=lambda line: [line.drawn(1, 2, 2, 2)], auto_pad="SAME_LOWER")
refused("batch", "Reshape", constants=lambda line: [line.constant(np.array([8, 4], np.int64))])

line = Line((3,))
line.nodes.append(helper.make_node("QLinearMatMul", ["input", *[line.drawn(1)] * 7], ["q"], name="q"))
line.write("refused_qlinear", run=False, outputs=["q"])

line = Line((3,))
line.then("Relu").then("Add", "input")
line.write("refused_join", run=False)

line = Line((3,)).then("Relu")
line.write("refused_outputs", run=False, outputs=[line.head, line.aside("Tanh", line.head)])

line = quantise(Line((3,)), 1 / 64, I8(0))
line.then("Gemm", line.drawn(3, 3)).write("refused_real_weights", run=False)

line = quantise(Line((3,)), 1 / 64, I8(0))
line.then("Gemm", stored(line, codes((3, 3), 4), 1, I8(0)))
line.write("refused_half_integers", run=False)

line = quantise(Line((3,)), 1 / 64, np.uint16(0))
line.write("refused_16_bits", run=False)

line = quantise(Line((3,)), 1 / 64, I8(0))
line.then("Gemm", stored(line, codes((3, 3), 4), 1, I8(3)))
quantise(line, 1, I8(0)).write("refused_zero_point", run=False)

line = Line((3,))
outside = helper.make_tensor("w", F, [3, 3], bytes(36), raw=True)
outside.ClearField("raw_data")
outside.data_location = TensorProto.EXTERNAL
outside.external_data.add(key="location", value="w.bin")
line.constants.append(outside)
line.then("Gemm", "w").write("refused_external", run=False)
