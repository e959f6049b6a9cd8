//! Signals as a model sees them: their own values, or features of them.

use ae_data::signal::{Piece, Signals, WindowAt};
use ae_features::{FeatureSignals, Features, Frames};

/// Signals as a model sees them. Where a window is, is always said in samples of the signals; what it
/// holds are their values, or features of them.
#[derive(Debug, Clone, Copy)]
pub struct View<'s> {
    /// The recordings.
    pub signals: &'s Signals,
    /// Features of the same recordings. Windows then begin where a frame does; see
    /// [`Frames::folds`].
    pub features: Option<&'s FeatureSignals>,
}

impl<'s> From<&'s Signals> for View<'s> {
    fn from(signals: &'s Signals) -> Self {
        Self { signals, features: None }
    }
}

impl<'s> View<'s> {
    /// What is computed, if anything is.
    #[must_use]
    pub fn computed(self) -> Option<&'s Features> {
        self.features.map(|it| &it.features)
    }

    /// Where frames lie. Where nothing is computed, a sample is a frame.
    #[must_use]
    pub fn frames(self) -> Frames {
        self.computed().map_or(Frames { frame: 1, hop: 1 }, Features::places)
    }

    /// The values that a model sees: where features are computed, a sample of them is a frame.
    #[must_use]
    pub fn values(self) -> &'s Signals {
        self.features.map_or(self.signals, |it| &it.signals)
    }

    /// Where a window begins in these [`values`](Self::values).
    #[must_use]
    pub fn at(self, at: WindowAt) -> WindowAt {
        self.frames().at(at)
    }

    /// Samples of these values in a window of so many samples of the signals.
    #[must_use]
    pub fn len(self, window: usize) -> usize {
        self.frames().in_samples(window)
    }

    /// Samples of these values that lie in a piece of the signals.
    #[must_use]
    pub fn piece(self, piece: &Piece) -> Piece {
        self.frames().piece(piece)
    }

    /// The values of a window, time-major.
    ///
    /// # Panics
    /// If the window is not inside its recording.
    #[must_use]
    pub fn window(self, at: WindowAt, window: usize) -> &'s [f32] {
        self.values().window(self.at(at), self.len(window))
    }

    /// Samples of the signals from a window to the next that shares none with it.
    #[must_use]
    pub fn apart(self, window: usize) -> usize {
        self.frames().apart(window)
    }
}
