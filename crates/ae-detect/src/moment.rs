//! Where samples are, and when they were taken.

use std::fmt;
use std::ops::Range;

use ae_data::signal::Recording;
use serde::Serialize;

/// Where a sample is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// Counted from 0 in its recording.
    pub sample: usize,
    /// Its line in a CSV file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Its row in an array, from 0 and through all recordings of the array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// When it was taken, as the file has it, if a column of times was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

/// Samples that follow each other, at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The first.
    pub first: Moment,
    /// The last, which belongs to it.
    pub last: Moment,
}

impl Moment {
    /// Of a sample of a recording.
    #[must_use]
    pub fn of(recording: &Recording, sample: usize) -> Self {
        let origin = &recording.origin;
        Self {
            sample,
            line: origin.line_of(sample),
            row: origin.row_of(sample),
            time: origin.time_of(sample),
        }
    }
}

impl Span {
    /// Of a range of samples of a recording.
    ///
    /// # Panics
    /// The range is empty.
    #[must_use]
    pub fn of(recording: &Recording, samples: Range<usize>) -> Self {
        assert!(!samples.is_empty(), "a span has samples");
        let [first, last] = [samples.start, samples.end - 1].map(|at| Moment::of(recording, at));
        Self { first, last }
    }
}

/// Such as `lines 26 to 37, time 2.4 to 3.5, samples 24 to 35`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        if let Some((first, last)) = first.line.zip(last.line) {
            write!(f, "lines {first} to {last}, ")?;
        }
        if let Some((first, last)) = first.row.zip(last.row) {
            write!(f, "rows {first} to {last}, ")?;
        }
        if let Some((first, last)) = first.time.as_ref().zip(last.time.as_ref()) {
            write!(f, "time {first} to {last}, ")?;
        }
        write!(f, "samples {} to {}", first.sample, last.sample)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ae_data::signal::{Source, read_bytes};

    use super::*;

    #[test]
    fn a_span_names_what_its_file_knows() {
        let source = Source { time: Some("t".into()), ..Source::default() };
        let text = b"t,x\n0.0,1\n0.5,2\n\n1.0,3\n1.5,4\n";
        let signals = read_bytes(Path::new("it.csv"), text, &source).unwrap();
        let span = Span::of(&signals.recordings[0], 1..3);
        assert_eq!(span.to_string(), "lines 3 to 5, time 0.5 to 1.0, samples 1 to 2");
        let json = r#"{"sample":2,"line":5,"time":"1.0"}"#;
        assert_eq!(serde_json::to_string(&span.last).unwrap(), json);
        let source = Source { columns: Some(vec!["x".into()]), ..Source::default() };
        let signals = read_bytes(Path::new("it.csv"), text, &source).unwrap();
        let span = Span::of(&signals.recordings[0], 0..4);
        assert_eq!(span.to_string(), "lines 2 to 6, samples 0 to 3");
    }
}
