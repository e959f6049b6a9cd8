//! A new model on its way into the slot that is not in use.

use embedded_storage::nor_flash::{NorFlash, NorFlashError};

use crate::error::{FinishError, UpdateError};
use crate::flash::{BLOCK, MappedFlash};
use crate::slots::Slots;
use crate::state::{Pending, State, Transfer};
use crate::store::{Session, Store};
use crate::verify::Verify;

/// Writes a new model into the slot that is not in use: [`begin`](Self::begin),
/// [`write`](Self::write), [`finish`](Self::finish).
///
/// It holds nothing itself, and may be dropped and made anew between two calls: what was transferred
/// stays known to the [`Store`].
pub struct Update<'u, S, F, const N: usize> {
    store: &'u mut Store<S, N>,
    slots: &'u mut Slots<F>,
}

impl<'u, S: NorFlash, F: MappedFlash, const N: usize> Update<'u, S, F, N> {
    pub(crate) fn new(store: &'u mut Store<S, N>, slots: &'u mut Slots<F>) -> Self {
        Self { store, slots }
    }

    /// Begins with a file of `len` bytes, or goes on with it: the answer is how many bytes from its
    /// front are there already. `tag` tells files of one length apart, for instance a checksum of
    /// the whole; with another one the transfer begins anew. A candidate that was not run is given up.
    ///
    /// Nothing is erased yet: each step is erased when its first byte comes.
    ///
    /// # Errors
    /// A model is on trial, the file has no byte or too many, or the state cannot be kept.
    #[inline(never)]
    pub fn begin(&mut self, len: u32, tag: u32) -> Result<u32, UpdateError> {
        if matches!(self.store.state.pending, Pending::Tried { .. }) {
            return Err(UpdateError::OnTrial);
        }
        let capacity = self.slots.capacity();
        if len == 0 || len > capacity {
            return Err(UpdateError::Length { capacity, found: len });
        }
        match self.transfer() {
            Some(before) if (before.len, before.tag) == (len, tag) => Ok(before.received),
            _ => {
                self.store.session = None;
                self.keep(Transfer { len, tag, received: 0 })?;
                Ok(0)
            }
        }
    }

    /// The file that is being transferred, and how much of it is there.
    #[must_use]
    pub fn transfer(&self) -> Option<Transfer> {
        let Pending::Receiving(kept) = self.store.state.pending else { return None };
        let received = match &self.store.session {
            Some(session) => session.written.saturating_add(session.held).min(kept.len),
            None => kept.received,
        };
        Some(Transfer { received, ..kept })
    }

    /// Takes the next bytes of the file; the answer is how many from its front are there then.
    ///
    /// # Errors
    /// Nothing was begun, there are more bytes than were announced, or a flash refuses. After the
    /// last, [`begin`](Self::begin) says where to go on.
    #[inline(never)]
    pub fn write(&mut self, bytes: &[u8]) -> Result<u32, UpdateError> {
        let Some(Transfer { len, tag, received }) = self.transfer() else {
            return Err(UpdateError::NotBegun);
        };
        let found = u64::from(received).saturating_add(bytes.len() as u64);
        if found > u64::from(len) {
            return Err(UpdateError::TooMany { expected: len, found });
        }
        let begun = Session { written: received, block: [0xff; BLOCK as usize], held: 0 };
        let mut session = self.store.session.take().unwrap_or(begun);
        for &byte in bytes {
            if let Some(place) = session.block.get_mut(session.held as usize) {
                *place = byte;
            }
            session.held = session.held.saturating_add(1);
            if session.held == BLOCK {
                self.write_block(&mut session)?;
                if session.written.is_multiple_of(self.slots.step) {
                    self.keep(Transfer { len, tag, received: session.written })?;
                }
            }
        }
        self.store.session = Some(session);
        Ok(found as u32)
    }

    /// Checks the file, in its place and whole. If it is good it is the candidate that the next
    /// [`boot`](Store::boot) tries; the answer is its version. The confirmed model stays what it is.
    ///
    /// # Errors
    /// Bytes are missing, the model is refused or older than the confirmed one, or a flash refuses.
    #[inline(never)]
    pub fn finish<V: Verify>(&mut self, verify: &mut V) -> Result<u32, FinishError<V::Error>> {
        let Some(Transfer { len, tag, received }) = self.transfer() else {
            return Err(UpdateError::NotBegun.into());
        };
        if received < len {
            return Err(UpdateError::TooFew { expected: len, found: received }.into());
        }
        if let Some(mut session) = self.store.session.take() {
            if session.held > 0 {
                self.write_block(&mut session)?;
            }
            // The check may take longer than the power lasts.
            self.keep(Transfer { len, tag, received: len })?;
        }
        let file = self.slots.bytes(self.store.state.confirmed.slot.other(), len);
        let least = self.store.least();
        let refusal = match verify.verify(file, least) {
            Ok((version, _)) if version >= least => {
                let pending = Pending::Candidate { len, version };
                let state = self.store.state;
                let state = State { pending, reverted: None, ..state };
                self.store.save(state).map_err(UpdateError::Store)?;
                return Ok(version);
            }
            Ok((found, _)) => FinishError::TooOld { least, found },
            Err(error) => FinishError::Refused(error),
        };
        self.forget()?;
        Err(refusal)
    }

    /// Gives up a transfer or a candidate.
    ///
    /// # Errors
    /// A model is on trial, or the state cannot be kept.
    #[inline(never)]
    pub fn cancel(&mut self) -> Result<(), UpdateError> {
        match self.store.state.pending {
            Pending::Nothing => Ok(()),
            Pending::Tried { .. } => Err(UpdateError::OnTrial),
            Pending::Receiving(_) | Pending::Candidate { .. } => self.forget(),
        }
    }

    fn forget(&mut self) -> Result<(), UpdateError> {
        self.store.session = None;
        let state = self.store.state;
        Ok(self.store.save(State { pending: Pending::Nothing, ..state })?)
    }

    fn keep(&mut self, transfer: Transfer) -> Result<(), UpdateError> {
        let state = self.store.state;
        Ok(self.store.save(State { pending: Pending::Receiving(transfer), ..state })?)
    }

    /// Writes what is held, and erases the step before its first block.
    fn write_block(&mut self, session: &mut Session) -> Result<(), UpdateError> {
        let start = self.slots.start(self.store.state.confirmed.slot.other());
        let at = start.saturating_add(session.written);
        if session.written.is_multiple_of(self.slots.step) {
            let end = at.saturating_add(self.slots.step);
            let end = end.min(start.saturating_add(self.slots.capacity()));
            self.slots.flash.erase(at, end).map_err(refused)?;
        }
        self.slots.flash.write(at, &session.block).map_err(refused)?;
        session.written = session.written.saturating_add(BLOCK);
        (session.block, session.held) = ([0xff; BLOCK as usize], 0);
        Ok(())
    }
}

fn refused(error: impl NorFlashError) -> UpdateError {
    UpdateError::Flash(error.kind())
}
