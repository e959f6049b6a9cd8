//! A fault that changes a frequency and no amplitude, as four detectors see it.
//!
//! Some of the machines train, others calibrate, and all figures are of others again, which had no part in
//! it. `cargo test --release -p ae-tests --test machines -- --nocapture` prints them.

use std::sync::atomic::AtomicBool;

use ae_core::Debounce;
use ae_data::signal::{Groups, Labels, Origin, Recording, Signals, SplitSettings, split};
use ae_detect::roc::Roc;
use ae_detect::suggest::suggest;
use ae_detect::windows::{Cutting, Spacing, WindowSets, Windows};
use ae_features::machines::{MACHINES, RATE, State, recording};
use ae_features::{FeatureSpec, FeaturesConfig};
use ae_model::Activation;
use ae_tests::mahalanobis::Mahalanobis;
use ae_train::pipeline::detect::{
    DetectInput, DetectSource, DetectorDefaults, DividedSignals, detect,
};
use ae_train::pipeline::{DetectSettings, PipelineObserver};
use ae_train::train::Observer;

const SEED: u64 = 1;
const ALARM_PPM: u32 = 20_000;
const FEATURES: &str = "spectrum:24,fft=512,frames=4";

/// Nobody is told anything.
struct Silent;

impl Observer for Silent {}
impl PipelineObserver for Silent {}

fn signals() -> Signals {
    let of = |machine: u64, state: State| Recording {
        samples: recording(SEED, machine, state).into_iter().map(f32::from).collect(),
        labels: Labels::of(state.name()),
        group: Some(machine.to_string().into()),
        origin: Origin::sample(format!("machine {machine}").into(), 0),
    };
    let recordings =
        (1..=MACHINES).flat_map(|machine| State::ALL.map(|state| of(machine, state))).collect();
    Signals { channels: vec!["x".into()], recordings, notes: vec![] }
}

/// Machines 1 to 6 train, 7 to 9 calibrate, 10 to 12 are held out.
fn settings(gap: usize) -> SplitSettings {
    let of = |range: std::ops::RangeInclusive<u32>| range.map(|it| it.to_string()).collect();
    let groups = Groups::Named { train: of(1..=6), calibrate: of(7..=9), test: of(10..=12) };
    SplitSettings { normal: vec!["normal".to_owned()], groups, gap, ..SplitSettings::default() }
}

/// AUROC of the autoencoder and of principal components, and the windows.
fn made(features: Option<&FeaturesConfig>) -> ([f64; 2], WindowSets) {
    let signals = signals();
    let (spacing, folds) = match features {
        Some(features) => {
            let (window, stride) = (features.window(), features.stride());
            let spacing = Spacing { window, stride, train_stride: features.train_stride() };
            (spacing, split(&signals, &settings(window)).unwrap())
        }
        None => {
            let (suggested, folds) = suggest(&signals, &settings(0), ALARM_PPM).unwrap();
            let window = suggested.window;
            (Spacing { window, stride: window / 4, train_stride: window / 4 }, folds)
        }
    };
    let divided = DividedSignals::new(signals, folds, true, features).unwrap();
    let input = DetectInput::Signals(Box::new(divided));
    let folder = tempfile::tempdir().unwrap();
    let defaults = DetectorDefaults::of(&input);
    let settings = DetectSettings {
        folder: folder.path().join("run"),
        source: DetectSource::default(),
        normal: vec!["normal".to_owned()],
        samples_per_second: Some(RATE),
        spacing,
        features: features.cloned(),
        trim: true,
        curves: true,
        alarm_ppm: ALARM_PPM,
        debounce: Debounce::NONE,
        weighted: true,
        smoothing: defaults.smoothing,
        shapes: Vec::new(),
        lengths_open: false,
        shape: defaults.shape,
        activation: Activation::Relu,
        recipe: defaults.recipe,
        pca: true,
        arranged: None,
        threads: None,
    };
    let made = detect(&input, &settings, &mut Silent, &AtomicBool::new(false)).unwrap();
    let detection = made.report.detection.expect("abnormal windows are there");
    let pca = detection.pca.expect("so few values have components");
    let DetectInput::Signals(signal) = &input else { unreachable!() };
    let cutting = Cutting { spacing, counts: true, curves: true, trim: true };
    let sets = WindowSets::of_signals(signal.view(), &signal.split, cutting).unwrap();
    ([detection.int8.auroc, pca.auroc], sets)
}

/// AUROC of the distance from all training windows, in what a float model sees.
fn of_mahalanobis(sets: &WindowSets) -> f64 {
    let features = sets.train.codes.features();
    let train: Vec<f64> = sets.train.codes.pixels().iter().map(|&code| code.into()).collect();
    let fitted = Mahalanobis::fit(&train, features);
    let distances = |windows: &Windows| -> Vec<u64> {
        let codes: Vec<f64> = windows.codes.pixels().iter().map(|&code| code.into()).collect();
        codes.chunks(features).map(|window| (1e6 * fitted.distance(window)) as u64).collect()
    };
    Roc::new(&distances(&sets.normal), &distances(&sets.abnormal)).unwrap().auroc()
}

#[test]
fn features_find_what_raw_windows_do_not() {
    let config = FeatureSpec::parse(FEATURES).unwrap().resolve(Some(RATE)).unwrap();
    let ([raw, raw_pca], raw_sets) = made(None);
    let ([features, pca], sets) = made(Some(&config));
    let [raw_distance, distance] = [&raw_sets, &sets].map(of_mahalanobis);
    println!("| AUROC on held-out machines | autoencoder | PCA | Mahalanobis |");
    println!("| --- | --- | --- | --- |");
    let window = raw_sets.met.window;
    println!("| raw, {window} samples | {raw:.3} | {raw_pca:.3} | {raw_distance:.3} |");
    println!("| {FEATURES} | {features:.3} | {pca:.3} | {distance:.3} |");
    assert!(features >= 0.98, "{features}");
    assert!((0.35..0.65).contains(&raw), "{raw}");
}
