//! What a training tells while it goes on and when an epoch ends.

use ae_run::EpochMetrics;

/// Is told how the training goes. All methods do nothing unless written.
pub trait Observer {
    /// After every step: steps done in this epoch, out of how many.
    fn on_step(&mut self, _epoch: u32, _done: u64, _of: u64) {}

    /// Every [`Recipe::log_every`](ae_run::Recipe::log_every) steps: the step in the whole training, from
    /// 1, and the mean loss of its batch.
    fn on_step_logged(&mut self, _epoch: u32, _step: u64, _loss: f64) {}

    /// After an epoch and its test.
    fn on_epoch(&mut self, _metrics: &EpochMetrics) {}
}

/// The observer that looks away.
impl Observer for () {}

/// How an epoch ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EpochOutcome {
    /// It was trained to its end and tested.
    Finished(EpochMetrics),
    /// The stop flag was up. The trainer is as it was before the epoch.
    Stopped,
}
