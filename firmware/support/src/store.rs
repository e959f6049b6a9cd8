//! The program `store`: how much stack it takes to keep what a board has learnt and to take a new model.

use core::hint::black_box;

use ae_core::Header;
use ae_infer::{Calibration, Companion, Drift, Findings, Int8Autoencoder, Seen, calibration_len};
use ae_store::{Boot, Pages, Slots, Store, Verify};
use embedded_storage::nor_flash::NorFlash;

use crate::arena::Memory;
use crate::board::Board;
use crate::stack::measure;
use crate::text::Line;

use memory::Memory as Flash;

// Its own stack is a few bytes.
#[path = "../../footprint/src/memory.rs"]
pub mod memory;

/// The model: 4 pixels, 2 latent values.
const MODEL: &[u8] = include_bytes!("../../../tests/golden/tiny.int8.aeb");
const PIXELS: usize = 4;
const SCRATCH: usize = 8;

/// Bytes that are remembered: a calibration of ten scores and a threshold.
const REMEMBERED: usize = 96;
/// A page of the state, and a slot.
const PAGE: usize = Flash::ERASE_SIZE;
const PAGES: Pages = Pages { first: 0, len: PAGE as u32, count: 3 };

/// A threshold from 999 scores for a rate of 1 %, and a drift.
type Learning = (Calibration<{ calibration_len(999, 10_000) }>, Drift<11>);

/// Loads a model and runs its self-test.
struct Check {
    reconstruction: [u8; PIXELS],
    scratch: [i8; SCRATCH],
}

impl Verify for Check {
    type Model<'f> = Int8Autoencoder<'f>;
    type Error = ();

    // A call, as it is from a program's own check: what is below it is the model's stack.
    #[inline(never)]
    fn verify<'f>(
        &mut self,
        file: &'f [u8],
        _least: u32,
    ) -> Result<(u32, Int8Autoencoder<'f>), ()> {
        let len = Header::total_len(file).map_err(drop)?;
        let model = Int8Autoencoder::load(file.get(..len as usize).ok_or(())?).map_err(drop)?;
        let scratch = self.scratch.get_mut(..model.model().header().scratch_len()).ok_or(())?;
        model.self_test(&mut self.reconstruction, scratch).map_err(drop)?;
        Ok((0, model))
    }
}

/// Bytes of stack that each call took; `None` where it took all that is watched.
struct Taken {
    verify: Option<u32>,
    learn: Option<u32>,
    resume: Option<u32>,
    provision: Option<u32>,
    open: Option<u32>,
    boot: Option<u32>,
    remember: Option<u32>,
    begin: Option<u32>,
    write: Option<u32>,
    finish: Option<u32>,
    confirm: Option<u32>,
}

/// Keeps a state, takes a new model, tries and confirms it, on a flash in RAM; prints two lines of
/// `name=value` pairs, and ends.
///
/// The first line is `values:` with `board`, `core`, and the bytes of values that a program has for as
/// long as it runs: `companions_bytes` of a calibration of ten scores and a drift, `store_bytes` of the
/// store beside the `remembered_bytes` in it, `slots_bytes`.
///
/// The second is `stack:` with the bytes of stack that each call takes: `verify` of the model's own
/// load and self-test, `learn` and `resume` of the companions, and of the store `provision`, `open`, `boot`,
/// `remember`, `begin`, `write`, `finish`, `confirm`. What `boot` and `finish` take has the check in it.
pub fn run<B: Board>(mut board: B, mut memory: Memory) -> ! {
    let Some(taken) = taken(&mut memory) else {
        board.print("FAILED: the store does not do what it should");
        board.exit(false)
    };
    let mut line = Line::new();
    line.text("values: board=").text(B::NAME).text(" core=").text(board.core());
    line.text(" companions_bytes=").size(size_of::<Learning>());
    line.text(" store_bytes=").size(size_of::<Store<Flash, REMEMBERED>>() - REMEMBERED);
    line.text(" slots_bytes=").size(size_of::<Slots<Flash>>());
    line.text(" remembered_bytes=").size(REMEMBERED);
    board.print(line.as_str());
    let mut line = Line::new();
    line.text("stack:");
    for (name, bytes) in [
        (" verify=", taken.verify),
        (" learn=", taken.learn),
        (" resume=", taken.resume),
        (" provision=", taken.provision),
        (" open=", taken.open),
        (" boot=", taken.boot),
        (" remember=", taken.remember),
        (" begin=", taken.begin),
        (" write=", taken.write),
        (" finish=", taken.finish),
        (" confirm=", taken.confirm),
    ] {
        line.text(name).count(bytes);
    }
    board.print(line.as_str());
    board.exit(true)
}

/// `None` where a step fails.
fn taken(memory: &mut Memory) -> Option<Taken> {
    let state: &mut [u8] = memory.buffer(PAGES.count as usize * PAGE).ok()?;
    let room: &mut [u8] = memory.buffer(2 * PAGE + 16).ok()?;
    // A model lies on 16 bytes.
    let from = room.as_ptr().align_offset(16);
    let flash = room.get_mut(from..)?.get_mut(..2 * PAGE)?;
    state.fill(0xff);
    flash.fill(0xff);
    flash.get_mut(..MODEL.len())?.copy_from_slice(MODEL);

    let mut check = Check { reconstruction: [0; PIXELS], scratch: [0; SCRATCH] };
    let (verified, verify) = measure(|| check.verify(flash, 0).is_ok());
    let made = (Calibration::new(999, 10_000).ok()?, Drift::new(10_000).ok()?);
    let mut learning: Learning = made;
    let (learnt, learn) = measure(|| learn(&mut learning));
    let (resumed, resume) = measure(|| resume(&mut learning).is_some());

    let mut slots = Slots::new(Flash(flash), [0, PAGE as u32], PAGE as u32).ok()?;
    let (mut state, capacity) = (Flash(state), slots.capacity());
    let (provisioned, provision) =
        measure(|| Store::<_, REMEMBERED>::provision(&mut state, PAGES, capacity, 0));
    let provisioned = provisioned.is_ok();
    let (opened, open) = measure(|| Store::<_, REMEMBERED>::open(state, PAGES));
    let mut store = opened.ok()?;
    let (booted, first) = measure(|| store.boot(&slots, &mut check).is_ok());
    let (remembered, remember) = measure(|| store.remember(&[7; REMEMBERED]).is_ok());

    let mut update = store.update(&mut slots);
    let (begun, begin) = measure(|| update.begin(MODEL.len() as u32, 1) == Ok(0));
    let (written, write) = measure(|| update.write(MODEL).is_ok());
    let (finished, finish) = measure(|| update.finish(&mut check).is_ok());
    let (tried, second) =
        measure(|| matches!(store.boot(&slots, &mut check), Ok(Boot { is_trial: true, .. })));
    let (confirmed, confirm) = measure(|| store.confirm().is_ok());
    let is_done = [
        verified,
        learnt,
        resumed,
        provisioned,
        booted,
        remembered,
        begun,
        written,
        finished,
        tried,
        confirmed,
    ];
    let boot = first.zip(second).map(|(first, second)| first.max(second));
    is_done.iter().all(|&it| it).then_some(Taken {
        verify,
        learn,
        resume,
        provision,
        open,
        boot,
        remember,
        begin,
        write,
        finish,
        confirm,
    })
}

/// Windows come until both have said what they have to say.
fn learn(learning: &mut Learning) -> bool {
    let (mut random, mut findings) = (1_u32, Findings::default());
    for at in 0..1500 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let score = u64::from(random >> 16) + if at < 1000 { 0 } else { 1 << 16 };
        let seen = Seen { score, codes: &[], channels: 1, is_apart: true, is_first: at == 0 };
        learning.see(black_box(&seen));
    }
    learning.find(&mut findings);
    learning.0.threshold().is_some() && findings.has_drifted
}

/// Both go on from their states.
fn resume((calibration, drift): &mut Learning) -> Option<()> {
    *calibration = Calibration::resume(black_box(calibration.state())).ok()?;
    *drift = Drift::resume(black_box(drift.state())).ok()?;
    Some(())
}
