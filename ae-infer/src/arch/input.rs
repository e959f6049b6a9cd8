//! What kernels of the int8 contract read.

/// What goes into a layer.
#[derive(Clone, Copy)]
pub enum Input<'x> {
    /// The output of the layer before.
    Elements(&'x [i8]),
    /// An image, or the codes of a window. The byte `p` stands for `p − 128`.
    Pixels(&'x [u8]),
}

impl<'x> Input<'x> {
    /// The values' bytes, and the bits by which one differs from its integer's byte.
    pub(crate) fn bytes(self) -> (&'x [u8], u8) {
        match self {
            Self::Elements(x) => (bytemuck::must_cast_slice(x), 0),
            Self::Pixels(x) => (x, 0x80),
        }
    }

    /// The integers that the values stand for, −128 to 127.
    pub(crate) fn values(self) -> impl Iterator<Item = i32> + use<'x> {
        let (bytes, flipped) = self.bytes();
        bytes.iter().map(move |byte| i32::from((byte ^ flipped) as i8))
    }
}
