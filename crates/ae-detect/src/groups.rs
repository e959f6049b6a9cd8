//! What calibration windows of several groups, such as machines or people, say of further groups.

use std::collections::BTreeMap;

use ae_core::GroupThresholds;
use ae_data::signal::{Piece, Signals};

use super::conformal::Threshold;

/// Whether all pieces are of groups, none of which is among those that trained. The model knows those
/// that trained, so their scores say nothing of further groups.
pub(super) fn are_new(signals: &Signals, pieces: &[Piece], trained: &[String]) -> bool {
    let is_new = |piece: &Piece| {
        let group = signals.recordings[piece.recording].group.as_deref();
        group.is_some_and(|group| trained.iter().all(|it| it != group))
    };
    !trained.is_empty() && pieces.iter().all(is_new)
}

/// The threshold of each group's own scores, as a blob has them: in rising order, those of groups with
/// scores enough, of many the first; none where they are fewer than two.
pub(super) fn thresholds(scores: &[u64], groups: &[usize], alpha_ppm: u32) -> Vec<u8> {
    let mut by_group: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for (&group, &score) in groups.iter().zip(scores) {
        by_group.entry(group).or_default().push(score);
    }
    let thresholds =
        by_group.values().filter_map(|scores| Threshold::calibrate(scores, alpha_ppm).ok());
    // Which come first has nothing to do with their scores.
    let thresholds = thresholds.map(|it| it.threshold).take(GroupThresholds::MAX);
    let mut thresholds: Vec<u64> = thresholds.collect();
    if thresholds.len() < GroupThresholds::MIN {
        thresholds.clear();
    }
    thresholds.sort_unstable();
    thresholds.into_iter().flat_map(u64::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use ae_data::signal::{Labels, Origin, Recording};

    use super::*;

    #[test]
    fn groups_have_the_thresholds_of_their_own_scores() {
        let of = |groups: &[usize]| -> Vec<u64> {
            let bytes = thresholds(&[9, 5, 1, 7, 8, 3, 2], groups, 500_000);
            GroupThresholds(&bytes).iter().collect()
        };
        // Of 9, 1 and 8 the second smallest, of 5 and 7 the second, of 3 and 2 too.
        assert_eq!(of(&[4, 0, 4, 0, 4, 1, 1]), [3, 7, 8]);
        // One alone says nothing, and images have none.
        assert!(of(&[0; 7]).is_empty() && of(&[]).is_empty());
        // Two scores are too few for one in ten.
        let (mut scores, mut groups): (Vec<u64>, Vec<usize>) = ((0..27).collect(), vec![0; 27]);
        groups[9..18].fill(1);
        groups[18..26].fill(2);
        groups[26] = 3;
        scores.reverse();
        let bytes = thresholds(&scores, &groups, 100_000);
        assert_eq!(GroupThresholds(&bytes).iter().collect::<Vec<_>>(), [17, 26]);
        // No more than a blob holds, whatever there is.
        let many = thresholds(&[5; 200], &Vec::from_iter(0..200), 500_000);
        assert_eq!(GroupThresholds(&many).len(), GroupThresholds::MAX);
    }

    #[test]
    fn groups_that_trained_are_not_new() {
        let recording = |group: Option<&str>| Recording {
            samples: vec![0.0],
            labels: Labels::default(),
            group: group.map(Into::into),
            origin: Origin::default(),
        };
        let recordings = [Some("a"), Some("b"), Some("c"), None].map(recording).into();
        let signals = Signals { channels: vec!["x".into()], recordings, notes: vec![], rate: None };
        let new = |at: &[usize], trained: &[&str]| {
            let pieces: Vec<Piece> =
                at.iter().map(|&recording| Piece { recording, range: 0..1 }).collect();
            let trained: Vec<String> = trained.iter().map(ToString::to_string).collect();
            are_new(&signals, &pieces, &trained)
        };
        assert!(new(&[1, 2], &["a"]));
        // One has trained; nothing is known of one; or recordings were drawn, whatever their groups.
        assert!(!new(&[0, 1], &["a"]) && !new(&[1, 3], &["a"]) && !new(&[1, 2], &[]));
    }
}
