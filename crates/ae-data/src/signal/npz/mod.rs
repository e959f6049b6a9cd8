//! NPZ files: arrays of samples and of what is said of them.

mod archive;
mod entries;
mod named;
mod unused;

use std::collections::HashSet;
use std::io::Read;

use rawzip::ReaderAt;

use super::array::{Beside, Elements, Samples, numbered};
use super::budget::Budget;
use super::clock::Clocks;
use super::cutter::{Tags, check_count};
use super::faults::Faults;
use super::file_error::{FileError, list};
use super::{ReadNote, Signals, Source, foreign};
use archive::{Archive, Array};
use entries::{Entries, Times, times};

pub use named::{NamedArrays, NamedArraysError};
pub use unused::Unused;

/// Reads the archive in `bytes`, of which there are `len`.
pub(super) fn read(
    bytes: impl ReaderAt,
    len: u64,
    source: &Source,
    file: &str,
    budget: &Budget,
) -> Result<(Signals, Clocks, Faults), FileError> {
    read_archive(&Archive::new(bytes, len, budget)?, source, file, budget).map_err(|error| {
        match error {
            FileError::Array { array, source } => {
                FileError::Npz { reason: format!("{array}: {source}") }
            }
            other => other,
        }
    })
}

fn read_archive(
    archive: &Archive<impl ReaderAt>,
    source: &Source,
    file: &str,
    budget: &Budget,
) -> Result<(Signals, Clocks, Faults), FileError> {
    let Some(array) = archive.array("samples")? else {
        return Err(match foreign::archive_of(archive.names()) {
            Some(foreign) => FileError::Foreign(foreign),
            None if archive.has_arrays => {
                FileError::NoSamplesArray { there: list(archive.names()) }
            }
            None => FileError::NoArrays { there: list(archive.names()) },
        });
    };
    let mut samples = Samples::new(elements("samples", array)?)?;
    if let Some(array) = archive.array("lengths")? {
        samples.cut(lengths(elements("lengths", array)?, &samples, budget)?);
    }
    let channels = match archive.array("channels")? {
        Some(array) => channel_names(elements("channels", array)?, samples.width(), budget)?,
        None => numbered(samples.width()),
    };
    let array = |column_use, name: Option<&str>| {
        let Some(name) = name else { return Ok(None) };
        let array = archive.array(name)?.ok_or_else(|| FileError::UnknownColumn {
            column_use,
            name: name.to_owned(),
            there: list(archive.names()),
        })?;
        Ok(Some((name.to_owned(), array)))
    };
    let [time, label, group, recording] =
        source.others().map(|(column_use, name)| array(column_use, name));
    let entries = |array: Result<Option<(String, Array<'_>)>, FileError>| {
        let Some((name, array)) = array? else { return Ok(None) };
        Entries::new(&name, elements(&name, array)?, &samples, budget).map(Some)
    };
    let (label, group, recording) = (entries(label)?, entries(group)?, entries(recording)?);
    let not_used = unused::unused(archive, source, samples.len(), samples.lengths().len());
    let times = match time? {
        Some((name, array)) => {
            times(&name, elements(&name, array)?, &samples, budget, &source.reading)?
        }
        None => Times::default(),
    };
    let orders = times.orders();
    let mut moments = times.texts();
    let read =
        samples.signals(&channels, source, file, budget, orders, |sample, in_recording| Beside {
            tags: Tags {
                label: label.as_ref().map(|entries| entries.of(sample, in_recording)),
                group: group.as_ref().map(|entries| entries.of(sample, in_recording)),
                recording: recording.as_ref().map(|entries| entries.of(sample, in_recording)),
            },
            time: moments.next().map(str::to_owned),
        });
    let (mut signals, clocks, faults) = read?;
    if !not_used.is_empty() {
        signals.notes.push(ReadNote::Unused { file: file.to_owned(), arrays: not_used });
    }
    Ok((signals, clocks, faults))
}

fn elements<'a>(name: &str, array: Array<'a>) -> Result<Elements<impl Read + 'a>, FileError> {
    Elements::open(format!("array `{name}`"), array.bytes, Some(array.len))
}

/// The array `lengths`, if it cuts the samples.
fn lengths<R: Read>(
    elements: Elements<impl Read>,
    samples: &Samples<R>,
    budget: &Budget,
) -> Result<Vec<usize>, FileError> {
    let refuse = |reason: String| Err(FileError::Lengths { reason });
    if elements.shape.len() != 1 {
        return refuse(format!("it has shape {:?}", elements.shape));
    }
    if samples.lengths().len() != 1 {
        return refuse("the array `samples` has a dimension of recordings already".into());
    }
    let mut lengths = Vec::new();
    check_count(elements.len())?;
    elements.numbers(budget, |number| {
        // A number beyond the samples, or a fraction, is no length.
        if !(number >= 1.0 && number <= samples.len() as f64 && number.fract() == 0.0) {
            let reason = format!("entry {} is {number}", lengths.len());
            return Err(FileError::Lengths { reason });
        }
        lengths.push(number as usize);
        Ok(())
    })?;
    // No more than an entry for each byte of the file, each no more than the samples in it.
    let sum = lengths.iter().map(|&length| length as u128).sum::<u128>();
    if sum != samples.len() as u128 {
        return refuse(format!("its sum is {sum}, but there are {} samples", samples.len()));
    }
    Ok(lengths)
}

/// The array `channels`, if it names the channels.
fn channel_names(
    elements: Elements<impl Read>,
    channels: usize,
    budget: &Budget,
) -> Result<Vec<String>, FileError> {
    let refuse = |reason: String| Err(FileError::ChannelNames { reason, channels });
    if elements.shape != [channels as u64] {
        return refuse(format!("it has shape {:?}", elements.shape));
    }
    let mut names = Vec::new();
    elements.texts(budget, |name| {
        budget.take(name.len() as u64)?;
        names.push(name.to_owned());
        Ok(())
    })?;
    let mut seen = HashSet::new();
    if let Some(name) = names.iter().find(|&name| name.is_empty() || !seen.insert(name)) {
        return refuse(if name.is_empty() {
            "a name is empty".into()
        } else {
            format!("`{name}` stands there twice")
        });
    }
    Ok(names)
}
