//! What goes along with a detector: a threshold of the board's own, and findings beside the alarm.

use super::decision::Decision;

/// Sees every window that a detector decides about, see
/// [`Detector::push_with`](super::Detector::push_with). It may have windows compared with another
/// threshold than the blob's, and may find what is no alarm.
///
/// Two or three of them go along together as a tuple, and one that may be absent as an `Option`. What
/// does not go along costs nothing.
pub trait Companion {
    /// What the next window is compared with. Of several companions the first that says something else
    /// than [`Threshold::Blob`] decides.
    fn threshold(&self) -> Threshold {
        Threshold::Blob
    }

    /// Takes a window that has been decided about.
    fn see(&mut self, seen: &Seen<'_>);

    /// Says what it finds of the last window.
    fn find(&self, _findings: &mut Findings) {}
}

/// What a window's score is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// The blob's threshold.
    Blob,
    /// A threshold of the board's own.
    Own(u64),
    /// The same, or where it is higher the blob's, or that of a later companion that is
    /// [of groups](Self::Groups).
    AtLeastBlob(u64),
    /// One that the blob says of its maker's groups.
    Groups(u64),
    /// Nothing: no window exceeds it.
    Silent,
}

/// Whose threshold a window was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThresholdSource {
    /// The blob's.
    Blob,
    /// The board's own.
    Own,
    /// That of the maker's groups, which the blob says too.
    Groups,
    /// There was none; the evidence then has the largest number in its place, which no score exceeds.
    Silent,
}

/// A window that was decided about.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'w> {
    /// Its score.
    pub score: u64,
    /// Its codes, sample after sample.
    pub codes: &'w [u8],
    /// Values of a sample of the window: of a frame, where features are computed of the signal.
    pub channels: usize,
    /// Whether it shares no sample with the last window of which this was said.
    pub is_apart: bool,
    /// Whether it is the first since the detector's beginning or last reset.
    pub is_first: bool,
}

/// What is found beside the alarm. Each stands for itself: none raises an alarm or lowers one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Findings {
    /// The score is below the bound of [`LowScores`](crate::LowScores).
    pub is_low: bool,
    /// The first channel that [`ConstantChannels`](crate::ConstantChannels) takes for stuck.
    pub constant: Option<usize>,
    /// What is normal has changed, by [`Drift`](crate::Drift). This stays.
    pub has_drifted: bool,
}

/// What a detector with companions says of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// Whether it is an alarm, and its score.
    pub decision: Decision,
    /// Whose threshold it was compared with.
    pub source: ThresholdSource,
    /// What is found beside.
    pub findings: Findings,
}

impl Threshold {
    /// The number to compare with, and whose it is.
    pub(crate) const fn or(self, blob: u64) -> (u64, ThresholdSource) {
        match self {
            Self::Blob => (blob, ThresholdSource::Blob),
            Self::AtLeastBlob(own) if own < blob => (blob, ThresholdSource::Blob),
            Self::Own(own) | Self::AtLeastBlob(own) => (own, ThresholdSource::Own),
            Self::Groups(groups) => (groups, ThresholdSource::Groups),
            Self::Silent => (u64::MAX, ThresholdSource::Silent),
        }
    }

    /// This, or where it says nothing the other.
    pub(super) const fn or_else(self, other: Self) -> Self {
        match (self, other) {
            (Self::Blob, _) => other,
            // What holds for groups takes the place of the blob's.
            (Self::AtLeastBlob(own), Self::Groups(groups)) if own < groups => other,
            (Self::AtLeastBlob(own), Self::Groups(_)) => Self::Own(own),
            (said, _) => said,
        }
    }
}

impl Companion for () {
    fn see(&mut self, _seen: &Seen<'_>) {}
}

impl<C: Companion> Companion for Option<C> {
    fn threshold(&self) -> Threshold {
        self.as_ref().map_or(Threshold::Blob, Companion::threshold)
    }

    fn see(&mut self, seen: &Seen<'_>) {
        if let Some(companion) = self {
            companion.see(seen);
        }
    }

    fn find(&self, findings: &mut Findings) {
        if let Some(companion) = self {
            companion.find(findings);
        }
    }
}

impl<A: Companion, B: Companion> Companion for (A, B) {
    fn threshold(&self) -> Threshold {
        self.0.threshold().or_else(self.1.threshold())
    }

    fn see(&mut self, seen: &Seen<'_>) {
        self.0.see(seen);
        self.1.see(seen);
    }

    fn find(&self, findings: &mut Findings) {
        self.0.find(findings);
        self.1.find(findings);
    }
}

impl<A: Companion, B: Companion, C: Companion> Companion for (A, B, C) {
    fn threshold(&self) -> Threshold {
        self.0.threshold().or_else(self.1.threshold()).or_else(self.2.threshold())
    }

    fn see(&mut self, seen: &Seen<'_>) {
        self.0.see(seen);
        self.1.see(seen);
        self.2.see(seen);
    }

    fn find(&self, findings: &mut Findings) {
        self.0.find(findings);
        self.1.find(findings);
        self.2.find(findings);
    }
}
