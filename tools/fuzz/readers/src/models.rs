//! Model files of other tools: as they come, or whole ones of which something is changed.

use ae_fuzz::source::Source;
use ae_fuzz::tally;
use ae_import::{Function, ReadOptions, Rounding, lower, read};
use ae_testkit::random::SplitMix64;
use rawzip::{ZipArchive, ZipArchiveWriter};

use crate::arrays::stored;
use crate::edits::edited;
use crate::text;

/// Longest file that is a seed as it is; an input has as many bytes.
const LONGEST: usize = 4_000;

/// What the fuzzer begins with: the files that are short, and edits of all.
#[must_use]
pub fn seeds(files: &[&[u8]]) -> Vec<Vec<u8>> {
    let random = &mut SplitMix64::new(9);
    let short = files.iter().filter(|file| file.len() < LONGEST);
    let mut seeds: Vec<Vec<u8>> = short.map(|file| [&[0], *file].concat()).collect();
    for kind in 1..=files.len() as u8 {
        for edits in 0..4 {
            let edits = (0..8 * edits).map(|_| random.bits() as u8);
            seeds.push(std::iter::once(kind).chain(edits).collect());
        }
    }
    seeds
}

/// The file that an input stands for is read, and lowered if it is a model. `options` are what a file
/// may leave open.
///
/// # Panics
/// If an error says nothing, or not what to do.
pub fn run(files: &[&[u8]], input: &[u8]) {
    tally::EXECUTED.add();
    let Some((&kind, rest)) = input.split_first() else { return };
    let file = match usize::from(kind).checked_sub(1) {
        None => rest.to_vec(),
        Some(kind) => changed(files[kind % files.len()], &mut Source::new(rest)),
    };
    let options = ReadOptions { activation: Some(Function::Relu), ..ReadOptions::default() };
    match read(&file, &options) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(mut model) => {
            tally::ACCEPTED.add();
            if let Err(error) = lower(&mut model, Rounding::Once) {
                assert!(error.to_string().contains("; "), "nothing to do: {error}");
            }
        }
    }
}

/// A file with edits; of an archive, with edits of a file in it, whose checksum is then right again.
fn changed(file: &[u8], input: &mut Source<'_>) -> Vec<u8> {
    let is_whole = input.byte().is_multiple_of(4);
    let Some(mut entries) = entries(file).filter(|_| !is_whole) else { return edited(file, input) };
    if entries.is_empty() || input.is_empty() {
        return file.to_vec();
    }
    let at = input.below(entries.len());
    let (_, bytes) = &mut entries[at];
    *bytes = match std::str::from_utf8(bytes) {
        Ok(words) if input.byte().is_multiple_of(2) => text::with_number(words, input).into_bytes(),
        _ => edited(bytes, input),
    };
    let mut file = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut file);
    for (name, bytes) in &entries {
        stored(&mut archive, name, bytes);
    }
    archive.finish().expect("writing to memory does not fail");
    file
}

/// The files of an archive, by their names.
fn entries(file: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let archive = ZipArchive::from_slice(file).ok()?;
    let mut entries = Vec::new();
    let mut records = archive.entries();
    while let Some(record) = records.next_entry().ok()? {
        let name = String::from_utf8(record.file_path().as_bytes().to_vec()).ok()?;
        entries.push((name, archive.get_entry(record.wayfinder()).ok()?.data().to_vec()));
    }
    Some(entries)
}
