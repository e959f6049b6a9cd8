//! Windows by the part that they have in making a detector.

use super::maps::Maps;
use crate::data::Images;
use crate::signal::{
    Piece, SignalError, Signals, Split, Standardisation, StandardiseError, WindowAt, WindowError,
    windows,
};

/// Why a signal gives no windows.
#[derive(Debug, thiserror::Error)]
pub enum WindowsError {
    /// Recordings too short for a window.
    #[error("{role}: {source}")]
    Window {
        /// What the windows are for.
        role: &'static str,
        /// What is wrong.
        source: WindowError,
    },
    /// Nothing to standardise by.
    #[error(transparent)]
    Standardise(#[from] StandardiseError),
    /// A file.
    #[error(transparent)]
    Signal(#[from] SignalError),
}

/// Windows that serve one purpose.
#[derive(Debug, Clone, PartialEq)]
pub struct Windows {
    /// As the board sees them.
    pub pixels: Images,
    /// As a float model sees them; see [`Maps::exact`].
    pub exact: Vec<f32>,
    /// What each is; empty where there are no labels.
    pub labels: Vec<String>,
    /// Samples from one window to the next of the same recording.
    pub stride: usize,
}

impl Windows {
    /// Number of windows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pixels.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }
}

/// All windows that a detector is made from and judged by.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// How samples become pixels.
    pub maps: Maps,
    /// Normal: the model is trained on them.
    pub train: Windows,
    /// Normal: the threshold comes from them. They do not overlap.
    pub calibration: Windows,
    /// Normal and never seen: false alarms are counted on them. They do not overlap.
    pub held_out: Windows,
    /// The same recordings, as the detector meets them.
    pub normal: Windows,
    /// Abnormal, as the detector meets them.
    pub abnormal: Windows,
}

/// How long windows are, and how far apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spacing {
    /// Samples of a window.
    pub window: usize,
    /// Samples from one to the next when the detector runs.
    pub stride: usize,
    /// The same in training.
    pub train_stride: usize,
}

impl Parts {
    /// Cuts `signals`, divided by `split`. `counts` says that its values are i16 counts of a sensor.
    ///
    /// # Errors
    /// Recordings too short, or a channel that is the same everywhere.
    pub fn of_signals(
        signals: &Signals,
        split: &Split,
        spacing: Spacing,
        counts: bool,
    ) -> Result<Self, WindowsError> {
        let Spacing { window, stride, train_stride } = spacing;
        let cut = |role, pieces: &[Piece], stride| {
            windows(signals, pieces, window, stride)
                .map_err(|source| WindowsError::Window { role, source })
        };
        let train = cut("training", &split.train, train_stride)?;
        let standardisation = Standardisation::fit(signals, &train, window)?;
        let maps = match counts {
            true => Maps::of_counts(&standardisation),
            false => Maps::of_values(&standardisation),
        };
        let gather = |at: &[WindowAt], stride| gather(signals, at, window, stride, &maps);
        let calibration = cut("calibration", &split.calibrate, window)?;
        let held_out = cut("held out, normal", &split.test_normal, window)?;
        let normal = cut("held out, normal", &split.test_normal, stride)?;
        // Abnormal recordings shorter than a window are none that the detector could judge.
        let abnormal = cut("abnormal", &split.test_abnormal, stride)?;
        Ok(Self {
            train: gather(&train, train_stride),
            calibration: gather(&calibration, window),
            held_out: gather(&held_out, window),
            normal: gather(&normal, stride),
            abnormal: gather(&abnormal, stride),
            maps,
        })
    }
}

fn gather(
    signals: &Signals,
    at: &[WindowAt],
    window: usize,
    stride: usize,
    maps: &Maps,
) -> Windows {
    let samples: Vec<f32> = at.iter().flat_map(|&at| signals.window(at, window)).copied().collect();
    let pixels = Images::new(maps.pixels(&samples), window, signals.channels.len())
        .expect("whole windows of at least one channel");
    let label = |at: &WindowAt| signals.recordings[at.recording].label.clone();
    Windows {
        pixels,
        exact: maps.exact(&samples),
        labels: at.iter().filter_map(label).collect(),
        stride,
    }
}
