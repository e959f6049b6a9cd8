//! Every kernel gives what the portable one gives: the same bits, for all shapes, alignments and
//! extremes.
//!
//! [`run`] makes layers, puts them into blobs, and computes each twice: by the kernels that the
//! program was built with, and by the portable ones. It runs on the host and on emulated boards
//! alike. Lengths are 1 to 67 and those around 512 and 1024, where packed sums are split; layers
//! without inputs are not in the format. Features of a signal are compared by the digests of many
//! frames, and so are the [`thresholds`] that a core finds in place. [`soak`] is about whole models, run for long.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "signal-features")]
pub mod features;
mod float;
mod integer;
mod maps;
mod numbers;
mod shapes;
pub mod soak;
pub mod thresholds;
mod values;

use core::fmt;

/// Most inputs of a layer.
const MAX_INPUTS: usize = 1040;
/// Most outputs.
const MAX_OUTPUTS: usize = 40;
/// Most inputs and outputs of a map.
const MAX_PLACES: usize = 1040;
/// Bytes of the largest blob, and of its layer's data.
const MAX_BYTES: usize = 96 * 1024;

/// Outputs of a map, twice, with a place on each side of them, at every alignment.
const OUTPUTS: usize = 2 * (MAX_PLACES + 8);

/// Memory for layers, inputs and outputs, which the caller owns.
#[derive(Debug)]
pub struct Buffers<'m> {
    blob: &'m mut [u8],
    data: &'m mut [u8],
    pixels: &'m mut [u8],
    values: &'m mut [i8],
    room: &'m mut [i8],
    reals: &'m mut [f32],
    /// Outputs of maps, for each type that they have: those of the portable code, and of the kernel.
    found: Found<'m>,
}

/// See [`Buffers`].
#[derive(Debug)]
struct Found<'m> {
    pixels: &'m mut [u8],
    values: &'m mut [i8],
    reals: &'m mut [f32],
}

impl<'m> Buffers<'m> {
    /// Bytes that are needed.
    pub const BYTES: usize = 2 * MAX_BYTES + MAX_INPUTS + OUTPUTS;
    /// Small integers that are needed.
    pub const VALUES: usize = 4 * MAX_INPUTS + OUTPUTS;
    /// Numbers that are needed.
    pub const REALS: usize = 3 * MAX_INPUTS + OUTPUTS;

    /// Divides memory; `None` where it is too little. `bytes` should lie on a boundary of 16: blobs
    /// are put at all offsets from there.
    #[must_use]
    pub fn new(bytes: &'m mut [u8], values: &'m mut [i8], reals: &'m mut [f32]) -> Option<Self> {
        let (blob, rest) = bytes.split_at_mut_checked(MAX_BYTES)?;
        let (data, rest) = rest.split_at_mut_checked(MAX_BYTES)?;
        let (pixels, found_pixels) = rest.split_at_mut_checked(MAX_INPUTS)?;
        let (values, rest) = values.split_at_mut_checked(MAX_INPUTS)?;
        let (room, found_values) = rest.split_at_mut_checked(3 * MAX_INPUTS)?;
        let (reals, found_reals) = reals.split_at_mut_checked(3 * MAX_INPUTS)?;
        let found = Found {
            pixels: found_pixels.get_mut(..OUTPUTS)?,
            values: found_values.get_mut(..OUTPUTS)?,
            reals: found_reals.get_mut(..OUTPUTS)?,
        };
        Some(Self { blob, data, pixels, values, room, reals, found })
    }
}

/// A layer that a kernel computes differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// `dense`, or the kind of a layer that works position by position.
    pub kind: &'static str,
    /// `rows`, `row-pairs` or `f32`.
    pub layout: &'static str,
    /// The kernel.
    pub kernel: &'static str,
    /// Of the layer.
    pub inputs: u32,
    /// Of the layer.
    pub outputs: u32,
    /// Bytes from a boundary of 16 to the blob, and to the input.
    pub offsets: [u8; 2],
    /// The first output that differs, and the portable kernel's and the kernel's bits of it. Where
    /// the layer could not be made, which is a fault of this crate, the output is `u32::MAX`.
    pub output: u32,
    /// What the portable kernel gives.
    pub expected: u32,
    /// What the kernel gives.
    pub found: u32,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, layout, kernel, inputs, outputs, offsets: [blob, input], .. } = self;
        let Self { output, expected, found, .. } = self;
        write!(
            f,
            "{kind}, kernel {kernel}, {layout}, {inputs} inputs, {outputs} outputs, blob at offset {blob}, \
             input at {input}: output {output} is {found:08x}, expected {expected:08x}"
        )
    }
}

impl core::error::Error for Failure {}

/// What a core computes differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A layer.
    Layer(Failure),
    /// Frames of a signal.
    #[cfg(feature = "signal-features")]
    Features(features::Differs),
    /// Thresholds, or what a drift wins.
    Thresholds(thresholds::Differs),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(failure) => failure.fmt(f),
            #[cfg(feature = "signal-features")]
            Self::Features(differs) => differs.fmt(f),
            Self::Thresholds(differs) => differs.fmt(f),
        }
    }
}

impl core::error::Error for Fault {}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Layer(failure)
    }
}

impl From<thresholds::Differs> for Fault {
    fn from(differs: thresholds::Differs) -> Self {
        Self::Thresholds(differs)
    }
}

#[cfg(feature = "signal-features")]
impl From<features::Differs> for Fault {
    fn from(differs: features::Differs) -> Self {
        Self::Features(differs)
    }
}

/// What was computed and compared: layers twice, frames and thresholds once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// Of the int8 contract.
    pub int8: u32,
    /// Of the f32 contract.
    pub f32: u32,
    /// Of both contracts, of kinds that work position by position.
    pub maps: u32,
    /// Frames of a signal; 0 where they are not built.
    pub frames: u32,
    /// Thresholds that were found in place.
    pub thresholds: u32,
}

/// How much of it is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Every int8 layer that is made meets each kind of inputs once and each alignment of them once,
    /// other pairs of the two for other weights: at each length up to 67 and each alignment of the blob
    /// all pairs come. This is a quarter of the int8 layers, and all of everything else.
    Part,
    /// Every int8 layer meets every pair.
    Whole,
}

/// Computes the cases. `around` is called with `true` before a layer or features are computed by the
/// kernels that the program was built with, and with `false` behind it.
///
/// # Errors
/// The first layer with an output that differs, or the first block of frames or thresholds with another
/// digest.
pub fn run(buffers: &mut Buffers<'_>, extent: Extent, around: fn(bool)) -> Result<Passed, Fault> {
    Ok(Passed {
        int8: integer::run(buffers, extent, around)?,
        f32: float::run(buffers, around)?,
        maps: maps::run(buffers, around)?,
        #[cfg(feature = "signal-features")]
        frames: features::run(buffers.data, around)?,
        #[cfg(not(feature = "signal-features"))]
        frames: 0,
        thresholds: thresholds::run()?,
    })
}

/// Numbers of inputs that layers are made with.
fn lengths() -> impl Iterator<Item = usize> {
    (1..=67).chain(506..=520).chain(1018..=1030)
}
