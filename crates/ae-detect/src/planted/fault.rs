//! Kinds of faults.

use serde::Serialize;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// One sample is off.
    Spike,
    /// The value stays what it was.
    FlatLine,
    /// A constant is added.
    Offset,
    /// Gaussian noise is added.
    Noise,
    /// The deviation from the channel's mean is larger or smaller.
    Scale,
    /// What is added rises evenly from the window's first sample to its last.
    Drift,
    /// The signal is faster or slower.
    Frequency,
    /// The signal jumps ahead or back in time.
    Phase,
    /// Samples are lost, and what follows moves up.
    Dropped,
    /// Two channels are swapped.
    Swapped,
    /// A channel is that of another time.
    Unrelated,
}

/// What a strength counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Standard deviations of the channel on normal windows; of a drift, those at its end.
    Spreads,
    /// The factor is 1 + strength, or its inverse.
    Factor,
    /// A share of the window's samples.
    Share,
    /// The fault has no strength.
    None,
}

impl Fault {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Spike,
        Self::FlatLine,
        Self::Offset,
        Self::Noise,
        Self::Scale,
        Self::Drift,
        Self::Frequency,
        Self::Phase,
        Self::Dropped,
        Self::Swapped,
        Self::Unrelated,
    ];

    /// Its name in a table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spike => "spike",
            Self::FlatLine => "flat line",
            Self::Offset => "offset",
            Self::Noise => "noise",
            Self::Scale => "scale",
            Self::Drift => "drift",
            Self::Frequency => "frequency",
            Self::Phase => "phase",
            Self::Dropped => "dropped samples",
            Self::Swapped => "swapped channels",
            Self::Unrelated => "unrelated channel",
        }
    }

    /// What its strength counts.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::Spike | Self::Offset | Self::Noise | Self::Drift => Unit::Spreads,
            Self::Scale | Self::Frequency => Unit::Factor,
            Self::Phase | Self::Dropped => Unit::Share,
            Self::FlatLine | Self::Swapped | Self::Unrelated => Unit::None,
        }
    }

    /// Whether a single channel can have it.
    #[must_use]
    pub fn needs_channels(self) -> bool {
        matches!(self, Self::Swapped | Self::Unrelated)
    }

    /// The strengths that detectors are compared on.
    #[must_use]
    pub fn compared(self) -> &'static [f64] {
        match self {
            Self::Spike => &[2.0, 4.0, 8.0],
            Self::Offset => &[1.0, 2.0, 4.0, 8.0],
            Self::Noise => &[0.5, 1.0, 2.0],
            Self::Scale => &[0.25, 0.5, 1.0, 2.0],
            Self::Drift => &[1.0, 2.0, 4.0],
            Self::Frequency => &[0.1, 0.3],
            Self::Phase | Self::Dropped => &[0.0625, 0.125],
            Self::FlatLine | Self::Swapped | Self::Unrelated => &[0.0],
        }
    }

    /// The strengths among which the smallest is sought that is noticed, ascending.
    #[must_use]
    pub fn sought(self) -> &'static [f64] {
        match self {
            Self::Spike | Self::Offset | Self::Noise | Self::Drift => {
                &[0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0]
            }
            Self::Scale => &[0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0],
            Self::Frequency => &[0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0],
            Self::Phase | Self::Dropped => &[0.02, 0.05, 0.1, 0.15, 0.25, 0.5],
            Self::FlatLine | Self::Swapped | Self::Unrelated => &[0.0],
        }
    }
}
