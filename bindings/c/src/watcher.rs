//! What a detector, a judge or companions remember of the memory that they are given, so that a program which
//! hands over the same buffers at every sample has them looked at once.

use crate::error::{Error, Result};
use crate::memory::Region;
use crate::storage::{CompanionsSlot, Slot};

/// What a function reads and what it gives, when both were last found to lie over nothing of a struct.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    read: Region,
    given: Region,
}

impl Seen {
    /// Nothing, which lies over nothing.
    pub(crate) const NONE: Self = Self { read: Region::NONE, given: Region::NONE };

    /// Whether these are the same.
    fn is(&self, read: Region, given: Region) -> bool {
        self.read == read && self.given == given
    }
}

/// A detector or a judge, which companions may go along with.
#[derive(Debug)]
pub(crate) struct Watcher<D> {
    pub(crate) of: D,
    seen: Seen,
    /// Where the companions are that were last found to lie over nothing of it. If they say the same of it,
    /// neither has begun anew since.
    beside: usize,
}

impl<D> Watcher<D> {
    pub(crate) const fn new(of: D) -> Self {
        Self { of, seen: Seen::NONE, beside: 0 }
    }
}

impl<D> Slot<Watcher<D>, 4> {
    /// Whether what is read, and what is given, lie over nothing of the struct, which lies at `place`, nor
    /// over each other. What is only read may lie over the blob.
    pub(crate) fn check_apart(&mut self, place: Region, read: Region, given: Region) -> Result<()> {
        if self.value.seen.is(read, given) {
            return Ok(());
        }
        look(place, &self.held, read, given)?;
        self.value.seen = Seen { read, given };
        Ok(())
    }

    /// Whether companions lie over nothing of the struct.
    pub(crate) fn check_beside(
        &mut self,
        place: Region,
        companions: &mut CompanionsSlot,
        along: Region,
    ) -> Result<()> {
        let (own, other) = (place.start(), along.start());
        if self.value.beside == other && companions.value.with == own {
            return Ok(());
        }
        let [kept, kept_low, runs] = companions.held;
        look_beside(place, &self.held, [along, kept, kept_low, runs])?;
        self.value.beside = other;
        companions.value.with = own;
        Ok(())
    }
}

impl CompanionsSlot {
    /// Whether what is read, and what is given, lie over nothing of the companions, which lie at `place`.
    pub(crate) fn check_apart(&mut self, place: Region, read: Region, given: Region) -> Result<()> {
        if self.value.seen.is(read, given) {
            return Ok(());
        }
        let [kept, kept_low, runs] = self.held;
        let along = [place, kept, kept_low, runs];
        if read.meets_any(&along) || given.meets_any(&along) {
            return Err(Error::Overlap);
        }
        self.value.seen = Seen { read, given };
        Ok(())
    }
}

// These are once in a program, and seldom needed.
#[inline(never)]
fn look(place: Region, held: &[Region; 4], read: Region, given: Region) -> Result<()> {
    let [_, written @ ..] = held;
    if given.meets(read)
        || given.meets(place)
        || read.meets(place)
        || given.meets_any(held)
        || read.meets_any(written)
    {
        return Err(Error::Overlap);
    }
    Ok(())
}

#[inline(never)]
fn look_beside(place: Region, held: &[Region; 4], along: [Region; 4]) -> Result<()> {
    if along.iter().any(|it| it.meets(place) || it.meets_any(held)) {
        return Err(Error::Overlap);
    }
    Ok(())
}
