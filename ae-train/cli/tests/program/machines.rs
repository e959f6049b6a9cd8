//! Signals of machines: two channels that turn, in the files that users have.

use std::fmt::Write;

use crate::npy_bytes;

/// Options for a detector that takes a moment.
pub(crate) const QUICK: &str = "--window 16 --hidden 12 --latent 2 --epochs 3 --alpha 0.05";
/// Machines in a file of [`normal`].
pub(crate) const MACHINES: usize = 20;
/// Samples of each.
pub(crate) const SAMPLES: usize = 400;

/// So many samples, x and y: a turn of a machine of its own phase and noise.
pub(crate) fn turning(count: usize, amplitude: f64, machine: usize) -> Vec<[f64; 2]> {
    let mut state = 2_463_534_242_u32.wrapping_add(machine as u32 * 7_919);
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24) - 0.5
    };
    let phase = 6.0 * noise();
    let sample = |index: usize| {
        let angle = 0.7 * index as f64 + phase;
        [amplitude * angle.sin() + 0.1 * noise(), amplitude * angle.cos() + 0.1 * noise()]
    };
    (0..count).map(sample).collect()
}

/// All machines one after the other.
pub(crate) fn normal() -> Vec<[f64; 2]> {
    (0..MACHINES).flat_map(|machine| turning(SAMPLES, 1.0, machine)).collect()
}

/// A file of channels x and y alone, to the thousandth.
pub(crate) fn csv(samples: &[[f64; 2]]) -> Vec<u8> {
    let mut text = String::from("x,y\n");
    for [x, y] in samples {
        writeln!(text, "{x:.3},{y:.3}").unwrap();
    }
    text.into_bytes()
}

/// The same as a sensor counts them, a thousand for 1.
pub(crate) fn counted_csv(samples: &[[f64; 2]]) -> Vec<u8> {
    let mut text = String::from("x,y\n");
    for [x, y] in samples {
        writeln!(text, "{:.0},{:.0}", 1000.0 * x, 1000.0 * y).unwrap();
    }
    text.into_bytes()
}

/// A file that says all: each machine runs well in two recordings, and then badly.
pub(crate) fn labelled_csv() -> Vec<u8> {
    let mut text = String::from("seconds,state,machine,run,x,y\n");
    for machine in 0..MACHINES {
        let runs = [("good", 1.0, 200), ("good", 1.0, 200), ("worn", 4.0, 100)];
        for (run, (state, amplitude, count)) in runs.into_iter().enumerate() {
            let samples = turning(count, amplitude, 3 * machine + run);
            for (index, [x, y]) in samples.into_iter().enumerate() {
                let seconds = index as f64 / 100.0;
                writeln!(text, "{seconds:.2},{state},m{machine},{run},{x:.4},{y:.4}").unwrap();
            }
        }
    }
    text.into_bytes()
}

/// The same as [`counted_csv`], as a recorder of vibration writes it: a WAV file of a thousand samples a
/// second.
pub(crate) fn wav(samples: &[[f64; 2]]) -> Vec<u8> {
    let counts = samples.iter().flatten().map(|value| (1000.0 * value).round() as i16);
    let data: Vec<u8> = counts.flat_map(i16::to_le_bytes).collect();
    let long = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let format = [&[1, 0, 2, 0][..], &long(1000), &long(4000), &[4, 0, 16, 0]].concat();
    let head = [&b"RIFF"[..], &long(36 + data.len()), b"WAVEfmt ", &long(16), &format].concat();
    [&head[..], b"data", &long(data.len()), &data].concat()
}

/// How the columns of [`labelled_csv`] are said.
pub(crate) const LABELLED: &str =
    "--time seconds --label state --group machine --recording run --normal good";

/// An NPY file of recordings × samples × channels.
pub(crate) fn npy() -> Vec<u8> {
    npy_bytes::join("<f4", false, &format!("({MACHINES}, {SAMPLES}, 2)"), &floats())
}

/// An NPZ file of the same, with names for the channels and the machines as groups.
pub(crate) fn npz() -> Vec<u8> {
    let text = |texts: &[String], width: usize| -> Vec<u8> {
        let padded = |text: &String| -> Vec<u8> {
            let letters = text.chars().chain(std::iter::repeat('\0')).take(width);
            letters.flat_map(|letter| u32::from(letter).to_le_bytes()).collect()
        };
        let bytes: Vec<u8> = texts.iter().flat_map(padded).collect();
        npy_bytes::join(&format!("<U{width}"), false, &format!("({},)", texts.len()), &bytes)
    };
    let machines: Vec<String> = (0..MACHINES).map(|machine| format!("m{machine}")).collect();
    let entries = [
        ("samples.npy", npy()),
        ("channels.npy", text(&["left".to_owned(), "right".to_owned()], 5)),
        ("machine.npy", text(&machines, 3)),
    ];
    stored_zip(&entries)
}

fn floats() -> Vec<u8> {
    normal().into_iter().flatten().flat_map(|value| (value as f32).to_le_bytes()).collect()
}

/// A ZIP archive without compression, as `numpy.savez` writes one.
fn stored_zip(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    let short = |value: usize| u16::try_from(value).unwrap().to_le_bytes();
    let long = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    for (name, data) in entries {
        let mut crc = flate2::Crc::new();
        crc.update(data);
        // Version 2.0, no flags, stored, no time.
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        fields.extend(crc.sum().to_le_bytes());
        fields.extend([long(data.len()), long(data.len())].concat());
        fields.extend([short(name.len()), short(0)].concat());
        directory.extend([&b"PK\x01\x02\x14\x00"[..], &fields, &[0; 10]].concat());
        directory.extend(long(archive.len()));
        directory.extend(name.as_bytes());
        archive.extend([b"PK\x03\x04", &fields[..], name.as_bytes(), data].concat());
    }
    let (start, count) = (archive.len(), short(entries.len()));
    archive.extend(&directory);
    archive.extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count].concat());
    archive.extend([long(directory.len()), long(start)].concat());
    archive.extend([0, 0]);
    archive
}
