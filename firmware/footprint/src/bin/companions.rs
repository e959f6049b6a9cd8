//! What `detector` links, and a threshold in place and a drift that go along with it: to be measured,
//! and to be looked through for panics and float arithmetic. It is never run.
#![no_std]
#![no_main]

use ae_infer::{Calibration, Drift};

/// As of `detector`; what goes along lies where the caller has put it.
#[allow(unsafe_code, reason = "the linker finds it by its name")]
#[unsafe(no_mangle)]
fn inference(
    blob: &'static [u8],
    window: &mut [u8],
    reconstruction: &mut [u8],
    scratch: &mut [i8],
    sample: &[i16],
    companions: &mut (Calibration<10>, Drift<11>),
) -> u64 {
    ae_footprint::watch_with(blob, window, reconstruction, scratch, sample, companions)
}
