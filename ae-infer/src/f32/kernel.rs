//! Which kernel computes f32 layers: the one place where it is chosen.

pub(super) use super::portable::{BLOCK, NAME, sums_f32, sums_u8};
