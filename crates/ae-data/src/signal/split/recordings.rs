//! Without groups: whole recordings are drawn, or each is cut in time. Where a label changes, each of
//! its runs stands for a recording.

use super::groups::shares;
use super::{Fold, Folds, Piece, SplitError, SplitNote, TooFewGroups};
use crate::shuffle::shuffle;
use crate::signal::{Alternating, Signals};

/// Stream of the seed that decides which recording is in which fold.
const STREAM: u64 = u64::MAX - 2;

/// Normal recordings that are drawn; of fewer, one would stand for a whole fold.
const DRAWN: usize = 5;

/// Draws normal recordings for each fold, if there are enough, and else cuts them. `why` says why
/// groups do not decide.
pub(super) fn divide(
    signals: &Signals,
    runs: &[(Piece, bool)],
    seed: u64,
    gap: usize,
    why: TooFewGroups,
) -> Result<Folds, SplitError> {
    let pieces = |normal| -> Vec<Piece> {
        let chosen = runs.iter().filter(|(_, is_normal)| *is_normal == normal);
        chosen.map(|(piece, _)| piece.clone()).collect()
    };
    let normal = pieces(true);
    let mut folds = match drawn(&normal, seed, gap, why) {
        Some(folds) => folds,
        None => in_time(signals, &normal, gap, why)?,
    };
    folds.test_abnormal = pieces(false);
    Ok(folds)
}

/// Draws 60, 20 and 20 % of the recordings that are no shorter than a window; `None` where there
/// are too few, or where a fold has less than a tenth of the samples.
fn drawn(normal: &[Piece], seed: u64, window: usize, why: TooFewGroups) -> Option<Folds> {
    let is_long = |piece: &&Piece| piece.range.len() >= window;
    let mut long: Vec<Piece> = normal.iter().filter(is_long).cloned().collect();
    if long.len() < DRAWN {
        return None;
    }
    shuffle(seed, STREAM, &mut long);
    let mut folds = Folds::default();
    let drawn = shares(long.len());
    for (piece, fold) in long.into_iter().zip(drawn) {
        match fold {
            Fold::Train => folds.train.push(piece),
            Fold::Calibrate => folds.calibrate.push(piece),
            Fold::Test => folds.test_normal.push(piece),
        }
    }
    let samples = |pieces: &[Piece]| pieces.iter().map(|piece| piece.range.len()).sum::<usize>();
    let all = samples(normal);
    for pieces in [&mut folds.train, &mut folds.calibrate, &mut folds.test_normal] {
        if samples(pieces) < all / 10 {
            return None;
        }
        pieces.sort_by_key(|piece| (piece.recording, piece.range.start));
    }
    let recordings = [&folds.train, &folds.calibrate, &folds.test_normal].map(Vec::len);
    folds.notes.push(SplitNote::Drawn { why, recordings });
    Some(folds)
}

/// Cuts each recording into 60, 20 and 20 % of its samples, without `gap` samples between two
/// pieces. A recording that is too short for that is trained on.
fn in_time(
    signals: &Signals,
    normal: &[Piece],
    gap: usize,
    why: TooFewGroups,
) -> Result<Folds, SplitError> {
    let mut folds = Folds::default();
    let mut whole = 0;
    for &Piece { recording, ref range } in normal {
        let len = range.len();
        let used = len.saturating_sub(gap.saturating_mul(2));
        let part = |fifths: usize| (used as u128 * fifths as u128 / 5) as usize;
        if used == 0 || part(1) < gap {
            // Of one that is shorter than a window, nothing is trained on.
            whole += usize::from(len >= gap.max(1));
            folds.train.push(Piece { recording, range: range.clone() });
            continue;
        }
        for (pieces, part) in [
            (&mut folds.train, 0..part(3)),
            (&mut folds.calibrate, part(3) + gap..part(4) + gap),
            (&mut folds.test_normal, part(4) + 2 * gap..len),
        ] {
            if !part.is_empty() {
                let range = range.start + part.start..range.start + part.end;
                pieces.push(Piece { recording, range });
            }
        }
    }
    if folds.train.is_empty() || folds.calibrate.is_empty() || folds.test_normal.is_empty() {
        let longest = normal.iter().map(|piece| piece.range.len()).max().unwrap_or_default();
        let (needed, alternating) = (gap.saturating_mul(7).max(3), Alternating::of(signals, gap));
        return Err(SplitError::TooShort { longest, needed, alternating });
    }
    folds.notes.push(SplitNote::CutInTime { why });
    if whole > 0 {
        folds.notes.push(SplitNote::TooShortToCut { recordings: whole });
    }
    Ok(folds)
}
