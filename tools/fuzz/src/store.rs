//! A store in a flash whose power is cut, beside a model of it that has no flash.
//!
//! The model is a value: what is confirmed, what is in the other slot, what is remembered. Each step
//! says what it becomes. Behind a cut the store must be as it was before the step or behind it, and
//! from then on it is certain which.

mod parts;

use std::ops::Range;

use ae_store::{FinishError, Pending, Slot, Slots, State, Store, Transfer};
use ae_testkit::nor::{Reads, Supply, Torn};

use crate::source::Source;
use parts::{Check, Flash, PAGES, REMEMBERED, SLOT, STARTS, StateFlash, file};

/// Steps of an input at most.
const STEPS: usize = 200;

/// What is in the other slot, without how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Other {
    Nothing,
    Receiving,
    Candidate(u32),
    Tried(u32),
}

/// The model.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    slot: Slot,
    least: u32,
    other: Other,
    remembered: Vec<u8>,
}

impl Kept {
    fn of(state: &State, remembered: &[u8]) -> Self {
        let other = match state.pending {
            Pending::Nothing => Other::Nothing,
            Pending::Receiving(_) => Other::Receiving,
            Pending::Candidate { version, .. } => Other::Candidate(version),
            Pending::Tried { version, .. } => Other::Tried(version),
        };
        let least = state.confirmed.version;
        Self { slot: state.confirmed.slot, least, other, remembered: remembered.to_vec() }
    }
}

/// A board between two lives.
struct Board {
    supply: Supply,
    state: StateFlash,
    slots: Flash,
    kept: Kept,
    /// What the step in which the power went would have kept.
    begun: Option<Kept>,
    /// The file that is being sent.
    sent: Vec<u8>,
}

/// Does what `source` says.
///
/// # Panics
/// Something does not hold.
pub fn run(source: &mut Source) {
    let supply = Supply::new(u64::from(source.u16()));
    let mut board = Board {
        state: StateFlash::new(PAGES.count as usize, &supply),
        slots: Flash::new(&supply),
        supply,
        kept: Kept { slot: Slot::A, least: 1, other: Other::Nothing, remembered: Vec::new() },
        begun: None,
        sent: Vec::new(),
    };
    let mut steps = STEPS;
    while steps > 0 && !source.is_empty() {
        board.live(source, &mut steps);
        assert_eq!(board.supply.fault(), None, "{:?}", board.kept);
        let reads = [Reads::Before, Reads::After, Reads::Random][source.below(3)];
        board.supply.switch_on(reads);
        board.slots.0.settle();
    }
    // Without a cut it opens and boots whatever was before.
    board.supply.hold();
    board.supply.switch_on(Reads::Random);
    board.slots.0.settle();
    board.live(&mut Source::new(&[]), &mut 0);
    assert!(!board.supply.is_off());
    assert_eq!(board.supply.fault(), None);
}

impl Board {
    fn live(&mut self, source: &mut Source, steps: &mut usize) {
        let supply = self.supply.clone();
        if steps > &mut 0 {
            plan_a_cut(&supply, source);
        }
        let opened = Store::<_, REMEMBERED>::provision(&mut self.state, PAGES, SLOT, 1);
        let mut store = match opened {
            Ok(store) => store,
            Err(error) => return assert!(supply.is_off(), "{error}"),
        };
        let found = Kept::of(store.state(), store.remembered());
        let begun = self.begun.take();
        assert!(found == self.kept || Some(&found) == begun.as_ref(), "{found:?}, {begun:?}");
        self.kept = found;
        let slots = Slots::new(&mut self.slots, STARTS, SLOT).expect("slots of the flash");
        let mut slots = guarded(slots, place(self.kept.slot));

        // What a boot makes of the state.
        let tried = match self.kept.other {
            Other::Candidate(version) => Some(version),
            _ => None,
        };
        let mut next = self.kept.clone();
        next.other = match next.other {
            Other::Candidate(version) => Other::Tried(version),
            Other::Tried(_) => Other::Nothing,
            other => other,
        };
        self.begun = Some(next.clone());
        let boot = match store.boot(&slots, &mut Check) {
            Ok(boot) => boot,
            Err(error) => return assert!(supply.is_off(), "{error}"),
        };
        assert_eq!(
            (boot.is_trial, boot.version),
            match tried {
                Some(version) => (true, version),
                None => (false, self.kept.least),
            }
        );
        assert_eq!(boot.model, file(boot.version), "version {}", boot.version);
        let mut is_trial = boot.is_trial;
        (self.kept, self.begun) = (next, None);
        if is_trial {
            slots = guarded(slots, 0..2 * SLOT);
        }
        let mut on_trial = Vec::new();

        while *steps > 0 && !source.is_empty() {
            *steps -= 1;
            let mut next = self.kept.clone();
            let (step, number) = (source.below(9), source.byte());
            let done = match step {
                0 | 1 => {
                    let bytes = vec![number; usize::from(number) % (REMEMBERED + 1)];
                    if is_trial {
                        on_trial.clone_from(&bytes);
                    } else {
                        next.remembered.clone_from(&bytes);
                    }
                    self.begun = Some(next.clone());
                    store.remember(&bytes).is_ok()
                }
                2 if !is_trial => {
                    // Older ones, the same and the next, one in eight changed.
                    self.sent = file(u32::from(number % 4) + self.kept.least.saturating_sub(1));
                    if number >= 224 {
                        self.sent[usize::from(number)] ^= 1;
                    }
                    let (len, tag) = (self.sent.len() as u32, ae_core::crc32c(&self.sent));
                    next.other = Other::Receiving;
                    self.begun = Some(next.clone());
                    store.update(&mut slots).begin(len, tag).is_ok()
                }
                3 | 4 if is_of(store.update(&mut slots).transfer(), &self.sent) => {
                    let mut update = store.update(&mut slots);
                    let Some(transfer) = update.transfer() else { continue };
                    let rest = &self.sent[transfer.received as usize..];
                    let piece = &rest[..rest.len().min(4 * usize::from(number))];
                    update.write(piece).is_ok()
                }
                5 if is_of(store.update(&mut slots).transfer(), &self.sent) => {
                    match store.update(&mut slots).finish(&mut Check) {
                        Ok(version) => {
                            assert!(version >= self.kept.least && self.sent == file(version));
                            next.other = Other::Candidate(version);
                            true
                        }
                        Err(_) if supply.is_off() => {
                            next.other = after_finish(&self.sent, self.kept.least);
                            false
                        }
                        Err(error) => {
                            let state = Kept::of(store.state(), &[]);
                            let is_refusal = !matches!(error, FinishError::Update(_));
                            assert!(!is_refusal || state.other == Other::Nothing, "{error}");
                            next.other = state.other;
                            true
                        }
                    }
                }
                6 => {
                    if is_trial {
                        let Other::Tried(version) = next.other else { unreachable!("on trial") };
                        next = Kept {
                            slot: next.slot.other(),
                            least: version,
                            other: Other::Nothing,
                            remembered: on_trial.clone(),
                        };
                    }
                    self.begun = Some(next.clone());
                    let done = store.confirm().is_ok();
                    if done && is_trial {
                        is_trial = false;
                        slots = guarded(slots, place(next.slot));
                    }
                    done
                }
                7 if !is_trial => {
                    next.other = Other::Nothing;
                    self.begun = Some(next.clone());
                    store.update(&mut slots).cancel().is_ok()
                }
                8 => return,
                _ => continue,
            };
            self.begun = Some(next.clone());
            if !done {
                return assert!(supply.is_off(), "step {step} {number}: {:?}", self.kept);
            }
            (self.kept, self.begun) = (next, None);
            assert_eq!(store.least(), self.kept.least);
        }
    }
}

/// Whether it is this file that is on its way, and not one before, whose successor met a cut.
fn is_of(transfer: Option<Transfer>, sent: &[u8]) -> bool {
    transfer.is_some_and(|transfer| transfer.tag == ae_core::crc32c(sent))
}

fn place(slot: Slot) -> Range<u32> {
    let start = STARTS[usize::from(slot == Slot::B)];
    start..start + SLOT
}

/// What a file that was sent whole becomes.
fn after_finish(sent: &[u8], least: u32) -> Other {
    let version = sent.last_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    if version >= least && sent == file(version) {
        Other::Candidate(version)
    } else {
        Other::Nothing
    }
}

/// The same slots, of which this range must not change.
fn guarded(slots: Slots<&mut Flash>, range: Range<u32>) -> Slots<&mut Flash> {
    let flash = slots.into_flash();
    flash.0.guard(Some(range));
    Slots::new(flash, STARTS, SLOT).expect("slots of the flash")
}

/// A cut in one of the next operations, or none.
fn plan_a_cut(supply: &Supply, source: &mut Source) {
    let (ahead, share) = (source.byte(), source.byte());
    let torn = match source.below(5) {
        0 => Torn::Undone,
        1 => Torn::Done,
        2 => Torn::Prefix(share),
        3 => Torn::Suffix(share),
        _ => Torn::Unstable,
    };
    supply.hold();
    if ahead < 192 {
        supply.cut_in(supply.operations() + u64::from(ahead), torn);
    }
}
