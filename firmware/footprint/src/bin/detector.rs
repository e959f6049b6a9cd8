//! What `loader` links, and a detector that is given counts: to be measured, and to be looked through
//! for float arithmetic. It is never run.
#![no_std]
#![no_main]

/// A blob is loaded and tested, and watches a signal of one sample.
#[allow(unsafe_code, reason = "the linker finds it by its name")]
#[unsafe(no_mangle)]
fn inference(
    blob: &'static [u8],
    window: &mut [u8],
    reconstruction: &mut [u8],
    scratch: &mut [i8],
    sample: &[i16],
) -> u64 {
    ae_footprint::watch(blob, window, reconstruction, scratch, sample)
}
