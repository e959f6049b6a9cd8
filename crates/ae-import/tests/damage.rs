//! Damaged and hostile files: an error or a model, but no panic, and no more memory than four times
//! the file and 64 MB.

#[path = "common/peak.rs"]
mod peak;

use std::fs;
use std::path::Path;

use ae_import::{Function, ReadOptions, read};
use hdf5_pure::{AttrValue, FileBuilder};
use peak::peak_kilobytes;
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

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/import");

/// What is written over four bytes.
const WORDS: [u32; 4] = [u32::MAX, i32::MAX as u32, 0x0010_0000, 0];

const SPARE_KILOBYTES: usize = 64 << 10;

#[test]
fn damaged_files_are_refused_in_little_memory() {
    let stride = std::env::var("STRIDE").ok().and_then(|stride| stride.parse().ok());
    let before = peak_kilobytes();
    let within = |name: &str, bytes: &[u8]| {
        let most = SPARE_KILOBYTES + bytes.len() * 4 / 1024;
        for (before, peak) in before.into_iter().zip(peak_kilobytes()) {
            let taken = peak - before;
            assert!(taken <= most, "{name}: {taken} kB were taken; {most} kB are allowed");
        }
    };
    for (name, usual) in FILES {
        let stride = stride.unwrap_or(usual);
        let path = Path::new(FOLDER).join(name);
        let bytes = fs::read(path).unwrap();
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
        within(name, &bytes);
    }
    let hostile = [
        ("JSON", many_objects()),
        ("pickle", many_tuples()),
        ("header", many_tensors()),
        ("storage", one_storage_for_all()),
        ("texts", one_text_for_all()),
    ];
    for (name, bytes) in hostile {
        attempt(&bytes).unwrap_err();
        within(name, &bytes);
    }
}

/// A configuration of objects, each of which takes much memory.
fn many_objects() -> Vec<u8> {
    let objects = vec!["{\"\":0}"; 70_000].join(",");
    let dense = format!("{{\"class_name\":\"Dense\",\"config\":{{\"x\":[{objects}]}}}}");
    let model = format!("{{\"class_name\":\"Sequential\",\"config\":{{\"layers\":[{dense}]}}}}");
    let weights = fs::read(Path::new(FOLDER).join("refused_alone.weights.h5")).unwrap();
    archive(&[("config.json".into(), model.into()), ("model.weights.h5".into(), weights)])
}

/// A pickle that makes a tuple with every byte.
fn many_tuples() -> Vec<u8> {
    let pickle = [&b"\x80\x02N"[..], &[0x85; 500_000], b"."].concat();
    archive(&[("m/data.pkl".into(), pickle)])
}

/// A safetensors file of as many tensors as a header holds.
fn many_tensors() -> Vec<u8> {
    let tensor = |number| {
        format!("\"{number}.w\":{{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[0,0]}}")
    };
    let tensors: Vec<String> = (0..18_000).map(tensor).collect();
    let header = format!("{{{}}}", tensors.join(","));
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat()
}

/// A state dict whose tensors all have the same million bytes.
fn one_storage_for_all() -> Vec<u8> {
    let mut pickle = b"\x80\x02}(".to_vec();
    let text =
        |text: &str| [&b"X"[..], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    for number in 0..2000 {
        pickle.extend(text(&format!("{number}.weight")));
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n(");
        let storage = [
            &b"("[..],
            &text("storage"),
            b"ctorch\nFloatStorage\n",
            &text("0"),
            &text("cpu"),
            b"J\x00\x00\x04\x00tQ",
        ];
        pickle.extend(storage.concat());
        // From 0 on 512 rows of 512.
        pickle.extend(b"K\x00M\x00\x02M\x00\x02\x86M\x00\x02K\x01\x86\x89NtR");
    }
    pickle.extend(b"u.");
    archive(&[("m/data.pkl".into(), pickle), ("m/data/0".into(), vec![0; 1 << 20])])
}

/// An HDF5 file with an attribute of 4,000 texts, all of which are the same long one.
fn one_text_for_all() -> Vec<u8> {
    const TEXTS: usize = 4000;
    let mut texts = vec!["a".to_owned(); TEXTS - 1];
    texts.push("b".repeat(60_000));
    let mut file = FileBuilder::new();
    file.set_attr("texts", AttrValue::VarLenStringArray(texts));
    let mut bytes = file.finish().unwrap();
    // What stands for a text are its length, the address of a heap, and its number there. The last
    // is the long one's.
    let len = 60_000_u32.to_le_bytes();
    let is_last =
        |at: &usize| bytes[*at..*at + 4] == len && bytes[*at - 16..*at - 12] == [1, 0, 0, 0];
    let last = (16..bytes.len() - 16).find(is_last).unwrap();
    for text in 1..TEXTS {
        bytes.copy_within(last..last + 16, last - 16 * text);
    }
    // The header's checksum is another now, and the refusal says which.
    let refusal = attempt(&bytes).unwrap_err().to_string();
    let sums: Vec<u32> = refusal
        .split("0x")
        .skip(1)
        .map(|sum| u32::from_str_radix(&sum[..8], 16).unwrap())
        .collect();
    let at = bytes.windows(4).rposition(|word| word == sums[0].to_le_bytes()).unwrap();
    bytes[at..at + 4].copy_from_slice(&sums[1].to_le_bytes());
    bytes
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
