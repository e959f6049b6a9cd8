//! Which kernel computes f32 layers: the one place where it is chosen.

#[cfg(not(vfp))]
pub(super) use super::portable::{add_products, name};
#[cfg(vfp)]
pub(super) use super::vfp::{add_products, name};
