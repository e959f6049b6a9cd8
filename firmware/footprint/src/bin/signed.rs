//! What `loader` links, and before it the check of a signature: to be measured. It is never run. The
//! crate that checks signatures keeps some panics; `cargo xtask size` says which are linked.
#![no_std]
#![no_main]

use ae_core::Int8;
use ae_signature::{PublicKey, open_in_place};

/// A signed model is opened, loaded, tested and run: encoder, decoder, score.
#[allow(unsafe_code, reason = "the linker finds it by its name")]
#[unsafe(no_mangle)]
fn inference(
    place: &'static [u8],
    key: &[u8; PublicKey::LEN],
    least: u32,
    pixels: &[u8],
    reconstruction: &mut [u8],
    scratch: &mut [i8],
) -> u64 {
    let Ok(key) = PublicKey::from_bytes(key) else { return u64::MAX };
    let signed = open_in_place(place, &key).and_then(|signed| signed.not_older_than(least));
    let Ok(signed) = signed else { return u64::MAX };
    ae_footprint::run::<Int8<'static>>(signed.blob(), pixels, reconstruction, scratch)
}
