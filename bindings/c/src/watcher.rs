//! A detector or a judge in its struct, and the companions that go along with it.

use crate::error::{Error, Result};
use crate::memory::Region;
use crate::storage::Slot;

/// A detector or a judge, which companions may go along with.
#[derive(Debug)]
pub(crate) struct Watcher<D> {
    pub(crate) of: D,
    /// The companions that lie over nothing of it, and their buffers: so that they are looked at once, and
    /// not at every sample.
    pub(crate) beside: Along,
}

/// Where companions lie, and their three buffers.
pub(crate) type Along = [Region; 4];

impl<D> Watcher<D> {
    pub(crate) const fn new(of: D) -> Self {
        Self { of, beside: [Region::NONE; 4] }
    }
}

impl<D> Slot<Watcher<D>, 4> {
    /// Whether what is read, and what is given, lie over nothing of the struct, which lies at `place`. What
    /// is only read may lie over the blob.
    pub(crate) fn check_apart(&self, place: Region, read: Region, given: Region) -> Result<()> {
        let [_, written @ ..] = &self.held;
        if given.meets(read)
            || given.meets(place)
            || read.meets(place)
            || given.meets_any(&self.held)
            || read.meets_any(written)
        {
            return Err(Error::Overlap);
        }
        Ok(())
    }

    /// Whether companions that go along lie over nothing of the struct.
    pub(crate) fn check_beside(&mut self, place: Region, along: &Along) -> Result<()> {
        if self.value.beside.iter().zip(along).all(|(known, found)| known == found) {
            return Ok(());
        }
        let [a, b, c, d] = self.held;
        if [place, a, b, c, d].into_iter().any(|it| it.meets_any(along)) {
            return Err(Error::Overlap);
        }
        self.value.beside = *along;
        Ok(())
    }
}
