//! The program `selftest`: does this core compute what the model's maker computed?

use ae_core::Arithmetic;
use ae_infer::{Compute, SelfTestError};

use crate::arena::Memory;
use crate::board::Board;
use crate::gate::admit;
use crate::inference;
use crate::last_words;
use crate::model::{Loaded, Program, with_model};
use crate::text::Line;

/// Checks the model's own test vector layer by layer, prints one line, and ends.
pub fn run<B: Board>(mut board: B, memory: Memory) -> ! {
    let core = board.core();
    let mut line = Line::new();
    last_words::tell(&mut board);
    let admitted = admit(&mut board);
    let success = match admitted.and_then(|model| Ok((model, with_model(model, SelfTest, memory)?)))
    {
        Ok((admitted, (model, result))) => {
            // From now on nothing older; a model that fails its test shuts out none.
            let counted = if result.is_ok() { admitted.passed(&mut board) } else { Ok(()) };
            line.text(if result.is_ok() && counted.is_ok() { "ok: " } else { "FAILED: " });
            line.text(B::NAME)
                .text(" (")
                .text(core)
                .text(", kernel ")
                .text(model.kernel)
                .text("), ");
            line.text(model.contract).text(" model ").hex(model.id);
            match &result {
                Ok(()) => {
                    line.text(", ").size(model.features).text(" pixels, ");
                    line.size(model.latent).text(" latent values: all of ");
                    line.size(model.layers).text(" layers give their digest");
                }
                Err(error) => {
                    line.text(": ").reason(error);
                }
            }
            if let Err(refused) = &counted {
                line.text(", but ").reason(refused);
            }
            result.is_ok() && counted.is_ok()
        }
        Err(unusable) => {
            line.text("FAILED: ").text(B::NAME).text(": ").reason(&unusable);
            false
        }
    };
    board.print(line.as_str());
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
    kernel: &'static str,
}

struct SelfTest;

impl Program for SelfTest {
    type Output = (Tested, Result<(), SelfTestError>);

    fn run<A: Compute<'static>>(self, loaded: Loaded<A>, _: Memory) -> Self::Output {
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
            kernel: model.kernel(),
        };
        (tested, inference::self_test(&model, reconstruction, scratch))
    }
}
