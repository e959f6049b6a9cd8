//! Which kernels compute int8 layers: the one place where they are chosen. `build.rs` knows the
//! core.

use ae_core::Requant;

// Of layers in rows, some outputs at a time.
core::cfg_select! {
    ae_kernel = "thumbv6m" => {
        pub(super) use super::thumbv6m::{NAME as ROWS_NAME, ROWS, sums_i8, sums_u8};
    }
    any(ae_kernel = "thumbv7m", ae_kernel = "dsp") => {
        pub(super) use super::thumbv7m::{NAME as ROWS_NAME, ROWS, sums_i8, sums_u8};
    }
    ae_kernel = "rv32" => {
        pub(super) use super::rv32::{NAME as ROWS_NAME, ROWS, sums_i8, sums_u8};
    }
    _ => {
        pub(super) use super::portable::{NAME as ROWS_NAME, ROWS, sums_i8, sums_u8};
    }
}

// Of whole layers: those that it `takes`.
core::cfg_select! {
    ae_kernel = "dsp" => {
        pub(super) use super::dsp::{NAME as WHOLE_NAME, takes, whole_layer};
    }
    ae_kernel = "mve" => {
        pub(super) use super::mve::{NAME as WHOLE_NAME, takes, whole_layer};
    }
    _ => {
        pub(super) use super::portable::{NAME as WHOLE_NAME, takes, whole_layer};
    }
}

/// Brings a sum back to i8.
pub(super) fn requantise(requant: Requant, sum: i32) -> i8 {
    core::cfg_select! {
        ae_kernel = "thumbv6m" => { requant.apply_in_halves(sum) }
        _ => { requant.apply(sum) }
    }
}
