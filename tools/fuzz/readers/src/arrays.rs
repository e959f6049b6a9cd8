//! NPY and NPZ files whose headers are whole, with types and shapes as the input says.

use std::io::Write;

use ae_fuzz::source::Source;
use rawzip::{CompressionMethod, ZipArchiveWriter};

/// Types of elements, and the bytes of one.
const TYPES: [(&str, usize); 10] = [
    ("<f4", 4),
    ("<f8", 8),
    (">f4", 4),
    ("|i1", 1),
    ("|u1", 1),
    ("<i2", 2),
    (">i8", 8),
    ("<U1", 4),
    ("<U3", 12),
    ("<f2", 2),
];

const MEMORY: &str = "writing to memory does not fail";

/// Arrays that an NPZ file may have here.
const NAMES: [&str; 7] = ["samples", "lengths", "channels", "what", "who", "t", "run"];

/// An NPY file of version 1.0.
///
/// # Panics
/// Never: the header is short.
#[must_use]
pub fn npy(descr: &str, shape: &[usize], is_fortran: bool, data: &[u8]) -> Vec<u8> {
    let order = if is_fortran { "True" } else { "False" };
    let axes: String = shape.iter().map(|axis| format!("{axis},")).collect();
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({axes}), }}\n");
    let len = u16::try_from(header.len()).expect("a short header");
    [b"\x93NUMPY\x01\x00", &len.to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// An NPZ file of stored arrays.
///
/// # Panics
/// If it cannot be written.
#[must_use]
pub fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut file);
    for (name, array) in arrays {
        stored(&mut archive, &format!("{name}.npy"), array);
    }
    archive.finish().expect(MEMORY);
    file
}

/// Puts a file into an archive as it is.
///
/// # Panics
/// If it cannot be written.
pub fn stored(archive: &mut ZipArchiveWriter<&mut Vec<u8>>, name: &str, bytes: &[u8]) {
    let file = archive.new_file(name).compression_method(CompressionMethod::STORE);
    let (mut entry, config) = file.start().expect(MEMORY);
    let mut writer = config.wrap(&mut entry);
    writer.write_all(bytes).expect(MEMORY);
    let (_, descriptor) = writer.finish().expect(MEMORY);
    entry.finish(descriptor).expect(MEMORY);
}

/// The NPY file that the input stands for, of at most three axes, each shorter than eight. The
/// elements are the next bytes of the input.
#[must_use]
pub fn npy_of(input: &mut Source<'_>) -> Vec<u8> {
    let ((descr, bytes), axes) = (TYPES[input.below(TYPES.len())], input.below(4));
    let is_fortran = input.byte() == 1;
    let shape: Vec<usize> = (0..axes).map(|_| input.below(8)).collect();
    let elements: usize = shape.iter().product();
    let data: Vec<u8> = (0..elements * bytes)
        .map(|at| {
            // Most text is a character of one byte.
            let is_high = descr.contains('U') && at % 4 != 0;
            if is_high { 0 } else { input.byte() }
        })
        .collect();
    npy(descr, &shape, is_fortran, &data)
}

/// The NPZ file that the input stands for: `samples`, and some of the other arrays.
#[must_use]
pub fn npz_of(input: &mut Source<'_>) -> Vec<u8> {
    let chosen = input.byte() | 1;
    let names = NAMES.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1);
    let arrays: Vec<(&str, Vec<u8>)> = names.map(|(_, &name)| (name, npy_of(input))).collect();
    npz(&arrays)
}
