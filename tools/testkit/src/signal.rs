//! Signals, and what a detector says of their windows.

/// Values of all channels, sample after sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Signal {
    /// u8 pixels.
    Pixels(Vec<u8>),
    /// i16 counts.
    Counts(Vec<i16>),
    /// f32 values.
    Values(Vec<f32>),
}

/// What is said of one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Verdict {
    /// Samples of the signal up to the end of the window.
    pub samples: usize,
    /// The score.
    pub score: u64,
    /// The channel that contributes most.
    pub channel: usize,
    /// What it contributes.
    pub channel_score: u64,
    /// Whether it is an alarm.
    pub alarm: bool,
}

impl Signal {
    /// The values as a board is sent them, and as files keep them: little-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Pixels(pixels) => pixels.clone(),
            Self::Counts(counts) => counts.iter().flat_map(|it| it.to_le_bytes()).collect(),
            Self::Values(values) => values.iter().flat_map(|it| it.to_le_bytes()).collect(),
        }
    }
}
