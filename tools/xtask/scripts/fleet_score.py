#!/usr/bin/env python3
"""Scores an archive with pandas and ONNX Runtime; `cargo xtask bench --fleet` runs it.

What someone would write: each Parquet file is read by pandas, its windows become an array, ONNX Runtime
reconstructs them in int8, and the squared errors are written as Parquet. The model is that of a run,
quantised as onnx_reconstruct.py does it, with the faster of its two ways. Making the model is not timed.

Needs numpy, onnx, onnxruntime, pandas and pyarrow. Prints one JSON object: onnxruntime and pandas (their
versions), windows, seconds, peak_bytes (of the whole process).
"""

import argparse
import json
import logging
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pandas as pd
from onnx_reconstruct import Calibration, graph
from onnxruntime import quantization

# Windows that go through the model together, the best of those that onnx_reconstruct.py tries.
BATCH = 1024


def session(path: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def stacked(column: pd.Series) -> np.ndarray:
    """Windows in rows, from lists or from bytes."""
    if isinstance(column.iloc[0], bytes):
        return np.frombuffer(b"".join(column), dtype=np.uint8).reshape(len(column), -1)
    return np.stack(column.to_numpy())


def scores(model: ort.InferenceSession, windows: np.ndarray) -> np.ndarray:
    found = np.empty(len(windows), dtype=np.float32)
    for start in range(0, len(windows), BATCH):
        pixels = windows[start : start + BATCH].astype(np.float32) / 255
        (reconstruction,) = model.run(None, {"pixels": pixels})
        error = (pixels - reconstruction) * 255
        found[start : start + BATCH] = np.einsum("ij,ij->i", error, error)
    return found


def faster(run: Path, folder: Path, sample: np.ndarray, threads: int) -> ort.InferenceSession:
    paths = [folder / name for name in ("f32.onnx", "dynamic.onnx", "static.onnx")]
    onnx.save(graph(run), paths[0])
    int8 = {"weight_type": quantization.QuantType.QInt8, "per_channel": True}
    quantization.quantize_dynamic(paths[0], paths[1], **int8)
    calibration = Calibration(sample.astype(np.float32) / 255)
    quantization.quantize_static(paths[0], paths[2], calibration, **int8)
    timed = []
    for path in paths[1:]:
        model = session(path, threads)
        scores(model, sample)
        start = time.perf_counter()
        for _ in range(5):
            scores(model, sample)
        timed.append((time.perf_counter() - start, model))
    return min(timed, key=lambda pair: pair[0])[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--archive", type=Path, required=True, help="a folder of Parquet files")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()

    logging.disable()
    files = sorted(arguments.archive.rglob("*.parquet"))
    with tempfile.TemporaryDirectory() as folder:
        first = stacked(pd.read_parquet(files[0], columns=["window"])["window"].iloc[:BATCH])
        model = faster(arguments.run, Path(folder), first, arguments.threads)
    arguments.out.mkdir()
    start, count = time.perf_counter(), 0
    for at, file in enumerate(files):
        frame = pd.read_parquet(file)
        windows = stacked(frame.pop("window"))
        frame["score"] = scores(model, windows)
        frame.to_parquet(arguments.out / f"{at}.parquet")
        count += len(frame)
    seconds = time.perf_counter() - start
    # In KiB on Linux.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    versions = {"onnxruntime": ort.__version__, "pandas": pd.__version__}
    print(json.dumps({**versions, "windows": count, "seconds": seconds, "peak_bytes": peak}))


if __name__ == "__main__":
    main()
