//! Arm cores of the M profile.

#[cfg(ae_kernel = "dsp")]
pub(super) mod dsp;
#[cfg(ae_kernel = "mve")]
pub(super) mod mve;
#[cfg(ae_kernel = "thumbv6m")]
pub(super) mod thumbv6m;
#[cfg(any(ae_kernel = "thumbv7m", ae_kernel = "dsp"))]
pub(super) mod thumbv7m;
#[cfg(vfp)]
pub(super) mod vfp;
