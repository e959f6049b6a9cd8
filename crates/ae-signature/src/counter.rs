//! The least version of a model that a board still runs.

use core::convert::Infallible;

/// A number that only grows, kept where neither a restart nor a new program takes it back: a page of
/// flash, a fuse, a secure element.
///
/// Without one, whoever can write to a board can put back any model that was ever signed.
pub trait VersionCounter {
    /// Why the number cannot be read or written.
    type Error;

    /// The least version that may run; 0 on a board that has seen none.
    ///
    /// # Errors
    /// It cannot be read. Then no model should be run: a counter that is damaged on purpose must not
    /// let an old one in.
    fn least(&mut self) -> Result<u32, Self::Error>;

    /// Refuses what is older than `version` from now on; a version below [`least`](Self::least)
    /// changes nothing. It is called once the model has been loaded and has passed its self-test, so
    /// that a model which cannot be run does not shut out the one before it.
    ///
    /// A model of version `u32::MAX` leaves no later one.
    ///
    /// # Errors
    /// It cannot be written; then it is as it was.
    fn advance(&mut self, version: u32) -> Result<(), Self::Error>;
}

/// A counter that forgets: after a restart it begins with the number that the program was built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RamCounter(u32);

impl RamCounter {
    /// With `least` as the first number.
    #[must_use]
    pub const fn new(least: u32) -> Self {
        Self(least)
    }
}

impl VersionCounter for RamCounter {
    type Error = Infallible;

    fn least(&mut self) -> Result<u32, Infallible> {
        Ok(self.0)
    }

    fn advance(&mut self, version: u32) -> Result<(), Infallible> {
        self.0 = self.0.max(version);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{RamCounter, VersionCounter};

    #[test]
    fn the_number_only_grows() {
        let mut counter = RamCounter::new(5);
        for (version, least) in
            [(0, 5), (5, 5), (9, 9), (8, 9), (u32::MAX, u32::MAX), (1, u32::MAX)]
        {
            assert_eq!(counter.advance(version), Ok(()));
            assert_eq!(counter.least(), Ok(least));
        }
    }
}
