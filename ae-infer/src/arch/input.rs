//! What kernels of the int8 contract read.

use crate::values::Source;

/// What goes into a layer. The byte `p` of pixels stands for `p − 128`.
pub(crate) type Input<'x> = Source<'x, i8>;

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
