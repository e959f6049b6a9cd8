//! A detection section: refused by its name, or followed as the oracle follows it.

use ae_core::{LoadError, PartKind};
use ae_infer::{Autoencoder, Detector, DetectorError, InferError, Sample};
use ae_testkit::blob::Blob;
use ae_testkit::oracle::detector::verdicts;
use ae_testkit::random::SplitMix64;
use ae_testkit::section::{Samples, Section};
use ae_testkit::signal::{Signal, Verdict};

use crate::judge::show;
use crate::subject::Subject;
use crate::tally::WATCHED;

/// Most samples of a signal beyond the first window.
const MORE: usize = 40;
/// Most samples of a signal up to the end of its first window.
const MAX_FIRST: usize = 3000;

/// Gives a random signal to the detector of a model whose section was accepted, and gives the
/// scores of its windows.
pub fn follow<'a, A: Subject<'a>>(
    model: &Autoencoder<'a, A>,
    oracle: &Blob<A::Oracle>,
    random: &mut SplitMix64,
) -> Vec<u64> {
    let features = model.model().header().features as usize;
    let section = Section::read(&oracle.detection);
    assert!(section.follows_the_rules(features), "a section that breaks a rule");
    let inner = model.model();
    let missing = match (inner.encoder(), inner.decoder()) {
        (None, _) => PartKind::Encoder,
        (_, None) => PartKind::Decoder,
        (Some(_), Some(_)) => {
            return compare(model, oracle, &section, features, random);
        }
    };
    refused(model, DetectorError::Infer(InferError::NoPart { missing }));
    Vec::new()
}

/// A detector that is refused with this error.
pub fn refused<'a, A: Subject<'a>>(model: &Autoencoder<'a, A>, error: DetectorError) {
    let header = *model.model().header();
    let features = header.features as usize;
    let section = model.model().detection().ok().flatten();
    let mut window = vec![0; section.map_or(features, |it| it.window_len(features))];
    let mut reconstruction = vec![0; features];
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    let detector = Detector::new(*model, &mut window, &mut reconstruction, &mut scratch);
    assert_eq!(detector.err(), Some(error));
    show(error);
}

/// The section of an accepted blob is refused: by the writer and by a detector, with one error.
pub fn refused_section<'a, A: Subject<'a>>(
    blob: &[u8],
    model: &Autoencoder<'a, A>,
    error: LoadError,
) {
    assert_eq!(A::validate(blob), Err(error));
    refused(model, DetectorError::Load(error));
}

fn compare<'a, A: Subject<'a>>(
    model: &Autoencoder<'a, A>,
    oracle: &Blob<A::Oracle>,
    section: &Section,
    features: usize,
    random: &mut SplitMix64,
) -> Vec<u64> {
    // A window of frames may take long.
    let first = section.samples_to(section.window);
    if first > MAX_FIRST {
        return Vec::new();
    }
    let samples = first + random.below(MORE);
    let count = samples * section.signal_channels(features);
    let signal = match section.samples {
        Samples::Pixels => Signal::Pixels(random.pixels(count)),
        _ if section.takes_reals() => {
            Signal::Values((0..count).map(|_| random.any_real()).collect())
        }
        _ => {
            let loud = random.below(16) as u32;
            Signal::Counts((0..count).map(|_| any_count(random) >> loud).collect())
        }
    };
    let expected = verdicts(section, features, &signal, |window| oracle.reconstruct(window));
    let found = match &signal {
        Signal::Pixels(values) => push_all(model, values, random),
        Signal::Counts(values) => push_all(model, values, random),
        Signal::Values(values) => push_all(model, values, random),
    };
    assert_eq!(found, expected, "verdicts");
    WATCHED.add();
    expected.iter().map(|verdict| verdict.score).collect()
}

fn any_count(random: &mut SplitMix64) -> i16 {
    match random.below(8) {
        0 => i16::MIN,
        1 => i16::MAX,
        _ => random.bits() as i16,
    }
}

/// All samples given to a detector in buffers of exactly its size.
fn push_all<'a, A: Subject<'a>, S: Sample>(
    model: &Autoencoder<'a, A>,
    values: &[S],
    random: &mut SplitMix64,
) -> Vec<Verdict> {
    let header = *model.model().header();
    let features = header.features as usize;
    let section = model.model().detection().expect("an accepted section").expect("a section");
    let mut window = vec![random.pixel(); section.window_len(features)];
    let mut reconstruction = vec![random.pixel(); features];
    let mut scratch = vec![A::random(random); header.scratch_len()];
    let [needed, found] = [window.len(), window.len() - 1];
    let error = match section.features {
        Some(_) => DetectorError::Window { needed, found },
        None => DetectorError::Infer(InferError::Pixels { expected: needed, found }),
    };
    let short = Detector::new(*model, &mut window[1..], &mut reconstruction, &mut scratch);
    assert_eq!(short.err(), Some(error));
    let detector = Detector::new(*model, &mut window, &mut reconstruction, &mut scratch);
    let mut detector = detector.expect("an accepted section");
    let channels = detector.channels();
    let mut verdicts = Vec::new();
    for (index, sample) in values.chunks_exact(channels).enumerate() {
        let found = channels - 1;
        let error = DetectorError::Channels { expected: channels, found };
        assert_eq!(detector.push(&sample[1..]), Err(error));
        let Some(decision) = detector.push(sample).expect("a sample") else { continue };
        let evidence = decision.evidence();
        verdicts.push(Verdict {
            samples: index + 1,
            score: evidence.score,
            channel: evidence.channel,
            channel_score: evidence.channel_score,
            alarm: decision.is_alarm(),
        });
    }
    verdicts
}
