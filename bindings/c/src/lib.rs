//! The engine for programs in C and C++: functions with C's calling convention over [`ae_infer`].
//!
//! The header for C is `include/autoencoder.h`, which `cbindgen` makes of this crate. What stands there
//! as `ae_int8_model` is [`Int8Model`] here.
//!
//! Every function that takes pointers is unsafe to call from Rust. What it asks for is the same for
//! all, and C cannot be held to more:
//!
//! - A pointer leads to as many elements as the length beside it says, which stay there and which
//!   nothing else writes to during the call. Where it is not `const`, the function may write to them.
//! - The blob stays where it is and as it is while the model is used, and so do model, blob and
//!   buffers of a detector while the detector is used.
//! - A struct that a function filled is not changed by others.
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
#![allow(
    clippy::missing_safety_doc,
    reason = "the crate's page says it once, and the header has no use for it at each function"
)]

mod companions;
mod detector;
mod error;
mod f32;
mod int8;
mod judge;
mod memory;
mod model;
mod sampler;
#[cfg(feature = "signature")]
mod signature;
mod sizes;
mod storage;
mod text;
mod watcher;

pub use companions::{
    Learnt, Plan, ae_calibration_len, ae_companions_begin, ae_companions_learnt,
    ae_companions_pass_over, ae_companions_state_len, ae_companions_take,
};
pub use detector::{Decision, Observation, ThresholdSource, Verdict};
pub use error::Error;
pub use f32::*;
pub use int8::*;
pub use model::{Fault, Side};
pub use sampler::{
    ae_sampler_copy_frame, ae_sampler_copy_window, ae_sampler_push_f32, ae_sampler_push_i16,
    ae_sampler_push_u8, ae_sampler_reset,
};
#[cfg(feature = "signature")]
pub use signature::{KEY_LEN, PURPOSE_LEN, ae_signature_open};
pub use sizes::{Contract, Samples, Sizes, ae_sizes_of};
pub use storage::{
    Companions, F32Detector, F32Judge, F32Model, Int8Detector, Int8Judge, Int8Model, Sampler,
};
pub use text::ae_error_text;
