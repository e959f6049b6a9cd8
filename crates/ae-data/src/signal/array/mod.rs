//! NPY files, and what NPZ files share with them: samples in an array.

mod elements;

use std::io::Read;
use std::sync::Arc;

pub(super) use elements::Elements;

use super::absent::{Filled, Filler};
use super::budget::Budget;
use super::clock::Clocks;
use super::cutter::{Cutter, Tags, check_count};
use super::faults::{FaultKind, Faults, Row};
use super::file_error::FileError;
use super::levels::Levels;
use super::signals::Place;
use super::time::Orders;
use super::{ReadNote, Signals, Source, columns};

/// Channels that an array may have: more are samples in the place of channels.
const MAX_CHANNELS: u64 = 1 << 16;

/// An array of samples that are still to be read.
#[derive(Debug)]
pub(super) struct Samples<R> {
    elements: Elements<R>,
    /// Values of a sample.
    width: usize,
    /// Number of samples of each recording.
    lengths: Vec<usize>,
}

/// What stands beside a sample.
#[derive(Debug, Default)]
pub(super) struct Beside<'a> {
    pub(super) tags: Tags<'a>,
    /// When it was taken.
    pub(super) time: Option<String>,
}

impl<R: Read> Samples<R> {
    pub(super) fn new(elements: Elements<R>) -> Result<Self, FileError> {
        let (recordings, samples, width) = match elements.shape[..] {
            [samples] => (1, samples, 1),
            [samples, width] => (1, samples, width),
            [recordings, samples, width] => (recordings, samples, width),
            _ => (0, 0, 0),
        };
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

    /// Signals of the channels that `source` chooses among `names`, and values that cannot be used.
    /// `orders` is what was seen of the times, if there are any. `beside` says what stands beside each
    /// sample in order, by its number and that of its recording.
    pub(super) fn signals<'b>(
        self,
        names: &[String],
        source: &Source,
        file: &str,
        budget: &Budget,
        orders: Option<Orders>,
        beside: impl FnMut(usize, usize) -> Beside<'b>,
    ) -> Result<(Signals, Clocks, Faults), FileError> {
        let chosen = columns::channels(names, source, &[], 1)?;
        let count = self.len();
        budget.take_exactly((count as u64).saturating_mul(chosen.len() as u64))?;
        let array: Arc<str> = self.elements.array.as_str().into();
        let mut levels: Vec<Levels> = chosen.iter().map(|_| Levels::default()).collect();
        let values = chosen_values(self.elements, self.width, &chosen, &mut levels, budget)?;
        let (lengths, chosen) = (&self.lengths[..], &chosen[..]);
        Assembled { array, names, chosen, values, levels, lengths, can_be_time: false }
            .signals(source, file, budget, orders, beside)
    }
}

/// All values of a file, in memory.
pub(super) struct Assembled<'a> {
    /// What holds them, for messages.
    pub(super) array: Arc<str>,
    /// Names of the columns.
    pub(super) names: &'a [String],
    /// The columns that are channels.
    pub(super) chosen: &'a [usize],
    /// Of the chosen channels, time-major.
    pub(super) values: Vec<f32>,
    /// Of each chosen channel.
    pub(super) levels: Vec<Levels>,
    /// Number of samples of each recording.
    pub(super) lengths: &'a [usize],
    /// Whether one of the channels could be named as the time.
    pub(super) can_be_time: bool,
}

impl Assembled<'_> {
    /// Cuts the values into recordings; see [`Samples::signals`].
    pub(super) fn signals<'b>(
        self,
        source: &Source,
        file: &str,
        budget: &Budget,
        orders: Option<Orders>,
        mut beside: impl FnMut(usize, usize) -> Beside<'b>,
    ) -> Result<(Signals, Clocks, Faults), FileError> {
        let Self { array, names, chosen, values, levels, lengths, can_be_time } = self;
        let mut cutter = Cutter::new(file, budget);
        let recordings = lengths.iter().enumerate();
        let recording_of = recordings.flat_map(|(at, &len)| std::iter::repeat_n(at, len));
        // What is chosen is said to be a channel.
        let asked = if source.columns.is_some() { &[][..] } else { chosen };
        let asked = asked.iter().enumerate().map(|(place, &at)| (names[at].clone(), place));
        let mut clocks = Clocks::of(asked, can_be_time);
        let mut last = 0;
        let (mut values, width, mut kept) = (values, chosen.len(), 0);
        let (mut filler, mut beyond) = (Filler::new(source, width), Faults::default());
        for (sample, recording) in recording_of.enumerate() {
            let Beside { tags, time } = beside(sample, recording);
            if recording != last {
                cutter.cut();
            }
            last = recording;
            if filler.takes_missing() {
                // Samples that are left out leave no hole.
                values.copy_within(sample * width..(sample + 1) * width, kept * width);
                let whole = &mut values[kept * width..][..width];
                for (place, value) in whole.iter_mut().enumerate().filter(|it| it.1.is_infinite()) {
                    let row = Row::Sample(array.clone(), sample);
                    beyond.add(FaultKind::Infinite, row, &names[chosen[place]], &value.to_string());
                    *value = 0.0;
                }
                let filled = filler.fill(whole, cutter.goes_on(&tags));
                if filled == Filled::Ends {
                    cutter.cut();
                }
                if filled != Filled::Whole {
                    continue;
                }
            }
            let begins = cutter.sample(tags, Place::Sample(sample))?;
            clocks.sample(begins, |at| f64::from(values[kept * width + at]));
            kept += 1;
            if let Some(time) = time {
                cutter.was_taken_at(&time)?;
            }
        }
        values.truncate(kept * width);
        let mut faults = beyond;
        for (at, value) in values.iter().enumerate().filter(|(_, value)| !value.is_finite()) {
            let (sample, channel) = (at / chosen.len(), chosen[at % chosen.len()]);
            let kind = if value.is_nan() { FaultKind::Missing } else { FaultKind::Infinite };
            let row = Row::Sample(array.clone(), sample);
            faults.add(kind, row, &names[channel], &value.to_string());
        }
        let count = values.len() / chosen.len();
        let channels: Vec<String> = chosen.iter().map(|&at| names[at].clone()).collect();
        let (recordings, mut notes) = cutter.finish(values, channels.len(), orders)?;
        if recordings.is_empty() {
            return Err(FileError::NoSamples);
        }
        notes.extend(filler.told(file, &channels).map(ReadNote::Absent));
        let collapses = levels.iter().zip(&channels);
        let collapses = collapses.filter_map(|(levels, channel)| levels.collapse(file, channel));
        notes.extend(collapses.map(ReadNote::Collapse));
        let signals = Signals { channels, recordings, notes, rate: None };
        Ok((signals, clocks.finish(), faults.finish(count, false)))
    }
}

/// The values of the chosen channels, sample after sample; `levels` is told of each.
fn chosen_values<R: Read>(
    elements: Elements<R>,
    width: usize,
    chosen: &[usize],
    levels: &mut [Levels],
    budget: &Budget,
) -> Result<Vec<f32>, FileError> {
    // Where each channel stands among the chosen ones.
    let mut places = vec![None; width];
    chosen.iter().enumerate().for_each(|(place, &channel)| places[channel] = Some(place));
    let (count, is_fortran) = (elements.len() / width, elements.is_fortran);
    let shape = elements.shape.clone();
    let mut values = Vec::new();
    if !is_fortran {
        let mut sample = vec![0.0; chosen.len()];
        let mut channel = 0;
        elements.numbers(budget, |number| {
            if let Some(place) = places[channel] {
                sample[place] = number as f32;
                levels[place].take(number, number as f32);
            }
            channel += 1;
            if channel == width {
                channel = 0;
                values.extend_from_slice(&sample);
            }
            Ok(())
        })?;
        return Ok(values);
    }
    // Channel after channel, and in each the first samples of all recordings, then the second ones.
    let mut at = 0;
    elements.numbers(budget, |number| {
        if let Some(place) = places[at / count] {
            levels[place].take(number, number as f32);
            values.push(number as f32);
        }
        at += 1;
        Ok(())
    })?;
    let recordings = if let [recordings, _, _] = shape[..] { recordings as usize } else { 1 };
    let samples = count / recordings;
    let mut sorted = vec![0.0; values.len()];
    let in_order = places.into_iter().flatten();
    for (place, values) in in_order.zip(values.chunks_exact(count)) {
        for (at, &value) in values.iter().enumerate() {
            let sample = at % recordings * samples + at / recordings;
            sorted[sample * chosen.len() + place] = value;
        }
    }
    Ok(sorted)
}

/// What channels are called that have no names.
pub(super) fn numbered(width: usize) -> Vec<String> {
    (0..width).map(|at| at.to_string()).collect()
}

/// Reads an NPY file, of `available` bytes where that is known.
pub(super) fn read(
    bytes: impl Read,
    available: Option<u64>,
    source: &Source,
    file: &str,
    budget: &Budget,
) -> Result<(Signals, Clocks, Faults), FileError> {
    let how = "save it with numpy.savez as `samples` beside an array of that name";
    source.check_alone("an NPY", how)?;
    let samples = Samples::new(Elements::open("the array".into(), bytes, available)?)?;
    let names = numbered(samples.width());
    samples.signals(&names, source, file, budget, None, |_, _| Beside::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::tests::npy;

    #[test]
    fn columns_first_or_rows_first_is_the_same() {
        // Element (i, j, k) of shape (2, 3, 4) is 100i + 10j + k.
        let element = |i: u8, j: u8, k: u8| 100 * i + 10 * j + k;
        let rows = |i| (0..3).flat_map(move |j| (0..4).map(move |k| element(i, j, k)));
        let c: Vec<u8> = (0..2).flat_map(rows).collect();
        let columns = |k| (0..3).flat_map(move |j| (0..2).map(move |i| element(i, j, k)));
        let fortran: Vec<u8> = (0..4).flat_map(columns).collect();
        let file = npy("|u1", "(2, 3, 4)", &c);
        let header = String::from_utf8_lossy(&file[10..128]).replace("False", "True ");
        let columns_first = [&file[..10], header.as_bytes(), &fortran].concat();
        for columns in [None, Some(vec!["3".to_owned(), "0".to_owned(), "2".to_owned()])] {
            let source = Source { columns, ..Source::default() };
            let budget = Budget::new(1 << 20);
            let read = |file: &[u8]| read(file, None, &source, "it", &budget).unwrap().0;
            let signals = read(&file);
            assert_eq!(read(&columns_first), signals);
            let of = |name: &String| name.parse::<u8>().unwrap();
            let second = signals.channels.iter().map(|name| f32::from(element(0, 1, of(name))));
            let width = signals.channels.len();
            assert!(signals.recordings[0].samples[width..2 * width].iter().copied().eq(second));
        }
    }
}
