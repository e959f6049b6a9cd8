//! What the detector of `ae-infer` says of signals.

use ae_core::{Detection, F32, Int8};
use ae_infer::{Autoencoder, Companion, Compute, Decision, Detector, GroupThreshold, Sample};
use ae_testkit::signal::{Signal, Verdict};

/// What the detector of `ae-infer` says of all windows of a signal, whatever the blob's contract.
///
/// # Panics
/// If the blob has no detection section for such a signal.
#[must_use]
pub fn watch(blob: &[u8], signal: &Signal) -> Vec<Verdict> {
    watch_with(blob, signal, |_| ())
}

/// The same with the threshold of the maker's groups, and that threshold; `None` where the blob says too
/// little of them for this share of groups that may need a higher one.
///
/// # Panics
/// As [`watch`].
#[must_use]
pub fn watch_by_groups(
    blob: &[u8],
    signal: &Signal,
    group_ppm: u32,
) -> Option<(u64, Vec<Verdict>)> {
    let mut found = None;
    let verdicts = watch_with(blob, signal, |detection| {
        let groups = GroupThreshold::new(detection, group_ppm).ok();
        found = groups.map(|groups| groups.threshold());
        groups
    });
    Some((found?, verdicts))
}

fn watch_with<C: Companion>(
    blob: &[u8],
    signal: &Signal,
    companion: impl FnOnce(&Detection<'_>) -> C,
) -> Vec<Verdict> {
    match Autoencoder::<F32>::load(blob) {
        Ok(model) => watch_by(model, signal, companion),
        Err(_) => {
            let model = Autoencoder::<Int8<'_>>::load(blob).expect("a valid blob");
            watch_by(model, signal, companion)
        }
    }
}

fn watch_by<'a, A: Compute<'a>, C: Companion>(
    model: Autoencoder<'a, A>,
    signal: &Signal,
    companion: impl FnOnce(&Detection<'_>) -> C,
) -> Vec<Verdict> {
    let header = *model.model().header();
    let features = header.features as usize;
    let section = model.model().detection().expect("a valid section").expect("a section");
    let mut window = vec![0; section.window_len(features)];
    let mut reconstruction = vec![0; features];
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    let detector = Detector::new(model, &mut window, &mut reconstruction, &mut scratch);
    let mut detector = detector.expect("a detection section and buffers of its size");
    let mut companion = companion(&section);
    match signal {
        Signal::Pixels(values) => push_all(&mut detector, values, &mut companion),
        Signal::Counts(values) => push_all(&mut detector, values, &mut companion),
        Signal::Values(values) => push_all(&mut detector, values, &mut companion),
    }
}

fn push_all<'a, A: Compute<'a>, S: Sample>(
    detector: &mut Detector<'a, '_, A>,
    values: &[S],
    companion: &mut impl Companion,
) -> Vec<Verdict> {
    let samples = values.chunks_exact(detector.channels()).enumerate();
    let verdicts = samples.filter_map(|(index, sample)| {
        let seen = detector.push_with(sample, companion).expect("a sample of the blob's kind")?;
        Some(verdict(index + 1, &seen.decision))
    });
    verdicts.collect()
}

/// A decision that came with the last of so many samples.
fn verdict(samples: usize, decision: &Decision) -> Verdict {
    let evidence = decision.evidence();
    Verdict {
        samples,
        score: evidence.score,
        channel: evidence.channel,
        channel_score: evidence.channel_score,
        alarm: decision.is_alarm(),
    }
}
