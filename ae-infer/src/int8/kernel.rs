//! Which kernels compute int8 layers: the one place where they are chosen. `build.rs` knows the
//! core.

#[cfg(ae_kernel = "dsp")]
pub(super) use super::dsp::{NAME as ROW_PAIRS_NAME, row_pairs};
#[cfg(not(ae_kernel = "dsp"))]
pub(super) use super::portable::{NAME as ROW_PAIRS_NAME, row_pairs};

pub(super) use super::portable::{NAME as ROWS_NAME, ROWS, sums_i8, sums_u8};
