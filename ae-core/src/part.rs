//! The two parts of an autoencoder.

use core::fmt;

/// One of the two parts of an autoencoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// Pixels to latent.
    Encoder,
    /// Latent to pixels.
    Decoder,
}

impl PartKind {
    /// The name as it is printed: `encoder` or `decoder`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Encoder => "encoder",
            Self::Decoder => "decoder",
        }
    }
}

impl fmt::Display for PartKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which parts of an autoencoder a blob holds, or is to hold.
///
/// ```
/// use ae_core::{PartKind, PartSelection};
///
/// assert!(PartSelection::Both.holds(PartKind::Encoder));
/// assert!(!PartSelection::Decoder.holds(PartKind::Encoder));
/// assert_eq!(PartSelection::default().name(), "both");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PartSelection {
    /// Encoder and decoder.
    #[default]
    Both,
    /// The encoder alone.
    Encoder,
    /// The decoder alone.
    Decoder,
}

impl PartSelection {
    /// Every selection.
    pub const ALL: [Self; 3] = [Self::Both, Self::Encoder, Self::Decoder];

    /// The selection that holds these parts; `None` if there is neither.
    #[must_use]
    pub const fn of(encoder: bool, decoder: bool) -> Option<Self> {
        match (encoder, decoder) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Encoder),
            (false, true) => Some(Self::Decoder),
            (false, false) => None,
        }
    }

    /// Whether `part` is in it.
    #[must_use]
    pub const fn holds(self, part: PartKind) -> bool {
        match part {
            PartKind::Encoder => !matches!(self, Self::Decoder),
            PartKind::Decoder => !matches!(self, Self::Encoder),
        }
    }

    /// The name as it is printed: `both`, `encoder` or `decoder`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Encoder => PartKind::Encoder.name(),
            Self::Decoder => PartKind::Decoder.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PartKind, PartSelection};

    #[test]
    fn a_selection_is_what_it_holds() {
        for selection in PartSelection::ALL {
            let [encoder, decoder] =
                [PartKind::Encoder, PartKind::Decoder].map(|part| selection.holds(part));
            assert_eq!(PartSelection::of(encoder, decoder), Some(selection));
        }
        assert_eq!(PartSelection::of(false, false), None);
    }
}
