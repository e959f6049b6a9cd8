//! What `loader` links, and before it the check of a signature: to be measured. It is never run. The
//! crate that checks signatures keeps some panics; `cargo xtask size` says which are linked.
#![no_std]
#![no_main]

use ae_core::Int8;
use ae_signature::{PublicKey, Purpose, Trust, open_in_place};

/// A signed model is opened, loaded, tested and run: encoder, decoder, score.
#[allow(unsafe_code, reason = "the linker finds it by its name")]
#[unsafe(no_mangle)]
fn inference(
    place: &'static [u8],
    keys: &[[u8; PublicKey::LEN]; 2],
    least: u32,
    pixels: &[u8],
    reconstruction: &mut [u8],
    scratch: &mut [i8],
) -> u64 {
    let Ok(purpose) = Purpose::new("footprint") else { return u64::MAX };
    let trust = Trust { keys, purpose };
    let signed = open_in_place(place, &trust).and_then(|signed| signed.not_older_than(least));
    let Ok(signed) = signed else { return u64::MAX };
    ae_footprint::run::<Int8<'static>>(signed.blob(), pixels, reconstruction, scratch)
}
