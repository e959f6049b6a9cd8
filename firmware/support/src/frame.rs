//! The program `frame`: what the features of a frame take.

use ae_core::{Bands, SignalFeatures, Spectrum, Statistics, Taper};
use ae_infer::FeatureStream;

use crate::arena::Memory;
use crate::board::Board;
use crate::mark::marked;
use crate::stack;
use crate::text::Line;

/// Samples of the frame.
const FRAME: u16 = 1024;
/// Bins that have a weight: all but the first and the last.
const BINS: usize = FRAME as usize / 2 - 1;
/// Bands.
const BANDS: usize = 128;

/// Mel bands of a signal of 16 kHz, from 0 to 8 kHz.
static MEL: Mel = Mel::new();

struct Mel {
    segments: [u8; 2 * (BANDS + 1)],
    weights: [u8; 2 * BINS],
}

impl Mel {
    /// The frequency in Hz of a mel is `700 · (10^(mel / 2595) − 1)`, after O'Shaughnessy, Speech
    /// Communication, 1987, so that from one centre to the next `frequency + 700` grows by a factor.
    /// The factor from 0 to 8 kHz in 129 steps is `(8700 / 700)^(1 / 129)`.
    const fn new() -> Self {
        const FACTOR: f64 = 1.019_726_922_060_126_8;
        let mut mel = Self { segments: [0; 2 * (BANDS + 1)], weights: [0; 2 * BINS] };
        let (mut from, mut to) = (700.0, 700.0 * FACTOR);
        let (mut segment, mut bin) = (0, 0);
        while bin < BINS {
            let frequency = 700.0 + (bin + 1) as f64 * 16_000.0 / FRAME as f64;
            while frequency > to {
                (from, to) = (to, to * FACTOR);
                segment += 1;
            }
            let share = (frequency - from) / (to - from) * Bands::UNIT as f64;
            let [low, high] = ((share + 0.5) as u16).to_le_bytes();
            (mel.weights[2 * bin], mel.weights[2 * bin + 1]) = (low, high);
            // No segment has as many as 256 bins.
            mel.segments[2 * segment] += 1;
            bin += 1;
        }
        mel
    }
}

/// Computes the features of a frame of 1,024 samples, 128 mel bands by Hann and power, prints one line
/// of `name=value` pairs, and ends.
///
/// | name | value |
/// | --- | --- |
/// | `board`, `core` | what it ran on |
/// | `ticks` | time of the frame; see [`Board::ticks`] |
/// | `stack_bytes` | its stack |
/// | `buffer_bytes` | where samples are gathered and the spectrum is computed |
/// | `sum` | a sum over the levels, weighted by their place, by which boards are compared |
///
/// A mark stands before and behind the frame, for an emulator that counts instructions. Behind them
/// stand two marks around a sample that is kept, and two around the copy of a frame.
pub fn run<B: Board>(mut board: B, mut memory: Memory) -> ! {
    let features = SignalFeatures {
        channels: 1,
        frame: FRAME,
        hop: FRAME / 2,
        units: &[],
        raw: false,
        statistics: Statistics::NONE,
        bands: Some(Bands {
            taper: Taper::Hann,
            spectrum: Spectrum::Power,
            first: 1,
            segments: &MEL.segments,
            weights: &MEL.weights,
        }),
    };
    let buffer_bytes = features.buffer_len();
    let buffer = memory.buffer(buffer_bytes).ok();
    let stream = buffer.and_then(|buffer| FeatureStream::new(features, buffer).ok());
    let Some(mut stream) = stream else {
        board.print("FAILED: no features");
        board.exit(false)
    };
    // Noise, and a frame that does not begin where the ring does.
    let mut state = 1_u32;
    for _ in 0..FRAME + FRAME / 2 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        stream.push(&[(state >> 16) as i16 >> 2]);
    }
    let mut levels = [0_i16; BANDS];
    let mut compute = || {
        let mut places = levels.iter_mut();
        stream.values(|value| {
            if let Some(place) = places.next() {
                *place = value;
            }
        });
    };
    let (_, ticks) = board.ticks(|| marked(&mut compute));
    let (_, stack_bytes) = stack::measure(&mut compute);
    let mut whole = [0_i16; FRAME as usize];
    marked(|| stream.push(&[1]));
    // Frames begin on word boundaries, where a hop is not odd.
    stream.push(&[1]);
    if marked(|| stream.copy_frame(&mut whole)).is_err() || whole.last() != Some(&1) {
        board.print("FAILED: no copy of the frame");
        board.exit(false)
    }
    let weighted = levels.iter().zip(1_u32..).map(|(&level, place)| level as u32 * place);
    let sum = weighted.fold(0, u32::wrapping_add);

    let mut line = Line::new();
    line.text("frame: board=").text(B::NAME).text(" core=").text(board.core());
    line.text(" ticks=").count(ticks).text(" stack_bytes=").count(stack_bytes);
    line.text(" buffer_bytes=").size(buffer_bytes).text(" sum=").number(sum);
    board.print(line.as_str());
    board.exit(true)
}
