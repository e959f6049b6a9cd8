//! What the walk over the layers asks of an arithmetic.

use core::fmt::Debug;

use ae_core::{Arithmetic, Checksum, F32, Int8, Layer, Spatial};
use bytemuck::Pod;

use crate::values::{Sink, Source};
use crate::{float_mode, spatial};

/// A value that goes into a layer or comes out of it: a pixel, an i8 or an f32.
pub trait Value: Copy {
    /// Adds `values` to a digest: a byte each, an f32 as its four little-endian bytes.
    fn digest(values: &[Self], checksum: &mut Checksum);

    /// `values` by their type.
    fn shown(values: &[Self]) -> Shown<'_>;
}

/// Values that a layer gives, by their type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown<'v> {
    /// Of an int8 decoder's or an f32 decoder's last layer.
    Pixels(&'v [u8]),
    /// Of an int8 layer.
    Integers(&'v [i8]),
    /// Of an f32 layer.
    Reals(&'v [f32]),
}

/// A latent value, `i8` or `f32`: it can be read from a blob's test input.
pub trait Latent: Value + Pod + Debug + Default + PartialEq + Send + Sync {
    /// Fills `latent` from `bytes`, as many values as both have.
    fn read(bytes: &[u8], latent: &mut [Self]);

    /// The bytes of one as a test input stores it: one, or four in little-endian order.
    fn bytes(self) -> impl AsRef<[u8]>;
}

/// Computes layers of every kind from values `X` to values `Y`, activation included.
pub trait ComputeLayer<'a, X, Y>: Arithmetic<'a> {
    /// Computes every output; `x` has [`Layer::inputs`], `y` [`Layer::outputs`] and `room`
    /// [`Layer::room`] values.
    fn compute(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y], room: &mut [Self::Element]);

    /// The same by the portable kernel, which every other kernel must equal. It needs no room.
    fn portable(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y]);

    /// The name of the kernel that computes the layer on the core that this was built for.
    fn kernel(layer: &Layer<'a, Self>) -> &'static str;
}

/// An arithmetic that can be computed: [`Int8`](ae_core::Int8) and [`F32`](ae_core::F32).
///
/// Pixels enter the encoder's first layer, elements go between layers, and the decoder's last
/// layer gives pixels.
pub trait Compute<'a>:
    Arithmetic<'a, Element: Latent>
    + Debug
    + Send
    + Sync
    + ComputeLayer<'a, u8, <Self as Arithmetic<'a>>::Element>
    + ComputeLayer<'a, <Self as Arithmetic<'a>>::Element, <Self as Arithmetic<'a>>::Element>
    + ComputeLayer<'a, <Self as Arithmetic<'a>>::Element, u8>
{
    /// Computes a layer as [`ComputeLayer::compute`] does. There is one such function for layers that read
    /// and write pixels and for those that do not.
    fn layer(
        layer: &Layer<'a, Self>,
        x: Source<'_, Self::Element>,
        y: Sink<'_, Self::Element>,
        room: &mut [Self::Element],
    );

    /// Computes the strip of a layer that `spatial` is.
    fn strip(
        layer: &Layer<'a, Self>,
        spatial: &Spatial,
        x: Source<'_, Self::Element>,
        y: Sink<'_, Self::Element>,
        room: &mut [Self::Element],
    );

    /// Whether the core, as it is set, keeps the contract: of integers, each does.
    #[must_use]
    fn is_kept() -> bool {
        true
    }
}

impl<'a> Compute<'a> for Int8<'a> {
    fn layer(layer: &Layer<'a, Self>, x: Source<'_, i8>, y: Sink<'_, i8>, room: &mut [i8]) {
        crate::int8::layer(layer, x, y.bytes(), room);
    }

    fn strip(
        layer: &Layer<'a, Self>,
        spatial: &Spatial,
        x: Source<'_, i8>,
        y: Sink<'_, i8>,
        room: &mut [i8],
    ) {
        spatial::int8(layer, spatial, x, y.bytes(), room);
    }
}

impl Compute<'_> for F32 {
    fn layer(layer: &Layer<'_, Self>, x: Source<'_, f32>, y: Sink<'_, f32>, room: &mut [f32]) {
        crate::f32::layer(layer, x, y, room);
    }

    fn strip(
        layer: &Layer<'_, Self>,
        spatial: &Spatial,
        x: Source<'_, f32>,
        y: Sink<'_, f32>,
        room: &mut [f32],
    ) {
        spatial::f32(layer, spatial, x, y, room);
    }

    fn is_kept() -> bool {
        float_mode::is_kept()
    }
}

impl Value for u8 {
    fn digest(values: &[Self], checksum: &mut Checksum) {
        checksum.update(values);
    }

    fn shown(values: &[Self]) -> Shown<'_> {
        Shown::Pixels(values)
    }
}

impl Value for i8 {
    fn digest(values: &[Self], checksum: &mut Checksum) {
        for value in values {
            checksum.update(&value.to_le_bytes());
        }
    }

    fn shown(values: &[Self]) -> Shown<'_> {
        Shown::Integers(values)
    }
}

impl Value for f32 {
    fn digest(values: &[Self], checksum: &mut Checksum) {
        for value in values {
            checksum.update(&value.to_le_bytes());
        }
    }

    fn shown(values: &[Self]) -> Shown<'_> {
        Shown::Reals(values)
    }
}

impl Latent for i8 {
    fn read(bytes: &[u8], latent: &mut [Self]) {
        for (value, &byte) in latent.iter_mut().zip(bytes) {
            *value = byte as i8;
        }
    }

    fn bytes(self) -> impl AsRef<[u8]> {
        self.to_le_bytes()
    }
}

impl Latent for f32 {
    fn read(bytes: &[u8], latent: &mut [Self]) {
        for (value, &bytes) in latent.iter_mut().zip(bytes.as_chunks().0) {
            *value = Self::from_le_bytes(bytes);
        }
    }

    fn bytes(self) -> impl AsRef<[u8]> {
        self.to_le_bytes()
    }
}
