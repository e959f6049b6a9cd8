//! A fault that changes a frequency and no amplitude, as four detectors see it.
//!
//! Some of the machines train, others calibrate, and all figures are of others again, which had no part in
//! it. `cargo test --release -p ae-train-cli frequency -- --nocapture` prints them.

mod mahalanobis;

use ae_data::signal::{Groups, Labels, Origin, Recording, Signals, SplitSettings, split};
use ae_detect::roc::Roc;
use ae_detect::view::View;
use ae_detect::windows::{Cutting, Spacing, WindowSets, Windows};
use ae_features::machines::{MACHINES, RATE, State, csv, recording};
use ae_features::{FeatureSignals, FeatureSpec, Features, FeaturesConfig};

use crate::workshop::Workshop;
use mahalanobis::Mahalanobis;

const SEED: u64 = 1;
const FEATURES: &str = "spectrum:24,fft=512,frames=4";
/// Samples of a raw window: two turns of the slowest shaft.
const RAW: usize = 160;

/// Machines 1 to 6 train, 7 to 9 calibrate, 10 to 12 are held out.
const DETECT: &str = "detect --data machines.csv --group machine --label state --normal normal \
                      --train-groups 1,2,3,4,5,6 --calibrate-groups 7,8,9 --test-groups 10,11,12 \
                      --rate 2000 --hidden 128 --latent 4 --epochs 10";

/// AUROC of the autoencoder and of principal components.
fn made(workshop: &Workshop, run: &str, options: &str) -> [f64; 2] {
    let report = workshop.ok(&format!("{DETECT} {options} --out {run} --json")).json();
    ["int8", "pca"].map(|model| report["detection"][model]["auroc"].as_f64().unwrap())
}

fn signals() -> Signals {
    let of = |machine: u64| {
        let samples = State::ALL.map(|state| recording(SEED, machine, state));
        let [normal, first, _] = &samples;
        let labels = Labels::of(State::ALL[0].name())
            .then(normal.len(), State::ALL[1].name())
            .then(normal.len() + first.len(), State::ALL[2].name());
        let samples = samples.concat().into_iter().map(f32::from).collect();
        let group = Some(machine.to_string().into());
        Recording { samples, labels, group, origin: Origin::default() }
    };
    let recordings = (1..=MACHINES).map(of).collect();
    Signals { channels: vec!["x".into()], recordings, notes: vec![], rate: None }
}

/// AUROC of the distance from all training windows, in the codes that the models see.
fn of_mahalanobis(signals: &Signals, features: Option<&FeaturesConfig>) -> f64 {
    let [train, calibrate, test] =
        [1..=6, 7..=9, 10..=12].map(|range: std::ops::RangeInclusive<u32>| {
            range.map(|machine| machine.to_string()).collect()
        });
    let groups = Groups::Named { train, calibrate, test };
    let normal = vec!["normal".to_owned()];
    let (window, stride) = features.map_or((RAW, RAW / 4), |it| (it.window(), it.stride()));
    let folds =
        split(signals, &SplitSettings { normal, groups, gap: window, ..SplitSettings::default() });
    let folds = folds.unwrap();
    let computed = features.map(|config| {
        let features = Features::new(config, 1, &[]).unwrap();
        FeatureSignals::new(features, signals).unwrap()
    });
    let folds = features.map_or(folds.clone(), |config| config.places().folds(folds));
    let spacing = Spacing { window, stride, train_stride: stride };
    let cutting = Cutting { spacing, counts: true, curves: true, trim: true };
    let view = View { signals, features: computed.as_ref() };
    let sets = WindowSets::of_signals(view, &folds, cutting).unwrap();
    let values = |windows: &Windows| -> Vec<f64> {
        windows.codes.pixels().iter().map(|&code| code.into()).collect()
    };
    let width = sets.train.codes.features();
    let fitted = Mahalanobis::fit(&values(&sets.train), width);
    let distances = |windows: &Windows| -> Vec<u64> {
        values(windows).chunks(width).map(|it| (1e6 * fitted.distance(it)) as u64).collect()
    };
    Roc::new(&distances(&sets.normal), &distances(&sets.abnormal)).unwrap().auroc()
}

#[test]
fn features_find_what_raw_windows_do_not() {
    let workshop = Workshop::new();
    workshop.write("machines.csv", csv(SEED, MACHINES).as_bytes());
    let [raw, raw_pca] = made(&workshop, "raw", &format!("--window {RAW}"));
    let [features, pca] = made(&workshop, "features", &format!("--features {FEATURES}"));
    let (signals, spec) = (signals(), FeatureSpec::parse(FEATURES).unwrap());
    let config = spec.resolve(Some(RATE)).unwrap();
    let [raw_distance, distance] = [None, Some(&config)].map(|it| of_mahalanobis(&signals, it));
    println!("| AUROC on held-out machines | autoencoder | PCA | Mahalanobis |");
    println!("| --- | ---: | ---: | ---: |");
    println!("| raw, {RAW} samples | {raw:.3} | {raw_pca:.3} | {raw_distance:.3} |");
    println!("| `{FEATURES}` | {features:.3} | {pca:.3} | {distance:.3} |");
    assert!(features >= 0.98, "{features}");
    assert!((0.4..0.6).contains(&raw), "{raw}");
}
