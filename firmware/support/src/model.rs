//! The model's place in flash, and its buffers.

#![allow(unsafe_code, reason = "the place is known to the linker")]

use ae_core::{Header, LoadError};
use ae_infer::{Autoencoder, Compute, Visitor};

use crate::arena::{Memory, TooLittle};
use crate::gate::Admitted;
use crate::inference;
use crate::text::{Line, Reason, words};

/// Linked to the front of the model's place; whoever flashes the firmware may put another there.
#[unsafe(link_section = ".model")]
#[used]
static LINKED: [u8; include_bytes!(concat!(env!("OUT_DIR"), "/model.aeb")).len()] =
    *include_bytes!(concat!(env!("OUT_DIR"), "/model.aeb"));

unsafe extern "C" {
    /// First byte of the model's place. Every board's linker script sets both.
    static _model_start: u8;
    /// The byte behind it.
    static _model_end: u8;
}

/// The model's place: its model, and whatever flash holds behind it.
pub(crate) fn place() -> &'static [u8] {
    let (start, end) = (&raw const _model_start, &raw const _model_end);
    let len = end.addr().saturating_sub(start.addr());
    // SAFETY: the linker script makes this a range of flash that holds nothing else, and nothing
    // writes to it while a program runs.
    unsafe { core::slice::from_raw_parts(start, len) }
}

/// The blob in the model's place: as many bytes as its header says, or a header's worth where
/// there is none, so that loading says what is wrong.
pub(crate) fn blob() -> &'static [u8] {
    let place = place();
    let found = Header::read(place).map_or(Header::LEN, |header| header.total_len as usize);
    place.get(..found).unwrap_or(place)
}

/// Why there is nothing to run.
pub(crate) enum Unusable {
    Load(LoadError),
    Memory(TooLittle),
    #[cfg(feature = "signed")]
    Gate(crate::gate::Refused),
    #[cfg(not(feature = "f32"))]
    NoF32,
}

impl Reason for Unusable {
    fn say(&self, line: &mut Line) {
        match self {
            Self::Load(error) => words(line.text("the model is refused: "), error, "it is damaged"),
            Self::Memory(TooLittle { needed_bytes, free_bytes }) => {
                line.text("the model needs a buffer of ").size(*needed_bytes);
                line.text(" bytes, but only ").size(*free_bytes).text(" are free");
            }
            #[cfg(feature = "signed")]
            Self::Gate(refused) => refused.say(line),
            #[cfg(not(feature = "f32"))]
            Self::NoF32 => {
                line.text("this firmware runs int8 models alone");
            }
        }
    }
}

impl From<TooLittle> for Unusable {
    fn from(error: TooLittle) -> Self {
        Self::Memory(error)
    }
}

/// A loaded model and the buffers to run it in.
pub(crate) struct Loaded<A: Compute<'static>> {
    pub(crate) model: Autoencoder<'static, A>,
    /// Of the model's features.
    pub(crate) pixels: &'static mut [u8],
    /// Of the model's features.
    pub(crate) reconstruction: &'static mut [u8],
    pub(crate) scratch: &'static mut [A::Element],
    /// Bytes of the three buffers.
    pub(crate) buffer_bytes: usize,
}

/// A program, for models of either contract.
pub(crate) trait Program {
    type Output;

    /// Bytes of the buffer for pixels, which a detector uses for its window.
    fn window_len<A: Compute<'static>>(&self, model: &Autoencoder<'static, A>) -> usize {
        model.model().header().features as usize
    }

    fn run<A: Compute<'static>>(self, loaded: Loaded<A>, rest: Memory) -> Self::Output;
}

/// Loads the model that was accepted and runs `program` with it.
pub(crate) fn with_model<P: Program>(
    Admitted { blob, .. }: Admitted,
    program: P,
    memory: Memory,
) -> Result<P::Output, Unusable> {
    Ok(start(blob, Start { program, memory })??)
}

#[cfg(feature = "f32")]
fn start<P: Program>(blob: &'static [u8], start: Start<P>) -> Result<Started<P>, Unusable> {
    ae_infer::with_model(blob, start).map_err(Unusable::Load)
}

#[cfg(not(feature = "f32"))]
fn start<P: Program>(blob: &'static [u8], start: Start<P>) -> Result<Started<P>, Unusable> {
    match inference::load::<ae_core::Int8<'static>>(blob) {
        Ok(model) => Ok(start.visit(model)),
        Err(LoadError::WrongContract { .. }) => Err(Unusable::NoF32),
        Err(error) => Err(Unusable::Load(error)),
    }
}

/// What a program ends with, if there is memory for the model's buffers.
type Started<P> = Result<<P as Program>::Output, TooLittle>;

/// A program that waits for its model, and the memory for both.
struct Start<P> {
    program: P,
    memory: Memory,
}

impl<P: Program> Visitor<'static> for Start<P> {
    type Output = Started<P>;

    fn load<A: Compute<'static>>(
        blob: &'static [u8],
    ) -> Result<Autoencoder<'static, A>, LoadError> {
        inference::load(blob)
    }

    fn visit<A: Compute<'static>>(self, model: Autoencoder<'static, A>) -> Started<P> {
        let Self { program, mut memory } = self;
        let header = model.model().header();
        let features = header.features as usize;
        let pixels = memory.buffer(program.window_len(&model))?;
        let reconstruction = memory.buffer(features)?;
        let scratch = memory.buffer(header.scratch_len())?;
        let buffer_bytes = memory.taken_bytes();
        Ok(program.run(Loaded { model, pixels, reconstruction, scratch, buffer_bytes }, memory))
    }
}
