//! Which kernel computes int8 layers: the one place where it is chosen. `build.rs` knows the core.

pub(super) use super::portable::{NAME, ROWS, sums_i8, sums_u8};
