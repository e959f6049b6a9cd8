//! What is left where the power is cut between two steps: a kill leaves all that was written, a power
//! cut only what was synced.
//!
//! [`Cache`] is a disk in memory. It keeps what was synced apart from what was only said, and a cut
//! loses any of the latter: the content of a file that was not synced may be there, cut off, or
//! missing, and each change of names after the last sync of names may have reached the disk or not.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Names, and which file each is of.
type Names = BTreeMap<String, usize>;

/// A name that is given or, without a file, taken away. A rename is both at once.
type Change = Vec<(String, Option<usize>)>;

/// A disk in memory.
#[derive(Default)]
struct Cache {
    state: RefCell<State>,
    /// Steps that this disk only pretends to do.
    forgets: Option<Step>,
    /// The power is cut before this step.
    cut_before: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Sync,
    SyncNames,
}

#[derive(Debug, Default, Clone)]
struct State {
    steps: usize,
    /// The content that was written, and whether it was synced.
    files: Vec<(Vec<u8>, bool)>,
    names: Names,
    synced: Names,
    /// Changes since `synced`.
    changes: Vec<Change>,
}

impl State {
    fn change(&mut self, change: Change) {
        apply(&mut self.names, &change);
        self.changes.push(change);
    }
}

fn apply(names: &mut Names, change: &Change) {
    for (name, file) in change {
        match file {
            Some(file) => names.insert(name.clone(), *file),
            None => names.remove(name),
        };
    }
}

impl Cache {
    /// Counts a step, or ends at it.
    fn step(&self) -> io::Result<std::cell::RefMut<'_, State>> {
        let mut state = self.state.borrow_mut();
        if self.cut_before.is_some_and(|cut| cut <= state.steps) {
            return Err(io::Error::other("the power is cut"));
        }
        state.steps += 1;
        Ok(state)
    }

    /// Every content that `name` may have after a cut; `None` is no file.
    fn after_cut(&self, name: &str) -> BTreeSet<Option<Vec<u8>>> {
        let state = self.state.borrow();
        let mut found = BTreeSet::new();
        for kept in 0..1_u32 << state.changes.len() {
            let mut names = state.synced.clone();
            for (bit, change) in state.changes.iter().enumerate() {
                if kept >> bit & 1 == 1 {
                    apply(&mut names, change);
                }
            }
            let Some(&file) = names.get(name) else {
                found.insert(None);
                continue;
            };
            let (bytes, synced) = &state.files[file];
            found.insert(Some(bytes.clone()));
            if !synced {
                found.insert(Some(Vec::new()));
                found.insert(Some(bytes[..bytes.len() / 2].to_vec()));
            }
        }
        found
    }
}

fn text(name: &OsStr) -> String {
    name.to_str().unwrap().to_owned()
}

impl Disk for Cache {
    type File = usize;

    fn create(&self, name: &str, _: &OsStr, _: u32) -> io::Result<usize> {
        let mut state = self.step()?;
        let file = state.files.len();
        state.files.push((Vec::new(), false));
        state.change(vec![(name.to_owned(), Some(file))]);
        Ok(file)
    }

    fn write(&self, file: &mut usize, bytes: &[u8]) -> io::Result<()> {
        self.step()?.files[*file] = (bytes.to_vec(), false);
        Ok(())
    }

    fn sync(&self, file: &usize) -> io::Result<()> {
        let mut state = self.step()?;
        state.files[*file].1 |= self.forgets != Some(Step::Sync);
        Ok(())
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut state = self.step()?;
        if self.forgets != Some(Step::SyncNames) {
            state.synced = state.names.clone();
            state.changes.clear();
        }
        Ok(())
    }

    fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        let mut state = self.step()?;
        let file = state.names.get(&text(from)).copied().ok_or(io::ErrorKind::NotFound)?;
        state.change(vec![(text(from), None), (text(to), Some(file))]);
        Ok(())
    }

    fn link(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        let mut state = self.step()?;
        if state.names.contains_key(&text(to)) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = state.names.get(&text(from)).copied().ok_or(io::ErrorKind::NotFound)?;
        state.change(vec![(text(to), Some(file))]);
        Ok(())
    }

    fn remove(&self, name: &OsStr) -> io::Result<()> {
        let mut state = self.step()?;
        state.names.get(&text(name)).ok_or(io::ErrorKind::NotFound)?;
        state.change(vec![(text(name), None)]);
        Ok(())
    }

    fn read(&self, name: &OsStr) -> io::Result<Vec<u8>> {
        let state = self.step()?;
        let file = state.names.get(&text(name)).ok_or(io::ErrorKind::NotFound)?;
        Ok(state.files[*file].0.clone())
    }

    fn has(&self, name: &OsStr) -> io::Result<bool> {
        Ok(self.step()?.names.contains_key(&text(name)))
    }
}

/// What a run does at the end of each epoch, three times.
const EPOCHS: [&str; 3] = ["checkpoint of epoch 1", "checkpoint of epoch 2", "checkpoint, epoch 3"];

fn epoch(disk: &Cache, checkpoint: &str) -> io::Result<()> {
    let [current, previous] = ["checkpoint", "previous"].map(OsStr::new);
    if disk.state.borrow().names.contains_key("checkpoint") {
        keep_as(disk, current, previous, 0)?;
    }
    replace(disk, current, checkpoint.as_bytes(), 0)
}

/// Cuts the power before every step of three epochs; the first promise that is broken, and cuts.
fn cut_everywhere(forgets: Option<Step>) -> (Option<String>, usize) {
    for cut in 0.. {
        let disk = Cache { forgets, cut_before: Some(cut), ..Cache::default() };
        let done = EPOCHS.iter().take_while(|checkpoint| epoch(&disk, checkpoint).is_ok()).count();
        let [kept, next] = [done.checked_sub(1), Some(done)].map(|at| EPOCHS.get(at?).copied());
        for left in disk.after_cut("checkpoint") {
            let left = left.map(|bytes| String::from_utf8(bytes).unwrap());
            if left.as_deref() != kept && (left.is_none() || left.as_deref() != next) {
                let broken = format!("cut {cut}, {done} epochs said to be kept: found {left:?}");
                return (Some(broken), cut);
            }
        }
        for left in disk.after_cut("previous").into_iter().flatten() {
            let left = String::from_utf8(left).unwrap();
            if !EPOCHS.contains(&&*left) {
                return (Some(format!("cut {cut}: the checkpoint before is {left:?}")), cut);
            }
        }
        if done == EPOCHS.len() {
            return (None, cut);
        }
    }
    unreachable!("it ends")
}

#[test]
fn a_power_cut_at_any_step_leaves_the_checkpoint_that_was_said_to_be_kept() {
    let (broken, cuts) = cut_everywhere(None);
    assert_eq!(broken, None);
    assert!(cuts > 20, "{cuts} cuts");
}

#[test]
fn a_sync_that_is_left_out_is_found() {
    let (broken, _) = cut_everywhere(Some(Step::Sync));
    assert!(broken.unwrap().contains("found Some(\"\")"));
    let (broken, _) = cut_everywhere(Some(Step::SyncNames));
    assert!(broken.unwrap().contains("1 epochs said to be kept: found None"));
}

#[test]
fn a_new_file_is_whole_or_not_there_at_every_cut() {
    let cut_everywhere = |forgets| {
        for cut in 0.. {
            let disk = Cache { forgets, cut_before: Some(cut), ..Cache::default() };
            let made = create(&disk, OsStr::new("key"), b"secret", 0).is_ok();
            let left = disk.after_cut("key");
            let whole = Some(b"secret".to_vec());
            if !left.iter().all(|it| *it == whole || !made && it.is_none()) {
                return Err(format!("cut {cut}: {left:?}"));
            }
            if made {
                return Ok(());
            }
        }
        unreachable!("it ends")
    };
    cut_everywhere(None).unwrap();
    cut_everywhere(Some(Step::Sync)).unwrap_err();
    cut_everywhere(Some(Step::SyncNames)).unwrap_err();
}

#[test]
fn a_step_that_fails_leaves_nothing_beside() {
    let disk = Cache::default();
    create(&disk, OsStr::new("key"), b"first", 0).unwrap();
    create(&disk, OsStr::new("key"), b"second", 0).unwrap_err();
    assert_eq!(disk.state.borrow().names.keys().collect::<Vec<_>>(), ["key"]);
}
