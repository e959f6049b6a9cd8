//! A detector in two gives the decisions of one, and each can be named and sent elsewhere.

use ae_infer::Detector;

ae_infer::include_model!(
    mod tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.counts.int8.aeb")
);

/// As a program holds it in a task or a static.
struct Watch {
    sampler: tiny::Sampler<'static>,
    judge: tiny::Judge<'static>,
}

fn detector() -> tiny::Detector<'static> {
    let [window, reconstruction] = [tiny::pixels(), tiny::pixels()].map(leaked);
    Detector::new(tiny::load().unwrap(), window, reconstruction, leaked(tiny::scratch())).unwrap()
}

fn leaked<T, const N: usize>(buffer: [T; N]) -> &'static mut [T] {
    Box::leak(Box::new(buffer))
}

fn signal() -> impl Iterator<Item = [i16; 2]> {
    (0..5_000_i32).map(|at| {
        let wild = if at % 700 > 600 { 40 } else { 1 };
        [at * 37 % 251, at * 53 % 241].map(|value| ((value - 120) * wild) as i16)
    })
}

#[test]
fn halves_decide_as_the_whole_does() {
    let mut whole = detector();
    let expected: Vec<_> = signal().filter_map(|sample| whole.push(&sample).unwrap()).collect();
    assert!(expected.iter().any(|it| it.is_alarm()) && !expected.iter().all(|it| it.is_alarm()));

    let (sampler, judge) = detector().split();
    let mut watch = Watch { sampler, judge };
    // A window is decided when the next sample has been taken, as it would be beside an interrupt.
    let (mut waiting, mut found): (Option<[u8; tiny::FEATURES]>, _) = (None, Vec::new());
    for sample in signal() {
        let is_whole = watch.sampler.push(&sample).unwrap();
        if let Some(window) = waiting.take() {
            found.push(watch.judge.decide(&window).unwrap());
        }
        waiting = is_whole.then(|| watch.sampler.window().try_into().unwrap());
    }
    found.extend(waiting.map(|window| watch.judge.decide(&window).unwrap()));
    assert_eq!(found, expected);
    assert_eq!(watch.judge.reconstruction(), whole.reconstruction());
}

#[test]
fn a_window_of_another_size_does_not_count() {
    let (_, mut judge) = detector().split();
    assert!(judge.decide(&[0; tiny::FEATURES - 1]).is_err());
}

#[test]
#[cfg(feature = "signal-features")]
fn without_features_there_are_no_frames() {
    let (sampler, mut judge) = detector().split();
    assert_eq!(tiny::FRAME, 0);
    let errors = [sampler.copy_frame(&mut []).err(), judge.take_frame(&[]).err()];
    assert_eq!(errors, [Some(ae_infer::DetectorError::NoFeatures); 2]);
}

#[test]
fn they_go_into_statics_and_to_other_threads() {
    fn may_be_sent<T: Send + 'static>() {}
    may_be_sent::<tiny::Detector<'static>>();
    may_be_sent::<Watch>();
    static SHARED: std::sync::Mutex<Option<Watch>> = std::sync::Mutex::new(None);
    assert!(SHARED.lock().unwrap().is_none());
}
