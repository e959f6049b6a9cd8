//! From real values to the i16 that features are computed of.

use ae_core::ValueMap;
use ae_data::signal::{Piece, Signals};

/// The largest distance from the mean that was trained on becomes so many counts: a quarter of what an
/// i16 holds, so that a fault may be four times as loud before it is cut off.
const REACH: f64 = 8192.0;

/// For each channel a map from its values to i16, by what it has in `pieces`, which are those to train
/// on. A channel that never changes has counts of its own unit.
#[must_use]
pub fn units(signals: &Signals, pieces: &[Piece]) -> Vec<ValueMap> {
    let channels = signals.channels.len();
    let of_channel = |channel: usize| {
        let values = || {
            let samples = pieces.iter().flat_map(|piece| signals.piece(piece).chunks(channels));
            samples.map(|sample| f64::from(sample[channel]))
        };
        let count = values().count().max(1) as f64;
        let mean = values().sum::<f64>() / count;
        let offset = mean as f32;
        let reach = values().fold(0.0, |reach: f64, it| reach.max((it - f64::from(offset)).abs()));
        ValueMap { offset, scale: scale(reach) }
    };
    (0..channels).map(of_channel).collect()
}

/// The same map for all channels, and how many counts it makes of a unit, for a model that was made for
/// levels of known units. No mean is taken away, and the factor is a power of two.
#[must_use]
pub fn full_scale_units(signals: &Signals, pieces: &[Piece]) -> (Vec<ValueMap>, f64) {
    let values =
        pieces.iter().flat_map(|piece| signals.piece(piece)).map(|&it| f64::from(it).abs());
    let reach = values.fold(0.0, f64::max);
    let octave = libm::floor(libm::log2(f64::from(scale(reach))));
    let counts = libm::exp2(octave.clamp(-126.0, 127.0));
    let map = ValueMap { offset: 0.0, scale: counts as f32 };
    (vec![map; signals.channels.len()], counts)
}

fn scale(reach: f64) -> f32 {
    let scale = (REACH / reach) as f32;
    if scale.is_normal() { scale } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use ae_data::signal::{Labels, Origin, Recording};

    use super::*;

    fn signals(samples: &[f32]) -> Signals {
        let (samples, origin) = (samples.to_vec(), Origin::default());
        let recording = Recording { samples, labels: Labels::default(), group: None, origin };
        let channels = vec!["a".into(), "b".into()];
        Signals { channels, recordings: vec![recording], notes: vec![], rate: None }
    }

    #[test]
    fn a_quarter_of_the_counts_is_what_was_trained_on() {
        // The last sample is not trained on.
        let signals = signals(&[1.0, 5.0, 3.0, 5.0, 2.0, 5.0, 1000.0, 7.0]);
        let pieces = [Piece { recording: 0, range: 0..3 }];
        let units = units(&signals, &pieces);
        let counts = |value| units[0].count(value);
        assert_eq!([1.0, 2.0, 3.0, 6.5].map(counts), [-8192, 0, 8192, 32767]);
        assert_eq!([4.0, 5.0, 7.0].map(|value| units[1].count(value)), [-1, 0, 2]);
        let (maps, counts) = full_scale_units(&signals, &pieces);
        assert_eq!((counts, maps[0].count(5.0)), (1024.0, 5120));
    }

    #[test]
    fn the_ends_of_the_numbers_stay_sound() {
        for value in [0.0, f32::MIN_POSITIVE, 1e-45, f32::MAX] {
            let signals = signals(&[value, -value, 0.0, 0.0]);
            let pieces = [Piece { recording: 0, range: 0..2 }];
            let maps =
                units(&signals, &pieces).into_iter().chain(full_scale_units(&signals, &pieces).0);
            for map in maps {
                assert!(
                    map.offset.is_finite() && map.scale.is_finite() && map.scale > 0.0,
                    "{value}"
                );
            }
        }
    }
}
