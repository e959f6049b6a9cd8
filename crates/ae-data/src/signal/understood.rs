//! What was understood of files, in two lines that a user can check at a glance.

use std::fmt;

use super::file_error::beginning;
use super::{ReadNote, Signals, Steps, TextFormat, are_same_rate};

/// Channels that are told one by one.
const TOLD: usize = 12;

/// What was understood of files.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// Names of the files, in their order.
    pub files: Vec<String>,
    /// Number of samples.
    pub samples: usize,
    /// How the first text was read.
    pub format: Option<TextFormat>,
    /// The first text that was read in another way, and how.
    pub other_format: Option<TextFormat>,
    /// What each channel holds.
    pub channels: Vec<ChannelRange>,
    /// Number of recordings.
    pub recordings: usize,
    /// Samples of the shortest and of the longest recording.
    pub lengths: [usize; 2],
    /// How samples follow each other in each file that has times.
    pub steps: Vec<Steps>,
    /// Samples a second, where files say it without times, as WAV does.
    pub rate: Option<f64>,
}

/// What a channel holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelRange {
    /// Its name.
    pub channel: String,
    /// Its unit, empty where the file says none.
    pub unit: String,
    /// The least value.
    pub least: f32,
    /// The largest.
    pub largest: f32,
}

impl Understood {
    /// What was understood of these signals, which have samples.
    #[must_use]
    pub fn of(signals: &Signals) -> Self {
        let mut files: Vec<String> = Vec::new();
        for recording in &signals.recordings {
            if files.last().is_none_or(|last| last != recording.origin.file()) {
                files.push(recording.origin.file().to_owned());
            }
        }
        let mut formats = signals.notes.iter().filter_map(|note| match note {
            ReadNote::Text(format) => Some(&**format),
            _ => None,
        });
        let format = formats.next();
        let other = format.and_then(|first| formats.find(|other| other.differs(first)));
        let steps = signals.notes.iter().filter_map(|note| match note {
            ReadNote::Steps(steps) => Some(steps.clone()),
            _ => None,
        });
        let lengths = || (0..signals.recordings.len()).map(|at| signals.len_of(at));
        Self {
            files,
            samples: lengths().sum(),
            channels: ranges(signals),
            format: format.cloned(),
            other_format: other.cloned(),
            recordings: signals.recordings.len(),
            lengths: [lengths().min().unwrap_or(0), lengths().max().unwrap_or(0)],
            steps: steps.collect(),
            rate: signals.rate,
        }
    }

    /// Two lines: files and how they were read; channels, times and recordings.
    #[must_use]
    pub fn lines(&self) -> [String; 2] {
        let Self { files, samples, format, other_format, recordings, lengths, .. } = self;
        let files = match &files[..] {
            [only] => only.clone(),
            [first, ..] => format!("{first} and {} more files", files.len() - 1),
            [] => "nothing".to_owned(),
        };
        let mut read = format!("read {files}: {samples} {}", plural(*samples, "sample"));
        if let Some(format) = format {
            read += &format!("; {format}");
        }
        if let Some(other) = other_format {
            read += &format!("; otherwise {}: {other}", other.file);
        }
        let mut channels: Vec<String> =
            self.channels.iter().take(TOLD).map(ToString::to_string).collect();
        if self.channels.len() > TOLD {
            channels.push(format!("{} more", self.channels.len() - TOLD));
        }
        let of = match lengths {
            [shortest, longest] if shortest == longest => format!("of {longest}"),
            [shortest, longest] => format!("of {shortest} to {longest}"),
        };
        let recordings = format!(
            "{recordings} {} {of} {}",
            plural(*recordings, "recording"),
            plural(lengths[1], "sample")
        );
        [read, format!("{}; {}{recordings}", channels.join(", "), self.time())]
    }

    /// How samples follow each other, in all files.
    fn time(&self) -> String {
        let Some(first) = self.steps.first() else {
            let told = |rate: f64| format!("{rate} samples a second; ");
            return self.rate.map_or_else(String::new, told);
        };
        let is_same = |steps: &Steps| {
            steps.are_seconds == first.are_seconds && are_same_rate(steps.step, first.step)
        };
        let gaps = self.steps.iter().map(|steps| steps.gaps).sum();
        let all = Steps { gaps, ..first.clone() };
        let is_one = self.steps.iter().all(is_same);
        let other = if is_one { "" } else { " (in the first file; others differ)" };
        format!("{all}{other}; ")
    }
}

fn plural(count: usize, of: &str) -> String {
    if count == 1 { of.to_owned() } else { format!("{of}s") }
}

/// The range of each channel.
fn ranges(signals: &Signals) -> Vec<ChannelRange> {
    let channels = signals.channels.len();
    let mut ranges = vec![[f32::INFINITY, f32::NEG_INFINITY]; channels];
    for sample in signals.recordings.iter().flat_map(|of| of.samples.chunks(channels)) {
        for ([least, largest], value) in ranges.iter_mut().zip(sample) {
            (*least, *largest) = (least.min(*value), largest.max(*value));
        }
    }
    let of = |((channel, unit), [least, largest]): ((&String, String), [f32; 2])| ChannelRange {
        channel: channel.clone(),
        unit,
        least,
        largest,
    };
    signals.channels.iter().zip(signals.units()).zip(ranges).map(of).collect()
}

/// Such as `temp 2.5 to 31.25 °C`, or `temp always 2.5`.
impl fmt::Display for ChannelRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, unit, least, largest } = self;
        let channel = beginning(channel);
        if least == largest {
            write!(f, "{channel} always {least}")?;
        } else {
            write!(f, "{channel} {least} to {largest}")?;
        }
        if unit.is_empty() { Ok(()) } else { write!(f, " {unit}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::tests::signals;

    #[test]
    fn two_lines_say_what_there_is() {
        let mut signals = signals(&[&[1.0, -2.5, 3.0], &[7.0]]);
        let [read, channels] = Understood::of(&signals).lines();
        assert_eq!(read, "read : 4 samples");
        assert_eq!(channels, "a -2.5 to 7; 2 recordings of 1 to 3 samples");
        signals.rate = Some(16_000.0);
        let [_, channels] = Understood::of(&signals).lines();
        assert_eq!(channels, "a -2.5 to 7; 16000 samples a second; 2 recordings of 1 to 3 samples");
        let steps = |file: &str, step, gaps| {
            let file = file.to_owned();
            let is_regular = Some(true);
            ReadNote::Steps(Steps { file, step, is_regular, are_seconds: true, gaps })
        };
        signals.notes = vec![steps("a", 0.01, 2), steps("b", 0.01, 1)];
        let [_, channels] = Understood::of(&signals).lines();
        assert_eq!(
            channels,
            "a -2.5 to 7; 100 samples a second, 3 gaps; 2 recordings of 1 to 3 samples"
        );
        signals.notes.push(steps("c", 5.0, 0));
        let [_, channels] = Understood::of(&signals).lines();
        assert!(channels.contains("3 gaps (in the first file; others differ)"), "{channels}");
    }
}
