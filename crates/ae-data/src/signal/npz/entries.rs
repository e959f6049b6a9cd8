//! Arrays that say something of samples or of recordings.

use std::collections::HashMap;
use std::io::Read;

use crate::signal::array::{Elements, Samples};
use crate::signal::budget::{BYTES_PER_RECORDING, Budget};
use crate::signal::file_error::{FileError, beginning};
use crate::signal::moments::{Moments, Texts};
use crate::signal::time::Orders;
use crate::signal::written::written;
use crate::signal::{Reading, TimeUnit};

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
        budget.take(ENTRY_BYTES.saturating_mul(elements.len() as u64))?;
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

/// When each sample was taken.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// How dates may be read; `None` without times.
    orders: Option<Orders>,
    moments: Moments,
}

impl Times {
    /// What was seen of the times, if there are any.
    pub(super) fn orders(&self) -> Option<Orders> {
        self.orders
    }

    /// When each sample was taken.
    pub(super) fn texts(&self) -> Texts<'_> {
        self.moments.texts()
    }
}

/// The times of an array that has one for each sample.
pub(super) fn times<R: Read>(
    name: &str,
    elements: Elements<impl Read>,
    samples: &Samples<R>,
    budget: &Budget,
    reading: &Reading,
) -> Result<Times, FileError> {
    check_len(name, &elements, samples, samples.len())?;
    let not_a_time = |sample, text: &str| {
        let (array, text) = (name.to_owned(), beginning(text));
        FileError::NotAMoment { array, sample, text }
    };
    let (mut moments, mut orders, mut sample) = (Moments::default(), Orders::of(reading), 0);
    orders.may_count(TimeUnit::of_name(name));
    let mut take = |text: &str| {
        if !orders.see(text) {
            return Err(not_a_time(sample, text));
        }
        // Twice as much while the list grows.
        budget.take(2 * moments.push(text) as u64)?;
        sample += 1;
        Ok(())
    };
    if elements.are_numbers() {
        elements.numbers(budget, |number| take(&written(number)))?;
    } else {
        elements.texts(budget, |text| take(text))?;
    }
    Ok(Times { orders: Some(orders), moments })
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
