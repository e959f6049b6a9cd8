//! A layer, whatever its arithmetic.

use serde::{Deserialize, Serialize};

use crate::contract::Contract;
use crate::error::{LayerError, LoadError};
use crate::format::DATA_ALIGNMENT;
use crate::geometry::{Geometry, Layout, Storage};

/// What one arithmetic adds to a layer. Implemented by [`Int8`](crate::Int8) and [`F32`](crate::F32).
pub trait Arithmetic<'a>: Copy + Serialize + Deserialize<'a> {
    /// Its number in the header.
    const CONTRACT: Contract;
    /// An activation between layers, and a latent value: `i8` or `f32`.
    type Element: Copy + Default + Send + Sync;
    /// Bytes of the latent map for one latent value.
    const LATENT_MAP_BYTES: usize;

    /// How the layer's numbers are stored.
    fn storage(&self) -> Storage;

    /// The same with the data in another order, where the layer has several.
    #[must_use]
    fn with_layout(self, layout: Layout) -> Self;

    /// Writes the data section as it is in `layout` to `data`, which has the bytes of that
    /// storage; see [`Geometry::data_len`].
    fn arrange(layer: &Layer<'a, Self>, layout: Layout, data: &mut [u8]);

    /// Whether the layer can be run on any input; the data has the right length.
    ///
    /// # Errors
    /// What a kernel could not run safely.
    fn check(layer: &Layer<'a, Self>, is_output: bool) -> Result<(), LayerError>;

    /// [`Model::parse`](crate::Model::parse) and [`Model::detection`](crate::Model::detection) of a
    /// blob of any lifetime, for the writer.
    ///
    /// # Errors
    /// As these.
    fn validate(blob: &[u8]) -> Result<(), LoadError>;
}

/// A layer, read in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer<'a, A> {
    inputs: u32,
    outputs: u32,
    digest: u32,
    pub(crate) arithmetic: A,
    pad: &'a [u8],
    data: &'a [u8],
}

impl<'a, A: Arithmetic<'a>> Layer<'a, A> {
    pub(crate) fn new(
        inputs: u32,
        outputs: u32,
        digest: u32,
        arithmetic: A,
        data: &'a [u8],
    ) -> Self {
        Self { inputs, outputs, digest, arithmetic, pad: &[], data }
    }

    /// Values that come in.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs as usize
    }

    /// Values that go out.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs as usize
    }

    /// Its kind and its sizes.
    #[must_use]
    pub fn geometry(&self) -> Geometry {
        Geometry::dense(self.inputs(), self.outputs())
    }

    /// Elements of the scratch that computing it needs beside its input and output.
    #[must_use]
    pub fn room(&self) -> usize {
        self.geometry().room(self.arithmetic.storage())
    }

    /// CRC-32C of this layer's output, after its activation, for the part's test input.
    /// f32 values count as their four little-endian bytes.
    #[must_use]
    pub fn digest(&self) -> u32 {
        self.digest
    }

    /// Weights and everything else there is per output channel.
    #[must_use]
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// What the layer's arithmetic adds.
    #[must_use]
    pub fn arithmetic(&self) -> &A {
        &self.arithmetic
    }

    /// Writes the data section as it is in `layout` to `data`, which has the bytes of that
    /// storage; see [`Geometry::data_len`]. A layer with one layout is copied.
    pub fn arrange(&self, layout: Layout, data: &mut [u8]) {
        A::arrange(self, layout, data);
    }

    pub(crate) fn set_pad(&mut self, pad: &'a [u8]) {
        self.pad = pad;
    }

    /// All that can be wrong with a layer by itself. `end` is the offset behind it.
    pub(crate) fn check(&self, end: usize, is_output: bool) -> Result<(), LayerError> {
        let geometry = self.geometry();
        geometry.check()?;
        let expected = geometry.data_len(self.arithmetic.storage());
        if expected != self.data.len() as u64 {
            return Err(LayerError::DataLength { expected, found: self.data.len() });
        }
        let offset = end.saturating_sub(self.data.len());
        if !offset.is_multiple_of(DATA_ALIGNMENT) {
            return Err(LayerError::Alignment { offset, expected: DATA_ALIGNMENT });
        }
        if self.pad.len() >= DATA_ALIGNMENT {
            let (limit, found) = (DATA_ALIGNMENT - 1, self.pad.len());
            return Err(LayerError::PadLength { limit, found });
        }
        if self.pad.iter().any(|&byte| byte != 0) {
            return Err(LayerError::PaddingNotZero);
        }
        A::check(self, is_output)
    }
}
