//! Arrays that say something of samples or of recordings.

use crate::signal::array::{Elements, Samples};
use crate::signal::cutter::Time;
use crate::signal::file_error::{FileError, beginning};

/// A text for each sample or for each recording.
#[derive(Debug)]
pub(super) struct Entries {
    texts: Vec<String>,
    are_of_samples: bool,
}

impl Entries {
    pub(super) fn new(
        name: &str,
        elements: &Elements<'_>,
        samples: &Samples<'_>,
    ) -> Result<Self, FileError> {
        check_len(name, elements, samples, samples.lengths().len())?;
        let are_of_samples = elements.len() == samples.len();
        Ok(Self { texts: elements.texts()?, are_of_samples })
    }

    pub(super) fn of(&self, sample: usize, recording: usize) -> &str {
        &self.texts[if self.are_of_samples { sample } else { recording }]
    }
}

/// A moment for each sample.
pub(super) fn times(
    name: &str,
    elements: &Elements<'_>,
    samples: &Samples<'_>,
) -> Result<Vec<Time>, FileError> {
    check_len(name, elements, samples, samples.len())?;
    let not_a_time = |sample, text: String| {
        let (array, text) = (name.to_owned(), beginning(&text));
        FileError::NotAMoment { array, sample, text }
    };
    if let Ok(numbers) = elements.numbers() {
        let time = |(sample, number): (usize, f64)| {
            let time = number.is_finite().then_some(Time::Number(number));
            time.ok_or_else(|| not_a_time(sample, number.to_string()))
        };
        return numbers.enumerate().map(time).collect();
    }
    let time = |(sample, text): (usize, String)| {
        Time::parse(&text).ok_or_else(|| not_a_time(sample, text))
    };
    elements.texts()?.into_iter().enumerate().map(time).collect()
}

/// Refuses an array that has neither an entry for each sample nor one for each of `others`.
fn check_len(
    name: &str,
    elements: &Elements<'_>,
    samples: &Samples<'_>,
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
