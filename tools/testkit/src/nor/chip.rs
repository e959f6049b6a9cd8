//! The flash itself.

use std::ops::Range;

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read,
    check_write,
};

use super::supply::{Supply, Torn};

/// A flash with words of `WORD` bytes, of which `PAGE` bytes are erased at once.
#[derive(Debug)]
pub struct Nor<const WORD: usize, const PAGE: usize> {
    /// Each byte as it was before the operation that was cut, and as it would be behind it.
    bytes: Vec<(u8, u8)>,
    /// As it reads in place, on a multiple of 16 bytes from `aligned` on.
    shown: Vec<u8>,
    aligned: usize,
    words: Vec<Word>,
    pages: Vec<Page>,
    guarded: Option<Range<u32>>,
    supply: Supply,
}

/// What was done with a word since it was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Blank,
    Written,
    /// A cut fell into writing these bytes.
    Torn(Vec<u8>),
}

#[derive(Debug, Clone, Copy, Default)]
struct Page {
    erased: u32,
    /// A cut fell into erasing it.
    is_torn: bool,
}

/// The power is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PowerOff;

/// Multiple on which what is read in place begins.
const ALIGNMENT: usize = 16;

impl<const WORD: usize, const PAGE: usize> Nor<WORD, PAGE> {
    /// A flash of so many pages, erased, on this supply.
    #[must_use]
    pub fn new(pages: usize, supply: &Supply) -> Self {
        let len = pages * PAGE;
        let shown = vec![0xff; len + ALIGNMENT];
        let aligned = shown.as_ptr().align_offset(ALIGNMENT);
        Self {
            bytes: vec![(0xff, 0xff); len],
            shown,
            aligned,
            words: vec![Word::Blank; len / WORD],
            pages: vec![Page::default(); pages],
            guarded: None,
            supply: supply.clone(),
        }
    }

    /// What a tool has put there before.
    pub fn put(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        self.words[offset / WORD..end.div_ceil(WORD)].fill(Word::Written);
        for (place, byte) in self.bytes[offset..end].iter_mut().zip(bytes) {
            *place = (*byte, *byte);
        }
        self.show(offset..end);
    }

    /// In a new life torn bits may read in another way.
    pub fn settle(&mut self) {
        self.show(0..self.bytes.len());
    }

    /// From now on, writing or erasing in this range is a fault.
    pub fn guard(&mut self, range: Option<Range<u32>>) {
        self.guarded = range;
    }

    /// The bytes in place.
    #[must_use]
    pub fn mapped(&self, offset: u32, len: u32) -> Option<&[u8]> {
        let end = (offset as usize).checked_add(len as usize)?;
        self.shown[self.aligned..][..self.bytes.len()].get(offset as usize..end)
    }

    /// How often each page was erased.
    pub fn wear(&self) -> impl Iterator<Item = u32> {
        self.pages.iter().map(|page| page.erased)
    }

    fn show(&mut self, range: Range<usize>) {
        for at in range {
            let (before, after) = self.bytes[at];
            self.shown[self.aligned + at] = self.supply.read(before, after);
        }
    }

    fn look_for_guarded(&self, what: &str, range: Range<usize>) {
        let Some(guarded) = &self.guarded else { return };
        let (start, end) = (guarded.start as usize, guarded.end as usize);
        if range.start < end && start < range.end {
            self.supply.broken(|| format!("{what} {range:?} within {guarded:?}, which is guarded"));
        }
    }

    /// Writes the word at `at` so far as `kept` says, and marks it.
    fn write_word(&mut self, at: usize, word: &[u8], kept: &Kept) {
        if kept.touches(at..at + WORD) {
            self.check_word(at, word);
            let whole = kept.is_whole(at..at + WORD);
            self.words[at / WORD] = if whole { Word::Written } else { Word::Torn(word.to_vec()) };
        }
        for (index, &new) in word.iter().enumerate() {
            let (before, after) = &mut self.bytes[at + index];
            match kept {
                Kept::Bytes(range) if range.contains(&(at + index)) => {
                    (*before, *after) = (*before & new, *after & new);
                }
                Kept::Bytes(_) => {}
                Kept::Unstable => *after &= new,
            }
        }
    }

    fn check_word(&self, at: usize, word: &[u8]) {
        let page = at / PAGE;
        if self.pages[page].is_torn {
            self.supply.broken(|| format!("{at} written on page {page}, half erased"));
        }
        let reads_blank = self.bytes[at..at + WORD].iter().all(|(before, _)| *before == 0xff);
        match &self.words[at / WORD] {
            Word::Blank => {}
            Word::Torn(torn) if reads_blank && *torn == word => {}
            Word::Torn(torn) => self
                .supply
                .broken(|| format!("{at} written with {word:02x?} where a cut left {torn:02x?}")),
            Word::Written => self.supply.broken(|| format!("{at} written twice")),
        }
    }

    fn erase_page(&mut self, page: usize) -> Result<(), PowerOff> {
        let all = page * PAGE..(page + 1) * PAGE;
        self.look_for_guarded("erased", all.clone());
        let cut = self.supply.begin().map_err(|()| PowerOff)?;
        let kept = Kept::of(cut, &all);
        if kept.touches(all.clone()) {
            self.pages[page].erased += 1;
            self.pages[page].is_torn = !kept.is_whole(all.clone());
        }
        for at in all.clone() {
            let (before, after) = &mut self.bytes[at];
            match &kept {
                Kept::Bytes(range) if range.contains(&at) => (*before, *after) = (0xff, 0xff),
                Kept::Bytes(_) => {}
                Kept::Unstable => *after = 0xff,
            }
        }
        if kept.is_whole(all.clone()) {
            self.words[all.start / WORD..all.end / WORD].fill(Word::Blank);
        }
        self.show(all);
        if cut.is_some() { Err(PowerOff) } else { Ok(()) }
    }
}

/// What of an operation is done.
enum Kept {
    /// These bytes, and no others.
    Bytes(Range<usize>),
    /// All, and none of it for certain.
    Unstable,
}

impl Kept {
    fn of(cut: Option<Torn>, all: &Range<usize>) -> Self {
        let part = |share: u8| all.len() * usize::from(share) / 256;
        Self::Bytes(match cut {
            None | Some(Torn::Done) => all.clone(),
            Some(Torn::Undone) => all.start..all.start,
            Some(Torn::Prefix(share)) => all.start..all.start + part(share),
            Some(Torn::Suffix(share)) => all.end - part(share)..all.end,
            Some(Torn::Unstable) => return Self::Unstable,
        })
    }

    fn touches(&self, part: Range<usize>) -> bool {
        match self {
            Self::Bytes(kept) => kept.start < part.end && part.start < kept.end && !kept.is_empty(),
            Self::Unstable => true,
        }
    }

    fn is_whole(&self, part: Range<usize>) -> bool {
        match self {
            Self::Bytes(kept) => kept.start <= part.start && part.end <= kept.end,
            Self::Unstable => false,
        }
    }
}

impl NorFlashError for PowerOff {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl<const WORD: usize, const PAGE: usize> ErrorType for Nor<WORD, PAGE> {
    type Error = PowerOff;
}

impl<const WORD: usize, const PAGE: usize> ReadNorFlash for Nor<WORD, PAGE> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), PowerOff> {
        check_read(self, offset, bytes.len()).expect("within the flash");
        if self.supply.is_off() {
            return Err(PowerOff);
        }
        for (to, (before, after)) in bytes.iter_mut().zip(&self.bytes[offset as usize..]) {
            *to = self.supply.read(*before, *after);
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const WORD: usize, const PAGE: usize> NorFlash for Nor<WORD, PAGE> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), PowerOff> {
        check_erase(self, from, to).expect("whole pages of the flash");
        (from as usize / PAGE..to as usize / PAGE).try_for_each(|page| self.erase_page(page))
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), PowerOff> {
        check_write(self, offset, bytes.len()).expect("whole words of the flash");
        let all = offset as usize..offset as usize + bytes.len();
        self.look_for_guarded("written", all.clone());
        let cut = self.supply.begin().map_err(|()| PowerOff)?;
        let kept = Kept::of(cut, &all);
        for (at, word) in all.clone().step_by(WORD).zip(bytes.chunks(WORD)) {
            self.write_word(at, word, &kept);
        }
        self.show(all);
        if cut.is_some() { Err(PowerOff) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
