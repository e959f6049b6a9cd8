//! What a program demands of a model.

/// Decides whether a model may run. It is asked when a transfer has ended, and at each boot.
///
/// It should check everything there is: the signature, the version, what the model is for; then load
/// it where it lies and run its self-test.
pub trait Verify {
    /// A model that was loaded from bytes that live for `'f`.
    type Model<'f>;
    /// Why a model is refused.
    type Error;

    /// The model in `file`, and its version. A version below `least` is refused, here or behind; where
    /// models carry none, it is 0.
    ///
    /// `file` is what was transferred. For a model that a tool has put into slot A it is the whole
    /// slot, with whatever follows the file, so find its end by the blob's header.
    ///
    /// # Errors
    /// It may not run.
    fn verify<'f>(
        &mut self,
        file: &'f [u8],
        least: u32,
    ) -> Result<(u32, Self::Model<'f>), Self::Error>;
}

impl<V: Verify> Verify for &mut V {
    type Model<'f> = V::Model<'f>;
    type Error = V::Error;

    fn verify<'f>(&mut self, file: &'f [u8], least: u32) -> Result<(u32, V::Model<'f>), V::Error> {
        V::verify(self, file, least)
    }
}
