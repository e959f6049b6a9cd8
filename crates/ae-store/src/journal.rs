//! The state's entries on their pages: which one counts, and where the next one goes.
//!
//! An entry is written in three steps: its body, the *commit* cell with the body's checksum, and the
//! *seal*. The steps tell what a cut left, although the bits of a torn word may read differently each
//! time:
//!
//! - a commit that reads right was begun, so the body before it is whole and stable
//! - a seal that reads right was begun, so the commit before it is whole and stable
//! - an entry that was acted upon is sealed, and stays so, or its commit is stable
//!
//! Two kinds of entries are in doubt. One that reads right without its seal may be gone the next
//! time. One that does not read right may come back, if its commit was torn; then its body is whole,
//! and its number can be read. Where there is either, [`Journal::open`] writes what counts anew, with
//! a higher number than any, before anything is done on its word.
//!
//! What was torn may also read as erased. So nothing is ever written to a page but by the life that
//! has erased it. A life erases neither the page with the newest entry nor that with the newest
//! sealed one, which is why there are three.

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

/// How far behind the newest number that of an entry in doubt can be. A number beyond is that of a
/// torn body, which cannot come back.
const AHEAD: u32 = 1 << 16;

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
    /// Its number, if commit and body read right.
    number: Option<u32>,
    /// Whether the seal reads right, whatever the rest.
    is_sealed: bool,
}

/// An entry whose body and commit read right.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Whole {
    page: u32,
    place: u32,
    number: u32,
    is_sealed: bool,
}

/// What is on the pages.
#[derive(Default)]
struct Found {
    newest: Option<Whole>,
    newest_sealed: Option<Whole>,
    /// Whether anything has a seal, be it whole or not.
    has_seal: bool,
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
    #[inline(never)]
    pub(crate) fn open(&mut self, remembered: &mut [u8]) -> Result<(State, u16), StoreError> {
        let mut head = [0; HEAD];
        for _ in 0..TRIES {
            let mut found = Found::default();
            self.look_through(&mut found, &mut head)?;
            let Found { newest, newest_sealed, has_seal } = found;
            let Some(newest) = newest else {
                return Err(if has_seal { StoreError::Lost } else { StoreError::Virgin });
            };
            let look = self.read(newest.page, newest.place, &mut head, remembered)?;
            let Some((state, len)) = State::decode(&head) else { continue };
            if look.number != Some(newest.number) {
                continue;
            }
            let highest = self.highest_number(newest.number, &mut head)?;
            (self.page, self.number, self.is_fresh) = (newest.page, highest, false);
            if !newest.is_sealed || highest > newest.number {
                #[cfg(test)]
                let newest_sealed = newest_sealed.filter(|_| !FORGETS_SEALED.get());
                let kept = newest_sealed.map_or(newest.page, |sealed| sealed.page);
                self.turn(kept)?;
                let held = remembered.get(..usize::from(len)).unwrap_or_default();
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
        (self.page, self.next, self.number, self.is_fresh) = (0, 0, 0, true);
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
            self.turn(self.page)?;
        }
        self.write(state, remembered)
    }

    /// Erases another page for the next entries: neither that of the newest one nor `kept`.
    fn turn(&mut self, kept: u32) -> Result<(), StoreError> {
        self.is_broken = true;
        let mut page = self.pages.after(self.page);
        if page == kept {
            page = self.pages.after(page);
        }
        self.erase(page)?;
        (self.page, self.next, self.is_fresh) = (page, 0, true);
        Ok(())
    }

    fn erase(&mut self, page: u32) -> Result<(), StoreError> {
        let start = self.pages.start(page);
        let end = start.saturating_add(self.pages.len);
        self.flash.erase(start, end).map_err(refused)
    }

    /// Writes an entry to the next place: body, commit, seal.
    // All of it goes through one block, because the stack may be small.
    #[inline(never)]
    fn write(&mut self, state: &State, remembered: &[u8]) -> Result<(), StoreError> {
        self.is_broken = true;
        // Four billion saves are more than any flash takes.
        self.number = self.number.saturating_add(1);
        let Entry { body, cell, .. } = self.entry;
        let at = self.start(self.page, self.next);
        let mut block = [0; HEAD];
        let remembered_len = u16::try_from(remembered.len()).unwrap_or(u16::MAX);
        state.encode(self.number, remembered_len, &mut block);
        let mut checksum = Checksum::new();
        checksum.update(&block);
        self.flash.write(at, &block).map_err(refused)?;
        let (mut offset, mut rest) = (HEAD as u32, remembered);
        while offset < body {
            let len = body.saturating_sub(offset).min(BLOCK);
            let (now, later) = rest.split_at_checked(len as usize).unwrap_or((rest, &[]));
            fill(&mut block, now);
            rest = later;
            let front = block.get(..len as usize).unwrap_or_default();
            checksum.update(front);
            self.flash.write(at.saturating_add(offset), front).map_err(refused)?;
            offset = offset.saturating_add(len);
        }
        let commit = at.saturating_add(body);
        for (at, bytes) in
            [(commit, checksum.finish().to_le_bytes()), (commit.saturating_add(cell), SEAL)]
        {
            fill(&mut block, &bytes);
            let front = block.get(..cell as usize).unwrap_or_default();
            self.flash.write(at, front).map_err(refused)?;
        }
        self.next = self.next.saturating_add(1);
        self.is_broken = false;
        Ok(())
    }

    fn start(&self, page: u32, place: u32) -> u32 {
        let Entry { body, cell, .. } = self.entry;
        let len = body.saturating_add(cell.saturating_mul(2));
        self.pages.start(page).saturating_add(place.saturating_mul(len))
    }

    /// What is on the pages; `head` is where an entry's front is read to.
    #[inline(never)]
    fn look_through(&mut self, found: &mut Found, head: &mut [u8; HEAD]) -> Result<(), StoreError> {
        for page in 0..self.pages.count {
            for place in 0..self.entry.count {
                let Look { number, is_sealed } = self.read(page, place, head, &mut [])?;
                found.has_seal |= is_sealed;
                let Some(number) = number else { continue };
                let whole = Whole { page, place, number, is_sealed };
                whole.put_if_newer(&mut found.newest);
                if is_sealed {
                    whole.put_if_newer(&mut found.newest_sealed);
                }
            }
        }
        Ok(())
    }

    /// The highest number of any entry, whole or in doubt, if the newest whole one has `newest`.
    #[inline(never)]
    fn highest_number(&mut self, newest: u32, head: &mut [u8; HEAD]) -> Result<u32, StoreError> {
        let mut highest = newest;
        for page in 0..self.pages.count {
            for place in 0..self.entry.count {
                self.flash.read(self.start(page, place), head).map_err(refused)?;
                let Some(number) = State::number(head) else { continue };
                if number <= newest.saturating_add(AHEAD) {
                    highest = highest.max(number);
                }
            }
        }
        Ok(highest)
    }

    /// Reads an entry: its front into `head`, and as much of what it remembers as `remembered` has room
    /// for.
    #[inline(never)]
    fn read(
        &mut self,
        page: u32,
        place: u32,
        head: &mut [u8; HEAD],
        remembered: &mut [u8],
    ) -> Result<Look, StoreError> {
        let Entry { body, cell, .. } = self.entry;
        let at = self.start(page, place);
        self.flash.read(at, head).map_err(refused)?;
        let mut checksum = Checksum::new();
        checksum.update(head);
        let (mut offset, mut room) = (HEAD as u32, remembered.iter_mut());
        let mut block = [0; BLOCK as usize];
        while offset < body {
            let len = body.saturating_sub(offset).min(BLOCK);
            let front = block.get_mut(..len as usize).unwrap_or_default();
            self.flash.read(at.saturating_add(offset), front).map_err(refused)?;
            checksum.update(front);
            // In this order: the one that ends first takes nothing from the other.
            for (from, to) in front.iter().zip(room.by_ref()) {
                *to = *from;
            }
            offset = offset.saturating_add(len);
        }
        let commit = at.saturating_add(body);
        let mut fronts = [[0; 4]; 2];
        for (front, at) in fronts.iter_mut().zip([commit.saturating_add(cell), commit]) {
            let cell = block.get_mut(..cell as usize).unwrap_or_default();
            self.flash.read(at, cell).map_err(refused)?;
            *front = cell.first_chunk().copied().unwrap_or_default();
        }
        let [seal, commit] = fronts;
        let is_whole = u32::from_le_bytes(commit) == checksum.finish();
        let number = State::number(head).filter(|_| is_whole);
        Ok(Look { number, is_sealed: seal == SEAL })
    }
}

impl Whole {
    /// Takes the place of an entry that is older, or of none.
    fn put_if_newer(self, place: &mut Option<Self>) {
        let age = |it: &Self| (it.number, it.is_sealed);
        if place.as_ref().is_none_or(|other| age(&self) > age(other)) {
            *place = Some(self);
        }
    }
}

/// Puts bytes into the front of a block, and what is erased behind them.
fn fill(block: &mut [u8; BLOCK as usize], bytes: &[u8]) {
    let padded = bytes.iter().copied().chain(core::iter::repeat(0xff));
    for (to, from) in block.iter_mut().zip(padded) {
        *to = from;
    }
}

fn refused(error: impl NorFlashError) -> StoreError {
    StoreError::Flash(error.kind())
}

#[cfg(test)]
std::thread_local! {
    /// A planted mistake: the page with the newest sealed entry may be erased.
    pub(crate) static FORGETS_SEALED: core::cell::Cell<bool> = const { core::cell::Cell::new(false) };
}

#[cfg(test)]
impl<S: NorFlash> Journal<S> {
    /// A planted mistake: what reads as erased on the newest page is taken for it.
    pub(crate) fn pretend_fresh(&mut self) {
        self.is_fresh = true;
        let mut head = [0; HEAD];
        self.next = (0..self.entry.count)
            .find(|&place| {
                self.flash.read(self.start(self.page, place), &mut head).expect("it is on");
                head == [0xff; HEAD]
            })
            .unwrap_or(self.entry.count);
    }
}
