//! Channels that stay at an end of their range for long, as those of a sensor or converter that can
//! measure no more.
//!
//! What happens beyond that end is not in the data, and a board sees as little of it. It may also be
//! a state that is meant, such as a valve that is open, so it is only told.

use std::collections::HashSet;

use ae_data::signal::{Piece, Signals};

/// Different values that there must be: fewer are states.
const LEAST: usize = 16;

/// Samples in a row at an end.
const ROW: usize = 8;

/// So many times as long as any other value but the ends stays.
const LONGER: usize = 4;

/// A channel at an end of its range.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Saturated {
    value: f32,
    is_largest: bool,
    found: usize,
    of: usize,
    longest: usize,
}

/// Notes of channels that stay at an end of their range in these pieces.
pub(super) fn notes(signals: &Signals, pieces: &[Piece]) -> Vec<String> {
    let channels = signals.channels.len();
    let of_channel = |channel: usize| {
        let of_piece = |piece: &Piece| {
            let samples = signals.piece(piece).iter().skip(channel).step_by(channels);
            samples.copied().collect::<Vec<f32>>()
        };
        let pieces: Vec<Vec<f32>> = pieces.iter().map(of_piece).collect();
        let told = saturated(&pieces).into_iter();
        told.map(|it| note(&signals.channels[channel], it)).collect::<Vec<_>>()
    };
    (0..channels).flat_map(of_channel).collect()
}

fn note(channel: &str, saturated: Saturated) -> String {
    let Saturated { value, is_largest, found, of, longest } = saturated;
    let end = if is_largest { "largest" } else { "least" };
    format!(
        "`{channel}` stays at its {end} value, {value}, for up to {longest} samples ({found} of {of} \
         training values), and no other value lasts so long: if its sensor can measure no more, nothing \
         is learned of what lies beyond; give it a wider range, or leave the channel out"
    )
}

/// The ends of its range that a channel stays at. Nothing at 0, where much rests.
fn saturated(pieces: &[Vec<f32>]) -> Vec<Saturated> {
    let all = || pieces.iter().flatten().copied();
    let (least, largest) =
        (all().fold(f32::INFINITY, f32::min), all().fold(f32::NEG_INFINITY, f32::max));
    let mut different = HashSet::new();
    if !all().any(|value| different.insert(value.to_bits()) && different.len() >= LEAST) {
        return Vec::new();
    }
    let (mut rows, mut found, mut other) = ([0; 2], [0; 2], 1);
    for piece in pieces {
        for row in piece.chunk_by(|a, b| a == b) {
            let Some(value) = row.first() else { continue };
            match [least, largest].iter().position(|end| end == value) {
                Some(end) => {
                    rows[end] = row.len().max(rows[end]);
                    found[end] += row.len();
                }
                None => other = row.len().max(other),
            }
        }
    }
    let of = all().count();
    let ends = [(least, false), (largest, true)].into_iter().zip(rows).zip(found);
    let told = ends.filter_map(|(((value, is_largest), longest), found)| {
        let is_one = value != 0.0 && longest >= ROW.max(LONGER * other) && 2 * found <= of;
        is_one.then_some(Saturated { value, is_largest, found, of, longest })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slow wave of this height with some noise on it.
    fn wave(len: usize, height: f32) -> Vec<f32> {
        let noise = |at: usize| (at * 7919 % 13) as f32 / 100.0;
        (0..len).map(|at| height * (at as f32 / 20.0).sin() + noise(at)).collect()
    }

    #[test]
    fn a_wave_that_is_cut_off_is_told() {
        let cut: Vec<f32> = wave(2000, 10.0).iter().map(|value| value.min(7.5)).collect();
        let [found] = saturated(std::slice::from_ref(&cut))[..] else { panic!() };
        assert_eq!((found.value, found.is_largest, found.of), (7.5, true, 2000));
        assert!(found.longest >= 25, "{found:?}");
        let text = note("x", found);
        assert!(text.starts_with("`x` stays at its largest value, 7.5, for up to "), "{text}");
        let both: Vec<f32> = cut.iter().map(|value| value.max(-2.0)).collect();
        assert_eq!(saturated(&[both]).len(), 2);
    }

    #[test]
    fn what_is_not_cut_off_is_not_told() {
        let coarse = |height: f32, step: f32| {
            wave(2000, height).iter().map(|value| (value / step).round() * step).collect::<Vec<_>>()
        };
        for (name, values) in [
            ("a wave", wave(2000, 10.0)),
            ("a coarse wave", coarse(10.0, 1.0)),
            ("a fine one", coarse(10.0, 0.25)),
            ("a slow ramp", (0..2000).map(|at| (at / 50) as f32).collect()),
            ("rests", wave(2000, 10.0).iter().map(|value| value.max(0.0)).collect()),
            ("a switch", (0..2000).map(|at| (at / 100 % 2) as f32 + 1.0).collect()),
            ("constant", vec![5.0; 100]),
            ("nothing", vec![]),
        ] {
            assert_eq!(saturated(&[values]), [], "{name}");
        }
    }
}
