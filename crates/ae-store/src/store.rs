//! The state of a board: which model runs, and what is remembered for it.

use embedded_storage::nor_flash::NorFlash;

use crate::error::{BootError, StoreError};
use crate::flash::{BLOCK, MappedFlash, Pages};
use crate::journal::Journal;
use crate::slots::Slots;
use crate::state::{Pending, Slot, State};
use crate::update::Update;
use crate::verify::Verify;

/// The state of a board in flash `S`, with room for `N` bytes that a program wants remembered, such
/// as its calibration and its threshold. `N` stands in the layout: another one does not find what was
/// kept before.
pub struct Store<S, const N: usize> {
    journal: Journal<S>,
    pub(crate) state: State,
    remembered: [u8; N],
    remembered_len: u16,
    /// Whether the model that runs is on trial.
    is_trial: bool,
    /// What of a transfer is in memory alone.
    pub(crate) session: Option<Session>,
}

/// How far a transfer is.
pub(crate) struct Session {
    /// Bytes that are in the slot.
    pub(crate) written: u32,
    /// Bytes that are still to be written there.
    pub(crate) block: [u8; BLOCK as usize],
    /// How many.
    pub(crate) held: u32,
}

/// A model that may run, from the slot where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boot<M> {
    /// The model, as the check has loaded it.
    pub model: M,
    /// Its slot.
    pub slot: Slot,
    /// Its version.
    pub version: u32,
    /// Whether it is on trial. Then [`Store::confirm`] it once it has shown itself healthy, or the
    /// next boot returns to the model before.
    pub is_trial: bool,
}

// What a program calls is a function of its own in every program, so that all that it reaches can be
// looked at: `cargo xtask test panic-paths` does.
impl<S: NorFlash, const N: usize> Store<S, N> {
    /// The state that was kept in these pages.
    ///
    /// # Errors
    /// None was ever kept, or none is whole; no model should run then. Or the pages are not usable,
    /// or the flash refuses.
    pub fn open(flash: S, pages: Pages) -> Result<Self, StoreError> {
        Self::open_with(flash, pages, None)
    }

    /// The state that was kept in these pages. Where none ever was, a first one is made: slot A,
    /// which has `capacity` bytes, holds the board's model, and `least` is the least version that
    /// may run.
    ///
    /// A product calls this where it is made, and [`open`](Self::open) where it is used, if erased
    /// pages should not count as new ones.
    ///
    /// # Errors
    /// A state was kept, and none is whole. Or the pages are not usable, or the flash refuses.
    pub fn provision(
        flash: S,
        pages: Pages,
        capacity: u32,
        least: u32,
    ) -> Result<Self, StoreError> {
        Self::open_with(flash, pages, Some(State::first(least, capacity)))
    }

    #[inline(never)]
    fn open_with(flash: S, pages: Pages, first: Option<State>) -> Result<Self, StoreError> {
        let mut journal = Journal::new(flash, pages, N)?;
        let mut remembered = [0; N];
        let (state, remembered_len) = match (journal.open(&mut remembered), first) {
            (Err(StoreError::Virgin), Some(state)) => {
                journal.format(&state)?;
                (state, 0)
            }
            (opened, _) => opened?,
        };
        Ok(Self { journal, state, remembered, remembered_len, is_trial: false, session: None })
    }

    /// What is known of the slots.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The least version that may run: that of the confirmed model.
    #[must_use]
    pub fn least(&self) -> u32 {
        self.state.confirmed.version
    }

    /// Chooses the model to run, checks it, and loads it where it lies. Call it once after a restart;
    /// a second call counts as a restart.
    ///
    /// A candidate is marked as tried before it is looked at, so that one which hangs the program is
    /// run once. If it was tried before and not confirmed, or is refused, the confirmed model runs.
    ///
    /// # Errors
    /// The confirmed model is refused, or the state cannot be kept.
    #[inline(never)]
    pub fn boot<'f, V: Verify>(
        &mut self,
        slots: &'f Slots<impl MappedFlash>,
        verify: &mut V,
    ) -> Result<Boot<V::Model<'f>>, BootError<V::Error>> {
        if self.is_trial {
            // What was remembered since was for the model on trial.
            (self.state, self.remembered_len) = self.journal.open(&mut self.remembered)?;
            self.is_trial = false;
        }
        if let Pending::Candidate { len, version } = self.state.pending {
            self.save(State { pending: Pending::Tried { len, version }, ..self.state })?;
            let slot = self.state.confirmed.slot.other();
            let file = slots.bytes(slot, len);
            if let Ok((found, model)) = verify.verify(file, self.least())
                && found == version
                && found >= self.least()
            {
                (self.is_trial, self.remembered_len) = (true, 0);
                return Ok(Boot { model, slot, version, is_trial: true });
            }
        }
        if let Pending::Tried { version, .. } = self.state.pending {
            let reverted = Some(version);
            self.save(State { pending: Pending::Nothing, reverted, ..self.state })?;
        }
        let confirmed = self.state.confirmed;
        let file = slots.bytes(confirmed.slot, confirmed.len);
        let least = confirmed.version;
        let (version, model) = verify.verify(file, least).map_err(BootError::Refused)?;
        if version < least {
            return Err(BootError::TooOld { least, found: version });
        }
        if version > least {
            // The first model of a board, which a tool has put there.
            let mut state = self.state;
            state.confirmed.version = version;
            self.save(state)?;
        }
        Ok(Boot { model, slot: confirmed.slot, version, is_trial: false })
    }

    /// The model on trial is the one to return to from now on, and its version the least that may
    /// run. What was remembered since it was booted is kept with it. Without a trial nothing happens.
    ///
    /// # Errors
    /// The state cannot be kept; then the model is still on trial.
    #[inline(never)]
    pub fn confirm(&mut self) -> Result<(), StoreError> {
        let Pending::Tried { len, version } = self.state.pending else { return Ok(()) };
        if !self.is_trial {
            // Of a life before this one; `boot` returns from it.
            return Ok(());
        }
        let mut state = self.state;
        state.confirmed = crate::Confirmed { slot: state.confirmed.slot.other(), version, len };
        (state.pending, state.reverted) = (Pending::Nothing, None);
        self.save(state)?;
        self.is_trial = false;
        Ok(())
    }

    /// Whether the model that runs is on trial.
    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// What was remembered last: after a restart the same bytes, unless another model was confirmed
    /// in between. A model on trial begins without any.
    #[must_use]
    pub fn remembered(&self) -> &[u8] {
        self.remembered.get(..usize::from(self.remembered_len)).unwrap_or_default()
    }

    /// Remembers `bytes` in place of what was remembered before, whole or not at all. Of a model on
    /// trial they are kept with its confirmation: after a restart they would be of no use, for the
    /// model before runs again, with its own.
    ///
    /// # Errors
    /// They are more than `N`, or the state cannot be kept.
    #[inline(never)]
    pub fn remember(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let too_long = StoreError::TooLong { capacity: N, found: bytes.len() };
        let len = u16::try_from(bytes.len()).map_err(|_| too_long)?;
        let place = self.remembered.get_mut(..bytes.len()).ok_or(too_long)?;
        for (to, from) in place.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.remembered_len = len;
        if self.is_trial { Ok(()) } else { self.save(self.state) }
    }

    /// A new model for the slot that is not in use. A model that was booted from these slots must be
    /// gone: it borrows them.
    pub fn update<'u, F: MappedFlash>(
        &'u mut self,
        slots: &'u mut Slots<F>,
    ) -> Update<'u, S, F, N> {
        Update::new(self, slots)
    }

    /// Keeps a state, and with it what is remembered.
    pub(crate) fn save(&mut self, state: State) -> Result<(), StoreError> {
        let held = self.remembered.get(..usize::from(self.remembered_len)).unwrap_or_default();
        self.journal.save(&state, held)?;
        self.state = state;
        Ok(())
    }
}

#[cfg(test)]
impl<S: NorFlash, const N: usize> Store<S, N> {
    /// A planted mistake: this life writes on to the newest page.
    pub(crate) fn pretend_fresh(&mut self) {
        self.journal.pretend_fresh();
    }
}
