//! Which kernel computes int8 layers: the one place where it is chosen. `build.rs` knows the core.

core::cfg_select! {
    ae_kernel = "thumbv6m" => {
        pub(super) use super::thumbv6m::{NAME, ROWS, sums_i8, sums_u8};
    }
    any(ae_kernel = "thumbv7m", ae_kernel = "dsp") => {
        pub(super) use super::thumbv7m::{NAME, ROWS, sums_i8, sums_u8};
    }
    ae_kernel = "rv32" => {
        pub(super) use super::rv32::{NAME, ROWS, sums_i8, sums_u8};
    }
    _ => {
        pub(super) use super::portable::{NAME, ROWS, sums_i8, sums_u8};
    }
}
