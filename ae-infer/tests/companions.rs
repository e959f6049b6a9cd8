//! What goes along with a detector sees its windows, and changes no more than it says.

use ae_infer::{
    Calibration, ConstantChannels, Decision, Detector, LowScores, Observation, ThresholdSource,
};

ae_infer::include_model!(
    mod tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.counts.int8.aeb")
);

/// Windows of the blob: of two samples, one every sample.
const OVERLAP: usize = 2;

/// What `observe` makes of every window of a signal, which begins anew after each part.
fn observed<T>(
    parts: &[Vec<[i16; 2]>],
    mut observe: impl FnMut(&mut tiny::Detector<'_>, &[i16; 2]) -> Option<T>,
) -> Vec<T> {
    let (mut window, mut reconstruction) = (tiny::window(), tiny::pixels());
    let mut scratch = tiny::scratch();
    let model = tiny::load().unwrap();
    let mut detector =
        Detector::new(model, &mut window, &mut reconstruction, &mut scratch).unwrap();
    let mut found = Vec::new();
    for part in parts {
        found.extend(part.iter().filter_map(|sample| observe(&mut detector, sample)));
        detector.reset();
    }
    found
}

/// A signal in two parts, of which the first has an odd number of samples.
fn signal() -> [Vec<[i16; 2]>; 2] {
    let sample = |at: i32| {
        let wild = if at % 70 > 60 { 40 } else { 1 };
        [at * 37 % 251, at * 53 % 241].map(|value| ((value - 120) * wild) as i16)
    };
    [(0..101).map(sample).collect(), (101..400).map(sample).collect()]
}

#[test]
fn without_a_word_of_a_companion_decisions_are_those_of_the_blob() {
    let expected = observed(&signal(), |detector, sample| detector.push(sample).unwrap());
    let found =
        observed(&signal(), |detector, sample| detector.push_with(sample, &mut ()).unwrap());
    assert!(found.iter().all(|it| it.source == ThresholdSource::Blob));
    assert!(found.iter().all(|it| it.findings == Default::default()));
    assert!(found.iter().map(|it| it.decision).eq(expected));
}

#[test]
fn a_calibration_takes_windows_that_do_not_overlap_and_then_decides() {
    let plain = observed(&signal(), |detector, sample| detector.push(sample).unwrap());
    let scores: Vec<u64> = plain.iter().map(|decision| decision.evidence().score).collect();
    // The first part has 100 windows, and the count begins anew behind it.
    let mut apart: Vec<usize> = (0..100).step_by(OVERLAP).collect();
    apart.extend((100..scores.len()).step_by(OVERLAP));

    let mut companions = (
        Some(Calibration::<12>::new(119, 100_000).unwrap().silent()),
        None::<ConstantChannels<2>>,
        LowScores::<2>::new(39, 50_000).unwrap(),
    );
    let found = observed(&signal(), |detector, sample| {
        detector.push_with(sample, &mut companions).unwrap()
    });
    let mut first: Vec<u64> = apart[..119].iter().map(|&at| scores[at]).collect();
    first.sort_unstable();
    let threshold = first[119 - 12];
    assert_eq!(companions.0.unwrap().threshold(), Some(threshold));
    let mut lowest: Vec<u64> = apart[..39].iter().map(|&at| scores[at]).collect();
    lowest.sort_unstable();
    assert_eq!(companions.2.bound(), Some(lowest[1]));

    let mut alarms = 0;
    for (at, Observation { decision, source, findings }) in found.into_iter().enumerate() {
        let evidence = decision.evidence();
        assert_eq!(evidence.score, scores[at]);
        let is_own = at > apart[118];
        if is_own {
            assert_eq!((source, evidence.threshold), (ThresholdSource::Own, threshold));
            assert_eq!(evidence.exceeds(), scores[at] > threshold);
        } else {
            let silent = (ThresholdSource::Silent, u64::MAX);
            assert_eq!((source, evidence.threshold), silent);
            assert!(matches!(decision, Decision::Normal(_)));
        }
        alarms += usize::from(decision.is_alarm());
        assert_eq!(findings.is_low, at > apart[38] && scores[at] < lowest[1], "{at}");
        assert_eq!(findings.constant, None);
    }
    assert!(alarms > 10, "{alarms}");
}

#[test]
fn a_stuck_channel_is_found_beside_the_alarm() {
    let mut signal = signal();
    signal[1][20..40].iter_mut().for_each(|sample| sample[1] = 7);
    let mut companions = (Some(ConstantChannels::<2>::after(4)), ());
    let found =
        observed(&signal, |detector, sample| detector.push_with(sample, &mut companions).unwrap());
    // Its first whole window ends with sample 21, that is window 20 of the part; the fourth is it.
    let stuck = found.iter().enumerate().filter(|(_, it)| it.findings.constant.is_some());
    let stuck: Vec<usize> = stuck.map(|(at, _)| at).collect();
    assert!(stuck.iter().copied().eq(100 + 23..100 + 39), "{stuck:?}");
    assert!(stuck.iter().all(|&at| found[at].findings.constant == Some(1)));
}

/// Where features are computed of the signal, a companion sees the windows of features, whole or in two.
#[cfg(feature = "signal-features")]
#[test]
fn companions_of_features_see_the_windows_that_are_decided_about() {
    ae_infer::include_model!(
        mod tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.features.int8.aeb")
    );
    struct Codes(Vec<(u64, Vec<u8>)>);
    impl ae_infer::Companion for Codes {
        fn see(&mut self, seen: &ae_infer::Seen<'_>) {
            self.0.push((seen.score, seen.codes.to_vec()));
        }
    }
    let signal = (0..400_i16).map(|at| [(at % 97 * 31 % 97 - 48) * 20]);
    let (mut window, mut reconstruction) = (tiny::window(), tiny::pixels());
    let mut scratch = tiny::scratch();
    let mut decided = Vec::new();
    let mut plain = ae_infer::Detector::new(
        tiny::load().unwrap(),
        &mut window,
        &mut reconstruction,
        &mut scratch,
    )
    .unwrap();
    for sample in signal.clone() {
        if let Some(decision) = plain.push(&sample).unwrap() {
            decided.push((decision, plain.window().to_vec()));
        }
    }
    assert_eq!(decided.len(), 23);
    for is_split in [false, true] {
        let (mut window, mut reconstruction) = (tiny::window(), tiny::pixels());
        let mut scratch = tiny::scratch();
        let model = tiny::load().unwrap();
        let mut detector =
            ae_infer::Detector::new(model, &mut window, &mut reconstruction, &mut scratch).unwrap();
        let (mut seen, mut found) = (Codes(Vec::new()), Vec::new());
        if is_split {
            let (mut sampler, mut judge) = detector.split();
            let mut whole = tiny::frame();
            for sample in signal.clone() {
                if sampler.push(&sample).unwrap() {
                    sampler.copy_frame(&mut whole).unwrap();
                    found.extend(judge.take_frame_with(&whole, &mut seen).unwrap());
                }
            }
        } else {
            for sample in signal.clone() {
                found.extend(detector.push_with(&sample, &mut seen).unwrap());
            }
        }
        assert_eq!([found.len(), seen.0.len()], [decided.len(); 2]);
        for ((observation, seen), (decision, codes)) in found.iter().zip(&seen.0).zip(&decided) {
            assert_eq!(observation.decision, *decision);
            assert_eq!((seen.0, &seen.1), (decision.evidence().score, codes));
        }
    }
}
