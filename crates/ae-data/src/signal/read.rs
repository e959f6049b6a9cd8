//! Files of signals, whatever their format.

use std::fs::File;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::csv::{self, Rising};
use super::error::SignalError;
use super::file_error::{FileError, list};
use super::limited::read_limited;
use super::source::Source;
use super::{Signals, array, npz};

/// Reads signals from CSV (plain or gzip), NPY and NPZ files. The format is told by the first bytes.
///
/// - CSV: a header, then a line for each sample; delimiter `,`, or `;` or a tab where the header
///   has no comma. A recording ends with its file, where label, group or the recording column
///   changes, and where time goes backwards. Where neither channels nor time are named, a column
///   that only rises is refused: it is a time or a counter.
/// - NPY: shape (samples, channels), (samples) or (recordings, samples, channels); channels are
///   called `0`, `1` and so on.
/// - NPZ: an array `samples` as in NPY; if there are, `lengths` of the recordings in it and names
///   of the `channels`. Arrays named by the options have an entry for each sample or each recording.
///
/// # Errors
///
/// [`SignalError`], which names the file, and the place in it, and what to do.
pub fn read(source: &Source) -> Result<Signals, SignalError> {
    let files = source.files.iter();
    check(join(files.map(|path| Ok((path.as_path(), read_file(path, source)?))))?)
}

/// As [`read`], of the bytes of one file.
///
/// # Errors
///
/// As [`read`].
pub fn read_bytes(path: &Path, bytes: &[u8], source: &Source) -> Result<Signals, SignalError> {
    check(read_unchecked(path, bytes, source)?)
}

fn read_unchecked(
    path: &Path,
    bytes: &[u8],
    source: &Source,
) -> Result<(Signals, Rising), SignalError> {
    let unpacked = unpack(bytes).map_err(|source| at(path, source))?;
    parse(path, unpacked.as_deref().unwrap_or(bytes), source).map_err(|source| at(path, source))
}

fn at(path: &Path, source: FileError) -> SignalError {
    SignalError::File { file: path.to_owned(), source }
}

/// Refuses a time among the channels.
fn check((signals, rising): (Signals, Rising)) -> Result<Signals, SignalError> {
    let times = rising.times();
    let Some(&name) = times.first() else { return Ok(signals) };
    let (channels, is_other) =
        (&signals.channels, |name: &&String| !times.contains(&name.as_str()));
    let others: Vec<&String> = channels.iter().filter(is_other).collect();
    let others = if others.is_empty() { channels.iter().collect() } else { others };
    let others = list(&others).replace(", ", ",");
    Err(SignalError::OnlyRises { name: name.to_owned(), others })
}

fn read_file(path: &Path, source: &Source) -> Result<(Signals, Rising), SignalError> {
    if path.is_dir() {
        return Err(SignalError::Folder { file: path.to_owned() });
    }
    let file =
        File::open(path).map_err(|source| SignalError::Io { file: path.to_owned(), source })?;
    let bytes = read_limited(file, FileError::Io).map_err(|source| at(path, source))?;
    read_unchecked(path, &bytes, source)
}

/// What gzip data holds, if it is that.
fn unpack(bytes: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(None);
    }
    read_limited(MultiGzDecoder::new(bytes), FileError::Gzip).map(Some)
}

/// Arrays have no columns that could be a time by their name.
fn parse(path: &Path, bytes: &[u8], source: &Source) -> Result<(Signals, Rising), FileError> {
    let alone = |signals| (signals, Rising::default());
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let is_called = |ending: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending));
    if bytes.starts_with(b"\x93NUMPY") || is_called("npy") {
        array::read(bytes, source, &name).map(alone)
    } else if bytes.starts_with(b"PK") || is_called("npz") {
        npz::read(bytes, source, &name).map(alone)
    } else {
        csv::read(bytes, source, &name)
    }
}

/// The recordings of all files, channels in the order of the first.
fn join<'a>(
    files: impl Iterator<Item = Result<(&'a Path, (Signals, Rising)), SignalError>>,
) -> Result<(Signals, Rising), SignalError> {
    let mut joined: Option<(&Path, (Signals, Rising))> = None;
    for file in files {
        let (path, (mut signals, rising)) = file?;
        let Some((first, (all, all_rising))) = &mut joined else {
            joined = Some((path, (signals, rising)));
            continue;
        };
        if !reorder(&mut signals, &all.channels) {
            return Err(SignalError::ChannelsDiffer {
                first: first.to_owned(),
                expected: list(&all.channels),
                file: path.to_owned(),
                found: list(&signals.channels),
            });
        }
        all_rising.add(&rising);
        all.recordings.append(&mut signals.recordings);
    }
    Ok(joined.ok_or(SignalError::NoFile)?.1)
}

/// Puts the channels in this order, if they are the same.
fn reorder(signals: &mut Signals, channels: &[String]) -> bool {
    let place = |name| signals.channels.iter().position(|channel| channel == name);
    let Some(places) = channels.iter().map(place).collect::<Option<Vec<usize>>>() else {
        return false;
    };
    if channels.len() != signals.channels.len() {
        return false;
    }
    if signals.channels != channels {
        for recording in &mut signals.recordings {
            let samples = recording.samples.chunks(channels.len());
            recording.samples =
                samples.flat_map(|sample| places.iter().map(|&place| sample[place])).collect();
        }
        signals.channels = channels.to_vec();
    }
    true
}
