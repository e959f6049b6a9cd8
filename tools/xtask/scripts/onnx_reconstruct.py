#!/usr/bin/env python3
"""Times an autoencoder in ONNX Runtime; `cargo xtask bench --host` runs it.

Builds the ONNX graph of encoder and decoder: of a run, from its weights.safetensors and config.toml;
or of the benchmark's network of convolutions, with random weights. It is timed as f32 and
quantised to int8 by onnxruntime.quantization: weights per output channel; "dynamic" finds the scales
of activations anew in every batch, "static" has them calibrated, as ours are. Input and output are
float32 of 0..1, so that turning pixels into them takes none of its time.

Needs numpy, onnx and onnxruntime. Prints one JSON object: onnxruntime (its version), and
samples_per_second, by variant: the best batch of the best size.
"""

import argparse
import json
import logging
import os
import tempfile
import time
import tomllib
from pathlib import Path

import numpy as np
import onnx
import onnx_convolutions
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization

BATCHES = [16, 64, 256, 1024]


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """Tensors by name: 8 bytes of the header's length, a JSON header, then the f32 values."""
    data = path.read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:end]).items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            values = np.frombuffer(data[end + first : end + last], dtype="<f4")
            tensors[name] = values.reshape(entry["shape"])
    return tensors


def activation_nodes(name: str, x: str, y: str) -> list[onnx.NodeProto]:
    if name == "silu":
        sigmoid = helper.make_node("Sigmoid", [x], [f"{y}.sigmoid"])
        return [sigmoid, helper.make_node("Mul", [x, f"{y}.sigmoid"], [y])]
    return [helper.make_node({"gelu": "Gelu", "relu": "Relu", "sigmoid": "Sigmoid"}[name], [x], [y])]


def graph(run: Path) -> onnx.ModelProto:
    tensors = read_safetensors(run / "weights.safetensors")
    hidden = tomllib.loads((run / "config.toml").read_text())["model"]["activation"]
    depth = sum(name.startswith("encoder.") for name in tensors) // 2
    layers = [f"{part}.{index}" for part in ("encoder", "decoder") for index in range(depth)]
    nodes, weights, value = [], [], "pixels"
    for index, layer in enumerate(layers):
        for kind in ("weight", "bias"):
            weights.append(numpy_helper.from_array(tensors[f"{layer}.{kind}"].copy(), f"{layer}.{kind}"))
        inputs = [value, f"{layer}.weight", f"{layer}.bias"]
        nodes.append(helper.make_node("Gemm", inputs, [layer], transB=1))
        value = layer
        if index + 1 == len(layers):
            nodes += activation_nodes("sigmoid", value, "reconstruction")
        elif index + 1 != depth:
            nodes += activation_nodes(hidden, value, f"{layer}.{hidden}")
            value = f"{layer}.{hidden}"
    return as_model(nodes, weights, [tensors["encoder.0.weight"].shape[1]])


def as_model(
    nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto], shape: list[int]
) -> onnx.ModelProto:
    """The model of nodes from "pixels" to "reconstruction", which have this shape."""
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["samples", *shape])
        for name in ("pixels", "reconstruction")
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "autoencoder", ends[:1], ends[1:], weights),
        opset_imports=[helper.make_opsetid("", 20)],
    )
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model


class Calibration(quantization.CalibrationDataReader):
    """One batch."""

    def __init__(self, batch: np.ndarray):
        self.batches = iter([{"pixels": batch}])

    def get_next(self):
        return next(self.batches, None)


def samples_per_second(path: Path, samples: np.ndarray, threads: int, seconds: float) -> float:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    best = 0.0
    for size in BATCHES:
        batch = {"pixels": samples[:size]}
        session.run(None, batch)
        end = time.perf_counter() + seconds / len(BATCHES)
        while (start := time.perf_counter()) < end:
            session.run(None, batch)
            best = max(best, len(batch["pixels"]) / (time.perf_counter() - start))
    return best


def variants(model: onnx.ModelProto, arguments: argparse.Namespace) -> dict[str, float]:
    """Samples a second of the model as f32 and in each way of quantising it."""
    shape = [size.dim_value for size in model.graph.input[0].type.tensor_type.shape.dim[1:]]
    pixels = np.fromfile(arguments.images, dtype=np.uint8).reshape(-1, *shape)
    samples = np.resize(pixels, (max(BATCHES), *shape)).astype(np.float32) / 255
    rates = {}
    with tempfile.TemporaryDirectory() as folder:
        f32, dynamic, static = (Path(folder) / f"{n}.onnx" for n in ("f32", "dynamic", "static"))
        onnx.save(model, f32)
        int8 = {"weight_type": quantization.QuantType.QInt8, "per_channel": True}
        if arguments.run:
            quantization.quantize_dynamic(f32, dynamic, **int8)
        else:
            # With signed weights per channel these convolutions take three times as long.
            quantization.quantize_dynamic(f32, dynamic, weight_type=quantization.QuantType.QUInt8)
        quantization.quantize_static(f32, static, Calibration(samples), **int8)
        for name, path in {"f32": f32, "int8 dynamic": dynamic, "int8 static": static}.items():
            rates[name] = samples_per_second(path, samples, arguments.threads, arguments.seconds)
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--run", type=Path)
    which.add_argument("--convolutions", action="store_true")
    parser.add_argument("--images", type=Path, required=True, help="pixels, a byte each")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True, help="for each variant")
    arguments = parser.parse_args()

    logging.disable()
    if arguments.run:
        models = {"": graph(arguments.run)}
    else:
        models = {
            f" {how}": as_model(*onnx_convolutions.graph(how), onnx_convolutions.PIXELS)
            for how in onnx_convolutions.UPWARDS
        }
    rates = {}
    for note, model in models.items():
        for name, rate in variants(model, arguments).items():
            rates[name + note] = rate
    print(json.dumps({"onnxruntime": ort.__version__, "samples_per_second": rates}))


if __name__ == "__main__":
    main()
