//! Mistakes that the cuts must find: each as a store, a transfer or a flash that makes it.

use ae_core::crc32c;
use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use std::vec::Vec;

use super::board::{PAGE, REMEMBERED, SLOT, STARTS, SlotFlash};
use super::models::Check;
use crate::store::Session;
use crate::{Confirmed, FinishError, Pending, Slots, State, Store, Verify};

/// What is done wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing.
    Nothing,
    /// A model is confirmed, then looked at.
    ConfirmedUnseen,
    /// A new model goes where the confirmed one lies.
    WrongSlot,
    /// The least version is raised before there is a candidate.
    FloorFirst,
    /// A transfer goes on behind all that reads right, whether a cut fell into it or not.
    TrustsWhatReads,
    /// The state has one page.
    OneCopy,
    /// The checksum is written before what it is of.
    CommitFirst,
    /// The seal is written before the rest.
    SealFirst,
    /// An entry without a seal is believed.
    DoubtBelieved,
    /// A life writes to a page that another one has erased.
    OthersPage,
    /// A life erases the page with the newest sealed entry.
    ForgetsSealed,
}

impl Fault {
    /// Sends a file of this version, as the host of a board does.
    pub(super) fn send<S: NorFlash, const WORD: usize>(
        self,
        store: &mut Store<S, REMEMBERED>,
        slots: &mut Slots<&mut SlotFlash<WORD>>,
        file: &[u8],
        version: u32,
    ) -> Result<(), FinishError<&'static str>> {
        let len = file.len() as u32;
        match self {
            Self::WrongSlot => {
                let [a, b] = STARTS;
                let mut wrong = Slots::new(&mut *slots.flash, [b, a], SLOT).expect("slots");
                return transfer(store, &mut wrong, file, self);
            }
            Self::FloorFirst => {
                let mut state = *store.state();
                state.confirmed.version = version;
                store.save(state).map_err(kept)?;
            }
            Self::ConfirmedUnseen => {
                write(store, slots, file, self)?;
                store.update(slots).finish(&mut Blind(version))?;
                let before = State { pending: Pending::Nothing, ..*store.state() };
                let slot = before.confirmed.slot.other();
                let confirmed = Confirmed { slot, version, len };
                store.save(State { confirmed, ..before }).map_err(kept)?;
                if let Err(error) = Check.verify(slots.bytes(slot, len), version) {
                    store.save(before).map_err(kept)?;
                    return Err(FinishError::Refused(error));
                }
                store
                    .save(State { pending: Pending::Candidate { len, version }, ..before })
                    .map_err(kept)?;
                return Ok(());
            }
            _ => {}
        }
        transfer(store, slots, file, self)
    }
}

/// Takes any file for this version.
struct Blind(u32);

impl Verify for Blind {
    type Model<'f> = ();
    type Error = &'static str;
    fn verify(&mut self, _file: &[u8], _least: u32) -> Result<(u32, ()), &'static str> {
        Ok((self.0, ()))
    }
}

fn kept(error: crate::StoreError) -> FinishError<&'static str> {
    FinishError::Update(error.into())
}

fn transfer<S: NorFlash, const WORD: usize>(
    store: &mut Store<S, REMEMBERED>,
    slots: &mut Slots<&mut SlotFlash<WORD>>,
    file: &[u8],
    fault: Fault,
) -> Result<(), FinishError<&'static str>> {
    write(store, slots, file, fault)?;
    store.update(slots).finish(&mut Check).map(drop)
}

/// In pieces that are no whole blocks, and through a new handle for each.
fn write<S: NorFlash, const WORD: usize>(
    store: &mut Store<S, REMEMBERED>,
    slots: &mut Slots<&mut SlotFlash<WORD>>,
    file: &[u8],
    fault: Fault,
) -> Result<(), FinishError<&'static str>> {
    let mut there = store.update(slots).begin(file.len() as u32, crc32c(file))? as usize;
    if fault == Fault::TrustsWhatReads && there < file.len() {
        let place = slots.bytes(store.state().confirmed.slot.other(), file.len() as u32);
        let right = place.iter().zip(file).take_while(|(read, sent)| read == sent).count();
        there = there.max(right / 32 * 32);
        let written = there as u32;
        store.session = Some(Session { written, block: [0xff; 32], held: 0 });
    }
    for piece in file[there..].chunks(45) {
        store.update(slots).write(piece)?;
    }
    Ok(())
}

/// All pages of the state are one.
pub(super) struct OnePage<S>(pub(super) S);

/// Every entry that has a commit has a seal as well.
pub(super) struct AlwaysSealed<S>(pub(super) S);

/// Commit or seal of an entry are written first.
pub(super) struct Reordered<S> {
    flash: S,
    is_seal: bool,
    /// Of the entry, what must wait.
    waiting: Vec<(u32, Vec<u8>)>,
}

impl<S> Reordered<S> {
    pub(super) fn new(flash: S, is_seal: bool) -> Self {
        Self { flash, is_seal, waiting: Vec::new() }
    }
}

/// Bytes of an entry where a cell has four.
const ENTRY: u32 = 32 + REMEMBERED as u32 + 8;

/// Where in an entry something lies.
fn within(offset: u32) -> u32 {
    offset % PAGE as u32 % ENTRY
}

impl<S: ReadNorFlash> ErrorType for OnePage<S> {
    type Error = S::Error;
}
impl<S: ReadNorFlash> ErrorType for AlwaysSealed<S> {
    type Error = S::Error;
}
impl<S: ReadNorFlash> ErrorType for Reordered<S> {
    type Error = S::Error;
}

impl<S: ReadNorFlash> ReadNorFlash for OnePage<S> {
    const READ_SIZE: usize = S::READ_SIZE;
    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), S::Error> {
        self.0.read(offset % PAGE as u32, bytes)
    }
    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl<S: NorFlash> NorFlash for OnePage<S> {
    const WRITE_SIZE: usize = S::WRITE_SIZE;
    const ERASE_SIZE: usize = S::ERASE_SIZE;
    fn erase(&mut self, _from: u32, _to: u32) -> Result<(), S::Error> {
        self.0.erase(0, PAGE as u32)
    }
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), S::Error> {
        self.0.write(offset % PAGE as u32, bytes)
    }
}

impl<S: ReadNorFlash> ReadNorFlash for AlwaysSealed<S> {
    const READ_SIZE: usize = S::READ_SIZE;
    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), S::Error> {
        self.0.read(offset, bytes)?;
        if within(offset) == ENTRY - 4 {
            let mut commit = [0; 4];
            self.0.read(offset - 4, &mut commit)?;
            if commit != [0xff; 4] {
                bytes.copy_from_slice(b"held");
            }
        }
        Ok(())
    }
    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl<S: NorFlash> NorFlash for AlwaysSealed<S> {
    const WRITE_SIZE: usize = S::WRITE_SIZE;
    const ERASE_SIZE: usize = S::ERASE_SIZE;
    fn erase(&mut self, from: u32, to: u32) -> Result<(), S::Error> {
        self.0.erase(from, to)
    }
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), S::Error> {
        self.0.write(offset, bytes)
    }
}

impl<S: ReadNorFlash> ReadNorFlash for Reordered<S> {
    const READ_SIZE: usize = S::READ_SIZE;
    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), S::Error> {
        self.flash.read(offset, bytes)
    }
    fn capacity(&self) -> usize {
        self.flash.capacity()
    }
}

impl<S: NorFlash> NorFlash for Reordered<S> {
    const WRITE_SIZE: usize = S::WRITE_SIZE;
    const ERASE_SIZE: usize = S::ERASE_SIZE;
    fn erase(&mut self, from: u32, to: u32) -> Result<(), S::Error> {
        self.flash.erase(from, to)
    }
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), S::Error> {
        let first = if self.is_seal { ENTRY - 4 } else { ENTRY - 8 };
        if within(offset) < first {
            self.waiting.push((offset, bytes.to_vec()));
            return Ok(());
        }
        self.flash.write(offset, bytes)?;
        self.waiting.drain(..).try_for_each(|(offset, bytes)| self.flash.write(offset, &bytes))
    }
}
