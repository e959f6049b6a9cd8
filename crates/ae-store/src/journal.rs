//! The state's entries on their pages: which one counts, and where the next one goes.
//!
//! An entry is written in three steps: its body, the *commit* cell with the body's checksum, and the
//! *seal*. The steps tell what a cut left, although the bits of a torn word may read differently each
//! time:
//!
//! - a commit that reads right was begun, so the body before it is whole and stable
//! - a seal that reads right was begun, so the commit before it is whole and stable
//! - an entry that was acted upon is sealed, and stays so
//!
//! An entry that reads right without its seal is in doubt: it may be gone the next time. It is copied
//! before anything is done on its word. The copy has the same bytes and the same number, so a copy of
//! the copy is the same too, and one that was torn and reads as erased is written over with itself.
//! Such a copy is all that is ever written to a page by another life than the one that erased it: the
//! first save of a life goes to a fresh page. No page is erased before a sealed entry is on another.

use ae_core::Checksum;
use embedded_storage::nor_flash::{NorFlash, NorFlashError};

use crate::error::{GeometryError, StoreError};
use crate::flash::{BLOCK, Pages};
use crate::state::{HEAD, State};

/// Entries that a page must have room for.
const LEAST_ENTRIES: u32 = 4;

/// What a seal begins with.
const SEAL: [u8; 4] = *b"held";

/// How often the pages are looked through, where a torn word read differently in between.
const TRIES: u32 = 4;

/// The pages, and the place for the next entry.
pub(crate) struct Journal<S> {
    flash: S,
    pages: Pages,
    entry: Entry,
    /// The page with the newest entry.
    page: u32,
    /// The place on it for the next one.
    next: u32,
    /// Whether this life erased the page.
    is_fresh: bool,
    /// The newest entry's number.
    number: u32,
    /// Whether a step failed: what is behind it nobody knows.
    is_broken: bool,
}

/// Sizes of an entry.
#[derive(Clone, Copy)]
struct Entry {
    /// Bytes of the body: the head, and what is remembered.
    body: u32,
    /// Bytes of the commit, and of the seal.
    cell: u32,
    /// Entries of a page.
    count: u32,
}

/// An entry that was read.
struct Look {
    head: [u8; HEAD],
    /// Its number, if commit and body read right.
    number: Option<u32>,
    /// Whether the seal reads right, whatever the rest.
    is_sealed: bool,
    /// Whether every byte reads as erased.
    is_blank: bool,
}

/// The newest entry of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Newest {
    page: u32,
    place: u32,
    number: u32,
    is_sealed: bool,
    /// The first place of the page behind all that does not read as erased.
    room: u32,
    /// Whether the page has a whole entry that is sealed.
    has_sealed: bool,
}

impl<S: NorFlash> Journal<S> {
    /// # Errors
    /// The pages are none of this flash, or too small.
    pub(crate) fn new(flash: S, pages: Pages, remembered: usize) -> Result<Self, GeometryError> {
        pages.check(&flash)?;
        let cell = S::WRITE_SIZE.max(S::READ_SIZE).max(SEAL.len()) as u32;
        let too_small = |needed| GeometryError::PageTooSmall { needed, found: pages.len };
        let remembered = u16::try_from(remembered).map_err(|_| too_small(u32::MAX))?;
        let body = u32::from(remembered).div_ceil(cell).saturating_mul(cell);
        let body = body.saturating_add(HEAD as u32);
        let len = body.saturating_add(cell.saturating_mul(2));
        let count = pages.len.checked_div(len).unwrap_or(0);
        if count < LEAST_ENTRIES {
            return Err(too_small(len.saturating_mul(LEAST_ENTRIES)));
        }
        Ok(Self {
            flash,
            pages,
            entry: Entry { body, cell, count },
            page: 0,
            next: 0,
            is_fresh: false,
            number: 0,
            is_broken: false,
        })
    }

    /// Finds the newest entry and makes it certain. What it remembers goes to `remembered`.
    ///
    /// # Errors
    /// The flash refuses, or there is no entry that is whole.
    pub(crate) fn open(&mut self, remembered: &mut [u8]) -> Result<(State, u16), StoreError> {
        for _ in 0..TRIES {
            let (newest, older, was_sealed) = self.look_through()?;
            let Some(newest) = newest else {
                return Err(if was_sealed { StoreError::Lost } else { StoreError::Virgin });
            };
            // Without a seal on its page, and without room to copy it, nothing was done on its word,
            // and the page before it still has what was.
            let is_lost =
                !newest.is_sealed && !newest.has_sealed && newest.room >= self.entry.count;
            let newest = match older {
                Some(older) if is_lost && older.is_sealed => older,
                _ => newest,
            };
            let look = self.read(newest.page, newest.place, remembered)?;
            let Some((number, state, len)) = State::decode(&look.head) else { continue };
            if look.number != Some(newest.number) {
                continue;
            }
            (self.page, self.number, self.next) = (newest.page, number, newest.room);
            self.is_fresh = false;
            if !newest.is_sealed {
                let held = remembered.get(..usize::from(len)).unwrap_or_default();
                if newest.room >= self.entry.count {
                    self.turn()?;
                }
                self.write(&state, held)?;
            }
            return Ok((state, len));
        }
        Err(StoreError::Lost)
    }

    /// The first entry, on pages whose content no longer counts.
    ///
    /// # Errors
    /// The flash refuses.
    pub(crate) fn format(&mut self, state: &State) -> Result<(), StoreError> {
        self.is_broken = true;
        for page in 0..self.pages.count {
            self.erase(page)?;
        }
        self.is_broken = false;
        (self.page, self.next, self.number, self.is_fresh) = (0, 0, 1, true);
        self.write(state, &[])
    }

    /// Keeps a new entry.
    ///
    /// # Errors
    /// The flash refuses, now or before.
    pub(crate) fn save(&mut self, state: &State, remembered: &[u8]) -> Result<(), StoreError> {
        if self.is_broken {
            return Err(StoreError::Broken);
        }
        if !self.is_fresh || self.next >= self.entry.count {
            self.turn()?;
        }
        // Four billion saves are more than any flash takes.
        self.number = self.number.saturating_add(1);
        self.write(state, remembered)
    }

    /// Makes the next page ready. The one that has the newest entry keeps it.
    fn turn(&mut self) -> Result<(), StoreError> {
        self.is_broken = true;
        let page = self.pages.after(self.page);
        self.erase(page)?;
        (self.page, self.next, self.is_fresh, self.is_broken) = (page, 0, true, false);
        Ok(())
    }

    fn erase(&mut self, page: u32) -> Result<(), StoreError> {
        let start = self.pages.start(page);
        let end = start.saturating_add(self.pages.len);
        self.flash.erase(start, end).map_err(refused)
    }

    /// Writes an entry to the next place: body, commit, seal.
    fn write(&mut self, state: &State, remembered: &[u8]) -> Result<(), StoreError> {
        self.is_broken = true;
        let Entry { body, cell, .. } = self.entry;
        let at = self.start(self.page, self.next);
        let head = state.encode(self.number, u16::try_from(remembered.len()).unwrap_or(u16::MAX));
        let mut checksum = Checksum::new();
        checksum.update(&head);
        self.flash.write(at, &head).map_err(refused)?;
        let (mut offset, mut rest) = (HEAD as u32, remembered);
        while offset < body {
            let len = body.saturating_sub(offset).min(BLOCK);
            let mut block = [0xff; BLOCK as usize];
            let (now, later) = rest.split_at_checked(len as usize).unwrap_or((rest, &[]));
            for (to, from) in block.iter_mut().zip(now) {
                *to = *from;
            }
            rest = later;
            let block = block.get(..len as usize).unwrap_or_default();
            checksum.update(block);
            self.flash.write(at.saturating_add(offset), block).map_err(refused)?;
            offset = offset.saturating_add(len);
        }
        let commit = at.saturating_add(body);
        self.write_cell(commit, checksum.finish().to_le_bytes())?;
        self.write_cell(commit.saturating_add(cell), SEAL)?;
        self.next = self.next.saturating_add(1);
        self.is_broken = false;
        Ok(())
    }

    fn write_cell(&mut self, at: u32, bytes: [u8; 4]) -> Result<(), StoreError> {
        let mut block = [0xff; BLOCK as usize];
        if let Some(front) = block.first_chunk_mut() {
            *front = bytes;
        }
        let cell = block.get(..self.entry.cell as usize).unwrap_or_default();
        self.flash.write(at, cell).map_err(refused)
    }

    fn start(&self, page: u32, place: u32) -> u32 {
        let Entry { body, cell, .. } = self.entry;
        let len = body.saturating_add(cell.saturating_mul(2));
        self.pages.start(page).saturating_add(place.saturating_mul(len))
    }

    /// The newest entry, the newest one of the other pages, and whether anything has a seal.
    fn look_through(&mut self) -> Result<(Option<Newest>, Option<Newest>, bool), StoreError> {
        let (mut newest, mut older, mut was_sealed): (Option<Newest>, Option<Newest>, _) =
            (None, None, false);
        for page in 0..self.pages.count {
            let (found, has_seal) = self.look_at(page)?;
            was_sealed |= has_seal;
            let Some(found) = found else { continue };
            let (first, second) = match newest {
                Some(before) if !found.is_newer_than(&before) => (before, Some(found)),
                before => (found, before),
            };
            newest = Some(first);
            older = match (older, second) {
                (Some(older), Some(second)) if older.is_newer_than(&second) => Some(older),
                (older, second) => second.or(older),
            };
        }
        Ok((newest, older, was_sealed))
    }

    /// The newest entry of a page, and whether anything on it has a seal.
    fn look_at(&mut self, page: u32) -> Result<(Option<Newest>, bool), StoreError> {
        let (mut newest, mut room): (Option<Newest>, _) = (None, 0);
        let (mut has_sealed, mut has_seal) = (false, false);
        for place in 0..self.entry.count {
            let look = self.read(page, place, &mut [])?;
            if !look.is_blank {
                room = place.saturating_add(1);
            }
            has_seal |= look.is_sealed;
            let Some(number) = look.number else { continue };
            let is_sealed = look.is_sealed;
            has_sealed |= is_sealed;
            let found = Newest { page, place, number, is_sealed, room: 0, has_sealed: false };
            if newest.is_none_or(|newest| found.is_newer_than(&newest)) {
                newest = Some(found);
            }
        }
        Ok((newest.map(|newest| Newest { room, has_sealed, ..newest }), has_seal))
    }

    /// Reads an entry, and as much of what it remembers as `remembered` has room for.
    fn read(&mut self, page: u32, place: u32, remembered: &mut [u8]) -> Result<Look, StoreError> {
        let Entry { body, cell, .. } = self.entry;
        let at = self.start(page, place);
        let mut head = [0; HEAD];
        self.flash.read(at, &mut head).map_err(refused)?;
        let mut checksum = Checksum::new();
        checksum.update(&head);
        let mut is_blank = is_erased(&head);
        let (mut offset, mut room) = (HEAD as u32, remembered.iter_mut());
        while offset < body {
            let mut block = [0; BLOCK as usize];
            let len = body.saturating_sub(offset).min(BLOCK);
            let block = block.get_mut(..len as usize).unwrap_or_default();
            self.flash.read(at.saturating_add(offset), block).map_err(refused)?;
            checksum.update(block);
            is_blank &= is_erased(block);
            // In this order: the one that ends first takes nothing from the other.
            for (from, to) in block.iter().zip(room.by_ref()) {
                *to = *from;
            }
            offset = offset.saturating_add(len);
        }
        let commit = at.saturating_add(body);
        let (commit, commit_blank) = self.read_cell(commit)?;
        let (seal, seal_blank) = self.read_cell(at.saturating_add(body).saturating_add(cell))?;
        let is_whole = u32::from_le_bytes(commit) == checksum.finish();
        let number = State::decode(&head).and_then(|(number, ..)| is_whole.then_some(number));
        is_blank &= commit_blank && seal_blank;
        Ok(Look { head, number, is_sealed: seal == SEAL, is_blank })
    }

    /// A cell's front, and whether all of it reads as erased.
    fn read_cell(&mut self, at: u32) -> Result<([u8; 4], bool), StoreError> {
        let mut block = [0; BLOCK as usize];
        let cell = block.get_mut(..self.entry.cell as usize).unwrap_or_default();
        self.flash.read(at, cell).map_err(refused)?;
        Ok((cell.first_chunk().copied().unwrap_or_default(), is_erased(cell)))
    }
}

impl Newest {
    fn is_newer_than(&self, other: &Self) -> bool {
        (self.number, self.is_sealed, self.place) > (other.number, other.is_sealed, other.place)
    }
}

fn is_erased(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == 0xff)
}

fn refused(error: impl NorFlashError) -> StoreError {
    StoreError::Flash(error.kind())
}
