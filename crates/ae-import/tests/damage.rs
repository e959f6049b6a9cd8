//! Damaged files: an error or a model, but no panic, and no more memory than four times the file
//! and 64 MB.

use std::fs;
use std::path::Path;

use ae_import::{Function, ReadOptions, read};
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveWriter};

/// Files of every format, with places from one damage to the next. The small ones are damaged
/// everywhere.
const FILES: [(&str, usize); 6] = [
    ("autoencoder.safetensors", 1),
    ("tied.pt", 1),
    ("checkpoint.pt", 7),
    ("keras2.h5", 23),
    ("dense.h5", 29),
    ("float16.keras", 31),
];

/// What is written over four bytes.
const WORDS: [u32; 4] = [u32::MAX, i32::MAX as u32, 0x0010_0000, 0];

const SPARE_KILOBYTES: usize = 64 << 10;

#[test]
fn damaged_files_are_refused_in_little_memory() {
    let stride = std::env::var("STRIDE").ok().and_then(|stride| stride.parse().ok());
    for (name, usual) in FILES {
        let stride = stride.unwrap_or(usual);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name);
        let bytes = fs::read(path).unwrap();
        let before = peak_kilobytes();
        attempt(&bytes).unwrap();
        let mut refused = 0;
        for len in (0..bytes.len()).step_by(stride) {
            refused += usize::from(attempt(&bytes[..len]).is_err());
        }
        assert!(refused > 0, "{name}: every cut file was read");
        damage(&bytes, stride, |damaged| drop(attempt(damaged)));
        // Within an archive a checksum finds all damage, so what is in it is damaged before.
        for (at, (_, file)) in files(&bytes).iter().enumerate() {
            damage(file, stride, |damaged| {
                let mut files = files(&bytes);
                files[at].1 = damaged.to_vec();
                drop(attempt(&archive(&files)));
            });
        }
        let most = SPARE_KILOBYTES + bytes.len() * 4 / 1024;
        let taken = peak_kilobytes() - before;
        assert!(taken <= most, "{name}: {taken} kB were taken; {most} kB are allowed");
    }
}

fn attempt(bytes: &[u8]) -> Result<ae_import::SourceModel, ae_import::ImportError> {
    let options = ReadOptions { activation: Some(Function::Relu), ..ReadOptions::default() };
    read(bytes, &options)
}

/// The bytes with each word in them written over.
fn damage(bytes: &[u8], stride: usize, mut attempt: impl FnMut(&[u8])) {
    for word in WORDS {
        for at in (0..bytes.len().saturating_sub(3)).step_by(stride) {
            let mut damaged = bytes.to_vec();
            damaged[at..at + 4].copy_from_slice(&word.to_le_bytes());
            attempt(&damaged);
        }
    }
}

/// What an archive holds; nothing, of a file of another kind.
fn files(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Ok(zip) = ZipArchive::from_slice(bytes) else { return Vec::new() };
    let (mut entries, mut files) = (zip.entries(), Vec::new());
    while let Some(record) = entries.next_entry().unwrap() {
        let name = String::from_utf8(record.file_path().as_bytes().to_vec()).unwrap();
        let entry = zip.get_entry(record.wayfinder()).unwrap();
        files.push((name, entry.data().to_vec()));
    }
    files
}

/// An archive of these files, stored as they are.
fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut zip = ZipArchiveWriter::new(&mut bytes);
    for (name, file) in files {
        let method = CompressionMethod::STORE;
        let (mut entry, config) =
            zip.new_file(name.as_str()).compression_method(method).start().unwrap();
        let mut writer = config.wrap(&mut entry);
        std::io::Write::write_all(&mut writer, file).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    zip.finish().unwrap();
    bytes
}

/// The most memory that this process has had, as the system tells it; elsewhere 0.
fn peak_kilobytes() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"));
    line.map_or(0, |line| line.trim().trim_end_matches(" kB").parse().unwrap())
}
