//! A layer, whatever its arithmetic.

use serde::{Deserialize, Serialize};

use crate::contract::Contract;
use crate::error::{LayerError, LoadError};
use crate::format::DATA_ALIGNMENT;
use crate::geometry::{Dense, Geometry, Layout, Spatial, SpatialKind, Storage, saturated};

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

    /// Whether the layer can be run on any input. The data has the right length. A spatial layer is
    /// given as its [weights](Layer::as_dense), with its kind.
    ///
    /// # Errors
    /// What a kernel could not run safely.
    fn check(
        layer: &Layer<'a, Self>,
        kind: Option<SpatialKind>,
        is_output: bool,
    ) -> Result<(), LayerError>;

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
    /// The numbers of a [`Spatial`] layer; empty for a dense one.
    spatial: &'a [u8],
    digest: u32,
    pub(crate) arithmetic: A,
    pad: &'a [u8],
    data: &'a [u8],
}

impl<'a, A> Layer<'a, A> {
    /// `spatial` is empty for a dense layer.
    pub(crate) fn new(
        [inputs, outputs]: [u32; 2],
        spatial: &'a [u8],
        digest: u32,
        arithmetic: A,
        data: &'a [u8],
    ) -> Self {
        Self { inputs, outputs, spatial, digest, arithmetic, pad: &[], data }
    }

    pub(crate) fn set_pad(&mut self, pad: &'a [u8]) {
        self.pad = pad;
    }
}

impl<'a, A: Arithmetic<'a>> Layer<'a, A> {
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
        match self.spatial() {
            Some(spatial) => Geometry::Spatial(spatial),
            None => Geometry::dense(self.inputs(), self.outputs()),
        }
    }

    /// The sizes of a layer that works position by position; `None` for a dense one.
    #[must_use]
    #[inline(always)]
    pub fn spatial(&self) -> Option<Spatial> {
        if self.is_spatial() { Spatial::from_bytes(self.spatial) } else { None }
    }

    /// Whether the layer works position by position. Where no such kind is built, no layer does, and
    /// compilers leave out what would follow.
    #[must_use]
    #[inline(always)]
    pub fn is_spatial(&self) -> bool {
        SpatialKind::ANY && !self.spatial.is_empty()
    }

    /// The layer's weights, and what becomes of their sums, as a dense layer: of a convolution, the
    /// one that computes a position from what it reads.
    #[must_use]
    pub fn as_dense(&self) -> Self {
        self.with_sizes(self.geometry().weights_as_dense())
    }

    /// The same where the sizes are known.
    #[must_use]
    pub fn with_sizes(&self, Dense { inputs, outputs }: Dense) -> Self {
        // The loader has shown that neither is over `MAX_WIDTH`.
        Self { inputs: inputs as u32, outputs: outputs as u32, spatial: &[], ..*self }
    }

    /// What the arithmetic adds where the data is in `layout`. A kind that has one layout keeps it.
    #[must_use]
    pub fn arithmetic_in(&self, layout: Layout) -> A {
        match self.spatial() {
            Some(Spatial { kind: SpatialKind::Convolution, .. }) | None => {
                self.arithmetic.with_layout(layout)
            }
            Some(_) => self.arithmetic,
        }
    }

    /// Elements of the scratch that computing it needs beside its input and output. It is no part of who
    /// calls it, so that a walk over layers takes no stack for their sizes.
    #[must_use]
    #[inline(never)]
    pub fn room(&self) -> usize {
        let storage = self.arithmetic.storage();
        match self.spatial() {
            Some(spatial) => Geometry::Spatial(spatial).room(storage),
            None => Dense { inputs: self.inputs(), outputs: self.outputs() }.room(storage),
        }
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

    /// All that can be wrong with a layer by itself. `end` is the offset behind it.
    pub(crate) fn check(&self, end: usize, is_output: bool) -> Result<(), LayerError> {
        match self.spatial.first() {
            None => {
                self.check_data(Geometry::dense(self.inputs(), self.outputs()), end)?;
                A::check(self, None, is_output)
            }
            Some(&number) if SpatialKind::ANY => self.check_spatial(number, end, is_output),
            // Compilers see that nothing else follows for such a layer.
            Some(&number) => Err(Self::without_kinds(number)),
        }
    }

    /// The same of a spatial layer, in a frame of its own: so a dense one is loaded on less stack.
    #[inline(never)]
    fn check_spatial(&self, number: u8, end: usize, is_output: bool) -> Result<(), LayerError> {
        let spatial = self.checked_spatial(number)?;
        self.check_data(Geometry::Spatial(spatial), end)?;
        A::check(&self.as_dense(), Some(spatial.kind), is_output)
    }

    /// The sizes, and the data's length and place.
    #[inline(always)]
    fn check_data(&self, geometry: Geometry, end: usize) -> Result<(), LayerError> {
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
        Ok(())
    }

    /// Why a program without any kind of spatial layers refuses one.
    fn without_kinds(number: u8) -> LayerError {
        match SpatialKind::from_number(number) {
            Some(kind) => LayerError::KindNotBuilt { kind },
            None => LayerError::UnknownKind { found: number },
        }
    }

    #[inline(never)]
    fn checked_spatial(&self, number: u8) -> Result<Spatial, LayerError> {
        let kind = SpatialKind::from_number(number);
        let kind = kind.ok_or(LayerError::UnknownKind { found: number })?;
        if !kind.is_built() {
            return Err(LayerError::KindNotBuilt { kind });
        }
        let found = self.spatial.len();
        let spatial = Spatial::from_bytes(self.spatial);
        let spatial = spatial.ok_or(LayerError::SpatialLength { expected: Spatial::LEN, found })?;
        let expected = [saturated(spatial.inputs()), saturated(spatial.outputs())];
        let found = [self.inputs, self.outputs];
        if expected == found { Ok(spatial) } else { Err(LayerError::Map { expected, found }) }
    }
}
