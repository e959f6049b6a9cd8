//! Portable code. The kernels [`int8`] and [`f32`] are compiled for every core, and every other
//! kernel must give the same bits.

#[cfg(all(bulk, not(ae_kernel = "host")))]
pub(crate) mod absent;
pub(crate) mod convolution;
pub(crate) mod copy;
pub(crate) mod dense_rows;
pub(crate) mod depthwise;
pub(crate) mod f32;
#[cfg(feature = "signal-features")]
#[cfg_attr(
    any(ae_kernel = "dsp", ae_kernel = "mve"),
    expect(dead_code, reason = "a kernel computes all of it but the ends")
)]
pub(crate) mod fourier;
#[cfg(all(bulk, ae_kernel = "host"))]
pub(crate) mod functions;
#[cfg(all(feature = "signal-features", any(ae_kernel = "thumbv6m", test)))]
pub(crate) mod halves;
pub(crate) mod int8;
pub(crate) mod pair_job;
pub(crate) mod pairs;
pub(crate) mod pooling;
pub(crate) mod pooling_words;
pub(crate) mod single;
#[cfg(all(feature = "signal-features", any(not(ae_kernel = "thumbv6m"), test)))]
pub(crate) mod wide;
