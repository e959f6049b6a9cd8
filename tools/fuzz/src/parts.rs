//! Which parts a model has.

use ae_testkit::blob::Blob;

/// Encoder, decoder or both.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    Both,
    Encoder,
    Decoder,
}

impl Parts {
    /// These parts of an autoencoder.
    pub(crate) fn of<A>(self, mut blob: Blob<A>) -> Blob<A> {
        match self {
            Self::Both => {}
            Self::Encoder => blob.decoder = None,
            Self::Decoder => blob.encoder = None,
        }
        blob
    }
}
