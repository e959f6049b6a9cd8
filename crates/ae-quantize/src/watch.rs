//! Tells how far quantising is, and lets it be ended.

use std::ops::ControlFlow;

use crate::QuantizeError;

/// Is told the share of the work that is done, from 0 to 1, several times a second. If it breaks,
/// quantising ends with [`QuantizeError::Stopped`].
pub type Watch<'w> = dyn FnMut(f64) -> ControlFlow<()> + 'w;

/// The watch of nobody.
pub fn unwatched(_done: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// The work done so far, in products of two numbers.
pub(super) struct Progress<'w, 'f> {
    watch: &'w mut Watch<'f>,
    /// Of everything.
    total: f64,
    /// Of the stages that are over.
    before: f64,
    /// Of the stage at hand.
    stage: f64,
}

impl<'w, 'f> Progress<'w, 'f> {
    pub(super) fn new(watch: &'w mut Watch<'f>, total: f64) -> Self {
        Self { watch, total, before: 0.0, stage: 0.0 }
    }

    /// The next stage begins; the one before it is over.
    pub(super) fn begin(&mut self, work: f64) -> Result<(), QuantizeError> {
        self.before += self.stage;
        self.stage = work;
        self.at(0.0)
    }

    /// Everything is done.
    pub(super) fn end(&mut self) -> Result<(), QuantizeError> {
        (self.before, self.stage) = (self.total, 0.0);
        self.at(1.0)
    }

    /// So much of the stage is done.
    pub(super) fn at(&mut self, share: f64) -> Result<(), QuantizeError> {
        let done = (self.before + self.stage * share.clamp(0.0, 1.0)) / self.total.max(1.0);
        match (self.watch)(done.clamp(0.0, 1.0)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(QuantizeError::Stopped),
        }
    }
}
