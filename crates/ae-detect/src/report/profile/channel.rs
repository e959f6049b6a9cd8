//! What a channel holds.

use ae_data::signal::Signals;
use serde::Serialize;

/// Bins of a histogram.
pub const BINS: usize = 32;

/// Columns of an envelope.
pub const COLUMNS: usize = 200;

/// Values whose order is looked at: of more, one of as many that follow each other.
const MOST_SORTED: usize = 1 << 18;

/// The middle of a channel: all but a twentieth of its values at either end.
const MIDDLE: [f64; 2] = [0.05, 0.95];

/// What lies further from the middle than so many times its width is not drawn, but counted: a number
/// that stands for a missing value would leave one bin for all others.
const REACH: f64 = 8.0;

/// What a channel holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelProfile {
    /// Its name.
    pub channel: String,
    /// Its unit, empty where the files say none.
    pub unit: String,
    /// Whether a problem names it.
    pub is_told: bool,
    /// The least value.
    pub least: f32,
    /// The largest.
    pub largest: f32,
    /// Half of the values are below.
    pub median: f32,
    /// A quarter of the values is below the first, and a quarter above the second.
    pub quartiles: [f32; 2],
    /// From where to where the histogram goes.
    pub shown: [f32; 2],
    /// How many values lie in each of [`BINS`] bins.
    pub histogram: Vec<usize>,
    /// How many values lie below these bins, and above them.
    pub beyond: [usize; 2],
    /// The least and the largest value of each of [`COLUMNS`] parts of all samples, or of fewer, within
    /// what is shown.
    #[serde(skip)]
    pub envelope: Vec<[f32; 2]>,
}

impl ChannelProfile {
    /// Of the channel at this position.
    pub(super) fn of(signals: &Signals, channel: usize, unit: String, is_told: bool) -> Self {
        let width = signals.channels.len();
        let values = || {
            let recordings = signals.recordings.iter();
            recordings.flat_map(move |of| of.samples.iter().skip(channel).step_by(width).copied())
        };
        let (mut count, mut least, mut largest) = (0_usize, f32::INFINITY, f32::NEG_INFINITY);
        for value in values() {
            (count, least, largest) = (count + 1, least.min(value), largest.max(value));
        }
        let mut profile = Self {
            channel: signals.channels[channel].clone(),
            unit,
            is_told,
            least,
            largest,
            median: 0.0,
            quartiles: [0.0; 2],
            shown: [least, largest],
            histogram: vec![0; BINS],
            beyond: [0; 2],
            envelope: Vec::new(),
        };
        let sorted = sorted(values(), count);
        if sorted.is_empty() {
            return Self { least: 0.0, largest: 0.0, shown: [0.0; 2], ..profile };
        }
        let quantile = |share: f64| sorted[(share * (sorted.len() - 1) as f64).round() as usize];
        [profile.quartiles[0], profile.median, profile.quartiles[1]] =
            [0.25, 0.5, 0.75].map(quantile);
        let [low, high] = MIDDLE.map(quantile).map(f64::from);
        let reach = REACH * (high - low);
        if reach > 0.0 {
            let is_near = |value: f32| (low - reach..=high + reach).contains(&f64::from(value));
            let near = |range: [f32; 2], value: f32| [range[0].min(value), range[1].max(value)];
            let none = [f32::INFINITY, f32::NEG_INFINITY];
            profile.shown = values().filter(|&value| is_near(value)).fold(none, near);
        }
        profile.count(values(), count);
        profile
    }

    /// Fills histogram and envelope.
    fn count(&mut self, values: impl Iterator<Item = f32>, count: usize) {
        let [low, high] = self.shown;
        let columns = COLUMNS.min(count);
        self.envelope = vec![[f32::INFINITY, f32::NEG_INFINITY]; columns];
        let scale = BINS as f64 / (f64::from(high) - f64::from(low));
        for (at, value) in values.enumerate() {
            let column = (at as u64 * columns as u64 / count as u64) as usize;
            let drawn = value.clamp(low, high);
            if let Some([least, largest]) = self.envelope.get_mut(column) {
                (*least, *largest) = (least.min(drawn), largest.max(drawn));
            }
            if value < low {
                self.beyond[0] += 1;
            } else if value > high {
                self.beyond[1] += 1;
            } else {
                // All in the middle where there is one value; a cast takes what is no number for 0.
                let of_range = (f64::from(value) - f64::from(low)) * scale;
                let bin = if high > low { of_range as usize } else { BINS / 2 };
                self.histogram[bin.min(BINS - 1)] += 1;
            }
        }
    }
}

/// The values in ascending order, or of many one of as many that follow each other, here and there: at
/// equal steps a period of the signal could hide.
fn sorted(values: impl Iterator<Item = f32>, count: usize) -> Vec<f32> {
    let step = count.div_ceil(MOST_SORTED).max(1);
    let is_taken = |&(at, _): &(usize, f32)| {
        let (block, place) = (at / step, at % step);
        let drawn = (block as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        place as u64 == drawn % step as u64
    };
    let mut taken: Vec<f32> = values.enumerate().filter(is_taken).map(|(_, value)| value).collect();
    taken.sort_unstable_by(f32::total_cmp);
    taken
}

#[cfg(test)]
mod tests {
    use super::super::tests::signals;
    use super::*;

    /// Of recordings that hold these values of the second of two channels.
    fn of(recordings: &[Vec<f32>]) -> ChannelProfile {
        let lengths: Vec<usize> = recordings.iter().map(Vec::len).collect();
        let mut signals = signals(&lengths, 2);
        for (recording, values) in signals.recordings.iter_mut().zip(recordings) {
            let places = recording.samples.iter_mut().skip(1).step_by(2);
            places.zip(values).for_each(|(place, value)| *place = *value);
        }
        ChannelProfile::of(&signals, 1, "V".into(), false)
    }

    #[test]
    fn range_median_and_histogram_by_hand() {
        let profile = of(&[(0..64).map(|at| at as f32).collect(), vec![64.0]]);
        assert_eq!((profile.least, profile.largest, profile.median), (0.0, 64.0, 32.0));
        assert_eq!((profile.quartiles, profile.shown), ([16.0, 48.0], [0.0, 64.0]));
        let mut bins = vec![2; BINS];
        bins[BINS - 1] = 3;
        assert_eq!((profile.histogram, profile.beyond), (bins, [0, 0]));
        assert_eq!((profile.envelope.len(), profile.envelope[64]), (65, [64.0, 64.0]));
        assert_eq!((&*profile.channel, &*profile.unit), ("c1", "V"));
    }

    #[test]
    fn a_number_for_what_is_missing_does_not_take_the_picture() {
        let mut values: Vec<f32> = (0..1000).map(|at| 20.0 + (at % 10) as f32).collect();
        (values[500], values[501], values[900]) = (-9999.0, -9999.0, 65535.0);
        let profile = of(&[values]);
        assert_eq!((profile.least, profile.largest), (-9999.0, 65535.0));
        assert_eq!((profile.shown, profile.beyond), ([20.0, 29.0], [2, 1]));
        assert_eq!(profile.histogram.iter().sum::<usize>(), 997);
        // The strip goes to its edge there.
        assert_eq!(profile.envelope.len(), COLUMNS);
        assert_eq!((profile.envelope[100], profile.envelope[180][1]), ([20.0, 24.0], 29.0));
    }

    #[test]
    fn peaks_and_channels_that_rest_are_shown_whole() {
        let peaks: Vec<f32> =
            (0..1000).map(|at| if at % 100 == 0 { 5.0 } else { (at % 8) as f32 / 8.0 }).collect();
        assert_eq!(of(&[peaks]).shown, [0.0, 5.0]);
        let rests: Vec<f32> = (0..1000).map(|at| if at == 9 { 400.0 } else { 0.0 }).collect();
        let rests = of(&[rests]);
        assert_eq!((rests.shown, rests.beyond), ([0.0, 400.0], [0, 0]));
        let constant = of(&[vec![5.0; 300]]);
        assert_eq!((constant.shown, constant.histogram[BINS / 2]), ([5.0, 5.0], 300));
        // From end to end of f32 there is no width in f32.
        let widest = of(&[vec![f32::MIN, f32::MAX, 0.0]]);
        assert_eq!(widest.histogram.iter().sum::<usize>(), 3);
    }

    #[test]
    fn of_many_values_some_have_nearly_their_median() {
        // A period that steps of equal length would meet at one place.
        let many: Vec<f32> = (0..1 << 20).map(|at| (at % 4) as f32).collect();
        let taken = sorted(many.iter().copied(), many.len());
        assert!((MOST_SORTED - 1..=MOST_SORTED).contains(&taken.len()), "{}", taken.len());
        for value in 0..4 {
            let found = taken.iter().filter(|it| **it == value as f32).count();
            assert!((60_000..72_000).contains(&found), "{value}: {found}");
        }
    }
}
