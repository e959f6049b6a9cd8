//! What the fuzz targets share. The targets themselves are in `fuzz_targets`.
//!
//! No target asks only whether something crashes: what the loader accepts must be written again to
//! the same bytes, and everything that is computed must equal an [oracle](ae_testkit::oracle) that
//! was written from `FORMAT.md` and uses nothing of the engine.
#![cfg_attr(fuzzing, feature(cfg_overflow_checks, cfg_sanitize))]

pub mod bases;
pub mod bulk;
pub mod c;
pub mod compose;
pub mod family;
pub mod fields;
pub mod judge;
pub mod kernels;
pub mod run;
pub mod seeds;
mod sizes;
pub mod source;
pub mod store;
pub mod subject;
pub mod tally;
pub mod watch;
pub mod work;

#[cfg(fuzzing)]
mod built;
mod parts;
