//! The program `bench`: what one inference takes.

use ae_core::{Arithmetic, PartKind};
use ae_infer::{Compute, Detector, InferError};

use crate::arena::Memory;
use crate::board::Board;
use crate::gate::admit;
use crate::inference;
use crate::last_words;
use crate::mark::{Marks, marked};
use crate::model::{Loaded, Program, blob, with_model};
use crate::sample::Sample;
use crate::stack;
use crate::text::{Line, words};

/// Loads the model and runs it on its own test vector, prints one line of `name=value` pairs, and
/// ends. An inference is what encoder and decoder do, without the score.
///
/// | name | value |
/// | --- | --- |
/// | `board`, `core` | what it ran on |
/// | `kernel` | what computed it |
/// | `contract`, `parts` | what was run |
/// | `load_ticks`, `ticks` | time of loading, and of one inference; see [`Board::ticks`] |
/// | `load_stack_bytes`, `stack_bytes` | stack of loading, and of one inference |
/// | `model_bytes` | the loaded model's own value, in RAM beside the stack |
/// | `buffer_bytes` | pixels in and out, and scratch |
///
/// Where the blob has a detection section a second line has
///
/// | name | value |
/// | --- | --- |
/// | `detector_bytes` | the detector's own value, the model's in it |
/// | `sample_bytes` | a sample |
/// | `window_ticks`, `window_stack_bytes` | of all samples from a decision to the next, that with the inference among them |
///
/// A count that is too large is `too-many`. With the feature `signed` there are
/// `verify_ticks` and `verify_stack_bytes` too, of checking the signature.
///
/// A mark stands before and behind each check of the signature, each inference and each window of
/// samples, and behind each piece of a layer's output, for an emulator that counts instructions.
pub fn run<B: Board>(mut board: B, memory: Memory) -> ! {
    let core = board.core();
    let mut line = Line::new();
    last_words::tell(&mut board);
    let admitted = admit(&mut board);
    let found = admitted.and_then(|model| with_model(model, Bench(&mut board), memory));
    let mut detector = None;
    let success = match found {
        Ok(Ok(found)) => {
            detector = found.detector;
            line.text("bench: board=").text(B::NAME).text(" core=").text(core);
            line.text(" kernel=").text(found.kernel);
            line.text(" contract=").text(found.contract).text(" parts=").text(found.parts);
            line.text(" load_ticks=").count(found.load.ticks);
            line.text(" ticks=").count(found.inference.ticks);
            line.text(" load_stack_bytes=").count(found.load.stack_bytes);
            line.text(" stack_bytes=").count(found.inference.stack_bytes);
            line.text(" model_bytes=").size(found.model_bytes);
            line.text(" buffer_bytes=").size(found.buffer_bytes);
            #[cfg(feature = "signed")]
            {
                line.text(" verify_ticks=").count(found.verify.ticks);
                line.text(" verify_stack_bytes=").count(found.verify.stack_bytes);
            }
            true
        }
        Ok(Err(error)) => {
            words(line.text("FAILED: "), &error, "the model cannot be run");
            false
        }
        Err(unusable) => {
            line.text("FAILED: ").reason(&unusable);
            false
        }
    };
    board.print(line.as_str());
    if let Some(detector) = detector {
        let mut line = Line::new();
        line.text("detector: detector_bytes=").size(detector.bytes);
        line.text(" sample_bytes=").size(detector.sample_bytes);
        line.text(" window_ticks=").count(detector.window.ticks);
        line.text(" window_stack_bytes=").count(detector.window.stack_bytes);
        board.print(line.as_str());
    }
    board.exit(success)
}

/// What a piece of work took.
#[derive(Clone, Copy)]
struct Taken {
    /// None where there were too many to count.
    ticks: Option<u32>,
    /// None where it took all the stack that there is, or more.
    stack_bytes: Option<u32>,
}

struct Found {
    kernel: &'static str,
    contract: &'static str,
    parts: &'static str,
    load: Taken,
    inference: Taken,
    model_bytes: usize,
    buffer_bytes: usize,
    detector: Option<FoundDetector>,
    #[cfg(feature = "signed")]
    verify: Taken,
}

struct FoundDetector {
    bytes: usize,
    sample_bytes: usize,
    window: Taken,
}

struct Bench<'b, B>(&'b mut B);

impl<B: Board> Program for Bench<'_, B> {
    type Output = Result<Found, InferError>;

    fn run<A: Compute<'static>>(self, loaded: Loaded<A>, rest_of_memory: Memory) -> Self::Output {
        let Bench(board) = self;
        let Loaded { model, pixels, reconstruction, scratch, buffer_bytes } = loaded;
        #[cfg(feature = "signed")]
        let (_, verify) = take(board, || marked(|| crate::gate::verify().is_ok()));
        let (_, load) = take(board, || inference::load::<A>(blob()).is_ok());

        let parts = model.model();
        let latent_len = parts.header().latent as usize;
        let test = parts.encoder().map(|part| (PartKind::Encoder, part.test_input()));
        let latent_test = parts.decoder().map(|part| part.test_input());
        let (latent, rest) = scratch.split_at_mut_checked(latent_len).unwrap_or_default();
        let (parts, result, inference) = match (test, latent_test) {
            (Some((_, image)), Some(_)) => {
                pixels.copy_from_slice(image);
                let work = || {
                    let trace = &mut Marks;
                    marked(|| {
                        inference::reconstruct(&model, pixels, reconstruction, scratch, trace)
                    })
                };
                let (result, taken) = take(board, work);
                ("both", result, taken)
            }
            (Some((_, image)), None) => {
                pixels.copy_from_slice(image);
                let work =
                    || marked(|| inference::encode(&model, pixels, latent, rest, &mut Marks));
                let (result, taken) = take(board, work);
                ("encoder", result, taken)
            }
            (None, test) => {
                ae_infer::Latent::read(test.unwrap_or_default(), latent);
                let work = || {
                    marked(|| inference::decode(&model, latent, reconstruction, rest, &mut Marks))
                };
                let (result, taken) = take(board, work);
                ("decoder", result, taken)
            }
        };
        result?;
        let (kernel, model_bytes) = (model.kernel(), size_of_val(&model));
        let detector = inference::detector(model, pixels, reconstruction, scratch);
        let detector = detector.ok().and_then(|it| watch(board, it, rest_of_memory));
        Ok(Found {
            kernel,
            contract: <A as Arithmetic<'static>>::CONTRACT.name(),
            parts,
            load,
            inference,
            model_bytes,
            buffer_bytes,
            detector,
            #[cfg(feature = "signed")]
            verify,
        })
    }
}

/// What watching a signal takes from one decision to the next. Every value is 0, which is as good as
/// any: the same instructions are executed.
fn watch<B: Board, A: Compute<'static>>(
    board: &mut B,
    mut detector: Detector<'static, 'static, A>,
    mut memory: Memory,
) -> Option<FoundDetector> {
    let kind = detector.detection().samples.kind();
    let mut sample = Sample::new(&mut memory, kind, detector.channels()).ok()?;
    let sample_bytes = sample.bytes_mut().len();
    let bytes = size_of_val(&detector);
    let mut decide = || while matches!(sample.push(&mut detector), Ok(None)) {};
    // The first window has more samples than the next.
    decide();
    let ((), window) = take(board, || marked(&mut decide));
    Some(FoundDetector { bytes, sample_bytes, window })
}

/// Runs `work` twice: once for its time, once for its stack, so that neither measurement is in the
/// other.
fn take<B: Board, R>(board: &mut B, mut work: impl FnMut() -> R) -> (R, Taken) {
    let (_, ticks) = board.ticks(&mut work);
    let (result, stack_bytes) = stack::measure(work);
    (result, Taken { ticks, stack_bytes })
}
