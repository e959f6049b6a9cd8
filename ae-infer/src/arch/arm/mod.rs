//! Arm cores of the M profile.

#[cfg(any(ae_kernel = "dsp", ae_kernel = "mve"))]
mod convolution;
#[cfg(ae_kernel = "dsp")]
pub(crate) mod dsp;
#[cfg(ae_kernel = "dsp")]
mod dsp_blocks;
#[cfg(ae_kernel = "dsp")]
pub(crate) mod dsp_convolution;
#[cfg(ae_kernel = "dsp")]
pub(crate) mod dsp_depthwise;
#[cfg(all(feature = "signal-features", any(ae_kernel = "dsp", ae_kernel = "mve")))]
pub(crate) mod dsp_fourier;
#[cfg(ae_kernel = "dsp")]
pub(crate) mod dsp_pooling;
#[cfg(ae_kernel = "dsp")]
mod dsp_requantise;
#[cfg(ae_kernel = "dsp")]
mod dsp_widen;
#[cfg(ae_kernel = "mve")]
pub(crate) mod mve;
#[cfg(ae_kernel = "mve")]
mod mve_blocks;
#[cfg(ae_kernel = "mve")]
pub(crate) mod mve_convolution;
#[cfg(ae_kernel = "mve")]
pub(crate) mod mve_depthwise;
#[cfg(ae_kernel = "mve")]
pub(crate) mod mve_pooling;
#[cfg(ae_kernel = "thumbv6m")]
pub(crate) mod thumbv6m;
#[cfg(any(ae_kernel = "thumbv6m", ae_kernel = "thumbv7m"))]
pub(crate) mod thumbv6m_copy;
#[cfg(ae_kernel = "thumbv6m")]
pub(crate) mod thumbv6m_dense;
#[cfg(ae_kernel = "thumbv6m")]
pub(crate) mod thumbv6m_depthwise;
#[cfg(ae_kernel = "thumbv6m")]
pub(crate) mod thumbv6m_pairs;
#[cfg(ae_kernel = "thumbv6m")]
mod thumbv6m_requantise;
#[cfg(ae_kernel = "thumbv6m")]
pub(crate) mod thumbv6m_single;
#[cfg(any(ae_kernel = "thumbv7m", ae_kernel = "dsp"))]
pub(crate) mod thumbv7m;
#[cfg(ae_kernel = "thumbv7m")]
pub(crate) mod thumbv7m_depthwise;
#[cfg(ae_kernel = "thumbv7m")]
pub(crate) mod thumbv7m_pairs;
#[cfg(ae_kernel = "thumbv7m")]
pub(crate) mod thumbv7m_single;
#[cfg(vfp)]
pub(crate) mod vfp;
