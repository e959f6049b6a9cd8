//! Without groups: whole recordings are drawn, or each is cut in time.

use super::groups::{Role, shares};
use super::{Piece, Split, SplitError};
use crate::shuffle::shuffle;
use crate::signal::Signals;

/// Stream of the seed that decides which recording has which role.
const STREAM: u64 = u64::MAX - 2;

/// Normal recordings that are drawn; of fewer, a role would have one that stands for all.
const DRAWN: usize = 5;

/// What a cut costs.
const RESEMBLE: &str = "windows of one recording resemble each other, so false alarms on other \
                        recordings may be more frequent: give --group or more recordings";

/// Draws normal recordings for each role, if there are enough, and else cuts them. `why` says why
/// groups do not decide.
pub(super) fn divide(
    signals: &Signals,
    is_normal: &[bool],
    seed: u64,
    gap: usize,
    why: &str,
) -> Result<Split, SplitError> {
    let whole = |recording| Piece { recording, range: 0..signals.len_of(recording) };
    let pieces = |normal| (0..is_normal.len()).filter(move |&at| is_normal[at] == normal);
    let normal: Vec<Piece> = pieces(true).map(whole).collect();
    let mut split = match drawn(&normal, seed, gap, why) {
        Some(split) => split,
        None => in_time(&normal, gap, why)?,
    };
    split.test_abnormal = pieces(false).map(whole).collect();
    Ok(split)
}

/// Draws 60, 20 and 20 % of the recordings that are no shorter than a window; `None` where there
/// are too few, or where a role has less than a tenth of the samples.
fn drawn(normal: &[Piece], seed: u64, window: usize, why: &str) -> Option<Split> {
    let is_long = |piece: &&Piece| piece.range.len() >= window;
    let mut long: Vec<Piece> = normal.iter().filter(is_long).cloned().collect();
    if long.len() < DRAWN {
        return None;
    }
    shuffle(seed, STREAM, &mut long);
    let mut split = Split::default();
    let roles = shares(long.len());
    for (piece, role) in long.into_iter().zip(roles) {
        match role {
            Role::Train => split.train.push(piece),
            Role::Calibrate => split.calibrate.push(piece),
            Role::Test => split.test_normal.push(piece),
        }
    }
    let roles = [&mut split.train, &mut split.calibrate, &mut split.test_normal];
    let samples = |pieces: &[Piece]| pieces.iter().map(|piece| piece.range.len()).sum::<usize>();
    let all = samples(normal);
    for pieces in roles {
        if samples(pieces) < all / 10 {
            return None;
        }
        pieces.sort_by_key(|piece| piece.recording);
    }
    let [train, calibrate, test] =
        [&split.train, &split.calibrate, &split.test_normal].map(Vec::len);
    split.notes.push(format!(
        "{why}: recordings were drawn; {train} to train on, {calibrate} to calibrate on, {test} to \
         test on; name what they have in common, such as a machine, with --group"
    ));
    Some(split)
}

/// Cuts each recording into 60, 20 and 20 % of its samples, without `gap` samples between two
/// pieces. A recording that is too short for that is trained on.
fn in_time(normal: &[Piece], gap: usize, why: &str) -> Result<Split, SplitError> {
    let mut split = Split::default();
    let mut whole = 0;
    for &Piece { recording, ref range } in normal {
        let len = range.len();
        let used = len.saturating_sub(gap.saturating_mul(2));
        let part = |fifths: usize| (used as u128 * fifths as u128 / 5) as usize;
        if used == 0 || part(1) < gap {
            whole += 1;
            split.train.push(Piece { recording, range: 0..len });
            continue;
        }
        for (pieces, range) in [
            (&mut split.train, 0..part(3)),
            (&mut split.calibrate, part(3) + gap..part(4) + gap),
            (&mut split.test_normal, part(4) + 2 * gap..len),
        ] {
            if !range.is_empty() {
                pieces.push(Piece { recording, range });
            }
        }
    }
    if split.train.is_empty() || split.calibrate.is_empty() || split.test_normal.is_empty() {
        let longest = normal.iter().map(|piece| piece.range.len()).max().unwrap_or_default();
        return Err(SplitError::TooShort { longest, needed: gap.saturating_mul(7).max(3) });
    }
    split.notes.push(format!("{why}: each normal recording is cut in time; {RESEMBLE}"));
    if whole > 0 {
        split.notes.push(format!("recordings too short to be cut, only trained on: {whole}"));
    }
    Ok(split)
}
