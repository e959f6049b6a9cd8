//! The program `bench`: what one inference takes.

use ae_core::{Arithmetic, PartKind};
use ae_infer::{Autoencoder, Compute, InferError};
use bytemuck::Pod;

use crate::arena::Memory;
use crate::board::Board;
use crate::model::{Loaded, Program, blob, with_model};
use crate::stack;
use crate::text::{Line, words};

/// Loads the model once and runs it once on its own test vector, prints one line of
/// `name=value` pairs, and ends.
///
/// | name | value |
/// | --- | --- |
/// | `board`, `core` | what it ran on |
/// | `contract`, `parts` | what was run |
/// | `load_ticks`, `ticks` | time of loading, and of one inference; see [`Board::ticks`] |
/// | `load_stack_bytes`, `stack_bytes` | stack of loading, and of one inference |
/// | `model_bytes` | the loaded model's own value, in RAM beside the stack |
/// | `buffer_bytes` | pixels in and out, and scratch |
pub fn run<B: Board>(mut board: B, memory: Memory) -> ! {
    let core = board.core();
    let success = match with_model(Bench(&mut board), memory) {
        Ok(Ok(found)) => {
            let line = Line::new().text("bench: board=").text(B::NAME).text(" core=").text(core);
            let line = line.text(" contract=").text(found.contract);
            let line = line.text(" parts=").text(found.parts);
            let line = line.text(" load_ticks=").number(found.load.ticks);
            let line = line.text(" ticks=").number(found.inference.ticks);
            let line = line.text(" load_stack_bytes=").size(found.load.stack_bytes);
            let line = line.text(" stack_bytes=").size(found.inference.stack_bytes);
            let line = line.text(" model_bytes=").size(found.model_bytes);
            let line = line.text(" buffer_bytes=").size(found.buffer_bytes);
            board.print(line.as_str());
            true
        }
        Ok(Err(error)) => {
            let line = words(Line::new().text("FAILED: "), &error, "the model cannot be run");
            board.print(line.as_str());
            false
        }
        Err(unusable) => {
            board.print(Line::new().text("FAILED: ").reason(&unusable).as_str());
            false
        }
    };
    board.exit(success)
}

/// What a piece of work took.
#[derive(Clone, Copy)]
struct Taken {
    /// [`u32::MAX`] where there were too many to count.
    ticks: u32,
    stack_bytes: usize,
}

struct Found {
    contract: &'static str,
    parts: &'static str,
    load: Taken,
    inference: Taken,
    model_bytes: usize,
    buffer_bytes: usize,
}

struct Bench<'b, B>(&'b mut B);

impl<B: Board> Program for Bench<'_, B> {
    type Output = Result<Found, InferError>;

    fn run<A: Compute<'static, Element: Pod>>(self, loaded: Loaded<A>, _: Memory) -> Self::Output {
        let Bench(board) = self;
        let Loaded { model, pixels, reconstruction, scratch, buffer_bytes } = loaded;
        let (_, load) = take(board, || Autoencoder::<A>::load(blob()).is_ok());

        let parts = model.model();
        let latent_len = parts.header().latent as usize;
        let test = parts.encoder().map(|part| (PartKind::Encoder, part.test_input()));
        let latent_test = parts.decoder().map(|part| part.test_input());
        let (latent, rest) = scratch.split_at_mut_checked(latent_len).unwrap_or_default();
        let (parts, result, inference) = match (test, latent_test) {
            (Some((_, image)), Some(_)) => {
                pixels.copy_from_slice(image);
                let (result, taken) =
                    take(board, || model.score(pixels, reconstruction, scratch).map(|_| ()));
                ("both", result, taken)
            }
            (Some((_, image)), None) => {
                pixels.copy_from_slice(image);
                let (result, taken) = take(board, || model.encode(pixels, latent, rest));
                ("encoder", result, taken)
            }
            (None, test) => {
                ae_infer::Latent::read(test.unwrap_or_default(), latent);
                let (result, taken) = take(board, || model.decode(latent, reconstruction, rest));
                ("decoder", result, taken)
            }
        };
        result?;
        Ok(Found {
            contract: <A as Arithmetic<'static>>::CONTRACT.name(),
            parts,
            load,
            inference,
            model_bytes: size_of_val(&model),
            buffer_bytes,
        })
    }
}

/// Runs `work` twice: once for its time, once for its stack, so that neither measurement is in the
/// other.
fn take<B: Board, R>(board: &mut B, mut work: impl FnMut() -> R) -> (R, Taken) {
    let (_, ticks) = board.ticks(&mut work);
    let (result, stack_bytes) = stack::measure(work);
    (result, Taken { ticks: ticks.unwrap_or(u32::MAX), stack_bytes })
}
