//! What layers read and write, as enums: so their code exists once.

/// What goes into a layer.
#[derive(Debug, Clone, Copy)]
pub enum Source<'x, E> {
    /// An image, or the codes of a window: bytes that stand for numbers after the contract.
    Pixels(&'x [u8]),
    /// The output of the layer before.
    Elements(&'x [E]),
}

/// Where a layer's values go.
#[derive(Debug)]
pub enum Sink<'y, E> {
    /// To the pixels of an image.
    Pixels(&'y mut [u8]),
    /// To the next layer.
    Elements(&'y mut [E]),
}

impl<'x, E> Source<'x, E> {
    /// Some of the values; none where there are fewer.
    pub(crate) fn some(self, from: usize, to: usize) -> Self {
        match self {
            Self::Pixels(x) => Self::Pixels(x.get(from..to).unwrap_or_default()),
            Self::Elements(x) => Self::Elements(x.get(from..to).unwrap_or_default()),
        }
    }
}

impl<E> Sink<'_, E> {
    /// All places.
    pub(crate) fn all(&mut self) -> Sink<'_, E> {
        match self {
            Self::Pixels(y) => Sink::Pixels(y),
            Self::Elements(y) => Sink::Elements(y),
        }
    }

    /// Some of the places; none where there are fewer.
    pub(crate) fn some(&mut self, from: usize, to: usize) -> Sink<'_, E> {
        match self {
            Self::Pixels(y) => Sink::Pixels(y.get_mut(from..to).unwrap_or_default()),
            Self::Elements(y) => Sink::Elements(y.get_mut(from..to).unwrap_or_default()),
        }
    }

    /// What has been written.
    pub(crate) fn written(&self) -> Source<'_, E> {
        match self {
            Self::Pixels(y) => Source::Pixels(y),
            Self::Elements(y) => Source::Elements(y),
        }
    }
}

impl<'y> Sink<'y, i8> {
    /// The places' bytes.
    pub(crate) fn bytes(self) -> &'y mut [u8] {
        match self {
            Self::Pixels(y) => y,
            Self::Elements(y) => bytemuck::must_cast_slice_mut(y),
        }
    }
}
