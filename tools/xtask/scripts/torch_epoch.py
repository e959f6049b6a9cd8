#!/usr/bin/env python3
"""Times epochs of the article's recipe in PyTorch; `cargo xtask bench --train` runs it.

The network 784-256-128-20-128-256-784 with ReLU, Glorot-uniform weights and zero biases;
sigmoid cross-entropy on logits; Adam at 1e-3; batches of 512, shuffled anew each epoch; all
images in memory as float32. An epoch's seconds are those of its steps, without the test.

Needs numpy and PyTorch, and reads the IDX files itself. Prints one JSON object:
seconds (a list, one number an epoch), test_bce, test_mse, torch, threads, fused_adam.
"""

import argparse
import gzip
import json
import struct
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

WIDTHS = [784, 256, 128, 20, 128, 256, 784]
LATENT = 3  # the index in WIDTHS of the layer that has no activation, as the last has none
BATCH = 512
LEARNING_RATE = 1e-3


def read_images(folder: Path, prefix: str) -> torch.Tensor:
    """Images of an IDX file, plain or gzipped, as float32 in 0..1, one row an image."""
    path = folder / f"{prefix}-images-idx3-ubyte"
    if path.exists():
        data = path.read_bytes()
    else:
        data = gzip.decompress(path.with_name(path.name + ".gz").read_bytes())
    magic, count, height, width = struct.unpack(">IIII", data[:16])
    features = height * width
    if magic != 0x0803 or features != WIDTHS[0] or len(data) != 16 + count * features:
        sys.exit(f"{path}: not an IDX file of 28x28 images")
    pixels = np.frombuffer(data, dtype=np.uint8, offset=16).reshape(count, features)
    return torch.from_numpy(pixels.astype(np.float32) / 255)


def network() -> torch.nn.Sequential:
    """Encoder and decoder in one, without the last sigmoid."""
    layers = []
    for index, (inputs, outputs) in enumerate(zip(WIDTHS, WIDTHS[1:]), start=1):
        dense = torch.nn.Linear(inputs, outputs)
        torch.nn.init.xavier_uniform_(dense.weight)
        torch.nn.init.zeros_(dense.bias)
        layers.append(dense)
        if index not in (LATENT, len(WIDTHS) - 1):
            layers.append(torch.nn.ReLU())
    return torch.nn.Sequential(*layers)


def adam(parameters) -> tuple[torch.optim.Optimizer, bool]:
    """Adam, fused where this PyTorch has it for the CPU, and whether it is."""
    parameters = list(parameters)
    try:
        return torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=True), True
    except (RuntimeError, TypeError, ValueError):
        return torch.optim.Adam(parameters, lr=LEARNING_RATE), False


def train_epoch(model, optimizer, images: torch.Tensor) -> float:
    """One epoch; gives its seconds."""
    start = time.perf_counter()
    for batch in torch.randperm(len(images)).split(BATCH):
        x = images[batch]
        optimizer.zero_grad(set_to_none=True)
        functional.binary_cross_entropy_with_logits(model(x), x).backward()
        optimizer.step()
    return time.perf_counter() - start


def evaluate(model, images: torch.Tensor) -> tuple[float, float]:
    """Mean cross-entropy and mean squared error over all pixels."""
    with torch.no_grad():
        logits, x = model(images).double(), images.double()
        bce = functional.binary_cross_entropy_with_logits(logits, x)
        return bce.item(), functional.mse_loss(torch.sigmoid(logits), x).item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of IDX files")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    train, test = read_images(args.data, "train"), read_images(args.data, "t10k")
    model = network()
    optimizer, fused = adam(model.parameters())
    seconds = []
    for epoch in range(1, args.epochs + 1):
        seconds.append(train_epoch(model, optimizer, train))
        print(f"PyTorch epoch {epoch}: {seconds[-1]:.3f} s", file=sys.stderr)
    test_bce, test_mse = evaluate(model, test)
    report = {
        "seconds": seconds,
        "test_bce": test_bce,
        "test_mse": test_mse,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "fused_adam": fused,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
