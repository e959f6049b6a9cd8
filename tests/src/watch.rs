//! What the detector of `ae-infer` says of signals.

use ae_core::{F32, Int8};
use ae_infer::{Autoencoder, Compute, Decision, Detector, Sample};
use ae_testkit::signal::{Signal, Verdict};

/// What the detector of `ae-infer` says of all windows of a signal, whatever the blob's contract.
///
/// # Panics
/// If the blob has no detection section for such a signal.
#[must_use]
pub fn watch(blob: &[u8], signal: &Signal) -> Vec<Verdict> {
    match Autoencoder::<F32>::load(blob) {
        Ok(model) => watch_by(model, signal),
        Err(_) => watch_by(Autoencoder::<Int8<'_>>::load(blob).expect("a valid blob"), signal),
    }
}

fn watch_by<'a, A: Compute<'a>>(model: Autoencoder<'a, A>, signal: &Signal) -> Vec<Verdict> {
    let header = *model.model().header();
    let features = header.features as usize;
    let section = model.model().detection().expect("a valid section").expect("a section");
    let mut window = vec![0; section.window_len(features)];
    let mut reconstruction = vec![0; features];
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    let detector = Detector::new(model, &mut window, &mut reconstruction, &mut scratch);
    let mut detector = detector.expect("a detection section and buffers of its size");
    match signal {
        Signal::Pixels(values) => push_all(&mut detector, values),
        Signal::Counts(values) => push_all(&mut detector, values),
        Signal::Values(values) => push_all(&mut detector, values),
    }
}

fn push_all<'a, A: Compute<'a>, S: Sample>(
    detector: &mut Detector<'a, '_, A>,
    values: &[S],
) -> Vec<Verdict> {
    let samples = values.chunks_exact(detector.channels()).enumerate();
    let verdicts = samples.filter_map(|(index, sample)| {
        let decision = detector.push(sample).expect("a sample of the blob's kind")?;
        Some(verdict(index + 1, &decision))
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
