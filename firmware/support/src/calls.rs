//! The program `calls`: what the engine's functions take, for what the same calls take from C.

use core::hint::black_box;

use ae_infer::{CompanionPlan, CompanionsIn, Detector, Int8Autoencoder, frame_len, window_len};

use crate::board::Board;
use crate::mark::marked;
use crate::text::Line;

/// A model of 4-2-4 and a detector of counts: windows of two samples of two channels.
const COUNTS: &[u8] = include_bytes!("../../../tests/golden/tiny.counts.int8.aeb");
/// The same model, and features of frames of 32 samples of one channel, 16 apart.
const FEATURES: &[u8] = include_bytes!("../../../tests/golden/tiny.features.int8.aeb");
const WINDOW: usize = window_len(FEATURES).expect("a blob");
const FRAME: usize = frame_len(FEATURES).expect("a blob");

/// What goes along; as in `bindings/c/tests/bare/calls.c`.
const PLAN: CompanionPlan = CompanionPlan {
    scores: 19,
    alarm_ppm: 100_000,
    is_silent: false,
    is_at_least_blob: false,
    group_ppm: 0,
    low_ppm: 50_000,
    constant: 3,
    drift_ppm: 10_000,
};

/// In memory of another owner, as from C.
type Along<'m> = CompanionsIn<&'m mut [u64], &'m mut [u16], 11>;

/// Calls functions of the engine, each between two marks for an emulator that counts instructions, prints
/// one line of `name=value` pairs, and ends. `bindings/c/tests/bare/calls.c` calls the same from C, in the
/// same order.
///
/// | name | value |
/// | --- | --- |
/// | `board`, `core` | what it ran on |
/// | `sum` | of all scores, by which both programs are compared |
pub fn run<B: Board>(mut board: B) -> ! {
    let sum = of_model().and_then(|a| Some(a + of_windows()? + in_halves()?));
    let Some(sum) = sum.and_then(|sum| Some(sum + of_frames()?)) else {
        board.print("FAILED: a call");
        board.exit(false)
    };
    let mut line = Line::new();
    line.text("calls: board=").text(B::NAME).text(" core=").text(board.core());
    line.text(" sum=").long(sum);
    board.print(line.as_str());
    board.exit(true)
}

fn of_model() -> Option<u64> {
    let model = Int8Autoencoder::load(black_box(COUNTS)).ok()?;
    let (mut latent, mut out, mut scratch) = ([0; 2], [0; 4], [0; 5]);
    let pixels = black_box([10, 200, 30, 120]);
    marked(|| model.encode(&pixels, &mut latent, &mut scratch)).ok()?;
    marked(|| model.decode(&latent, &mut out, &mut scratch)).ok()?;
    marked(|| model.reconstruct(&pixels, &mut out, &mut scratch)).ok()?;
    marked(|| model.score(&pixels, &mut out, &mut scratch)).ok()
}

fn of_windows() -> Option<u64> {
    let (mut window, mut out, mut scratch) = ([0; 4], [0; 4], [0; 5]);
    let model = Int8Autoencoder::load(black_box(COUNTS)).ok()?;
    let mut detector = Detector::new(model, &mut window, &mut out, &mut scratch).ok()?;
    let (quiet, loud) = (black_box([120_i16, -40]), black_box([3000_i16, -3000]));
    marked(|| black_box(detector.push(&quiet))).ok()?;
    detector.reset();
    let none = marked(|| black_box(detector.push(&quiet))).ok()?;
    let some = marked(|| black_box(detector.push(&loud))).ok()??;
    detector.reset();
    let (mut kept, mut kept_low, mut runs) = ([0; 2], [0; 1], [0; 2]);
    let mut along = Along::within(&PLAN, &mut kept, &mut kept_low, &mut runs).ok()?;
    marked(|| black_box(detector.push_with(&quiet, &mut along))).ok()?;
    detector.reset();
    let none_with = marked(|| black_box(detector.push_with(&quiet, &mut along))).ok()?;
    let some_with = marked(|| black_box(detector.push_with(&loud, &mut along))).ok()??;
    let is_none = none.is_none() && none_with.is_none();
    is_none.then_some(some.evidence().score + some_with.decision.evidence().score)
}

fn in_halves() -> Option<u64> {
    let (mut window, mut out, mut scratch) = ([0; 4], [0; 4], [0; 5]);
    let model = Int8Autoencoder::load(black_box(COUNTS)).ok()?;
    let detector = Detector::new(model, &mut window, &mut out, &mut scratch).ok()?;
    let (mut sampler, mut judge) = detector.split();
    let (quiet, loud) = (black_box([120_i16, -40]), black_box([3000_i16, -3000]));
    let mut whole = [0; 4];
    let is_early = marked(|| black_box(sampler.push(&quiet))).ok()?;
    let is_whole = marked(|| black_box(sampler.push(&loud))).ok()?;
    marked(|| black_box(&mut whole).copy_from_slice(sampler.window()));
    judge.decide(&whole).ok()?;
    let decision = marked(|| black_box(judge.decide(&whole))).ok()?;
    let (mut kept, mut kept_low, mut runs) = ([0; 2], [0; 1], [0; 2]);
    let mut along = Along::within(&PLAN, &mut kept, &mut kept_low, &mut runs).ok()?;
    judge.decide_with(&whole, &mut along).ok()?;
    let seen = marked(|| black_box(judge.decide_with(&whole, &mut along))).ok()?;
    let sum = decision.evidence().score + seen.decision.evidence().score;
    (is_whole && !is_early).then_some(sum)
}

fn of_frames() -> Option<u64> {
    let (mut window, mut out, mut scratch) = ([0; WINDOW], [0; 4], [0; 5]);
    let model = Int8Autoencoder::load(black_box(FEATURES)).ok()?;
    let mut detector = Detector::new(model, &mut window, &mut out, &mut scratch).ok()?;
    let (mut kept, mut kept_low, mut runs) = ([0; 2], [0; 1], [0; 2]);
    let mut along = Along::within(&PLAN, &mut kept, &mut kept_low, &mut runs).ok()?;
    // With sample 47 the second frame is whole, and a window, and so with every 16th behind it.
    for at in 0..46 {
        detector.push(&sample(at)).ok()?;
    }
    let (before, last) = (black_box(sample(46)), black_box(sample(47)));
    marked(|| black_box(detector.push(&before))).ok()?;
    let first = marked(|| black_box(detector.push(&last))).ok()??;
    for at in 48..63 {
        detector.push_with(&sample(at), &mut along).ok()?;
    }
    let last = black_box(sample(63));
    let second = marked(|| black_box(detector.push_with(&last, &mut along))).ok()??;
    let (mut sampler, mut judge) = detector.split();
    for at in 64..79 {
        sampler.push(&sample(at)).ok()?;
    }
    let last = black_box(sample(79));
    let is_whole = marked(|| black_box(sampler.push(&last))).ok()?;
    let mut whole = [0; FRAME];
    marked(|| sampler.copy_frame(&mut whole)).ok()?;
    let third = marked(|| black_box(judge.take_frame(&whole))).ok()??;
    judge.take_frame_with(&whole, &mut along).ok()?;
    let fourth = marked(|| black_box(judge.take_frame_with(&whole, &mut along))).ok()??;
    let scores = [
        first.evidence().score,
        second.decision.evidence().score,
        third.evidence().score,
        fourth.decision.evidence().score,
    ];
    is_whole.then(|| scores.iter().sum())
}

/// A tone.
const fn sample(at: i16) -> [i16; 1] {
    [300 * (at % 7)]
}
