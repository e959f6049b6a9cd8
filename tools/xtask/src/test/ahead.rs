//! Later steps' builds, beside the first steps.
//!
//! Firmware is built one program after the other, which leaves cores idle, and so do large crates elsewhere.
//! What later steps run is built in folders of their own meanwhile, by processes that stand back where cores
//! are scarce.

use super::{bulk, fleet, fuzz, run_tests};
use crate::command;

/// Builds in the order in which the steps come. What fails to build does so again in its step, which tells it.
pub(super) fn build() {
    let rest = [bulk::only_build, fuzz::only_build, fleet::only_build];
    let rest = rest.into_iter().filter_map(|commands| commands().ok()).flatten();
    for build in [run_tests::only_build()].into_iter().chain(rest) {
        command::run_aside(&build);
    }
}
