//! Shows how far quantising is.

use std::io::{IsTerminal, stderr};
use std::ops::ControlFlow;

use ae_core::Contract;
use ae_model::Network;
use ae_quantize::{Quantised, QuantizeError};
use ae_run::blobs::{BlobRecipe, make_blob, memory_bytes};
use indicatif::{ProgressBar, ProgressStyle};

/// Parts of the work that the bar tells apart.
const PARTS: u64 = 1000;

/// Shows how far quantising is, on a terminal.
pub(super) struct QuantiseProgress(ProgressBar);

impl QuantiseProgress {
    pub(super) fn new() -> Self {
        if !stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template("[{bar:30}] {percent} % quantised, {eta} left");
        let style = style.expect("the template is valid").progress_chars("=> ");
        Self(ProgressBar::new(PARTS).with_style(style))
    }

    /// So much of it is done, from 0 to 1.
    pub(super) fn at(&self, share: f64) {
        self.0.set_position((share * PARTS as f64) as u64);
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// Says how much memory quantising takes.
pub(super) fn memory(bytes: usize) -> String {
    format!("at most {} MB of memory", bytes.div_ceil(1_000_000))
}

/// A blob of `network`, with a bar while it is made.
pub(super) fn quantising(
    network: &Network,
    contract: Contract,
    recipe: &BlobRecipe<'_>,
) -> Result<Quantised, QuantizeError> {
    let progress = QuantiseProgress::new();
    if contract == Contract::Int8 {
        tell!("quantising, {}", memory(memory_bytes(network, recipe)));
    }
    let made = make_blob(network, contract, recipe, &mut |share| {
        progress.at(share);
        ControlFlow::Continue(())
    });
    progress.finish();
    made
}
