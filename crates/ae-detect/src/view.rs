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

#[cfg(test)]
mod tests {
    use ae_data::signal::{Labels, Origin, Recording};
    use ae_features::FeatureSpec;

    use super::*;

    fn signals(samples: Vec<f32>) -> Signals {
        let recording = Recording {
            samples,
            labels: Labels::default(),
            group: None,
            origin: Origin::default(),
        };
        Signals {
            channels: vec!["x".into(), "y".into()],
            recordings: vec![recording],
            notes: vec![],
            rate: None,
        }
    }

    fn of(features: &Features, samples: &[f32]) -> FeatureSignals {
        FeatureSignals::new(features.clone(), &signals(samples.to_vec())).unwrap()
    }

    #[test]
    fn a_window_holds_what_a_detector_computes_that_begins_with_it() {
        let sample = |at: usize| [(at * at % 97) as f32, (at * 31 % 89) as f32 - 40.0];
        let all = signals((0..400).flat_map(sample).collect());
        for spec in ["spectrum:5,fft=64,frames=3", "raw,statistics,fft=32,hop=7,frames=4"] {
            let config = FeatureSpec::parse(spec).unwrap().resolve(None).unwrap();
            let features = Features::new(&config, 2, &[]).unwrap();
            let computed = FeatureSignals::new(features.clone(), &all).unwrap();
            let view = View { signals: &all, features: Some(&computed) };
            let (window, hop) = (config.window(), usize::from(config.hop));
            assert_eq!(view.len(window), usize::from(config.frames));
            for start in (0..=400 - window).step_by(hop) {
                let at = WindowAt { recording: 0, start };
                let samples = all.window(at, window);
                let alone = of(&features, samples).signals;
                assert_eq!(view.window(at, window), alone.recordings[0].samples, "{spec} {start}");
                let piece = Piece { recording: 0, range: start..start + window };
                assert_eq!(view.values().piece(&view.piece(&piece)), view.window(at, window));
            }
            // A sample later it is another window.
            let later = all.window(WindowAt { recording: 0, start: 1 }, window);
            let later = of(&features, later).signals;
            let first = view.window(WindowAt { recording: 0, start: 0 }, window);
            assert_ne!(first, later.recordings[0].samples);
        }
    }

    #[test]
    fn without_features_a_sample_is_a_frame() {
        let all = signals((0..20).map(|at| at as f32).collect());
        let view = View::from(&all);
        assert_eq!((view.len(8), view.apart(8)), (8, 8));
        let at = WindowAt { recording: 0, start: 3 };
        assert_eq!(view.window(at, 2), [6.0, 7.0, 8.0, 9.0]);
        let piece = Piece { recording: 0, range: 3..9 };
        assert_eq!(view.piece(&piece), piece);
    }
}
