//! Recordings as features of them.

use ae_core::SampleKind;
use ae_data::signal::{Labels, Recording, SampleBuffer, Signals};
use ae_infer::{DetectorError, FeatureStream};
use rayon::prelude::*;

use crate::error::FeatureError;
use crate::features::Features;
use crate::names::names;

/// Features, and what they are of some signals: of each recording its frames, whose values stand where
/// those of samples stand.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureSignals {
    /// What is computed.
    pub features: Features,
    /// A sample is a frame, and a channel a value of it. Labels are those of samples, so there are none
    /// here, and what is said of a place is said of the recording's first sample.
    pub signals: Signals,
}

impl FeatureSignals {
    /// Of `signals`, each recording by itself, as a detector computes them. Samples are cut to the type
    /// that `features` are of.
    ///
    /// # Errors
    /// The signals have other channels.
    pub fn new(features: Features, signals: &Signals) -> Result<Self, FeatureError> {
        let lent = features.lend();
        let (expected, found) = (usize::from(lent.channels), signals.channels.len());
        if expected != found {
            return Err(FeatureError::Value {
                name: "channels",
                found: found.to_string(),
                expected: expected.to_string(),
            });
        }
        let channels = names(&lent, &signals.channels, features.config().rate());
        let recordings = signals.recordings.par_iter().map(|recording| {
            let samples = frames_of(&features, &recording.samples)?;
            let (labels, origin) = (Labels::default(), recording.origin.at(0));
            Ok(Recording { samples, labels, group: recording.group.clone(), origin })
        });
        let recordings = recordings.collect::<Result<_, DetectorError>>()?;
        let hop = f64::from(features.config().hop);
        let rate = signals.rate.map(|rate| rate / hop);
        let signals = Signals { channels, recordings, notes: Vec::new(), rate };
        Ok(Self { features, signals })
    }
}

/// The values of all frames of a recording, frame after frame.
fn frames_of(features: &Features, samples: &[f32]) -> Result<Vec<f32>, DetectorError> {
    let lent = features.lend();
    let mut buffer = vec![0; lent.buffer_len()];
    let mut stream = FeatureStream::new(lent, &mut buffer)?;
    let channels = usize::from(lent.channels);
    let frames = features.places().in_samples(samples.len() / channels.max(1));
    let mut values = Vec::with_capacity(frames * lent.values());
    let mut take = |is_whole: bool, stream: &mut FeatureStream<'_, '_>| {
        if is_whole {
            stream.values(|value| values.push(f32::from(value)));
        }
    };
    match lent.kind() {
        SampleKind::Values => {
            for sample in samples.chunks_exact(channels) {
                let is_whole = stream.push_values(sample);
                take(is_whole, &mut stream);
            }
        }
        kind => {
            let buffer = SampleBuffer::of(samples, kind);
            if let ae_core::Samples::Counts(counts) = buffer.samples() {
                for sample in counts.chunks_exact(channels) {
                    let is_whole = stream.push(sample);
                    take(is_whole, &mut stream);
                }
            }
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use ae_core::ValueMap;
    use ae_data::signal::Origin;

    use super::*;
    use crate::bands::Norm;
    use crate::spec::FeatureSpec;

    fn signals(recordings: &[&[f32]]) -> Signals {
        let recording = |samples: &&[f32]| Recording {
            samples: samples.to_vec(),
            labels: Labels::of("ok"),
            group: Some("g".into()),
            origin: Origin::default(),
        };
        let recordings = recordings.iter().map(recording).collect();
        Signals { channels: vec!["x".into(), "y".into()], recordings, notes: vec![], rate: None }
    }

    fn features(spec: &str, units: &[ValueMap]) -> Features {
        let config = FeatureSpec::parse(spec).unwrap().resolve(None).unwrap();
        Features::new(&config, 2, units).unwrap()
    }

    #[test]
    fn each_recording_begins_anew_and_ends_with_its_last_whole_frame() {
        let ramp: Vec<f32> = (0..100).flat_map(|at| [at as f32, -7.0]).collect();
        let signals = signals(&[&ramp[..2 * 70], &ramp[..2 * 31], &ramp[..2 * 32]]);
        let made = FeatureSignals::new(features("statistics:mean,fft=32", &[]), &signals);
        let made = made.unwrap().signals;
        assert_eq!(made.channels, ["x.mean", "y.mean"]);
        let all: Vec<&[f32]> = made.recordings.iter().map(|it| &it.samples[..]).collect();
        // Means of 0 to 31, 16 to 47 and 32 to 63, halves up.
        let three: &[f32] = &[16.0, -7.0, 32.0, -7.0, 48.0, -7.0];
        assert_eq!(all, [three, &[], &three[..2]]);
        assert_eq!(made.recordings[0].group.as_deref(), Some("g"));
    }

    #[test]
    fn real_values_are_mapped_to_counts() {
        let units = [ValueMap { offset: 0.5, scale: 100.0 }, ValueMap { offset: 0.0, scale: 1.0 }];
        let samples: Vec<f32> = (0..32).flat_map(|_| [1.5, 2.25]).collect();
        let features = features("raw,fft=32,hop=1", &units);
        let made = FeatureSignals::new(features, &signals(&[&samples])).unwrap();
        assert_eq!(made.signals.recordings[0].samples, [100.0, 2.0]);
    }

    #[test]
    fn other_channels_are_refused() {
        let mut signals = signals(&[]);
        signals.channels.pop();
        let error = FeatureSignals::new(features("raw,fft=32", &[]), &signals).unwrap_err();
        assert_eq!(error.to_string(), "`channels` is 1; expected 2");
    }

    /// The spectrum of a frame in f64, by definition: the square of each bin's magnitude.
    fn powers(samples: &[f64]) -> Vec<f64> {
        let n = samples.len();
        let turn = std::f64::consts::TAU / n as f64;
        let tapered = |at: usize| samples[at] * (0.5 - 0.5 * (turn * at as f64).cos());
        let bin = |k: usize| {
            let part = |of: fn(f64) -> f64| -> f64 {
                (0..n).map(|at| tapered(at) * of(turn * ((at * k) % n) as f64)).sum()
            };
            part(f64::cos).powi(2) + part(f64::sin).powi(2)
        };
        (0..=n / 2).map(bin).collect()
    }

    #[test]
    fn levels_in_decibels_are_those_of_the_definition() {
        let noise = |at: usize| f64::from((at * at * 7919 % 4001) as u16) - 2000.0;
        let samples: Vec<f64> = (0..256).map(noise).collect();
        let signals = Signals {
            channels: vec!["x".into()],
            recordings: vec![Recording {
                samples: samples.iter().map(|&it| it as f32).collect(),
                labels: Labels::default(),
                group: None,
                origin: Origin::default(),
            }],
            notes: vec![],
            rate: None,
        };
        // Read as -1 to 1.
        let powers = powers(&samples.iter().map(|it| it / 32_768.0).collect::<Vec<_>>());
        for (spec, octaves) in [("mel:12,fft=256", 1), ("mel:12,fft=256,magnitude", 2)] {
            let config = FeatureSpec::parse(spec).unwrap().resolve(Some(8000.0)).unwrap();
            let features = Features::new(&config, 1, &[]).unwrap();
            let made = FeatureSignals::new(features.clone(), &signals).unwrap().signals;
            let triangles = features.triangles().unwrap();
            let corners = triangles.corners();
            for (band, &level) in made.recordings[0].samples.iter().enumerate() {
                let [low, centre, high] = [corners[band], corners[band + 1], corners[band + 2]];
                let weighted = powers.iter().enumerate().map(|(bin, power)| {
                    let bin = bin as f64;
                    let weight = ((bin - low) / (centre - low)).min((high - bin) / (high - centre));
                    weight.max(0.0) * if octaves == 2 { power.sqrt() } else { *power }
                });
                let sum: f64 = weighted.sum();
                for (norm, area) in
                    [(Norm::None, 1.0), (Norm::Slaney, 2.0 / ((high - low) * 31.25))]
                {
                    let found = triangles.decibels(band, 256, 32_768.0, norm);
                    let found = f64::from(level) * found.per_level + found.offset;
                    let exact = 10.0 * f64::from(octaves) * (sum * area).log10();
                    assert!((found - exact).abs() < 0.05, "{spec} {band}: {found} {exact}");
                }
            }
        }
    }
}
