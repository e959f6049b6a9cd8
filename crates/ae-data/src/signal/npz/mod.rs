//! NPZ files: arrays of samples and of what is said of them.

mod archive;
mod entries;

use std::collections::HashSet;

use super::array::{Elements, Samples, numbered};
use super::cutter::{Tags, check_count};
use super::file_error::{FileError, list};
use super::{Signals, Source};
use archive::Archive;
use entries::{Entries, times};

pub(super) fn read(bytes: &[u8], source: &Source, file: &str) -> Result<Signals, FileError> {
    let archive = Archive::new(bytes)?;
    let Some(array) = archive.array("samples")? else {
        return Err(FileError::NoSamplesArray { there: list(archive.names()) });
    };
    let mut samples = Samples::new(elements("samples", &array)?)?;
    if let Some(array) = archive.array("lengths")? {
        samples.cut(lengths(&elements("lengths", &array)?, &samples)?);
    }
    let channels = match archive.array("channels")? {
        Some(array) => channel_names(&elements("channels", &array)?, samples.width())?,
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
    let entries = |array: Result<Option<(String, Vec<u8>)>, FileError>| {
        let Some((name, array)) = array? else { return Ok(None) };
        Entries::new(&name, &elements(&name, &array)?, &samples).map(Some)
    };
    let (label, group, recording) = (entries(label)?, entries(group)?, entries(recording)?);
    let times = match time? {
        Some((name, array)) => Some(times(&name, &elements(&name, &array)?, &samples)?),
        None => None,
    };
    samples.signals(&channels, source, file, |sample, in_recording| {
        let tags = Tags {
            label: label.as_ref().map(|entries| entries.of(sample, in_recording)),
            group: group.as_ref().map(|entries| entries.of(sample, in_recording)),
            recording: recording.as_ref().map(|entries| entries.of(sample, in_recording)),
        };
        (tags, times.as_ref().map(|times| times[sample].clone()))
    })
}

fn elements<'a>(name: &str, array: &'a [u8]) -> Result<Elements<'a>, FileError> {
    Elements::parse(format!("array `{name}`"), array)
}

/// The array `lengths`, if it cuts the samples.
fn lengths(elements: &Elements<'_>, samples: &Samples<'_>) -> Result<Vec<usize>, FileError> {
    let refuse = |reason: String| Err(FileError::Lengths { reason });
    if elements.shape.len() != 1 {
        return refuse(format!("it has shape {:?}", elements.shape));
    }
    if samples.lengths().len() != 1 {
        return refuse("the array `samples` has a dimension of recordings already".into());
    }
    let mut lengths = Vec::new();
    check_count(elements.len())?;
    for (recording, number) in elements.numbers()?.enumerate() {
        // A number beyond the samples, or a fraction, is no length.
        if !(number >= 1.0 && number <= samples.len() as f64 && number.fract() == 0.0) {
            return refuse(format!("entry {recording} is {number}"));
        }
        lengths.push(number as usize);
    }
    // No more than an entry for each byte of the file, each no more than the samples in it.
    let sum = lengths.iter().map(|&length| length as u128).sum::<u128>();
    if sum != samples.len() as u128 {
        return refuse(format!("its sum is {sum}, but there are {} samples", samples.len()));
    }
    Ok(lengths)
}

/// The array `channels`, if it names the channels.
fn channel_names(elements: &Elements<'_>, channels: usize) -> Result<Vec<String>, FileError> {
    let refuse = |reason: String| Err(FileError::ChannelNames { reason, channels });
    if elements.shape != [channels as u64] {
        return refuse(format!("it has shape {:?}", elements.shape));
    }
    let names = elements.texts()?;
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
