//! What `loader` links, in one of two slots: a state that survives, a new model, its trial. To be
//! measured. It is never run.
#![no_std]
#![no_main]

use ae_core::Header;
use ae_footprint::memory::Memory;
use ae_infer::Int8Autoencoder;
use ae_store::{Pages, Slots, Store, Verify};

/// Bytes of a calibration of ten scores and a threshold.
const REMEMBERED: usize = 96;

/// Loads a model and runs its self-test.
struct Check<'b> {
    reconstruction: &'b mut [u8],
    scratch: &'b mut [i8],
}

impl Verify for Check<'_> {
    type Model<'f> = Int8Autoencoder<'f>;
    type Error = ();

    fn verify<'f>(
        &mut self,
        file: &'f [u8],
        _least: u32,
    ) -> Result<(u32, Int8Autoencoder<'f>), ()> {
        let len = Header::total_len(file).map_err(drop)?;
        let model = Int8Autoencoder::load(file.get(..len as usize).ok_or(())?).map_err(drop)?;
        model.self_test(self.reconstruction, self.scratch).map_err(drop)?;
        Ok((0, model))
    }
}

/// A model is booted and run, something is remembered, the model confirmed, and another one taken.
#[allow(unsafe_code, reason = "the linker finds it by its name")]
#[unsafe(no_mangle)]
fn inference(
    state: &'static mut [u8],
    flash: &'static mut [u8],
    pixels: &[u8],
    reconstruction: &mut [u8],
    scratch: &mut [i8],
    sent: &[u8],
) -> u64 {
    let Ok(mut slots) = Slots::new(Memory(flash), [0, 0x2_0000], 0x2_0000) else {
        return u64::MAX;
    };
    let pages = Pages { first: 0, len: 0x400, count: 3 };
    let opened = Store::<_, REMEMBERED>::provision(Memory(state), pages, slots.capacity(), 0);
    let Ok(mut store) = opened else { return u64::MAX };
    let mut check = Check { reconstruction, scratch };
    let Ok(boot) = store.boot(&slots, &mut check) else { return u64::MAX };
    let score = boot.model.score(pixels, check.reconstruction, check.scratch).unwrap_or(u64::MAX);
    if store.remember(&score.to_le_bytes()).is_err() || store.confirm().is_err() {
        return u64::MAX;
    }
    let mut update = store.update(&mut slots);
    let begun = update.begin(sent.len() as u32, 0);
    let rest = begun.ok().and_then(|there| sent.get(there as usize..)).unwrap_or_default();
    if update.write(rest).is_err() || update.finish(&mut check).is_err() {
        return u64::MAX;
    }
    score
}
