//! The program `selftest`: does this core compute what the model's maker computed?

use ae_core::Arithmetic;
use ae_infer::{Compute, SelfTestError};
use bytemuck::Pod;

use crate::arena::Memory;
use crate::board::Board;
use crate::model::{Loaded, Program, with_model};
use crate::text::Line;

/// Checks the model's own test vector layer by layer, prints one line, and ends.
pub fn run<B: Board>(mut board: B, memory: Memory) -> ! {
    let core = board.core();
    let success = match with_model(SelfTest, memory) {
        Ok((model, result)) => {
            let on = |verdict: &str| {
                let line = Line::new().text(verdict).text(B::NAME).text(" (").text(core);
                line.text("), ").text(model.contract).text(" model ").hex(model.id)
            };
            let line = match &result {
                Ok(()) => on("ok: ")
                    .text(", ")
                    .size(model.features)
                    .text(" pixels, ")
                    .size(model.latent)
                    .text(" latent values: all of ")
                    .size(model.layers)
                    .text(" layers give their digest"),
                Err(error) => on("FAILED: ").text(": ").reason(error),
            };
            board.print(line.as_str());
            result.is_ok()
        }
        Err(unusable) => {
            let line = Line::new().text("FAILED: ").text(B::NAME).text(": ").reason(&unusable);
            board.print(line.as_str());
            false
        }
    };
    board.exit(success)
}

/// What was tested.
struct Tested {
    contract: &'static str,
    features: usize,
    latent: usize,
    layers: usize,
    /// The front of the model's id.
    id: u32,
}

struct SelfTest;

impl Program for SelfTest {
    type Output = (Tested, Result<(), SelfTestError>);

    fn run<A: Compute<'static, Element: Pod>>(self, loaded: Loaded<A>, _: Memory) -> Self::Output {
        let Loaded { model, reconstruction, scratch, .. } = loaded;
        let blob = model.model();
        let [a, b, c, d, ..] = blob.header().model_id;
        let encoder = blob.encoder().map_or(0, |part| part.layers().len());
        let decoder = blob.decoder().map_or(0, |part| part.layers().len());
        let tested = Tested {
            contract: <A as Arithmetic<'static>>::CONTRACT.name(),
            features: blob.header().features as usize,
            latent: blob.header().latent as usize,
            layers: encoder.saturating_add(decoder),
            id: u32::from_be_bytes([a, b, c, d]),
        };
        (tested, model.self_test(reconstruction, scratch))
    }
}
