//! Signals watched by a finished detector: from recordings to stretches of alarms.

mod alarms;
mod error;
mod recordings;
mod table;

use std::num::NonZeroUsize;
use std::thread;

use ae_core::{Header, SampleKind, Samples};
use ae_data::signal::SampleBuffer;
use ae_infer::{Companion, DetectorError, Observation};

use crate::moment::Span;
use crate::play::{HostDetector, detection};
use crate::player::{Playing, play_all};

pub use alarms::{LabelAlarms, RecordingAlarms, Stretch, ranked};
pub use error::MonitorError;
pub use recordings::{HeldOut, Recordings};
pub use table::{alarms_csv, scores_csv};

/// What a detector takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// The type of a sample's values.
    pub kind: SampleKind,
    /// Values of a sample of the signal.
    pub channels: usize,
    /// Samples of a window, of the signal.
    pub window: usize,
    /// Samples from one window to the next.
    pub stride: usize,
}

impl Input {
    /// What the detector of a blob takes.
    ///
    /// # Errors
    /// The blob is no model, or has no detector.
    pub fn of(blob: &[u8]) -> Result<Self, MonitorError> {
        let detection = detection(blob)?;
        let features = Header::read(blob).map_err(DetectorError::from)?.features as usize;
        let channels = detection.signal_channels(features).map_err(MonitorError::Section)?;
        let (window, stride) =
            (detection.signal_window() as usize, detection.signal_stride() as usize);
        Ok(Self { kind: detection.kind(), channels, window, stride })
    }
}

/// Recordings that a detector can watch, in the type that it takes.
#[derive(Debug, Clone)]
pub struct Monitor {
    recordings: Recordings,
    buffers: Vec<SampleBuffer>,
    input: Input,
    /// Names of what a decision may name: channels, or features of them.
    names: Vec<String>,
}

impl Monitor {
    /// Checks that a detector that takes `input` can watch the recordings.
    ///
    /// # Errors
    /// Another number of channels, no recording as long as a window, or values that the detector's
    /// type of samples does not hold.
    pub fn new(recordings: Recordings, input: Input) -> Result<Self, MonitorError> {
        let names = recordings.signals.channels.clone();
        Self::named(recordings, input, names)
    }

    /// The same for the detector of `blob`. Bands that it computes are called by their frequency in
    /// hertz, if it is known how many samples a second has.
    ///
    /// # Errors
    /// As [`new`](Self::new); or the blob is no model, or has no detector.
    pub fn of_blob(
        recordings: Recordings,
        blob: &[u8],
        samples_per_second: Option<f64>,
    ) -> Result<Self, MonitorError> {
        let channels = &recordings.signals.channels;
        let names = match detection(blob)?.features {
            None => channels.clone(),
            Some(features) => ae_features::names(&features, channels, samples_per_second),
        };
        Self::named(recordings, Input::of(blob)?, names)
    }

    fn named(
        recordings: Recordings,
        input: Input,
        names: Vec<String>,
    ) -> Result<Self, MonitorError> {
        recordings.check(&input)?;
        let Recordings { signals, pieces } = &recordings;
        let buffers =
            pieces.iter().map(|piece| SampleBuffer::of(signals.piece(piece), input.kind)).collect();
        Ok(Self { recordings, buffers, input, names })
    }

    /// What is played: the samples of each recording.
    #[must_use]
    pub fn samples(&self) -> Vec<Samples<'_>> {
        self.buffers.iter().map(SampleBuffer::samples).collect()
    }

    /// Plays all on this machine: what its detector says of each recording.
    ///
    /// # Errors
    /// The blob has no detector for these recordings.
    pub fn watch(&self, blob: &[u8]) -> Result<Vec<Vec<Observation>>, MonitorError> {
        observe_on_host(blob, &self.samples())
    }

    /// Plays all on this machine, one recording after the other, with a companion that sees every window
    /// and keeps what it has learnt from one recording to the next.
    ///
    /// # Errors
    /// The blob has no detector for these recordings.
    pub fn observe(
        &self,
        blob: &[u8],
        companion: &mut impl Companion,
    ) -> Result<Vec<Vec<Observation>>, MonitorError> {
        let detector = HostDetector::new(blob)?;
        let samples = self.samples().into_iter();
        let observed: Result<_, DetectorError> =
            samples.map(|samples| detector.observe(samples, companion)).collect();
        Ok(observed?)
    }

    /// What was said of the windows of each recording.
    #[must_use]
    pub fn alarms(&self, observed: &[Vec<Observation>]) -> Vec<RecordingAlarms> {
        let pairs = self.recordings.pieces.iter().zip(observed);
        pairs.map(|(piece, of)| RecordingAlarms::of(self, piece, of)).collect()
    }

    /// The name of what a decision names: a channel, or a feature of one.
    #[must_use]
    pub fn name(&self, channel: usize) -> &str {
        self.names.get(channel).map_or("", String::as_str)
    }

    /// Where what is played, counted from 0, was recorded.
    ///
    /// # Panics
    /// There is no such recording.
    #[must_use]
    pub fn recording(&self, played: usize) -> String {
        let piece = &self.recordings.pieces[played];
        self.recordings.signals.recordings[piece.recording].origin.to_string()
    }

    /// What was recorded in a window of what is played, both counted from 0: each label once.
    fn label(&self, played: usize, window: usize) -> Option<String> {
        let piece = &self.recordings.pieces[played];
        let from = piece.range.start + window * self.input.stride;
        let recording = &self.recordings.signals.recordings[piece.recording];
        alarms::labels(recording, &(from..from + self.input.window))
    }

    /// The samples of a window of what is played, both counted from 0.
    ///
    /// # Panics
    /// There is no such window.
    #[must_use]
    pub fn span(&self, played: usize, window: usize) -> Span {
        let piece = &self.recordings.pieces[played];
        let from = piece.range.start + window * self.input.stride;
        let recording = &self.recordings.signals.recordings[piece.recording];
        Span::of(recording, from..from + self.input.window)
    }
}

/// What this machine's detector says of each recording, on all of its cores.
///
/// # Errors
/// The blob is no model with a detection section, or a recording is not of its samples.
pub fn observe_on_host(
    blob: &[u8],
    recordings: &[Samples<'_>],
) -> Result<Vec<Vec<Observation>>, MonitorError> {
    let detector = HostDetector::new(blob)?;
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let Playing { decisions, .. } = play_all(cores, &|| Ok(&detector), recordings, &|_| ())?;
    Ok(decisions)
}
