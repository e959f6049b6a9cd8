//! Numbers that look random and are the same on every machine.
//!
//! There are two generators because results that are kept hang on both streams: golden models and
//! instruction counts on that of [`SplitMix64`], what boards and hosts compare on that of
//! [`XorShift32`].

mod split_mix;
mod xor_shift;

pub use split_mix::SplitMix64;
pub use xor_shift::XorShift32;
