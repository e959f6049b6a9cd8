//! Height, width and channels of what lies between layers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A map of height × width × channels, the channels of a place side by side. A signal is one high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// From the top to the bottom.
    pub height: usize,
    /// From the left to the right; samples of a signal.
    pub width: usize,
    /// Values of a place.
    pub channels: usize,
}

impl Map {
    /// A grey image.
    #[must_use]
    pub const fn image(height: usize, width: usize) -> Self {
        Self { height, width, channels: 1 }
    }

    /// A window of so many samples of so many channels.
    #[must_use]
    pub const fn window(samples: usize, channels: usize) -> Self {
        Self { height: 1, width: samples, channels }
    }

    /// Values, saturating.
    #[must_use]
    pub const fn values(self) -> usize {
        self.height.saturating_mul(self.width).saturating_mul(self.channels)
    }

    /// Whether it is one high.
    #[must_use]
    pub const fn is_signal(self) -> bool {
        self.height == 1
    }
}

/// Such as `28×28×1`.
impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}×{}", self.height, self.width, self.channels)
    }
}

/// What lies between two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Values in the places of a map.
    Map(Map),
    /// Values without places.
    Values(usize),
}

impl Flow {
    pub(super) fn values(self) -> usize {
        match self {
            Self::Map(map) => map.values(),
            Self::Values(values) => values,
        }
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(map) => map.fmt(f),
            Self::Values(values) => write!(f, "{values} values"),
        }
    }
}
