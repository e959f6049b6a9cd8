//! Which parts of a model are meant.

/// Which parts of a model a blob holds, or a computation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PartSelection {
    /// Encoder and decoder.
    #[default]
    Both,
    /// Pixels to latent alone.
    Encoder,
    /// Latent to pixels alone.
    Decoder,
}
