//! What a user should know of the values that a detector is made from.

use ae_data::Images;
use ae_data::signal::{Far, Knots, Piece, Standardisation};

use super::conformal::Threshold;
use super::view::View;

/// A code that so large a share of a channel's values falls on leaves little of it to be learned.
pub(super) const ONE_CODE: f64 = 0.99;

/// A calibration value is named if it is so many ranges of the training away from all of that.
const BEYOND: f64 = 5.0;

/// What is done with a few far values, and what may be to do.
pub(super) fn far(far: &Far) -> String {
    let Far { channel, found, of, value, others: [least, largest] } = far;
    let lie = if *found == 1 { "lies" } else { "lie" };
    format!(
        "{found} of {of} training values of `{channel}` {lie} far from all others, such as {value}; \
         the others are {least} to {largest}, and the channel's scale is theirs alone. If such a \
         value stands for a missing one, name it as missing; if it is normal, give more recordings \
         of it"
    )
}

/// Channels that are mapped through their quantiles.
pub(super) fn levels(
    channels: &[String],
    standardisation: &Standardisation,
    knots: &[Option<Knots>],
) -> Vec<String> {
    let note = |((channel, knots), deviation): ((&String, &Option<Knots>), &f64)| {
        let within = rounded(knots.as_ref()?.within);
        Some(format!(
            "`{channel}` has several levels: within a window it deviates by {within}, in all windows \
             by {}. It is mapped through its quantiles, so that 256 codes tell apart what happens \
             within a level. A σ of a planted fault is one of these codes there, not of the channel",
            rounded(*deviation)
        ))
    };
    channels.iter().zip(knots).zip(&standardisation.deviation).filter_map(note).collect()
}

/// Three digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// Channels that mostly have one code. `codes` are windows of as many columns as channels.
pub(super) fn one_code(channels: &[String], codes: &Images) -> Vec<String> {
    let mut counts = vec![[0_usize; 256]; channels.len()];
    for sample in codes.pixels().chunks(channels.len()) {
        let pairs = counts.iter_mut().zip(sample);
        pairs.for_each(|(counts, &code)| counts[usize::from(code)] += 1);
    }
    let note = |(channel, counts): (&String, [usize; 256])| {
        let (all, most) = (counts.iter().sum::<usize>(), counts.into_iter().max()?);
        let share = most as f64 / all as f64;
        // 99.9 % of many may still be told apart from all.
        let shown = (1000.0 * share).floor() / 10.0;
        (share >= ONE_CODE).then(|| {
            format!(
                "{shown} % of the training values of `{channel}` fall on one of 256 codes, so nearly \
                 nothing is learned of how it changes: if a few far values stretch its scale, mend \
                 them or name them as missing; if it hardly ever changes, choose the other channels"
            )
        })
    };
    channels.iter().zip(counts).filter_map(note).collect()
}

/// Channels whose calibration values lie far beyond what was trained on: the threshold may come from
/// them.
pub(super) fn beyond<'s>(
    view: impl Into<View<'s>>,
    pieces: &[Piece],
    standardisation: &Standardisation,
) -> Vec<String> {
    let view = view.into();
    let (signals, hop) = (view.values(), view.frames().hop);
    let channels = signals.channels.len();
    let note = |channel: usize| {
        let [least, largest] = standardisation.range[channel];
        let distance = |value: f32| {
            let [least, largest, value] = [least, largest, value].map(f64::from);
            (least - value).max(value - largest) / (largest - least)
        };
        let (mut found, mut all) = (0, 0);
        let mut furthest: Option<(f64, f32, &Piece, usize)> = None;
        for piece in pieces {
            for (at, sample) in signals.piece(&view.piece(piece)).chunks(channels).enumerate() {
                let (value, far) = (sample[channel], distance(sample[channel]));
                all += 1;
                found += usize::from(far > BEYOND);
                if far > BEYOND && furthest.is_none_or(|(furthest, ..)| far > furthest) {
                    furthest = Some((far, value, piece, at));
                }
            }
        }
        let (far, value, piece, at) = furthest?;
        let origin = &view.signals.recordings[piece.recording].origin;
        let place = origin.at(piece.range.start + at * hop);
        let (name, lie) = (&signals.channels[channel], if found == 1 { "lies" } else { "lie" });
        Some(format!(
            "{found} of {all} calibration values of `{name}` {lie} far from all that was trained on, {least} \
             to {largest}, the furthest by {far:.0} times that range: {value} at {place}. The threshold may \
             come from them, and then nothing less is an alarm. If such a value stands for a missing \
             one, name it as missing; if it is a fault, leave its recording out; if it is normal, \
             train on recordings that hold it too"
        ))
    };
    (0..channels).filter_map(note).collect()
}

/// What a threshold of 0 means.
pub(super) fn threshold_of_zero(threshold: &Threshold) -> Option<String> {
    (threshold.threshold == 0).then(|| {
        "The threshold is 0: the model reconstructs nearly all calibration windows without any \
         error, so that one code that differs is an alarm. Usually the channels hardly change, or a \
         few far values stretch their scale: look at the notes of the values, mend these or name \
         them as missing, and leave out channels that hardly change"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use ae_data::signal::{Labels, Origin, Recording, Signals};

    use super::*;

    #[test]
    fn a_channel_that_has_one_code_is_named() {
        let channels = ["a", "b", "c"].map(String::from);
        let sample =
            |at: usize| [128, (at % 256) as u8, if at.is_multiple_of(100) { 3 } else { 7 }];
        let codes = Images::new((0..1000).flat_map(sample).collect(), 10, 3).unwrap();
        let notes = one_code(&channels, &codes);
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].starts_with("100 % of the training values of `a` fall on one of 256"));
        assert!(notes[1].starts_with("99 % of the training values of `c`"));
    }

    #[test]
    fn calibration_values_beyond_the_training_are_counted_with_their_place() {
        let samples = vec![0.0, 1.0, -1.0, 12.0, 0.5, -801.0, 7.0];
        let origin = Origin::line("it.csv".into(), 2);
        let recording = Recording { samples, labels: Labels::default(), group: None, origin };
        let signals = Signals {
            channels: vec!["a".into()],
            recordings: vec![recording],
            notes: vec![],
            rate: None,
        };
        let standardisation =
            Standardisation { range: vec![[-1.0, 1.0]], ..Standardisation::default() };
        let of = |range| beyond(&signals, &[Piece { recording: 0, range }], &standardisation);
        assert_eq!(of(0..3), [""; 0]);
        let [note] = &of(1..7)[..] else { panic!() };
        for words in [
            "2 of 6 calibration values of `a` lie",
            "by 400 times that range: -801 at it.csv, line 7",
        ] {
            assert!(note.contains(words), "{note}");
        }
    }

    #[test]
    fn a_threshold_of_zero_is_told() {
        let of = |scores: &[u64]| Threshold::calibrate(scores, 500_000).unwrap();
        assert!(threshold_of_zero(&of(&[0, 0, 0])).is_some_and(|it| it.contains("threshold is 0")));
        assert_eq!(threshold_of_zero(&of(&[1, 2, 3])), None);
    }
}
