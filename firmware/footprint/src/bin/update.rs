//! What `store` links, with models that come by a host's requests: to be measured. It is never run.
#![no_std]
#![no_main]

use ae_core::Header;
use ae_footprint::memory::Memory;
use ae_infer::Int8Autoencoder;
use ae_protocol::{Request, Verdict, VerdictReason};
use ae_store::{Pages, Slots, Store, Verify};
use ae_update::{Installed, Next, Reply, Updates};

/// Bytes of a calibration of ten scores and a threshold.
const REMEMBERED: usize = 96;

const REFUSED: Verdict = Verdict { reason: VerdictReason::NotUsable, expected: 0, found: 0 };

/// Loads a model and runs its self-test.
struct Check<'b> {
    reconstruction: &'b mut [u8],
    scratch: &'b mut [i8],
}

impl Verify for Check<'_> {
    type Model<'f> = Int8Autoencoder<'f>;
    type Error = Verdict;

    fn verify<'f>(
        &mut self,
        file: &'f [u8],
        _least: u32,
    ) -> Result<(u32, Int8Autoencoder<'f>), Verdict> {
        let len = Header::total_len(file).map_err(|_| REFUSED)?;
        let blob = file.get(..len as usize).ok_or(REFUSED)?;
        let model = Int8Autoencoder::load(blob).map_err(|_| REFUSED)?;
        model.self_test(self.reconstruction, self.scratch).map_err(|_| REFUSED)?;
        Ok((0, model))
    }
}

/// A model is booted and run, something is remembered, and a request is answered.
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
    let mut updates = Updates::new("board", slots.capacity(), 512, (None, 0));
    let Ok(boot) = store.boot(&slots, &mut check) else { return u64::MAX };
    updates.booted(Some(Installed::of(&boot)));
    let score = boot.model.score(pixels, check.reconstruction, check.scratch).unwrap_or(u64::MAX);
    if store.remember(&score.to_le_bytes()).is_err() {
        return u64::MAX;
    }
    let mut reply = Reply::new();
    let Some((&kind, payload)) = sent.split_first() else { return u64::MAX };
    let Some(request) = Request::from_number(kind) else { return u64::MAX };
    match updates.answer(request, payload, &mut store, &mut slots, &mut check, &mut reply) {
        Next::Send => reply.payload().len() as u64,
        Next::Boot => score,
    }
}
