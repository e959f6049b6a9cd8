//! Windows by what they are for in making a detector.

use std::collections::HashMap;

use ae_data::Images;
use ae_data::signal::{
    Folds, Piece, SignalError, Signals, StandardiseError, WindowAt, WindowError, windows,
};
use ae_features::Features;

use super::few_codes;
use super::groups;
use super::maps::Maps;
use super::met::Met;
use super::notes;
use super::saturated;
use super::trained::{Scale, Trained};
use super::view::View;

/// Why a signal gives no windows.
#[derive(Debug, thiserror::Error)]
pub enum WindowsError {
    /// Recordings too short for a window.
    #[error("{set}: {source}")]
    Window {
        /// What the windows are for.
        set: &'static str,
        /// What is wrong.
        source: WindowError,
    },
    /// Faults everywhere in what is tested on.
    #[error(
        "held out, normal: each window of {window} samples, one every {stride}, holds abnormal \
         samples; a smaller stride or window finds others"
    )]
    NoneNormal {
        /// Samples of a window.
        window: usize,
        /// Samples from one to the next.
        stride: usize,
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
    pub codes: Images,
    /// As a float model sees them, see [`Maps::exact`]; empty where only codes are read, as of the
    /// windows to train on.
    pub exact: Vec<f32>,
    /// What each is; empty where there are no labels.
    pub labels: Vec<String>,
    /// Where each begins; empty for images.
    pub at: Vec<WindowAt>,
    /// Of whom each is, as a number, the same where there are no groups; empty for images.
    pub groups: Vec<usize>,
    /// Samples from one window to the next of the same recording.
    pub stride: usize,
}

impl Windows {
    /// Number of windows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

/// All windows that a detector is made from and judged by.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowSets {
    /// What is computed of a signal first, if anything is.
    pub features: Option<Features>,
    /// How samples become codes, or the values of frames.
    pub maps: Maps,
    /// Normal: the model is trained on them.
    pub train: Windows,
    /// Normal: the threshold comes from them. They do not overlap.
    pub calibration: Windows,
    /// Normal and never seen: false alarms are counted on them. They do not overlap.
    pub held_out: Windows,
    /// The same recordings, as the detector meets them: windows without an abnormal sample.
    pub normal: Windows,
    /// As the detector meets them: windows with one or more, each of the label of its fault.
    pub abnormal: Windows,
    /// How those two follow each other; empty where nothing does, as images.
    pub met: Met,
    /// What a user should be told.
    pub notes: Vec<String>,
    /// What a user should be told of the windows to calibrate on.
    pub calibration_notes: Vec<String>,
    /// Windows that were [left out](Cutting::trim) of the training.
    pub left_out: usize,
    /// What windows to calibrate on are compared with; nothing of images.
    pub(super) scale: Option<Scale>,
    /// The groups that trained, where groups decided what trains.
    pub(super) trained_groups: Vec<String>,
    /// Whether the windows to calibrate on are of groups that none of the training is of: only then
    /// their scores say something of further groups.
    pub(super) calibrates_on_new_groups: bool,
}

/// How signals become windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutting {
    /// How long windows are, and how far apart.
    pub spacing: Spacing,
    /// The values are i16 counts of a sensor, or features.
    pub counts: bool,
    /// A channel with several levels is mapped [through its quantiles](ae_data::signal::Knots).
    pub curves: bool,
    /// A few windows to train on that lie far from all others are left out, as faults that nobody has
    /// seen.
    pub trim: bool,
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

impl Spacing {
    /// What a user should know if windows do not touch each other.
    #[must_use]
    pub fn gap_note(&self) -> Option<String> {
        let Self { window, stride, .. } = *self;
        let unseen = stride.checked_sub(window).filter(|&unseen| unseen > 0)?;
        let share = 100.0 * unseen as f64 / stride as f64;
        Some(format!(
            "windows of {window} samples every {stride} leave {unseen} of {stride} samples \
             ({share:.1} %) that no window sees, and what happens there raises no alarm; a stride of \
             {window} or less leaves none"
        ))
    }
}

impl WindowSets {
    /// Cuts `signals`, divided by `folds`.
    ///
    /// # Errors
    /// Recordings too short, or a channel that is the same everywhere.
    pub fn of_signals<'s>(
        view: impl Into<View<'s>>,
        folds: &Folds,
        cutting: Cutting,
    ) -> Result<Self, WindowsError> {
        let (view, spacing) = (view.into(), cutting.spacing);
        let Spacing { window, stride, train_stride } = spacing;
        let (signals, apart) = (view.signals, view.apart(window));
        let cut = |set, pieces: &[Piece], stride| {
            windows(signals, pieces, window, stride)
                .map_err(|source| WindowsError::Window { set, source })
        };
        let train = cut("training", &folds.train, train_stride)?;
        let Trained { windows: train, maps, scale, levels, note, left_out } =
            Trained::of(view, train, cutting)?;
        let gather = |at: Vec<WindowAt>, stride| gather(view, at, [window, stride], &maps);
        let held_out = cut("held out, normal", &folds.test_normal, apart)?;
        let met = Met::of(signals, folds, [window, stride]);
        let [normal, abnormal] = met.windows();
        if normal.is_empty() && !held_out.is_empty() {
            return Err(WindowsError::NoneNormal { window, stride });
        }
        let mut notes: Vec<String> = spacing.gap_note().into_iter().chain(note).collect();
        notes.extend(levels);
        notes.extend(scale.standardisation.far.iter().map(notes::far));
        notes.extend(notes::one_code(&view.values().channels, &train.codes));
        notes.extend(few_codes::notes(view, &train, window));
        notes.extend(saturated::notes(signals, &folds.train));
        let mut sets = Self {
            train,
            calibration: Self::calibration_of(view, &folds.calibrate, window, &maps)?,
            held_out: gather(held_out, apart),
            normal: gather(normal, stride),
            abnormal: Windows { labels: met.labels(), ..gather(abnormal, stride) },
            met,
            features: view.computed().cloned(),
            maps,
            notes,
            calibration_notes: Vec::new(),
            left_out,
            scale: Some(scale),
            trained_groups: folds.groups[0].clone(),
            calibrates_on_new_groups: false,
        };
        sets.note_groups(signals, &folds.calibrate);
        sets.note_calibration(view, &folds.calibrate, window);
        Ok(sets)
    }

    /// The same with other windows to calibrate on.
    ///
    /// # Errors
    /// Pieces too short.
    pub fn calibrate_on<'s>(
        &mut self,
        view: impl Into<View<'s>>,
        pieces: &[Piece],
        window: usize,
    ) -> Result<(), WindowsError> {
        let view = view.into();
        self.calibration = Self::calibration_of(view, pieces, window, &self.maps)?;
        self.note_calibration(view, pieces, window);
        self.note_groups(view.signals, pieces);
        Ok(())
    }

    fn note_groups(&mut self, signals: &Signals, pieces: &[Piece]) {
        self.calibrates_on_new_groups = groups::are_new(signals, pieces, &self.trained_groups);
    }

    fn note_calibration(&mut self, view: View<'_>, pieces: &[Piece], window: usize) {
        let notes = |scale: &Scale| scale.notes(view, pieces, window, &self.calibration);
        self.calibration_notes = self.scale.as_ref().map(notes).unwrap_or_default();
    }

    /// What a user should be told of all windows.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        [&self.notes[..], &self.calibration_notes].concat()
    }

    /// Windows to calibrate on, of some pieces: those that do not overlap.
    ///
    /// # Errors
    /// Pieces too short.
    pub fn calibration_of<'s>(
        view: impl Into<View<'s>>,
        pieces: &[Piece],
        window: usize,
        maps: &Maps,
    ) -> Result<Windows, WindowsError> {
        let view = view.into();
        let apart = view.apart(window);
        let at = windows(view.signals, pieces, window, apart)
            .map_err(|source| WindowsError::Window { set: "calibration", source })?;
        Ok(gather(view, at, [window, apart], maps))
    }
}

/// Windows with what a float model reads of them.
fn gather(view: View<'_>, at: Vec<WindowAt>, [window, stride]: [usize; 2], maps: &Maps) -> Windows {
    let windows = gather_codes(view, at, [window, stride], maps);
    let exact = windows.at.iter().flat_map(|&at| maps.exact(view.window(at, window)));
    Windows { exact: exact.collect(), ..windows }
}

/// Windows without what only a float model reads.
pub(super) fn gather_codes(
    view: View<'_>,
    at: Vec<WindowAt>,
    [window, stride]: [usize; 2],
    maps: &Maps,
) -> Windows {
    // Window by window: all of their samples together are four times as much.
    let (signals, samples, channels) =
        (view.signals, view.len(window), view.values().channels.len());
    let mut codes = Vec::with_capacity(at.len() * samples * channels);
    at.iter().for_each(|&at| codes.extend(maps.codes(view.window(at, window))));
    let codes =
        Images::new(codes, samples, channels).expect("whole windows of at least one channel");
    let label = |at: &WindowAt| signals.recordings[at.recording].labels.at(at.start);
    let labels = at.iter().filter_map(label).map(ToString::to_string).collect();
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut group = |at: &WindowAt| {
        let group = signals.recordings[at.recording].group.as_deref().unwrap_or_default();
        let next = numbers.len();
        *numbers.entry(group).or_insert(next)
    };
    let groups = at.iter().map(&mut group).collect();
    Windows { codes, exact: Vec::new(), labels, at, groups, stride }
}

#[cfg(test)]
mod tests {
    use ae_data::signal::{Labels, Origin, Recording};

    use super::*;

    /// One channel, a recording of each slice.
    fn signals(recordings: &[&[f32]]) -> Signals {
        let recording = |samples: &&[f32]| Recording {
            samples: samples.to_vec(),
            labels: Labels::default(),
            group: None,
            origin: Origin::default(),
        };
        let recordings = recordings.iter().map(recording).collect();
        Signals { channels: vec!["a".into()], recordings, notes: vec![], rate: None }
    }

    /// A normal recording of 40 samples and an abnormal one of `len`.
    fn sets(len: usize) -> WindowSets {
        let normal: Vec<f32> = (0..40).map(|at| (at % 5) as f32).collect();
        let signals = signals(&[&normal, &normal[..len]]);
        let piece = |recording, range| Piece { recording, range };
        let folds = Folds {
            train: vec![piece(0, 0..20)],
            calibrate: vec![piece(0, 20..30)],
            test_normal: vec![piece(0, 30..40)],
            test_abnormal: vec![piece(1, 0..len)],
            ..Folds::default()
        };
        let spacing = Spacing { window: 8, stride: 2, train_stride: 1 };
        let cutting = Cutting { spacing, counts: false, curves: true, trim: true };
        WindowSets::of_signals(&signals, &folds, cutting).unwrap()
    }

    #[test]
    fn every_set_has_its_windows() {
        let sets = sets(12);
        let all = [&sets.train, &sets.calibration, &sets.held_out, &sets.normal, &sets.abnormal];
        assert_eq!(all.map(Windows::len), [13, 1, 1, 2, 3]);
        assert_eq!(sets.notes, [""; 0]);
        for windows in &all[1..] {
            assert_eq!(windows.exact.len(), 8 * windows.len());
        }
        assert!(sets.train.exact.is_empty(), "nobody reads them");
    }

    #[test]
    fn gaps_between_windows_are_told_with_their_share() {
        let note = |stride| Spacing { window: 64, stride, train_stride: 1 }.gap_note();
        assert_eq!((note(1), note(64)), (None, None));
        let note = note(999).unwrap();
        assert!(note.contains("935 of 999 samples (93.6 %) that no window sees"), "{note}");
    }

    #[test]
    fn abnormal_recordings_may_all_be_too_short() {
        let sets = sets(7);
        assert!(sets.abnormal.is_empty());
        assert_eq!((sets.met.events.len(), sets.met.pieces.len()), (1, 1), "known, not judged");
    }
}
