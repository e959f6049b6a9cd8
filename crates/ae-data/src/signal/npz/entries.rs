//! Arrays that say something of samples or of recordings.

use std::collections::HashMap;
use std::io::Read;

use crate::signal::array::{Elements, Samples};
use crate::signal::budget::{BYTES_PER_RECORDING, Budget};
use crate::signal::cutter::check_count;
use crate::signal::file_error::{FileError, beginning};
use crate::signal::time::Time;

/// Bytes for each entry, while the list of them grows.
const ENTRY_BYTES: u64 = 12;

/// A text for each sample or for each recording.
#[derive(Debug)]
pub(super) struct Entries {
    /// Each once.
    texts: Vec<String>,
    /// Which of them an entry is.
    entries: Vec<u32>,
    are_of_samples: bool,
}

impl Entries {
    pub(super) fn new<R: Read>(
        name: &str,
        elements: Elements<impl Read>,
        samples: &Samples<R>,
        budget: &Budget,
    ) -> Result<Self, FileError> {
        check_len(name, &elements, samples, samples.lengths().len())?;
        let are_of_samples = elements.len() == samples.len();
        let (mut texts, mut entries) = (Vec::new(), Vec::new());
        let mut places: HashMap<String, u32> = HashMap::new();
        budget.take(ENTRY_BYTES * elements.len() as u64)?;
        elements.texts(budget, |text| {
            let place = match places.get(text) {
                Some(&place) => place,
                None => {
                    budget.take(2 * text.len() as u64 + BYTES_PER_RECORDING)?;
                    // No more than there are bytes, divided by those of an entry.
                    let place = u32::try_from(texts.len()).unwrap_or(u32::MAX);
                    places.insert(text.to_owned(), place);
                    texts.push(text.to_owned());
                    place
                }
            };
            entries.push(place);
            Ok(())
        })?;
        Ok(Self { texts, entries, are_of_samples })
    }

    pub(super) fn of(&self, sample: usize, recording: usize) -> &str {
        let entry = self.entries[if self.are_of_samples { sample } else { recording }];
        &self.texts[entry as usize]
    }
}

/// The samples that are earlier than those before them, in ascending order.
pub(super) fn goes_back<R: Read>(
    name: &str,
    elements: Elements<impl Read>,
    samples: &Samples<R>,
    budget: &Budget,
) -> Result<Vec<usize>, FileError> {
    check_len(name, &elements, samples, samples.len())?;
    let not_a_time = |sample, text: &str| {
        let (array, text) = (name.to_owned(), beginning(text));
        FileError::NotAMoment { array, sample, text }
    };
    let (mut places, mut sample, mut last) = (Vec::new(), 0, None);
    let mut take = |time: Time| {
        if last.is_some_and(|last| time < last) {
            check_count(places.len() + 1)?;
            places.push(sample);
        }
        last = Some(time);
        sample += 1;
        Ok(())
    };
    let mut at = 0;
    if elements.are_numbers() {
        elements.numbers(budget, |number| {
            at += 1;
            let time = number.is_finite().then_some(Time::Number(number));
            take(time.ok_or_else(|| not_a_time(at - 1, &number.to_string()))?)
        })?;
    } else {
        elements.texts(budget, |text| {
            at += 1;
            take(Time::parse(text).ok_or_else(|| not_a_time(at - 1, text))?)
        })?;
    }
    Ok(places)
}

/// Refuses an array that has neither an entry for each sample nor one for each of `others`.
fn check_len<R: Read>(
    name: &str,
    elements: &Elements<impl Read>,
    samples: &Samples<R>,
    others: usize,
) -> Result<(), FileError> {
    let fits = elements.len() == samples.len() || elements.len() == others;
    if fits && elements.shape.len() == 1 {
        return Ok(());
    }
    Err(FileError::Entries {
        array: name.to_owned(),
        shape: elements.shape.clone(),
        samples: samples.len(),
        recordings: samples.lengths().len(),
    })
}
