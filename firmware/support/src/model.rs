//! The model's place in flash, its buffers, and which contract it is for.

#![allow(unsafe_code, reason = "the place is known to the linker")]

use ae_core::{Contract, Header};
use ae_infer::{Autoencoder, Compute};
use bytemuck::Pod;

use crate::arena::{Memory, TooLittle};
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

/// The blob in the model's place: as many bytes as its header says, or a header's worth where
/// there is none, so that loading says what is wrong.
pub(crate) fn blob() -> &'static [u8] {
    let (start, end) = (&raw const _model_start, &raw const _model_end);
    let len = end.addr().saturating_sub(start.addr());
    // SAFETY: the linker script makes this a range of flash that holds nothing else, and nothing
    // writes to it while a program runs.
    let place = unsafe { core::slice::from_raw_parts(start, len) };
    let found = Header::read(place).map_or(Header::LEN, |header| header.total_len as usize);
    place.get(..found).unwrap_or(place)
}

/// Why there is nothing to run.
pub(crate) enum Unusable {
    Load(ae_core::LoadError),
    Memory(TooLittle),
    #[cfg(not(feature = "f32"))]
    NoF32,
}

impl Reason for Unusable {
    fn say(&self, line: &mut Line) {
        match self {
            Self::Load(error) => words(line.text("the model is refused: "), error, "it is damaged"),
            Self::Memory(TooLittle { needed_bytes, free_bytes }) => {
                line.text("the model needs a buffer of ").size(*needed_bytes);
                line.text(" bytes, free are ").size(*free_bytes);
            }
            #[cfg(not(feature = "f32"))]
            Self::NoF32 => {
                line.text("this firmware is built for int8 models alone");
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
pub(crate) struct Loaded<A: Compute<'static, Element: Pod>> {
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
    fn run<A: Compute<'static, Element: Pod>>(
        self,
        loaded: Loaded<A>,
        rest: Memory,
    ) -> Self::Output;
}

/// Loads the model in its place and runs `program` with it.
pub(crate) fn with_model<P: Program>(program: P, memory: Memory) -> Result<P::Output, Unusable> {
    let blob = blob();
    // Where the header cannot be read, loading says why.
    match Header::read(blob).map_or(Contract::Int8, |header| header.contract) {
        Contract::Int8 => load_and_run::<ae_core::Int8<'static>, P>(blob, program, memory),
        #[cfg(feature = "f32")]
        Contract::F32 => load_and_run::<ae_core::F32, P>(blob, program, memory),
        #[cfg(not(feature = "f32"))]
        Contract::F32 => Err(Unusable::NoF32),
    }
}

fn load_and_run<A: Compute<'static, Element: Pod>, P: Program>(
    blob: &'static [u8],
    program: P,
    mut memory: Memory,
) -> Result<P::Output, Unusable> {
    let model = inference::load::<A>(blob).map_err(Unusable::Load)?;
    let header = model.model().header();
    let features = header.features as usize;
    let pixels = memory.buffer(features)?;
    let reconstruction = memory.buffer(features)?;
    let scratch = memory.buffer(header.scratch_len())?;
    let buffer_bytes = memory.taken_bytes();
    Ok(program.run(Loaded { model, pixels, reconstruction, scratch, buffer_bytes }, memory))
}
