//! The file of cases, read in Rust: by `ae_infer` itself, and by the functions for C.

#[path = "cases/memory.rs"]
mod memory;
#[path = "cases/reader.rs"]
mod reader;
#[path = "cases/through_c.rs"]
mod through_c;

use std::fs;
use std::path::Path;

use ae_infer::{
    Autoencoder, CompanionPlan, Companions, Compute, Detector, F32, Findings, Int8, Observation,
    Sample, ThresholdSource,
};
use ae_testkit::cases::{Amount, File, write};
use ae_testkit::oracle::companions::Plan;
use reader::{Beside, Case, Engine, Known, Verdict, check, flags};
use through_c::ThroughC;

const AMOUNT: Amount = Amount { images: 40, samples: 300, scores: 40 };

fn file() -> File {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<_> =
        names.filter(|it| it.extension().is_some_and(|it| it == "aeb")).collect();
    names.sort();
    let blobs: Vec<Vec<u8>> = names.iter().map(|name| fs::read(name).unwrap()).collect();
    write(&blobs, AMOUNT, 20)
}

/// The engine without C.
struct Direct;

impl Engine for Direct {
    fn image(&self, blob: &[u8], pixels: &[u8]) -> (Vec<u8>, Vec<u8>, u64) {
        match Autoencoder::<Int8<'_>>::load(blob) {
            Ok(model) => image(&model, pixels, |it| vec![it as u8]),
            Err(_) => image::<F32>(&Autoencoder::load(blob).unwrap(), pixels, |it| {
                it.to_le_bytes().to_vec()
            }),
        }
    }

    fn signal(&self, blob: &[u8], case: &Case<'_>) -> Vec<Option<Verdict>> {
        match Autoencoder::<Int8<'_>>::load(blob) {
            Ok(model) => signal(model, case),
            Err(_) => signal::<F32>(Autoencoder::load(blob).unwrap(), case),
        }
    }

    fn scores(&self, plan: &Plan, scores: &[u64]) -> Known {
        let mut all = companions(plan);
        let known = scores.iter().map(|&score| {
            all.calibration.iter_mut().for_each(|it| it.take(score));
            all.low.iter_mut().for_each(|it| it.take(score));
            all.drift.iter_mut().for_each(|it| it.take(score));
            let threshold = all.calibration.is_some_and(|it| it.threshold().is_some());
            let low = all.low.is_some_and(|it| it.bound().is_some());
            flags([threshold, low, all.drift.is_some_and(|it| it.has_drifted())])
        });
        let known = known.collect();
        let threshold = all.calibration.and_then(|it| it.threshold());
        let low = all.low.and_then(|it| it.bound());
        (known, threshold.unwrap_or(0), low.unwrap_or(0))
    }
}

fn companions(plan: &Plan) -> Companions<8, 64, 11> {
    let of = CompanionPlan {
        scores: plan.scores,
        alarm_ppm: plan.alarm_ppm,
        is_silent: plan.is_silent,
        is_at_least_blob: plan.is_at_least_blob,
        group_ppm: 0,
        low_ppm: plan.low_ppm,
        constant: plan.constant as u8,
        drift_ppm: plan.drift_ppm,
    };
    let mut all = Companions::within(&of, [0; 8], [0; 8], [0; 64]).unwrap();
    all.drift = all.drift.map(|drift| drift.seeded(plan.drift_seed));
    all
}

fn image<'a, A: Compute<'a>>(
    model: &Autoencoder<'a, A>,
    pixels: &[u8],
    bytes: impl Fn(A::Element) -> Vec<u8>,
) -> (Vec<u8>, Vec<u8>, u64) {
    let header = *model.model().header();
    let mut latent = vec![A::Element::default(); header.latent as usize];
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    model.encode(pixels, &mut latent, &mut scratch).unwrap();
    let mut reconstruction = vec![0; pixels.len()];
    let score = model.score(pixels, &mut reconstruction, &mut scratch).unwrap();
    (latent.into_iter().flat_map(bytes).collect(), reconstruction, score)
}

fn signal<'a, A: Compute<'a>>(model: Autoencoder<'a, A>, case: &Case<'_>) -> Vec<Option<Verdict>> {
    let header = *model.model().header();
    let features = header.features as usize;
    let section = model.model().detection().unwrap().unwrap();
    let mut window = vec![0; section.window_len(features)];
    let mut reconstruction = vec![0; features];
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    let mut detector =
        Detector::new(model, &mut window, &mut reconstruction, &mut scratch).unwrap();
    let mut along = case.plan.as_ref().map(companions);
    let mut say = |values: &[u8]| match case.kind {
        1 => push(&mut detector, &mut along, values),
        2 => push(&mut detector, &mut along, &reader::counts(values)),
        _ => push(&mut detector, &mut along, &reader::values(values)),
    };
    case.samples.iter().map(|(values, _)| say(values)).collect()
}

fn push<'a, A: Compute<'a>, S: Sample>(
    detector: &mut Detector<'a, '_, A>,
    along: &mut Option<Companions<8, 64, 11>>,
    sample: &[S],
) -> Option<Verdict> {
    let (decision, beside) = match along {
        None => (detector.push(sample).unwrap()?, None),
        Some(companions) => {
            let Observation { decision, source, findings } =
                detector.push_with(sample, companions).unwrap()?;
            let Findings { is_low, constant, has_drifted } = findings;
            let beside = Beside {
                threshold: decision.evidence().threshold,
                source: match source {
                    ThresholdSource::Blob => 0,
                    ThresholdSource::Own => 1,
                    ThresholdSource::Silent => 2,
                    ThresholdSource::Groups => 3,
                },
                found: flags([is_low, constant.is_some(), has_drifted]),
                constant: constant.unwrap_or(0) as u32,
            };
            (decision, Some(beside))
        }
    };
    let evidence = decision.evidence();
    Some(Verdict {
        alarm: decision.is_alarm(),
        channel: evidence.channel as u32,
        score: evidence.score,
        channel_score: evidence.channel_score,
        beside,
    })
}

#[test]
fn the_engine_and_the_functions_for_c_give_what_the_oracle_gives() {
    let File { bytes, totals, .. } = file();
    assert!(totals.models >= 13 && totals.decisions > 600, "{totals:?}");
    assert!(totals.scores > 4000, "{totals:?}");
    assert_eq!(check(&bytes, &Direct), Ok(totals));
    assert_eq!(check(&bytes, &ThroughC), Ok(totals));
}

#[test]
fn a_wrong_byte_is_found() {
    let File { bytes, results, .. } = file();
    for place in results {
        let mut wrong = bytes.clone();
        wrong[place] ^= 1;
        assert!(check(&wrong, &Direct).is_err(), "byte {place}");
        assert!(check(&wrong, &ThroughC).is_err(), "byte {place} through C");
    }
}
