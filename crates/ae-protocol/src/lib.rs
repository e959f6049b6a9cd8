//! What a host and a board that runs the firmware program `equivalence`, `monitor` or `update` say to
//! each other.
//!
//! The host asks with a [`Request`], the board gives one [`Answer`] to each. Both travel as
//! [frames](frame) over any line of bytes: semihosting in an emulator, a UART on a board. The host
//! waits for the answer before it asks again, so a UART without a buffer loses nothing while the
//! board computes. An answer has the number of its request: a request that was damaged, or whose
//! answer was, can be repeated, and an answer that comes late is told from the one that is due.
#![no_std]
// No input may bring this code down; `clippy.toml` has the rest. The same in all crates for boards.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_underscore,
        clippy::disallowed_methods,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::missing_panics_doc,
        clippy::multiple_unsafe_ops_per_block,
        clippy::panic,
        clippy::panic_in_result_fn,
        clippy::string_slice,
        clippy::todo,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_in_result,
        clippy::unwrap_used,
    )
)]
#![forbid(unsafe_code)]

mod companions;
mod detector;
pub mod frame;
mod identity;
mod message;
mod update;

pub use companions::{CompanionsRecord, FindingsRecord, ThresholdKind};
pub use detector::{DecisionRecord, DetectorInfo};
pub use frame::{FrameError, FrameReader, FrameWriter};
pub use identity::Identity;
pub use message::{Answer, Request};
pub use update::{
    BeginUpdate, PendingModel, RunningModel, UpdateGate, UpdateStatus, Verdict, VerdictReason,
    WriteUpdate, number,
};
