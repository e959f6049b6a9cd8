//! What `loader` links, and before it the check of a signature: to be measured. It is never run.
#![no_std]
#![no_main]

use ae_infer::Int8Autoencoder;
use ae_signature::{PublicKey, open, signed_file};

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
    let signed = signed_file(place).and_then(|file| open(file, &key)?.not_older_than(least));
    let Ok(signed) = signed else { return u64::MAX };
    let Ok(model) = Int8Autoencoder::load(signed.blob()) else { return u64::MAX };
    if model.self_test(reconstruction, scratch).is_err() {
        return u64::MAX;
    }
    model.score(pixels, reconstruction, scratch).unwrap_or(u64::MAX)
}

/// The crate that checks signatures keeps some panics; `cargo xtask size` says which are linked.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
