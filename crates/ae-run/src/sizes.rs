//! Most bytes of the files in a run folder. What is larger is none of a run's, and is not read.

use super::{MOST_EPOCHS, RunConfig, file, tensors};

/// Most bytes of a configuration.
pub(super) const CONFIG: u64 = 1 << 20;

/// Most bytes of a blob: beyond the largest network and all its tables.
pub const BLOB: u64 = 2 << 30;

/// Most bytes of one half of a detector's windows, packed: no more pixels are read.
pub(super) const WINDOWS: u64 = 1 << 30;

/// Most bytes of a table or a page: the figures of [`MOST_EPOCHS`] epochs as JSON, or twelve million
/// scores.
pub(super) const TEXT: u64 = 256 << 20;

/// For names of tensors and what is said of them.
const HEADER: u64 = 1 << 20;

/// A number of 32 bits for each weight.
pub(super) fn weights(config: &RunConfig) -> u64 {
    4 * parameters(config) + HEADER
}

/// Four such numbers for each weight of the training and one for each of the network, and the figures
/// of each epoch, since a run may be longer by now than its configuration says.
pub(super) fn checkpoint(config: &RunConfig) -> u64 {
    let all = tensors::of_training(&config.model, &config.recipe);
    let all = all.into_iter().fold(0_u64, |sum, length| sum.saturating_add(length as u64));
    // A layer has at most as many channels as biases, and its twin has as many weights as it has.
    let most = 5 * ae_model::MAX_PARAMETERS as u64;
    16 * all.min(most) + 4 * parameters(config) + 64 * u64::from(MOST_EPOCHS) + HEADER
}

/// That of the file `name`, whose content nothing else bounds.
pub(super) fn of(name: &str) -> u64 {
    if name == file::CONFIG {
        CONFIG
    } else if name.ends_with(".aeb") {
        BLOB
    } else {
        TEXT
    }
}

/// Weights of a configuration that was checked when it was read.
fn parameters(config: &RunConfig) -> u64 {
    config.model.parameters().min(ae_model::MAX_PARAMETERS) as u64
}
