//! The board, what its program and its host do, and what must hold after each cut.

use core::fmt::Debug;
use core::mem::replace;
use core::ops::Range;
use std::format;
use std::string::String;

use ae_testkit::nor::{Nor, Reads, Supply};
use embedded_storage::nor_flash::NorFlash;

use super::faults::{self, Fault};
use super::models::{Check, calibration, file, windows};
use crate::journal::FORGETS_SEALED;
use crate::{FinishError, Pages, Slot, Slots, Store, StoreError};

/// Bytes that are remembered at most.
pub(super) const REMEMBERED: usize = 20;
/// Bytes of a page of the state, which has room for four entries with the longest words.
pub(super) const PAGE: usize = 512;
/// The state's pages.
pub(super) const PAGES: Pages = Pages { first: 0, len: PAGE as u32, count: 3 };
/// What is erased of a slot at once.
const SECTOR: usize = 256;
/// Bytes of a slot.
pub(super) const SLOT: u32 = 4 * SECTOR as u32;
/// Where they begin, with something between them.
pub(super) const STARTS: [u32; 2] = [SECTOR as u32, 2 * SECTOR as u32 + SLOT];

/// The slots' flash.
pub(super) type SlotFlash<const WORD: usize> = Nor<WORD, SECTOR>;

/// What the host wants of the board.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// The model to run in the end; the first one is 1.
    pub(super) version: u32,
    /// Windows that each model scores before the next one comes, 2 at least.
    pub(super) windows: u32,
    /// Whether a file that was changed comes first, and a first trial is not confirmed.
    pub(super) is_rough: bool,
}

/// How a life ends before the plan is fulfilled.
enum End {
    PowerOff,
    Restart,
    Wrong(String),
}

/// What is known to have been kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    least: u32,
    windows: u32,
}

/// A board.
pub(super) struct Board<const WORD: usize> {
    state: Nor<WORD, PAGE>,
    history: History<WORD>,
}

/// The rest of it, and what happened.
struct History<const WORD: usize> {
    supply: Supply,
    slots: SlotFlash<WORD>,
    fault: Fault,
    known: Known,
    /// What was being kept when the power went.
    begun: Option<Known>,
    may_try: bool,
    must_try: bool,
    was_refused: bool,
    was_unconfirmed: bool,
}

impl<const WORD: usize> Board<WORD> {
    pub(super) fn new(fault: Fault) -> Self {
        let supply = Supply::new(1);
        let mut slots = Nor::new(2 * SLOT as usize / SECTOR + 3, &supply);
        slots.put(STARTS[0] as usize, &file(1));
        let state = Nor::new(PAGES.count as usize, &supply);
        let history = History {
            supply,
            slots,
            fault,
            known: Known { least: 1, windows: 0 },
            begun: None,
            may_try: false,
            must_try: false,
            was_refused: false,
            was_unconfirmed: false,
        };
        Self { state, history }
    }

    pub(super) fn supply(&self) -> &Supply {
        &self.history.supply
    }

    /// Lives until the plan is fulfilled. In the life behind each restart, torn bits read as the next
    /// of `reads` says, from the first cut on.
    ///
    /// # Errors
    /// Something does not hold.
    pub(super) fn run(&mut self, plan: Plan, reads: &[Reads]) -> Result<(), String> {
        let (mut cuts, mut restarts) = (0, 0);
        loop {
            let end = self.live(plan);
            if let Some(fault) = self.history.supply.fault() {
                return Err(fault);
            }
            match end {
                Ok(()) => return self.check_wear(cuts, restarts),
                Err(End::Wrong(what)) => return Err(what),
                Err(End::Restart) => restarts += 1,
                Err(End::PowerOff) => cuts += 1,
            }
            let life = (cuts + restarts) as usize;
            self.history.supply.switch_on(reads[life % reads.len()]);
            self.history.slots.settle();
            if restarts > 4 * plan.version {
                return Err(format!("it does not end: {:?}", self.history.known));
            }
        }
    }

    /// A life erases one page of the state before it saves, and one for each fill of a page. A slot is
    /// erased for each file that comes, and a step of it once more for each cut.
    fn check_wear(&self, cuts: u32, restarts: u32) -> Result<(), String> {
        let state = self.state.wear().max().unwrap_or(0);
        let slots = self.history.slots.wear().max().unwrap_or(0);
        let (most, most_slots) = (10 + 2 * (cuts + restarts), cuts + restarts);
        if state > most || slots > most_slots {
            return Err(format!(
                "worn: a page {state} times of {most}, a slot {slots} of {most_slots}"
            ));
        }
        Ok(())
    }

    fn live(&mut self, plan: Plan) -> Result<(), End> {
        let Self { state, history } = self;
        FORGETS_SEALED.set(history.fault == Fault::ForgetsSealed);
        match history.fault {
            Fault::OneCopy => history.live(faults::OnePage(state), plan),
            Fault::CommitFirst => history.live(faults::Reordered::new(state, false), plan),
            Fault::SealFirst => history.live(faults::Reordered::new(state, true), plan),
            Fault::DoubtBelieved => history.live(faults::AlwaysSealed(state), plan),
            _ => history.live(state, plan),
        }
    }
}

impl<const WORD: usize> History<WORD> {
    fn live(&mut self, state: impl NorFlash, plan: Plan) -> Result<(), End> {
        let opened = Store::provision(state, PAGES, SLOT, 1);
        let mut store = opened.map_err(|error| end(&self.supply, error))?;
        self.check_known(&store)?;
        if self.fault == Fault::OthersPage {
            store.pretend_fresh();
        }
        self.slots.guard(Some(place(store.state().confirmed.slot)));
        let mut slots = Slots::new(&mut self.slots, STARTS, SLOT).expect("slots of the flash");
        let must_try = replace(&mut self.must_try, false);
        let booted = store.boot(&slots, &mut Check);
        let boot = booted.map_err(|error| end(&self.supply, error))?;
        let (version, is_trial) = (boot.version, boot.is_trial);
        if boot.model.file != file(version) || boot.model.version != version {
            return wrong(format!("a model that nobody sent, version {version}"));
        }
        if is_trial && !self.may_try || must_try && !is_trial {
            return wrong(format!("trial {is_trial} of version {version}"));
        }
        if !is_trial && version != self.known.least {
            return wrong(format!("version {version}, and {:?} confirmed", self.known));
        }
        if is_trial {
            // Both are in use: the one that runs, and the one to return to.
            slots.flash.guard(Some(0..STARTS[1] + SLOT));
            self.may_try = false;
            if plan.is_rough && !replace(&mut self.was_unconfirmed, true) {
                remember(&mut store, version, 1).map_err(|error| end(&self.supply, error))?;
                return Err(End::Restart);
            }
            for window in 1..=2 {
                remember(&mut store, version, window).map_err(|error| end(&self.supply, error))?;
            }
            let kept = Known { least: version, windows: 2 };
            self.begun = Some(kept);
            store.confirm().map_err(|error| end(&self.supply, error))?;
            (self.known, self.begun) = (kept, None);
            slots.flash.guard(Some(place(store.state().confirmed.slot)));
        }
        while self.known.windows < plan.windows {
            let kept = Known { windows: self.known.windows + 1, ..self.known };
            self.begun = Some(kept);
            let kept_all = remember(&mut store, version, kept.windows);
            kept_all.map_err(|error| end(&self.supply, error))?;
            (self.known, self.begun) = (kept, None);
        }
        if version >= plan.version {
            return Ok(());
        }
        let mut sent = file(version + 1);
        let is_changed = plan.is_rough && !replace(&mut self.was_refused, true);
        if is_changed {
            sent[300] ^= 1;
        }
        self.may_try = !is_changed;
        match (self.fault.send(&mut store, &mut slots, &sent, version + 1), is_changed) {
            (Ok(()), false) => {
                self.must_try = true;
                Err(End::Restart)
            }
            (Err(FinishError::Refused(_)), true) => Err(End::Restart),
            (sent, _) => Err(end(&self.supply, sent)),
        }
    }

    /// What was kept is there, or what was being kept.
    fn check_known<S: NorFlash>(&mut self, store: &Store<S, REMEMBERED>) -> Result<(), End> {
        let remembered = store.remembered();
        let found = Known { least: store.least(), windows: windows(remembered) };
        if found != self.known && Some(found) != self.begun {
            return wrong(format!("{found:?} after {:?}, {:?} begun", self.known, self.begun));
        }
        if found.windows > 0 && remembered != calibration(found.least, found.windows) {
            return wrong(format!("{remembered:?} remembered"));
        }
        (self.known, self.begun) = (found, None);
        Ok(())
    }
}

/// A step that failed: by a cut, or it is wrong.
fn end(supply: &Supply, error: impl Debug) -> End {
    if supply.is_off() { End::PowerOff } else { End::Wrong(format!("{error:?}")) }
}

fn wrong(what: String) -> Result<(), End> {
    Err(End::Wrong(what))
}

fn place(slot: Slot) -> Range<u32> {
    let [a, b] = STARTS;
    let start = if slot == Slot::A { a } else { b };
    start..start + SLOT
}

/// Another window was scored.
fn remember<S: NorFlash>(
    store: &mut Store<S, REMEMBERED>,
    version: u32,
    windows: u32,
) -> Result<(), StoreError> {
    store.remember(&calibration(version, windows))
}
