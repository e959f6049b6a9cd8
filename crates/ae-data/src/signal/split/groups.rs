//! Which group is in which fold.

use std::collections::{BTreeSet, HashMap};

use super::{Fold, Groups, Piece, SplitError, SplitNote, TooFewGroups};
use crate::shuffle::shuffle;
use crate::signal::Signals;
use crate::signal::file_error::list;

/// Stream of the seed that decides which group is in which fold.
const STREAM: u64 = u64::MAX - 1;

/// How recordings are divided.
#[derive(Debug)]
pub(super) enum Assignment {
    ByGroup {
        of_group: HashMap<String, Fold>,
        notes: Vec<SplitNote>,
    },
    /// There are too few groups.
    ByRecording {
        seed: u64,
        why: TooFewGroups,
    },
}

pub(super) fn assign(
    signals: &Signals,
    runs: &[(Piece, bool)],
    groups: &Groups,
) -> Result<Assignment, SplitError> {
    let names = |only_normal: bool| {
        let chosen = runs.iter().filter(|(_, is_normal)| *is_normal || !only_normal);
        let group = |piece: &Piece| signals.recordings[piece.recording].group.as_deref();
        let names: BTreeSet<&str> = chosen.filter_map(|(piece, _)| group(piece)).collect();
        let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        sort(&mut names);
        names
    };
    match groups {
        Groups::Automatic { seed } => Ok(automatic(*seed, names(true), names(false))),
        Groups::Named { train, calibrate, test } => named([train, calibrate, test], &names(false)),
    }
}

fn automatic(seed: u64, mut normal: Vec<String>, all: Vec<String>) -> Assignment {
    if normal.len() < 3 {
        let few = TooFewGroups::Few { normal: normal.len() };
        let why = if all.is_empty() { TooFewGroups::None } else { few };
        return Assignment::ByRecording { seed, why };
    }
    let mut of_group: HashMap<String, Fold> =
        all.into_iter().map(|group| (group, Fold::Test)).collect();
    shuffle(seed, STREAM, &mut normal);
    let folds = shares(normal.len());
    of_group.extend(normal.into_iter().zip(folds));
    Assignment::ByGroup { of_group, notes: Vec::new() }
}

/// Folds of `count` that are drawn: 60, 20 and 20 %, at least one each of three or more.
pub(super) fn shares(count: usize) -> impl Iterator<Item = Fold> {
    // A fifth, rounded to the nearest.
    let fifth = ((count + 2) / 5).max(1);
    let train = count.saturating_sub(2 * fifth);
    [(Fold::Train, train), (Fold::Calibrate, fifth), (Fold::Test, fifth)]
        .into_iter()
        .flat_map(|(fold, count)| std::iter::repeat_n(fold, count))
}

fn named(given: [&Vec<String>; 3], there: &[String]) -> Result<Assignment, SplitError> {
    let given = Fold::ALL.into_iter().zip(given);
    if there.is_empty() {
        let first = given.clone().find(|(_, groups)| !groups.is_empty());
        let fold = first.map_or(Fold::Train, |(fold, _)| fold);
        return Err(SplitError::NoGroups { fold });
    }
    let mut of_group: HashMap<String, Fold> = HashMap::new();
    for (fold, groups) in given {
        if groups.is_empty() {
            return Err(SplitError::FoldWithoutGroups { missing: fold, there: list(there) });
        }
        for group in groups {
            let group = group.clone();
            if !there.contains(&group) {
                return Err(SplitError::UnknownGroup { fold, group, there: list(there) });
            }
            match of_group.insert(group.clone(), fold) {
                Some(first) if first != fold => {
                    return Err(SplitError::TwoFolds { group, first, second: fold });
                }
                _ => {}
            }
        }
    }
    let left: Vec<&String> = there.iter().filter(|&group| !of_group.contains_key(group)).collect();
    let mut notes = Vec::new();
    if !left.is_empty() {
        notes.push(SplitNote::GroupsLeftOut { groups: list(&left) });
    }
    Ok(Assignment::ByGroup { of_group, notes })
}

/// Numbers first, by their size, then names.
pub(super) fn sort(names: &mut [String]) {
    let key = |name: &String| {
        let number = name.parse::<i64>().ok();
        (number.is_none(), number, name.clone())
    };
    names.sort_by_cached_key(key);
}
