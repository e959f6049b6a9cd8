//! A detector of features says what the oracle says that keeps the whole signal.

use ae_infer::{Decision, Detector, DetectorError, Int8, Int8Autoencoder, Judge};
use ae_testkit::blob::Blob;
use ae_testkit::oracle::detector::verdicts;
use ae_testkit::random::SplitMix64;
use ae_testkit::section::{Section, ValueMap};
use ae_testkit::signal::{Signal, Verdict};

use crate::blobs::{PIXELS, model, section};
use crate::signals::counts;

type Int8Judge<'b> = Judge<'b, 'b, Int8<'b>>;

/// The verdicts of a detector in a buffer of just its size.
fn watch(blob: &[u8], signal: &Signal) -> Vec<Verdict> {
    let model = Int8Autoencoder::load(blob).expect("a good model");
    let mut window = vec![0x5a; ae_core::window_len(blob).expect("a blob")];
    let (mut pixels, mut scratch) =
        (vec![0; PIXELS], vec![0; model.model().header().scratch_len()]);
    let detector = Detector::new(model, &mut window, &mut pixels, &mut scratch);
    let mut detector = detector.expect("a good section");
    let channels = detector.channels();
    let mut verdicts = Vec::new();
    let samples = match signal {
        Signal::Counts(values) => values.len() / channels,
        Signal::Values(values) => values.len() / channels,
        Signal::Pixels(_) => 0,
    };
    for sample in 0..samples {
        let place = sample * channels..(sample + 1) * channels;
        let decision = match signal {
            Signal::Values(values) => detector.push(&values[place]),
            Signal::Counts(values) => detector.push(&values[place]),
            Signal::Pixels(_) => Ok(None),
        };
        if let Some(decision) = decision.expect("a sample of the signal's kind") {
            verdicts.push(verdict(&decision, sample + 1));
        }
    }
    verdicts
}

fn verdict(decision: &Decision, samples: usize) -> Verdict {
    let evidence = decision.evidence();
    Verdict {
        samples,
        score: evidence.score,
        channel: evidence.channel,
        channel_score: evidence.channel_score,
        alarm: decision.is_alarm(),
    }
}

/// The same of a detector in two. A frame is judged when the next sample has been taken, as it would be
/// beside an interrupt.
fn watch_in_halves(blob: &[u8], counts: &[i16]) -> Vec<Verdict> {
    let model = Int8Autoencoder::load(blob).expect("a good model");
    let mut window = vec![0x5a; ae_core::window_len(blob).expect("a blob")];
    let (mut pixels, mut scratch) =
        (vec![0; PIXELS], vec![0; model.model().header().scratch_len()]);
    let detector = Detector::new(model, &mut window, &mut pixels, &mut scratch);
    let (mut sampler, mut judge) = detector.expect("a good section").split();
    let mut whole = vec![0; ae_core::frame_len(blob).expect("a blob")];
    let mut verdicts = Vec::new();
    let mut judge = |whole: &[i16], samples| {
        let decision = judge.take_frame(whole).expect("a frame of the blob's");
        verdicts.extend(decision.map(|it| verdict(&it, samples)));
    };
    let mut waiting = None;
    for (sample, values) in counts.chunks_exact(sampler.channels()).enumerate() {
        let is_whole = sampler.push(values).expect("a sample of the signal's kind");
        if let Some(samples) = waiting.take() {
            judge(&whole, samples);
        }
        if is_whole {
            sampler.copy_frame(&mut whole).expect("a frame of the blob's");
            waiting = Some(sample + 1);
        }
    }
    if let Some(samples) = waiting {
        judge(&whole, samples);
    }
    verdicts
}

#[test]
fn halves_refuse_what_is_no_frame_and_forget_all_of_it() {
    let blob = Blob { detection: section().write(), ..model(&mut SplitMix64::new(5)) }.write();
    let model = Int8Autoencoder::load(&blob).expect("a good model");
    let mut window = vec![0; ae_core::window_len(&blob).expect("a blob")];
    let mut pixels = vec![0; PIXELS];
    let mut scratch = vec![0; model.model().header().scratch_len()];
    let detector = Detector::new(model, &mut window, &mut pixels, &mut scratch);
    let (sampler, mut judge) = detector.expect("a good section").split();
    let expected = ae_core::frame_len(&blob).expect("a blob");
    for found in [0, 1, expected - 1, expected + 1] {
        let error = Some(DetectorError::Frame { expected, found });
        assert_eq!(sampler.copy_frame(&mut vec![0; found]).err(), error);
        assert_eq!(judge.take_frame(&vec![0; found]).err(), error);
    }
    assert!(sampler.window().is_empty());
    // As many frames as before, until the next decision.
    let frame = vec![7; expected];
    let frames =
        |judge: &mut Int8Judge<'_>| (1..100).find(|_| judge.take_frame(&frame).unwrap().is_some());
    let first = frames(&mut judge);
    assert!(first.is_some_and(|first| first > 1), "{first:?}");
    judge.take_frame(&frame).unwrap();
    judge.reset();
    assert_eq!(frames(&mut judge), first);
}

/// A signal of this section: quiet first, then louder.
fn signal(section: &Section, samples: usize, random: &mut SplitMix64) -> Signal {
    let channels = section.signal_channels(PIXELS);
    let counts = counts(samples * channels, channels, random);
    if !section.takes_reals() {
        return Signal::Counts(counts);
    }
    Signal::Values(counts.iter().map(|&count| f32::from(count) / 1500.0).collect())
}

#[test]
fn decisions_are_those_of_the_oracle() {
    let random = &mut SplitMix64::new(41);
    let (mut windows, mut alarms) = (0, 0);
    for case in 0..60 {
        let mut section = section();
        section.stride = 1 + random.below(5);
        section.smoothing = random.below(3) as u8;
        let features = section.features.as_mut().expect("features");
        features.hop = 1 + random.below(64);
        features.frame = random.one_of(&[64, 128, 256]);
        if case % 2 == 0 {
            features.units.clear();
        } else {
            features.units[1] = ValueMap { offset: 1.5, scale: 800.0 };
        }
        let blob = model(random);
        let samples = section.samples_to(section.window) + random.below(900);
        let signal = signal(&section, samples, random);
        let first = verdicts(&section, PIXELS, &signal, |window| blob.reconstruct(window));
        // A window with the threshold as its score does not exceed it.
        section.threshold = random.one_of(&first).score;
        let expected = verdicts(&section, PIXELS, &signal, |window| blob.reconstruct(window));
        let blob = Blob { detection: section.write(), ..blob }.write();
        assert_eq!(watch(&blob, &signal), expected, "case {case}");
        if let Signal::Counts(counts) = &signal {
            assert_eq!(watch_in_halves(&blob, counts), expected, "case {case}");
        }
        windows += expected.len();
        alarms += expected.iter().filter(|verdict| verdict.alarm).count();
    }
    assert!(windows > 400 && alarms > 40 && alarms < windows, "{alarms} of {windows}");
}

#[test]
fn a_buffer_that_is_too_small_is_refused_with_what_is_needed() {
    let blob = Blob { detection: section().write(), ..model(&mut SplitMix64::new(5)) }.write();
    let needed = ae_core::window_len(&blob).expect("a blob");
    for found in [0, PIXELS, needed - 1] {
        let model = Int8Autoencoder::load(&blob).expect("a good model");
        let (mut window, mut pixels) = (vec![0; found], vec![0; PIXELS]);
        let mut scratch = vec![0; model.model().header().scratch_len()];
        let detector = Detector::new(model, &mut window, &mut pixels, &mut scratch);
        let error = DetectorError::Window { needed, found };
        assert_eq!(detector.err(), Some(error));
        assert!(error.to_string().contains(&format!("need {needed}")), "{error}");
    }
}
