//! What a detector or a judge remembers of the pointers that it is given: a program hands over the same ones
//! at every sample, and has them looked at once.

use crate::error::{Error, Result};
use crate::memory::{Input, Plain, Region};
use crate::storage::{CompanionsSlot, Slot};

/// What is handed over with a sample, a window or a frame, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handed {
    read: usize,
    count: usize,
    /// Bytes of an element: pointers to elements of another type are others.
    width: usize,
    given: usize,
    /// The companions, or 0.
    along: usize,
}

impl Handed {
    pub(crate) fn new<V: Plain, G, C>(read: Input<V>, given: *const G, along: *const C) -> Self {
        let Input { pointer, count } = read;
        let (read, given, along) = (pointer.addr(), given.addr(), along.addr());
        Self { read, count, width: size_of::<V>(), given, along }
    }
}

/// A detector or a judge, which companions may go along with.
#[derive(Debug)]
pub(crate) struct Watcher<D> {
    pub(crate) of: D,
    /// What was last found to be memory that lies over nothing of the struct. If there are companions
    /// among it which say the same of this struct, then neither has begun anew since.
    known: Option<Handed>,
}

impl<D> Watcher<D> {
    pub(crate) const fn new(of: D) -> Self {
        Self { of, known: None }
    }
}

impl<D> Slot<Watcher<D>, 4> {
    /// Whether the same was found to be well before.
    #[inline(always)]
    pub(crate) fn knows(&self, handed: &Handed) -> bool {
        self.value.known.as_ref() == Some(handed)
    }

    /// Whether what is read, and what is given, lie over nothing of the struct, which lies at `place`, nor
    /// over each other. What is only read may lie over the blob.
    pub(crate) fn look(
        &mut self,
        handed: Handed,
        place: Region,
        read: Region,
        given: Region,
    ) -> Result<()> {
        look(place, &self.held, read, given)?;
        self.value.known = Some(handed);
        Ok(())
    }

    /// The same with companions, which lie at `along`, and lie over nothing of all that either.
    pub(crate) fn look_with(
        &mut self,
        handed: Handed,
        (companions, along): (&mut CompanionsSlot, Region),
        place: Region,
        read: Region,
        given: Region,
    ) -> Result<()> {
        look(place, &self.held, read, given)?;
        let [kept, kept_low, runs] = companions.held;
        let along = [along, kept, kept_low, runs];
        let handed_over = [read, given, place];
        if along.iter().any(|it| it.meets_any(&handed_over) || it.meets_any(&self.held)) {
            return Err(Error::Overlap);
        }
        self.value.known = Some(handed);
        companions.value.with = place.start();
        Ok(())
    }
}

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
