//! Which group has which role.

use std::collections::{BTreeSet, HashMap};

use super::{Groups, SplitError};
use crate::shuffle::shuffle;
use crate::signal::Signals;
use crate::signal::file_error::list;

/// Stream of the seed that decides which group has which role.
const STREAM: u64 = u64::MAX - 1;

/// What a group is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Train,
    Calibrate,
    Test,
}

impl Role {
    pub(super) const ALL: [Self; 3] = [Self::Train, Self::Calibrate, Self::Test];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Calibrate => "calibrate",
            Self::Test => "test",
        }
    }

    fn option(self) -> &'static str {
        match self {
            Self::Train => "--train-groups",
            Self::Calibrate => "--calibrate-groups",
            Self::Test => "--test-groups",
        }
    }
}

/// How recordings are divided.
#[derive(Debug)]
pub(super) enum Assigned {
    ByGroup {
        of_group: HashMap<String, Role>,
        notes: Vec<String>,
    },
    /// There are too few groups, and why.
    ByRecording {
        seed: u64,
        why: String,
    },
}

pub(super) fn assign(
    signals: &Signals,
    is_normal: &[bool],
    groups: &Groups,
) -> Result<Assigned, SplitError> {
    let all = signals.recordings.iter().zip(is_normal);
    let names = |only_normal: bool| {
        let chosen = all.clone().filter(|&(_, &is_normal)| is_normal || !only_normal);
        let names: BTreeSet<&str> = chosen.filter_map(|(r, _)| r.group.as_deref()).collect();
        let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        sort(&mut names);
        names
    };
    match groups {
        Groups::Automatic { seed } => Ok(automatic(*seed, names(true), names(false))),
        Groups::Named { train, calibrate, test } => named([train, calibrate, test], &names(false)),
    }
}

fn automatic(seed: u64, mut normal: Vec<String>, all: Vec<String>) -> Assigned {
    if normal.len() < 3 {
        let why = if all.is_empty() {
            "no --group".to_owned()
        } else {
            let (count, have) = (normal.len(), if normal.len() == 1 { "has" } else { "have" });
            format!(
                "only {count} of the groups {have} normal recordings, fewer than three, so that the \
                 test sees groups that were trained on"
            )
        };
        return Assigned::ByRecording { seed, why };
    }
    let mut of_group: HashMap<String, Role> =
        all.into_iter().map(|group| (group, Role::Test)).collect();
    shuffle(seed, STREAM, &mut normal);
    let roles = shares(normal.len());
    of_group.extend(normal.into_iter().zip(roles));
    Assigned::ByGroup { of_group, notes: Vec::new() }
}

/// Roles of `count` that are drawn: 60, 20 and 20 %, at least one each of three or more.
pub(super) fn shares(count: usize) -> impl Iterator<Item = Role> {
    // A fifth, rounded to the nearest.
    let fifth = ((count + 2) / 5).max(1);
    let train = count.saturating_sub(2 * fifth);
    [(Role::Train, train), (Role::Calibrate, fifth), (Role::Test, fifth)]
        .into_iter()
        .flat_map(|(role, count)| std::iter::repeat_n(role, count))
}

fn named(given: [&Vec<String>; 3], there: &[String]) -> Result<Assigned, SplitError> {
    let given = Role::ALL.into_iter().zip(given);
    if there.is_empty() {
        let first = given.clone().find(|(_, groups)| !groups.is_empty());
        let option = first.map_or(Role::Train, |(role, _)| role).option();
        return Err(SplitError::NoGroups { option });
    }
    let mut of_group: HashMap<String, Role> = HashMap::new();
    for (role, groups) in given {
        let option = role.option();
        if groups.is_empty() {
            return Err(SplitError::RoleWithoutGroups { missing: option, there: list(there) });
        }
        for group in groups {
            let group = group.clone();
            if !there.contains(&group) {
                return Err(SplitError::UnknownGroup { option, group, there: list(there) });
            }
            match of_group.insert(group.clone(), role) {
                Some(other) if other != role => {
                    let first = other.option();
                    return Err(SplitError::TwoRoles { group, first, second: option });
                }
                _ => {}
            }
        }
    }
    let left: Vec<&String> = there.iter().filter(|&group| !of_group.contains_key(group)).collect();
    let mut notes = Vec::new();
    if !left.is_empty() {
        notes.push(format!("groups in no role, left out: {}", list(&left)));
    }
    Ok(Assigned::ByGroup { of_group, notes })
}

/// Numbers first, by their size, then names.
pub(super) fn sort(names: &mut [String]) {
    let key = |name: &String| {
        let number = name.parse::<i64>().ok();
        (number.is_none(), number, name.clone())
    };
    names.sort_by_cached_key(key);
}
