"""Compares the mel levels of detectors with those of librosa, in f64.

    pip install librosa
    python tools/features/compare_with_librosa.py

The program `features` of crates/ae-features computes levels as a board does, in integers. They are
256ths of the binary logarithm of a band's power, and 0 is a power of 2^-37, where a band's power is the
sum of w |X / n|^2 over the bins of the spectrum X of the n tapered i16 samples. librosa computes the same
bands of the same samples. Where a band is less than 60 dB below the loudest of its signal, the two may
differ by 0.5 dB. A signal without a sound has no such band: all of its levels are 0.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import librosa
import numpy as np

RATE, FFT, HOP, BANDS = 16_000, 1024, 512, 128
MOST_DB, RANGE_DB = 0.5, 60.0
OCTAVE_DB = 10 * np.log10(2)


def speech(rng, time):
    """A voice that glides, with formants, syllables and breath."""
    pitch = 120 + 30 * np.sin(2 * np.pi * 0.7 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    formant = lambda hertz, centre, width: np.exp(-(((hertz - centre) / width) ** 2))
    voice = sum(
        (formant(k * 120, 600, 250) + 0.5 * formant(k * 120, 1700, 400) + 0.02) * np.sin(k * phase)
        for k in range(1, 40)
    )
    syllables = np.maximum(0, np.sin(2 * np.pi * 3 * time)) ** 2
    return 6000 * voice * syllables + 20 * rng.standard_normal(len(time))


def machine(rng, time):
    """A shaft, its multiples, and broad noise."""
    shaft = sum(np.sin(2 * np.pi * 49 * k * time + k) / k for k in range(1, 12))
    return 5000 * shaft + 600 * rng.standard_normal(len(time))


def signals():
    rng = np.random.default_rng(1)
    time = np.arange(4 * RATE) / RATE
    impulse = np.zeros(len(time))
    impulse[FFT // 2 :: 5000] = 32767
    made = {
        "speech": speech(rng, time),
        "machine": machine(rng, time),
        "silence": np.zeros(len(time)),
        "full scale": np.where(np.sin(2 * np.pi * 440 * time) >= 0, 32767, -32768),
        "noise of full scale": 40_000 * rng.standard_normal(len(time)),
        "impulses": impulse,
        "one count of noise": rng.standard_normal(len(time)),
    }
    return {name: np.clip(np.round(x), -32768, 32767).astype("<i2") for name, x in made.items()}


def levels(samples, program):
    """Frames x bands, as a board has them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "it.npy")
        np.save(file, samples[:, None])
        spec = f"mel:{BANDS},fft={FFT},hop={HOP}"
        text = subprocess.run(
            [*program, str(file), spec, str(RATE)], check=True, capture_output=True, text=True
        ).stdout
    return np.loadtxt(text.splitlines()[1:], delimiter=",", ndmin=2)


def main():
    program = sys.argv[1:] or [
        *"cargo run --quiet --release -p ae-features --example features --".split()
    ]
    worst = 0.0
    for name, samples in signals().items():
        ours = levels(samples, program)
        theirs = librosa.feature.melspectrogram(
            y=samples.astype(float) / FFT, sr=RATE, n_fft=FFT, hop_length=HOP, n_mels=BANDS,
            center=False, norm=None, htk=False, dtype=np.float64,
        ).T
        if not samples.any():
            print(f"{name}: levels {ours.min():.0f} to {ours.max():.0f}")
            worst = max(worst, abs(ours).max())
            continue
        theirs = OCTAVE_DB * (np.log2(np.maximum(theirs, 1e-30)) + 37)
        heard = theirs > theirs.max() - RANGE_DB
        apart = abs(ours * OCTAVE_DB / 256 - theirs)[heard]
        print(
            f"{name}: {apart.size} levels, at most {apart.max():.3f} dB apart, "
            f"{np.sqrt((apart**2).mean()):.3f} dB in the root mean square"
        )
        worst = max(worst, apart.max())
    print(f"at most {worst:.3f} dB; {MOST_DB} may be")
    return int(worst > MOST_DB)


if __name__ == "__main__":
    sys.exit(main())
