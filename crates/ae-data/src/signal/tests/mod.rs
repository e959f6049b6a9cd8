//! What tests of signals share, and tests of the whole way from bytes.

mod arrays;
mod csv;
mod files;
mod hostile;
mod kinds;
mod listing;
mod loggers;
mod missing;
mod places;
mod times;

use std::io::Write;
use std::path::Path;

use flate2::write::DeflateEncoder;
use rawzip::CompressionMethod;

use super::{Labels, Origin, Recording, SignalError, Signals, Source, read_bytes};

/// One channel, a recording of each slice.
pub(crate) fn signals(recordings: &[&[f32]]) -> Signals {
    let recording = |samples: &&[f32]| Recording {
        samples: samples.to_vec(),
        labels: Labels::default(),
        group: None,
        origin: Origin::default(),
    };
    Signals {
        channels: vec!["a".into()],
        recordings: recordings.iter().map(recording).collect(),
        notes: vec![],
        rate: None,
    }
}

/// An NPY file of version 1.0, put together by hand after NumPy's description (numpy.lib.format).
pub(super) fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let header = format!("{header:<117}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

/// An NPZ file, as numpy.savez writes it (stored) for arrays at even places, and as
/// numpy.savez_compressed does for the others.
pub(crate) fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut file);
    for (at, (name, array)) in arrays.iter().enumerate() {
        let name = format!("{name}.npy");
        let is_packed = at % 2 == 1;
        let method = if is_packed { CompressionMethod::DEFLATE } else { CompressionMethod::STORE };
        let (mut entry, config) =
            archive.new_file(name.as_str()).compression_method(method).start().unwrap();
        let descriptor = if is_packed {
            let packer = DeflateEncoder::new(&mut entry, flate2::Compression::default());
            let mut writer = config.wrap(packer);
            writer.write_all(array).unwrap();
            let (packer, descriptor) = writer.finish().unwrap();
            packer.finish().unwrap();
            descriptor
        } else {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(array).unwrap();
            writer.finish().unwrap().1
        };
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    file
}

fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn i32s(values: &[i32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Text as NumPy stores it: 32 bits a character, `width` of them.
fn utf32(texts: &[&str], width: usize) -> Vec<u8> {
    let padded = |text: &&str| {
        let codes = text.chars().map(u32::from).chain(std::iter::repeat(0));
        codes.take(width).collect::<Vec<_>>()
    };
    texts.iter().flat_map(padded).flat_map(u32::to_le_bytes).collect()
}

fn source() -> Source {
    Source::default()
}

/// Options by their names, empty where there are none.
fn options(columns: &str, time: &str, label: &str, group: &str) -> Source {
    let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    Source {
        files: vec![],
        columns: name(columns).map(|names| names.split(',').map(str::to_owned).collect()),
        time: name(time),
        label: name(label),
        group: name(group),
        recording: None,
        ..Source::default()
    }
}

fn read_of(name: &str, bytes: &[u8], source: &Source) -> Result<Signals, SignalError> {
    read_bytes(Path::new(name), bytes, source)
}

fn refusal_of_bytes(name: &str, bytes: &[u8], source: &Source) -> String {
    read_of(name, bytes, source).expect_err("a refusal").to_string()
}

fn read(text: &str, source: &Source) -> Result<Signals, SignalError> {
    read_of("it.csv", text.as_bytes(), source)
}

fn refusal(text: &str, source: &Source) -> String {
    refusal_of_bytes("it.csv", text.as_bytes(), source)
}
