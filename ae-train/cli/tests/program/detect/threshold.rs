//! The blob's threshold is what its run's calibration windows say, recomputed here from the files.

use ae_data::signal::{Groups, Source, SplitSettings, read, split, windows};
use ae_detect::play::{detection, play};
use ae_run::read_config;
use sha2::{Digest, Sha256};

use super::with_detector;

#[test]
fn the_threshold_is_the_score_of_its_rank_and_the_digest_that_of_the_scores() {
    let workshop = with_detector();
    let blob = workshop.read("run/model.int8.aeb");
    let detection = detection(&blob).unwrap();
    let config = read_config(&workshop.path("run")).unwrap();

    let source = Source { files: vec![workshop.path("normal.csv")], ..Source::default() };
    let signals = read(&source).unwrap();
    let groups = Groups::Automatic { seed: config.recipe.seed };
    let split = split(
        &signals,
        &SplitSettings { normal: vec![], groups, gap: 16, ..SplitSettings::default() },
    )
    .unwrap();
    // Each window alone through a detector: of its first decision only the score counts.
    let mut scores: Vec<u64> = windows(&signals, &split.calibrate, 16, 16)
        .unwrap()
        .into_iter()
        .map(|at| {
            let played = play(&blob, signals.window(at, 16)).unwrap();
            assert_eq!(played.len(), 1);
            played[0].decision.evidence().score
        })
        .collect();
    assert_eq!(scores.len(), detection.calibration.scores as usize);
    let bytes: Vec<u8> = scores.iter().flat_map(|score| score.to_le_bytes()).collect();
    assert_eq!(Sha256::digest(bytes)[..], detection.calibration.digest[..]);

    // (99 + 1) · 0.95 = 95.
    scores.sort_unstable();
    assert_eq!(scores.len(), 99);
    assert_eq!(detection.threshold, scores[94]);
    assert_ne!(scores[93], scores[94], "choose data whose neighbours differ");
    assert_eq!(detection.calibration.alarm_ppm, 50_000);
}
