//! The file of cases, read in Rust: by `ae_infer` itself, and by the functions for C.

#[path = "cases/reader.rs"]
mod reader;
#[path = "cases/through_c.rs"]
mod through_c;

use std::fs;
use std::path::Path;

use ae_infer::{Autoencoder, Compute, Decision, Detector, F32, Int8, Sample};
use ae_testkit::cases::{Amount, File, write};
use reader::{Case, Engine, Verdict, check};
use through_c::ThroughC;

const AMOUNT: Amount = Amount { images: 40, samples: 300 };

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
    let samples = case.samples.iter();
    match case.kind {
        1 => samples.map(|(values, _)| push(&mut detector, values)).collect(),
        2 => samples.map(|(values, _)| push(&mut detector, &reader::counts(values))).collect(),
        _ => samples.map(|(values, _)| push(&mut detector, &reader::values(values))).collect(),
    }
}

fn push<'a, A: Compute<'a>, S: Sample>(
    detector: &mut Detector<'a, '_, A>,
    sample: &[S],
) -> Option<Verdict> {
    let decision: Decision = detector.push(sample).unwrap()?;
    let evidence = decision.evidence();
    Some(Verdict {
        alarm: decision.is_alarm(),
        channel: evidence.channel as u32,
        score: evidence.score,
        channel_score: evidence.channel_score,
    })
}

#[test]
fn the_engine_and_the_functions_for_c_give_what_the_oracle_gives() {
    let File { bytes, totals, .. } = file();
    assert!(totals.models >= 13 && totals.decisions > 300, "{totals:?}");
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
