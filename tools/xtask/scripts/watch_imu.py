#!/usr/bin/env python3
"""Writes the smartwatch recordings of seglearn 1.2.5 as one CSV file; `cargo xtask watch` runs it.

The wheel of seglearn is read as the archive that it is; nothing of it is imported. Its file of
recordings is a pickle, and to read one is to run it, so its digest is checked before.

A row is a sample of six axes with the exercise, the subject, the side and the number of its
recording. The package holds 64-bit values of six decimals; the CSV holds the nearest float32 of
each, in the fewest digits that give it back. Needs numpy.
"""

import argparse
import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

MEMBER = "seglearn/data/watch_dataset.npy"
MEMBER_SHA256 = "eb122f23cdf06ef6bd6c6c5312958ec5cf9d038e2e6d457b8081662c75a42537"
AXES = ["ax", "ay", "az", "wx", "wy", "wz"]


def read_recordings(wheel: Path) -> dict:
    """What the package's `load_watch` gives."""
    with zipfile.ZipFile(wheel) as archive:
        member = archive.read(MEMBER)
    found = hashlib.sha256(member).hexdigest()
    if found != MEMBER_SHA256:
        sys.exit(f"{wheel}: {MEMBER} has SHA-256 {found}, expected {MEMBER_SHA256}")
    return np.load(io.BytesIO(member), allow_pickle=True).item()


def shortest(value: np.float32) -> str:
    """The decimal of the fewest digits that is nearest to this float32, without an exponent."""
    return np.format_float_positional(value, unique=True, trim="-")


def write_csv(data: dict, out) -> None:
    """A header, then all samples in the package's order."""
    if list(data["X_labels"]) != AXES:
        sys.exit(f"axes {data['X_labels']}, expected {AXES}")
    out.write(",".join(["exercise", "subject", "side", "recording", *AXES]) + "\n")
    recordings = zip(data["X"], data["y"], data["subject"], data["side"])
    for number, (samples, exercise, subject, side) in enumerate(recordings):
        name = data["y_labels"][int(exercise)]
        start = f"{name},{int(subject)},{'right' if side == 1 else 'left'},{number}"
        for sample in np.asarray(samples).astype(np.float32):
            out.write(",".join([start, *map(shortest, sample)]) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", type=Path, required=True, help="the wheel of seglearn")
    parser.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    args = parser.parse_args()
    data = read_recordings(args.wheel)
    with open(args.out, "w", encoding="ascii", newline="\n") as out:
        write_csv(data, out)


if __name__ == "__main__":
    main()
