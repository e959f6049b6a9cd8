"""The benchmark's network of convolutions as an ONNX graph: that of `image` in the models of xtask.

28 x 28 pixels, two convolutions of 3 x 3 with a stride of 2, a latent of 20, and back by two
transposed convolutions of 2 x 2 and a convolution of 3 x 3. The weights are random, which changes
none of ONNX Runtime's times.
"""

import numpy as np
import onnx
from onnx import helper, numpy_helper

PIXELS = [1, 28, 28]
# ONNX Runtime has no transposed convolution of int8 and computes one in f32. A convolution of 1 x 1
# whose channels become places is the same function.
UPWARDS = ["transposed", "depth to space"]


class Graph:
    """Nodes one after the other, and their weights."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.random = np.random.default_rng(1)
        self.last = "pixels"

    def node(self, kind: str, *weights: np.ndarray, **attributes) -> None:
        """Adds a node that takes what the last one gives, and weights."""
        name = f"{len(self.nodes)}.{kind}"
        inputs = [self.last]
        for index, weight in enumerate(weights):
            inputs.append(f"{name}.{index}")
            self.weights.append(numpy_helper.from_array(weight, inputs[-1]))
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        self.last = name

    def layer(self, kind: str, shape: list[int], biases: int, **attributes) -> None:
        """Adds a layer with random weights."""
        weights = self.random.uniform(-1, 1, shape) / np.sqrt(np.prod(shape[1:]))
        self.node(kind, weights.astype(np.float32), np.zeros(biases, np.float32), **attributes)

    def convolution(self, shape: list[int], **attributes) -> None:
        self.layer("Conv", shape, shape[0], kernel_shape=shape[2:], **attributes)

    def upwards(self, how: str, inputs: int, outputs: int) -> None:
        """Adds a layer that makes 2 x 2 places of each."""
        if how == "transposed":
            shape, sizes = [inputs, outputs, 2, 2], {"kernel_shape": [2, 2], "strides": [2, 2]}
            self.layer("ConvTranspose", shape, outputs, **sizes)
        else:
            self.convolution([4 * outputs, inputs, 1, 1])
            self.node("DepthToSpace", blocksize=2, mode="CRD")


def graph(how: str) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes and weights; `how` is one of UPWARDS."""
    net = Graph()
    for inputs, outputs in [(1, 16), (16, 32)]:
        net.convolution([outputs, inputs, 3, 3], strides=[2, 2], pads=[0, 0, 1, 1])
        net.node("Relu")
    net.node("Reshape", np.array([-1, 1568]))
    net.layer("Gemm", [20, 1568], 20, transB=1)
    net.layer("Gemm", [1568, 20], 1568, transB=1)
    net.node("Relu")
    net.node("Reshape", np.array([-1, 32, 7, 7]))
    for inputs, outputs in [(32, 16), (16, 8)]:
        net.upwards(how, inputs, outputs)
        net.node("Relu")
    net.convolution([1, 8, 3, 3], pads=[1, 1, 1, 1])
    net.node("Sigmoid")
    net.nodes[-1].output[0] = "reconstruction"
    return net.nodes, net.weights
