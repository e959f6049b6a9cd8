//! Numbers that stand for a value that is missing, such as −127, −9999 or 65535.
//!
//! A sensor that does not answer, and a logger that has nothing to write, write a number that no
//! measurement gives. Among thousands of values a few of them would set the scale of their channel,
//! and a few calibration windows with one would set the threshold. So windows to train and to
//! calibrate on hold none: a piece of a recording ends before it, and the next begins behind it.
//! What is tested on keeps them, as the board meets them: it cannot know, and there such a value is
//! simply far away.
//!
//! Where nobody says which numbers these are, one counts as such if all of this holds. Spikes, a
//! pump that is mostly off, and a channel that mostly rests do not meet it.
//!
//! - It is written for the purpose ([`is_code`]): nines alone, or one end of an integer type.
//! - It is rare: all such numbers of a channel are at most one in [`MOST`] of its values. More are
//!   told.
//! - It is alone: the nearest other value is [`RANGES`] times as far away as all others lie apart,
//!   from the least to the largest. Where all others are the same, any such number is alone, but for
//!   those of 0 to 255, which a switch may have: then the channel is constant, and the number says
//!   nothing of it.

use std::fmt;
use std::sync::LazyLock;

use super::{Piece, Signals};

/// Largest share of values that may be missing where nobody says so: one in this many.
const MOST: usize = 20;

/// Distance to the nearest other value, in ranges of all others.
const RANGES: f64 = 1.5;

/// Values of a channel that there must be.
const LEAST: usize = 100;

/// Interquartile ranges of a normal distribution in a standard deviation.
const QUARTILES_A_DEVIATION: f64 = 1.349;

/// Which numbers stand for a missing value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Missing {
    /// The numbers, as the files have them; an empty list for none. Without it they are found.
    pub values: Option<Vec<f32>>,
    /// What the values of the files were multiplied by, one number or one for each channel; empty
    /// where they were not, see [`Signals::scale_to_counts`].
    pub counts_per_unit: Vec<f64>,
}

/// A number that stands for a missing value, and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct MissingFound {
    /// Name of the channel.
    pub channel: String,
    /// The number.
    pub value: f32,
    /// Values that it stands for.
    pub found: usize,
    /// All values of the channel that were looked at.
    pub of: usize,
    /// Its distance from the median of all others, in their spreads: interquartile ranges divided
    /// by 1.349, a normal distribution's standard deviation. `None` where half of the values or
    /// more are the same.
    pub spreads: Option<f64>,
    /// Whether it is so often there that it counts as a value.
    pub is_often: bool,
}

impl fmt::Display for MissingFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, value, found, of, spreads, is_often } = self;
        let (are, they) = if *found == 1 { ("is", "it is") } else { ("are", "they are") };
        write!(f, "{found} of {of} values of `{channel}` {are} {value}")?;
        if let Some(spreads) = spreads {
            write!(f, ", {spreads:.0} spreads from the median of the others")?;
        }
        if *is_often {
            return f.write_str(
                ", and nothing lies between; so many are taken as values. If the number stands for a \
                 missing one, name it as missing",
            );
        }
        write!(
            f,
            "; {they} taken as missing, so no window to train or to calibrate on holds one. To a \
             board such a value is an anomaly"
        )
    }
}

impl Missing {
    /// Cuts pieces where a value is missing, and says what was found in all of them.
    #[must_use]
    pub fn cut(&self, signals: &Signals, pieces: &mut [&mut Vec<Piece>]) -> Vec<MissingFound> {
        let channels = signals.channels.len();
        let all: Vec<&Piece> = pieces.iter().flat_map(|pieces| pieces.iter()).collect();
        let of_channel = |channel: usize| {
            let samples = all.iter().flat_map(|piece| signals.piece(piece).chunks(channels));
            let mut values: Vec<f32> = samples.map(|sample| sample[channel]).collect();
            values.sort_unstable_by(f32::total_cmp);
            let (numbers, is_often) = self.among(&values, self.unit(channel));
            let name = &signals.channels[channel];
            let found = numbers.into_iter().map(|value| found(name, value, &values));
            found.map(|found| MissingFound { is_often, ..found }).collect::<Vec<_>>()
        };
        let found: Vec<Vec<MissingFound>> = (0..channels).map(of_channel).collect();
        if found.iter().flatten().any(|found| !found.is_often) {
            let is_missing = |(value, found): (&f32, &Vec<MissingFound>)| {
                found.iter().any(|it| it.value == *value && !it.is_often)
            };
            let is_whole = |sample: &[f32]| !sample.iter().zip(&found).any(is_missing);
            for pieces in pieces {
                **pieces =
                    pieces.iter().flat_map(|piece| parts(signals, piece, is_whole)).collect();
            }
        }
        found.into_iter().flatten().collect()
    }

    fn unit(&self, channel: usize) -> f64 {
        match &self.counts_per_unit[..] {
            [] => 1.0,
            per_unit => per_unit[channel % per_unit.len()],
        }
    }

    /// Which of a channel's values, in ascending order, stand for a missing one, and whether they are
    /// so many that they count as values.
    fn among(&self, values: &[f32], unit: f64) -> (Vec<f32>, bool) {
        let Some(given) = &self.values else { return found_among(values, unit) };
        // As the values were rounded.
        let scaled = |&value: &f32| {
            if unit == 1.0 { value } else { (f64::from(value) * unit).round() as f32 }
        };
        let mut given: Vec<f32> =
            given.iter().map(scaled).filter(|value| count(values, *value) > 0).collect();
        given.sort_unstable_by(f32::total_cmp);
        given.dedup();
        (given, false)
    }
}

/// As [`Missing::among`], where nobody says which they are.
fn found_among(values: &[f32], unit: f64) -> (Vec<f32>, bool) {
    if values.len() < LEAST {
        return (Vec::new(), false);
    }
    let groups = || values.chunk_by(|a, b| a == b);
    let mut codes: Vec<f32> = groups()
        .filter(|group| group.len() <= values.len() / 2 && is_code(f64::from(group[0]) / unit))
        .map(|group| group[0])
        .collect();
    // Both ends of a type are what a sensor measures that reaches them.
    for bits in [7, 15, 23, 31] {
        let ends = [-(2_f64.powi(bits)), 2_f64.powi(bits) - 1.0].map(|end| (end * unit) as f32);
        if ends.iter().all(|end| codes.contains(end)) {
            codes.retain(|code| !ends.contains(code));
        }
    }
    // A code that is not far away is a value, and then others may not be far from it.
    loop {
        let others = || {
            groups()
                .map(|group| f64::from(group[0]))
                .filter(|value| !codes.contains(&(*value as f32)))
        };
        let (Some(least), Some(largest)) = (others().next(), others().next_back()) else { break };
        let range = largest - least;
        let is_far = |code: &f32| {
            let code = f64::from(*code);
            if range == 0.0 {
                return !(0.0..=255.0).contains(&(code / unit));
            }
            (least - code).max(code - largest) >= RANGES * range
        };
        let before = codes.len();
        codes.retain(is_far);
        if codes.len() == before {
            break;
        }
    }
    let all: usize = codes.iter().map(|&code| count(values, code)).sum();
    (codes, all > values.len() / MOST)
}

/// Whether a number is one that programs and sensors write where there is no value: nines alone
/// (−99, 999, −9999, 999.9 and so on), the first or last of an integer type (−127, 255, −32768,
/// 65535 and so on), a tenth or hundredth of those of 15 and 16 bits (−327.68, 6553.5), a power of
/// ten from 10²⁰, or beyond 10³⁰. Where converters of 10, 12 or 14 bits end is no such number: they
/// reach it when they measure.
pub(super) fn is_code(value: f64) -> bool {
    let value = value as f32;
    value.abs() >= 1e30 || CODES.binary_search_by(|code| code.total_cmp(&value)).is_ok()
}

/// In ascending order.
static CODES: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let mut codes = Vec::new();
    for digits in 2..=10 {
        let whole = 10_f64.powi(digits);
        let nines = [1.0, 0.1, 0.01].map(|last| whole - last);
        codes.extend(nines.map(|nines| -nines));
        // 99 and 99.9 may be per cent.
        codes.extend(nines.into_iter().filter(|_| digits > 2));
    }
    for bits in [7, 8, 15, 16, 23, 24, 31, 32, 63, 64] {
        let end = 2_f64.powi(bits);
        codes.extend([end - 1.0, 1.0 - end, -end]);
        if bits >= 31 {
            codes.push(end);
        }
        if [15, 16].contains(&bits) {
            let scaled = [10.0, 100.0].map(|scale| [(end - 1.0) / scale, -end / scale]);
            codes.extend(scaled.into_iter().flatten());
        }
    }
    codes.extend((20..30).flat_map(|digits| [10_f64.powi(digits), -10_f64.powi(digits)]));
    let mut codes: Vec<f32> = codes.into_iter().map(|code| code as f32).collect();
    codes.sort_unstable_by(f32::total_cmp);
    codes
});

/// How often a value is among others, in ascending order.
fn count(values: &[f32], value: f32) -> usize {
    let first = values.partition_point(|&it| it < value);
    values[first..].partition_point(|&it| it <= value)
}

fn found(channel: &str, value: f32, values: &[f32]) -> MissingFound {
    let others: Vec<f64> = values.iter().filter(|&&it| it != value).map(|&it| it.into()).collect();
    let quarter =
        |quarters: usize| others.get(others.len() * quarters / 4).copied().unwrap_or_default();
    let spread = (quarter(3) - quarter(1)) / QUARTILES_A_DEVIATION;
    let spreads = (f64::from(value) - quarter(2)).abs() / spread;
    MissingFound {
        channel: channel.to_owned(),
        value,
        found: values.len() - others.len(),
        of: values.len(),
        spreads: spreads.is_finite().then_some(spreads),
        is_often: false,
    }
}

/// The parts of a piece whose samples are all whole.
fn parts<'a>(
    signals: &'a Signals,
    piece: &'a Piece,
    is_whole: impl Fn(&[f32]) -> bool + 'a,
) -> impl Iterator<Item = Piece> + 'a {
    let samples = signals.piece(piece).chunks(signals.channels.len());
    let broken = samples.enumerate().filter(move |(_, sample)| !is_whole(sample));
    let ends = broken.map(|(at, _)| piece.range.start + at).chain([piece.range.end]);
    let mut start = piece.range.start;
    ends.filter_map(move |end| {
        let range = start..end;
        start = end + 1;
        (!range.is_empty()).then_some(Piece { recording: piece.recording, range })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::tests::signals;

    /// A fridge's temperature: a saw tooth from 2.5 to 5.5 with some noise.
    fn fridge(len: usize) -> Vec<f32> {
        let noise = |at: usize| (at * 7919 % 13) as f32 / 64.0;
        (0..len).map(|at| 2.5 + (at % 40) as f32 / 16.0 + noise(at)).collect()
    }

    /// What is found in one channel, without anybody saying which.
    fn found_in(values: &[f32]) -> Vec<(f32, usize)> {
        let (_, found) = cut(values, &Missing::default());
        found.iter().filter(|it| !it.is_often).map(|it| (it.value, it.found)).collect()
    }

    fn cut(values: &[f32], missing: &Missing) -> (Vec<Piece>, Vec<MissingFound>) {
        let mut pieces = vec![Piece { recording: 0, range: 0..values.len() }];
        let found = missing.cut(&signals(&[values]), &mut [&mut pieces]);
        (pieces, found)
    }

    #[test]
    fn a_few_codes_among_thousands_are_found_and_cut_out() {
        for code in [
            -127.0,
            -9999.0,
            65535.0,
            999.0,
            -999.9,
            32767.0,
            -32768.0,
            255.0,
            -99.0,
            1e20,
            f32::MAX,
            2_147_483_647.0,
            -327.68,
            99_999.0,
        ] {
            let mut values = fridge(5600);
            [700, 701, 5599].iter().for_each(|&at| values[at] = code);
            let (pieces, found) = cut(&values, &Missing::default());
            let [found] = &found[..] else { panic!("{code}: {found:?}") };
            assert_eq!((found.value, found.found, found.of), (code, 3, 5600));
            assert!(found.spreads.unwrap() > 50.0, "{found:?}");
            let ranges: Vec<_> = pieces.into_iter().map(|piece| piece.range).collect();
            assert_eq!(ranges, [0..700, 702..5599]);
        }
        let mut both = fridge(1000);
        (both[3], both[10], both[11]) = (-127.0, 65535.0, -127.0);
        assert_eq!(found_in(&both), [(-127.0, 2), (65535.0, 1)]);
    }

    #[test]
    fn a_channel_that_is_constant_but_for_a_code_has_only_its_constant() {
        for (rest, code) in [(0.0, -127.0), (21.5, 65535.0), (7.0, -9999.0), (-3.0, 999.0)] {
            let mut values = vec![rest; 500];
            (values[70], values[71], values[300]) = (code, code, code);
            assert_eq!(found_in(&values), [(code, 3)]);
        }
        assert_eq!(found_in(&[-127.0; 500]), []);
    }

    #[test]
    fn values_that_may_be_real_stay() {
        let set = |len: usize, at: &[usize], value: f32| {
            let mut values = fridge(len);
            at.iter().for_each(|&at| values[at] = value);
            values
        };
        let ramp = |of: fn(usize) -> f32| (0..4000).map(of).collect::<Vec<f32>>();
        for (name, values) in [
            ("clean", fridge(5600)),
            ("not a code", set(5600, &[5, 6], -50.0)),
            ("too few to say", set(99, &[5], -127.0)),
            ("often", set(1000, &(0..51).collect::<Vec<_>>(), -127.0)),
            ("both ends", {
                let mut knocks = fridge(1000);
                (knocks[5], knocks[6], knocks[700]) = (32767.0, -32768.0, 32767.0);
                knocks
            }),
            ("the end of a converter", set(1000, &[5, 6], 1023.0)),
            ("all of the converter", ramp(|at| (at * 7919 % 4096) as f32)),
            ("near", ramp(|at| if at == 7 { 255.0 } else { (at % 200) as f32 })),
            ("a switch", ramp(|at| if at % 100 == 0 { 255.0 } else { 0.0 })),
            // Mostly off with some noise; on it reaches the end of its range.
            (
                "a pump",
                ramp(
                    |at| if at % 200 < 8 { 235.0 + 5.0 * (at % 5) as f32 } else { (at % 3) as f32 },
                ),
            ),
            ("a switch of a whole byte's lower half", ramp(|at| if at == 9 { 127.0 } else { 0.0 })),
            ("at rest", ramp(|at| if at < 3600 { 0.0 } else { (at - 3600) as f32 })),
            ("heavy tails", ramp(|at| 255.0 / (1 + at) as f32)),
        ] {
            assert_eq!(found_in(&values), [], "{name}");
        }
    }

    #[test]
    fn a_code_that_is_often_there_is_told_and_stays() {
        let mut values = fridge(1000);
        (0..300).for_each(|at| values[3 * at] = -127.0);
        let (pieces, found) = cut(&values, &Missing::default());
        assert_eq!(pieces.len(), 1);
        let told = found[0].to_string();
        assert!(told.starts_with("300 of 1000 values of `a` are -127, "), "{told}");
        assert!(told.ends_with("name it as missing"), "{told}");
    }

    #[test]
    fn what_is_said_counts_and_nothing_else() {
        let mut values = fridge(50);
        (values[4], values[20]) = (85.0, -9999.0);
        let said = |values| Missing { values: Some(values), ..Missing::default() };
        let (pieces, found) = cut(&values, &said(vec![85.0, 7.0]));
        assert_eq!(
            pieces.iter().map(|piece| piece.range.clone()).collect::<Vec<_>>(),
            [0..4, 5..50]
        );
        assert_eq!((found.len(), found[0].value), (1, 85.0));
        assert_eq!(cut(&values, &said(vec![])).1, []);
    }

    #[test]
    fn codes_are_those_of_the_files_where_values_became_counts() {
        let mut values: Vec<f32> = fridge(500).iter().map(|value| (value * 16.0).round()).collect();
        values[7] = -127.0 * 16.0;
        let missing = Missing { counts_per_unit: vec![16.0], ..Missing::default() };
        assert_eq!(cut(&values, &missing).1[0].value, -2032.0);
        let said = Missing { values: Some(vec![-127.0]), ..missing };
        assert_eq!(cut(&values, &said).1[0].found, 1);
    }

    #[test]
    fn a_sample_is_whole_if_all_its_channels_are() {
        let mut two = signals(&[&[]]);
        two.channels = vec!["a".into(), "b".into()];
        two.recordings[0].samples = fridge(400).iter().flat_map(|&value| [value, -value]).collect();
        two.recordings[0].samples[2 * 9 + 1] = -9999.0;
        let mut pieces =
            vec![Piece { recording: 0, range: 2..30 }, Piece { recording: 0, range: 40..400 }];
        let found = Missing::default().cut(&two, &mut [&mut pieces]);
        assert_eq!((found.len(), &*found[0].channel), (1, "b"));
        let ranges: Vec<_> = pieces.into_iter().map(|piece| piece.range).collect();
        assert_eq!(ranges, [2..9, 10..30, 40..400]);
    }
}
