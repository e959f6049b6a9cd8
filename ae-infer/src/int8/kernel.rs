//! Which kernel computes int8 layers: the one place where it is chosen. `build.rs` knows the core.

#[cfg(ae_kernel = "mve")]
pub(super) use super::mve::{NAME, dense};
#[cfg(not(ae_kernel = "mve"))]
pub(super) use super::portable::NAME;
pub(super) use super::portable::{ROWS, sums_i8, sums_u8};

/// Computes a whole layer, or nothing and gives `false`: these kernels compute block by block.
#[cfg(not(ae_kernel = "mve"))]
#[inline(always)]
pub(super) fn dense<X, Y>(
    _layer: &ae_core::Layer<'_, ae_core::Int8<'_>>,
    _x: &[X],
    _y: &mut [Y],
) -> bool {
    false
}
