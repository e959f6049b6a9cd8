//! Recordings of the same channels.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use ae_core::SampleKind;
use sha2::{Digest, Sha256};

use super::moments::Moments;
use super::{Labels, ReadNote, Run, WindowAt};

/// Recordings of the same channels.
#[derive(Debug, Clone, PartialEq)]
pub struct Signals {
    /// Names of the channels, at least one.
    pub channels: Vec<String>,
    /// At least one.
    pub recordings: Vec<Recording>,
    /// How they were read, of which a user should know what is [remarkable](Self::told).
    pub notes: Vec<ReadNote>,
    /// Samples a second, where the files say it, as WAV does; the same in all of them.
    pub rate: Option<f64>,
}

/// Samples that follow each other in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Samples × channels, time-major: all channels of the first sample, then of the second. All
    /// are finite.
    pub samples: Vec<f32>,
    /// What was recorded.
    pub labels: Labels,
    /// Of whom or of what, such as a subject or a machine. Recordings of a file share it.
    pub group: Option<Arc<str>>,
    /// Where it begins, for messages.
    pub origin: Origin,
}

/// File and place in it, shown as a text. There may be a million of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    file: Arc<str>,
    place: Place,
    /// Samples of the recording, and their places, where one does not follow the one before.
    jumps: Vec<(usize, usize)>,
    /// When each sample was taken, where the file says so.
    moments: Option<Box<Moments>>,
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// From 1.
    Line(usize),
    /// From 0.
    Sample(usize),
}

impl Origin {
    /// A line of a file, from 1.
    #[must_use]
    pub fn line(file: Arc<str>, line: usize) -> Self {
        Self::new(file, Place::Line(line))
    }

    /// A sample in a file, counted through all recordings, from 0.
    #[must_use]
    pub fn sample(file: Arc<str>, sample: usize) -> Self {
        Self::new(file, Place::Sample(sample))
    }

    pub(super) fn new(file: Arc<str>, place: Place) -> Self {
        Self { file, place, jumps: Vec::new(), moments: None }
    }

    /// Where sample `at` of the recording that begins here is, from 0.
    #[must_use]
    pub fn at(&self, at: usize) -> Self {
        Self::new(self.file.clone(), self.place_of(at))
    }

    /// Name of the file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line of the file, from 1, where sample `at` of the recording that begins here is; `None`
    /// in a file that has none.
    #[must_use]
    pub fn line_of(&self, at: usize) -> Option<usize> {
        match self.place_of(at) {
            Place::Line(line) => Some(line),
            Place::Sample(_) => None,
        }
    }

    /// The row of the file's array, from 0 and through all recordings, where sample `at` is; `None`
    /// in a file of lines.
    #[must_use]
    pub fn row_of(&self, at: usize) -> Option<usize> {
        match self.place_of(at) {
            Place::Line(_) => None,
            Place::Sample(row) => Some(row),
        }
    }

    /// When sample `at` was taken, as the file says it; `None` where no column of times was named.
    #[must_use]
    pub fn time_of(&self, at: usize) -> Option<String> {
        self.moments.as_ref()?.get(at)
    }

    /// Says when the next sample was taken, and how many bytes that takes.
    pub(super) fn takes_at(&mut self, time: &str) -> usize {
        let is_new = self.moments.is_none();
        let kept = self.moments.get_or_insert_default().push(time);
        kept + if is_new { size_of::<Moments>() } else { 0 }
    }

    fn place_of(&self, at: usize) -> Place {
        let before = self.jumps.partition_point(|&(sample, _)| sample <= at);
        let jump = before.checked_sub(1).map(|jump| self.jumps[jump]);
        match self.place {
            Place::Line(first) => {
                let (sample, line) = jump.unwrap_or((0, first));
                Place::Line(line + (at - sample))
            }
            Place::Sample(first) => {
                let (sample, row) = jump.unwrap_or((0, first));
                Place::Sample(row + (at - sample))
            }
        }
    }

    /// Says that sample `at` of the recording is at `place`, and whether that is not where the next
    /// one would have been.
    pub(super) fn jumps_to(&mut self, at: usize, place: Place) -> bool {
        let (Place::Line(number) | Place::Sample(number)) = place;
        let is_jump = self.place_of(at) != place;
        if is_jump {
            self.jumps.push((at, number));
        }
        is_jump
    }

    /// When all samples were taken, as the file says it.
    pub(super) fn times(&self) -> impl Iterator<Item = String> + '_ {
        self.moments.iter().flat_map(|moments| moments.iter())
    }

    /// The samples of a part, from its first or from its last on.
    pub(super) fn part(&self, range: Range<usize>, is_turned: bool) -> Self {
        let mut part = self.at(if is_turned { range.end - 1 } else { range.start });
        let all: Vec<String> = self.times().skip(range.start).take(range.len()).collect();
        for new in 0..range.len() {
            let offset = if is_turned { range.len() - 1 - new } else { new };
            part.jumps_to(new, self.place_of(range.start + offset));
            if let Some(time) = all.get(offset) {
                part.takes_at(time);
            }
        }
        part
    }
}

/// Values that do not fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Misfit {
    /// Where the first is.
    pub place: Origin,
    /// Its channel's position.
    pub channel: usize,
    /// The first.
    pub value: f32,
    /// How many there are.
    pub found: usize,
    /// How many values there are in all.
    pub values: usize,
}

/// How many values do not fit: `1 of 1501 values does not fit`.
pub(super) fn share(found: usize, values: usize) -> String {
    let verb = if found == 1 { "does" } else { "do" };
    format!("{found} of {values} values {verb} not fit")
}

impl Misfit {
    /// For a message: `it.csv, line 7, column `x` is 40000 (1 of 1501 values does not fit)`.
    #[must_use]
    pub fn told(&self, channels: &[String]) -> String {
        let Self { place, channel, value, found, values } = self;
        let name = &channels[*channel];
        format!("{place}, column `{name}` is {value} ({})", share(*found, *values))
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self::sample("".into(), 0)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        match self.place {
            Place::Line(line) => write!(f, "{file}, line {line}"),
            Place::Sample(sample) => write!(f, "{file}, sample {sample}"),
        }
    }
}

impl Signals {
    /// What a user should know of how they were read.
    pub fn told(&self) -> impl Iterator<Item = String> + '_ {
        self.notes.iter().filter(|note| note.is_remarkable()).map(ToString::to_string)
    }

    /// Number of samples of a recording.
    ///
    /// # Panics
    /// If there is no such recording.
    pub fn len_of(&self, recording: usize) -> usize {
        self.recordings[recording].samples.len() / self.channels.len()
    }

    /// The samples of a window of `window` samples, time-major.
    ///
    /// # Panics
    /// If the window is not inside its recording.
    pub fn window(&self, at: WindowAt, window: usize) -> &[f32] {
        let channels = self.channels.len();
        &self.recordings[at.recording].samples[at.start * channels..][..window * channels]
    }

    /// Leaves out the channels at these positions, which are not all.
    pub fn leave_out(&mut self, channels: &[usize]) {
        let width = self.channels.len();
        let is_kept = |at: usize| !channels.contains(&at);
        for recording in &mut self.recordings {
            let mut at = 0;
            recording.samples.retain(|_| {
                at += 1;
                is_kept((at - 1) % width)
            });
            recording.samples.shrink_to_fit();
        }
        let mut at = 0;
        self.channels.retain(|_| {
            at += 1;
            is_kept(at - 1)
        });
        for note in &mut self.notes {
            let ReadNote::Text(format) = note else { continue };
            let mut at = 0;
            format.units.retain(|_| {
                at += 1;
                is_kept(at - 1)
            });
        }
    }

    /// SHA-256 of what the signals say. The bytes: number of channels, each channel's name; number
    /// of [runs](Self::runs); of each run number of samples, label, group, samples. A number is u64,
    /// a sample f32, both little-endian; a name is its number of bytes and its UTF-8; a label or
    /// group is one byte 0 if there is none, else one byte 1 and a name. Origins do not count.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let number = |hash: &mut Sha256, number: usize| hash.update((number as u64).to_le_bytes());
        let name = |hash: &mut Sha256, name: &str| {
            number(hash, name.len());
            hash.update(name);
        };
        number(&mut hash, self.channels.len());
        for channel in &self.channels {
            name(&mut hash, channel);
        }
        number(&mut hash, self.runs().count());
        for Run { piece, label } in self.runs() {
            number(&mut hash, piece.range.len());
            for tag in [&label, &self.recordings[piece.recording].group] {
                hash.update([u8::from(tag.is_some())]);
                if let Some(tag) = tag {
                    name(&mut hash, tag);
                }
            }
            for sample in self.piece(&piece) {
                hash.update(sample.to_le_bytes());
            }
        }
        hash.finalize().into()
    }

    /// The first value that does not fit, by its channel, and how many there are.
    #[must_use]
    pub fn misfit(&self, is_one: impl Fn(usize, f32) -> bool) -> Option<Misfit> {
        let channels = self.channels.len();
        let mut first: Option<Misfit> = None;
        let mut values = 0;
        for recording in &self.recordings {
            values += recording.samples.len();
            for (index, &value) in recording.samples.iter().enumerate() {
                let channel = index % channels;
                if !is_one(channel, value) {
                    continue;
                }
                let first = first.get_or_insert_with(|| {
                    let place = recording.origin.at(index / channels);
                    Misfit { place, channel, value, found: 0, values: 0 }
                });
                first.found += 1;
            }
        }
        first.map(|first| Misfit { values, ..first })
    }

    /// The first value that a type of samples does not hold as it is.
    #[must_use]
    pub fn misfit_of(&self, kind: SampleKind) -> Option<Misfit> {
        let range = match kind {
            SampleKind::Pixels => 0.0..=f32::from(u8::MAX),
            SampleKind::Counts => f32::from(i16::MIN)..=f32::from(i16::MAX),
            SampleKind::Values => return None,
        };
        self.misfit(|_, value| value.fract() != 0.0 || !range.contains(&value))
    }

    /// Whether every value is a whole number that i16 holds, as a sensor counts.
    pub fn are_counts(&self) -> bool {
        self.misfit_of(SampleKind::Counts).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signals() -> Signals {
        let recording = |samples: &[f32], label: Option<&str>, group: Option<&str>| Recording {
            samples: samples.to_vec(),
            labels: label.map(Labels::of).unwrap_or_default(),
            group: group.map(Into::into),
            origin: Origin::default(),
        };
        Signals {
            channels: vec!["a".into(), "bc".into()],
            recordings: vec![
                recording(&[1.0, -2.0, 3.0, 4.0], Some("x"), None),
                recording(&[5.0, 6.0], None, Some("")),
            ],
            notes: vec![],
            rate: None,
        }
    }

    #[test]
    fn the_digest_is_of_the_documented_bytes() {
        let mut bytes = Vec::new();
        let number = |bytes: &mut Vec<u8>, n: u64| bytes.extend(n.to_le_bytes());
        number(&mut bytes, 2);
        number(&mut bytes, 1);
        bytes.extend(b"a");
        number(&mut bytes, 2);
        bytes.extend(b"bc");
        number(&mut bytes, 2);
        number(&mut bytes, 2);
        bytes.push(1);
        number(&mut bytes, 1);
        bytes.extend(b"x\0");
        bytes.extend([1.0_f32, -2.0, 3.0, 4.0].iter().flat_map(|v| v.to_le_bytes()));
        number(&mut bytes, 1);
        bytes.extend([0, 1]);
        number(&mut bytes, 0);
        bytes.extend([5.0_f32, 6.0].iter().flat_map(|v| v.to_le_bytes()));
        assert_eq!(signals().digest(), <[u8; 32]>::from(Sha256::digest(&bytes)));
    }

    #[test]
    fn the_digest_sees_all_but_the_origin() {
        let original = signals().digest();
        let changed = |change: fn(&mut Signals)| {
            let mut signals = signals();
            change(&mut signals);
            signals.digest()
        };
        assert_ne!(original, changed(|s| s.channels[0] = "b".into()));
        assert_ne!(original, changed(|s| s.recordings[0].labels = Labels::default()));
        assert_ne!(original, changed(|s| s.recordings[1].group = None));
        assert_ne!(original, changed(|s| s.recordings[1].samples[1] = -6.0));
        assert_ne!(original, changed(|s| s.recordings.swap(0, 1)));
        assert_ne!(original, changed(|s| s.recordings[0].labels = Labels::of("x").then(1, "y")));
        assert_eq!(original, changed(|s| s.recordings[0].origin = Origin::line("there".into(), 7)));
    }

    #[test]
    fn a_channel_that_is_left_out_leaves_the_others() {
        let mut signals = signals();
        signals.leave_out(&[0]);
        assert_eq!(signals.channels, ["bc"]);
        assert_eq!(signals.recordings[0].samples, [-2.0, 4.0]);
        assert_eq!(signals.recordings[1].samples, [6.0]);
    }

    #[test]
    fn counts_are_whole_numbers_of_sixteen_bits() {
        let are_counts = |value: f32| {
            let mut signals = signals();
            signals.recordings[0].samples[3] = value;
            signals.are_counts()
        };
        for value in [0.0, -0.0, 32767.0, -32768.0] {
            assert!(are_counts(value), "{value}");
        }
        for value in [0.5, -1.25, 32768.0, -32769.0, 1e30, 1e-30] {
            assert!(!are_counts(value), "{value}");
        }
    }
}
