//! NPY files, and what NPZ files share with them: samples in an array.

mod elements;

use std::sync::Arc;

pub(super) use elements::Elements;

use super::cutter::{Cutter, Tags, Time, check_count};
use super::file_error::FileError;
use super::{Origin, Signals, Source, columns};

/// Channels that an array may have: more are samples in the place of channels.
const MAX_CHANNELS: u64 = 1 << 16;

/// An array of samples.
#[derive(Debug)]
pub(super) struct Samples<'a> {
    elements: Elements<'a>,
    /// Values of a sample.
    width: usize,
    /// Number of samples of each recording.
    lengths: Vec<usize>,
}

impl<'a> Samples<'a> {
    pub(super) fn new(elements: Elements<'a>) -> Result<Self, FileError> {
        let (recordings, samples, width) = match elements.shape[..] {
            [samples] => (1, samples, 1),
            [samples, width] => (1, samples, width),
            [recordings, samples, width] => (recordings, samples, width),
            _ => (0, 0, 0),
        };
        // The elements are all there, so where there is one, these are no more than the file has.
        if elements.len() == 0 || !(1..=MAX_CHANNELS).contains(&width) {
            let (array, shape) = (elements.array, elements.shape);
            return Err(FileError::Shape { array, shape });
        }
        check_count(recordings as usize)?;
        let lengths = vec![samples as usize; recordings as usize];
        Ok(Self { elements, width: width as usize, lengths })
    }

    /// Number of samples of all recordings.
    pub(super) fn len(&self) -> usize {
        self.elements.len() / self.width
    }

    /// Number of samples of each recording.
    pub(super) fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// Makes recordings of these lengths, whose sum is the number of samples.
    pub(super) fn cut(&mut self, lengths: Vec<usize>) {
        self.lengths = lengths;
    }

    /// Number of values of a sample.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Signals of the channels that `source` chooses among `names`. `beside` says what stands
    /// beside a sample, by its number and that of its recording.
    pub(super) fn signals<'b>(
        &self,
        names: &[String],
        source: &Source,
        file: &str,
        beside: impl Fn(usize, usize) -> (Tags<'b>, Option<Time>),
    ) -> Result<Signals, FileError> {
        let chosen = columns::channels(names, source, &[], 1)?;
        let mut numbers = self.elements.numbers()?;
        let file: Arc<str> = file.into();
        let mut cutter = Cutter::default();
        let recordings = self.lengths.iter().enumerate();
        let recording_of = recordings.flat_map(|(at, &len)| std::iter::repeat_n(at, len));
        let mut last = 0;
        let mut values = Vec::new();
        for (sample, recording) in recording_of.enumerate() {
            if recording != last {
                cutter.cut();
            }
            last = recording;
            values.clear();
            values.extend(numbers.by_ref().take(self.width).map(|value| value as f32));
            let (tags, time) = beside(sample, recording);
            let samples = cutter.sample(tags, time, || Origin::sample(file.clone(), sample))?;
            for &channel in &chosen {
                let value = values[channel];
                if !value.is_finite() {
                    let (array, channel) = (self.elements.array.clone(), names[channel].clone());
                    return Err(FileError::NotFinite { array, sample, channel, value });
                }
                samples.push(value);
            }
        }
        let channels = chosen.iter().map(|&at| names[at].clone()).collect();
        Ok(Signals { channels, recordings: cutter.finish() })
    }
}

/// What channels are called that have no names.
pub(super) fn numbered(width: usize) -> Vec<String> {
    (0..width).map(|at| at.to_string()).collect()
}

/// Reads an NPY file.
pub(super) fn read(bytes: &[u8], source: &Source, file: &str) -> Result<Signals, FileError> {
    for (column_use, name) in source.others() {
        if let Some(name) = name {
            return Err(FileError::SamplesAlone { column_use, name: name.to_owned() });
        }
    }
    let samples = Samples::new(Elements::parse("the array".into(), bytes)?)?;
    let names = numbered(samples.width());
    samples.signals(&names, source, file, |_, _| (Tags::default(), None))
}
