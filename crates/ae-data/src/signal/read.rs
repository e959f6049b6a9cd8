//! Files of signals, whatever their format.

use std::fs::File;
use std::path::Path;

use rawzip::FileReader;

use super::budget::Budget;
use super::clock::Clocks;
use super::csv;
use super::error::SignalError;
use super::faults::{FaultReport, Faults};
use super::file_error::{FileError, list};
use super::input::{Archived, Input, Place, failed, read_all};
use super::listing::{Listing, listing};
use super::source::Source;
use super::{Labels, ReadNote, Signals, array, columnar, foreign, npz, wav};

/// Reads signals from CSV, NPY, NPZ, WAV, Parquet and Arrow files, each plain or packed by gzip or
/// zstd. The format is told by the first bytes. A folder stands for the files of signals in it.
///
/// - CSV: a header, then a line for each sample; UTF-8 or UTF-16. The delimiter, decimal commas,
///   comments and rows of units are found, or said by [`Source::reading`]. A recording ends with its
///   file, where the group or the recording column changes, where time goes backwards, and at a gap
///   in time. It goes on where the label changes. Where neither channels nor time are named, a
///   column that runs as a clock or a counter does is refused.
/// - NPY: shape (samples, channels), (samples) or (recordings, samples, channels); channels are
///   called `0`, `1` and so on.
/// - NPZ: an array `samples` as in NPY; if there are, `lengths` of the recordings in it and names
///   of the `channels`. Arrays named by the options have an entry for each sample or each recording.
/// - WAV: channels are called `ch0`, `ch1` and so on, and [`Signals::rate`] is known. Values are the
///   numbers of the file; those of 8 bits have 128 taken off.
/// - Parquet and Arrow (files, streams, Feather of version 2): a column is what one of a CSV file is, and
///   recordings end as there. A column of texts or of moments is refused as a channel.
///
/// Memory is bounded by [`Source::memory`], and time by the files and that.
///
/// # Errors
///
/// [`SignalError`], which names the file, and the place in it, and what to do.
pub fn read(source: &Source) -> Result<Signals, SignalError> {
    let budget = Budget::new(source.memory.0);
    let Listing { files, source, others } = listing(source, &budget)?;
    let mut reading = Reading { source: &source, budget, faults: FaultReport::default() };
    let joined = join(files.iter().map(|listed| {
        let path = &listed.path;
        let file =
            File::open(path).map_err(|source| SignalError::Io { file: path.clone(), source })?;
        let (mut signals, clocks) = reading.read(path, &listed.name, &Place::OnDisk(file))?;
        for recording in &mut signals.recordings {
            if let Some(label) = &listed.label {
                recording.labels = Labels::of(label.as_str());
            }
            if let Some(group) = &listed.group {
                recording.group = Some(group.as_str().into());
            }
        }
        Ok((path.as_path(), (signals, clocks)))
    }));
    let mut signals = reading.finish(joined)?;
    if !others.is_empty() {
        const TOLD: usize = 5;
        let (files, found) = (others.iter().take(TOLD).cloned().collect(), others.len());
        signals.notes.push(ReadNote::OtherFiles { files, found });
    }
    Ok(signals)
}

/// As [`read`], of the bytes of one file.
///
/// # Errors
///
/// As [`read`].
pub fn read_bytes(path: &Path, bytes: &[u8], source: &Source) -> Result<Signals, SignalError> {
    let budget = Budget::new(source.memory.0);
    let mut reading = Reading { source, budget, faults: FaultReport::default() };
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let read = reading.read(path, &name, &Place::InMemory(bytes));
    reading.finish(read)
}

/// What all files of a source share.
struct Reading<'a> {
    source: &'a Source,
    budget: Budget,
    faults: FaultReport,
}

impl Reading<'_> {
    /// Reads a file that messages call `name`.
    fn read(
        &mut self,
        path: &Path,
        name: &str,
        place: &Place<'_>,
    ) -> Result<(Signals, Clocks), SignalError> {
        let read = read_place(path, name, place, self.source, &self.budget);
        let (signals, clocks, faults) =
            read.map_err(|source| SignalError::File { file: path.to_owned(), source })?;
        self.faults.add(path.to_owned(), faults);
        Ok((signals, clocks))
    }

    /// What was read, if its values can be used.
    fn finish(self, read: Result<(Signals, Clocks), SignalError>) -> Result<Signals, SignalError> {
        if self.source.reading.gap.is_some() && self.source.time.is_none() {
            return Err(SignalError::GapWithoutTime);
        }
        let read = read?;
        if self.faults.is_empty() {
            return check(read);
        }
        Err(SignalError::Faults(self.faults))
    }
}

/// Refuses a time among the channels.
fn check((signals, clocks): (Signals, Clocks)) -> Result<Signals, SignalError> {
    let times = clocks.times();
    let Some(&(name, course)) = times.first() else { return Ok(signals) };
    let is_time = |name: &String| times.iter().any(|&(time, _)| time == name);
    let (channels, is_other) = (&signals.channels, |name: &&String| !is_time(name));
    let others: Vec<&String> = channels.iter().filter(is_other).collect();
    let others = if others.is_empty() { channels.iter().collect() } else { others };
    let others = list(&others).replace(", ", ",");
    let (name, can_be_named) = (name.to_owned(), clocks.can_be_named);
    Err(SignalError::Clock { name, course, can_be_named, others })
}

/// What a file holds, which of its channels may be a time, and values that cannot be used.
fn read_place(
    path: &Path,
    name: &str,
    place: &Place<'_>,
    source: &Source,
    budget: &Budget,
) -> Result<(Signals, Clocks, Faults), FileError> {
    let is_called = |ending: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending));
    let input = Input::open(place, budget)?;
    let is_packed = input.is_packed;
    let failed = |error| match error {
        FileError::Io(error) | FileError::Array { source: error, .. } => failed(error, is_packed),
        error => error,
    };
    let is_npy = input.start.starts_with(b"\x93NUMPY");
    if input.start.starts_with(b"PK") || (is_called("npz") && !is_npy) {
        let (bytes, len);
        let archived = if is_packed {
            bytes = read_all(input.bytes(), budget).map_err(failed)?;
            len = bytes.len() as u64;
            Archived::InMemory(&bytes)
        } else {
            let (there, archived) = archived(place)?;
            len = there;
            archived
        };
        return npz::read(archived, len, source, name, budget);
    }
    if is_npy || is_called("npy") {
        let len = if is_packed { None } else { place.len() };
        return array::read(input.bytes(), len, source, name, budget).map_err(failed);
    }
    if wav::is_wav(&input.start) {
        let len = if is_packed { None } else { place.len() };
        return wav::read(input.bytes(), len, source, name, budget).map_err(failed);
    }
    if columnar::is_stream(&input.start) {
        return columnar::read_stream(input.bytes(), source, name, budget).map_err(failed);
    }
    if let Some(kind) = columnar::kind_of(&input.start) {
        let bytes;
        let (len, file) = match is_packed {
            true => {
                bytes = read_all(input.bytes(), budget).map_err(failed)?;
                (bytes.len() as u64, Archived::InMemory(&bytes))
            }
            false => archived(place)?,
        };
        return columnar::read(kind, file, len, source, name, budget);
    }
    if let Some(foreign) = foreign::kind_of(&input.start) {
        return Err(FileError::Foreign(foreign));
    }
    let start = input.start.clone();
    csv::read(&start, input.bytes(), source, name, budget).map_err(failed)
}

/// An archive, and its bytes.
fn archived<'a>(place: &Place<'a>) -> Result<(u64, Archived<'a>), FileError> {
    Ok(match place {
        Place::InMemory(bytes) => (bytes.len() as u64, Archived::InMemory(bytes)),
        Place::OnDisk(file) => {
            let len = file.metadata().map_err(FileError::Io)?.len();
            let file = file.try_clone().map_err(FileError::Io)?;
            (len, Archived::OnDisk(FileReader::from(file)))
        }
    })
}

/// The recordings of all files, channels in the order of the first.
fn join<'a>(
    files: impl Iterator<Item = Result<(&'a Path, (Signals, Clocks)), SignalError>>,
) -> Result<(Signals, Clocks), SignalError> {
    let mut joined: Option<(&Path, (Signals, Clocks))> = None;
    for file in files {
        let (path, (mut signals, clocks)) = file?;
        let Some((first, (all, all_clocks))) = &mut joined else {
            joined = Some((path, (signals, clocks)));
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
        match (all.rate, signals.rate) {
            (Some(expected), Some(found)) if expected != found => {
                let (first, file) = (first.to_owned(), path.to_owned());
                return Err(SignalError::RatesDiffer { first, expected, file, found });
            }
            // What some of the files say is not said of the others.
            (rate, other) => all.rate = rate.and(other),
        }
        all_clocks.add(&clocks);
        all.recordings.append(&mut signals.recordings);
        all.notes.append(&mut signals.notes);
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
