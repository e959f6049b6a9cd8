//! Arm cores of the M profile.

#[cfg(ae_kernel = "dsp")]
pub(crate) mod dsp;
#[cfg(ae_kernel = "dsp")]
pub(crate) mod dsp_convolution;
#[cfg(ae_kernel = "dsp")]
pub(crate) mod dsp_depthwise;
#[cfg(ae_kernel = "dsp")]
mod dsp_gather;
#[cfg(ae_kernel = "dsp")]
pub(crate) mod dsp_pooling;
#[cfg(ae_kernel = "mve")]
pub(crate) mod mve;
#[cfg(ae_kernel = "mve")]
pub(crate) mod mve_convolution;
#[cfg(ae_kernel = "mve")]
pub(crate) mod mve_depthwise;
#[cfg(ae_kernel = "mve")]
pub(crate) mod mve_pooling;
#[cfg(ae_kernel = "thumbv6m")]
pub(crate) mod thumbv6m;
#[cfg(ae_kernel = "thumbv6m")]
pub(crate) mod thumbv6m_depthwise;
#[cfg(any(ae_kernel = "thumbv7m", ae_kernel = "dsp"))]
pub(crate) mod thumbv7m;
#[cfg(vfp)]
pub(crate) mod vfp;
