//! Columns that only rise: a time or a counter that was not named.

/// Samples that there must be: fewer may rise by chance.
const SAMPLES: usize = 8;

/// Different values that there must be: two are a switch.
const DIFFERENT: usize = 3;

/// Channels of a file, or of several, that have never fallen within a recording.
#[derive(Debug, Default)]
pub(in crate::signal) struct Rising {
    columns: Vec<Column>,
    /// Number of samples of all recordings.
    samples: usize,
    /// Number of samples of the recording.
    in_recording: usize,
}

/// A channel that may be a time.
#[derive(Debug)]
struct Column {
    name: String,
    /// Its position in a row.
    at: usize,
    last: f64,
    /// Whether it has risen in this recording.
    has_risen: bool,
    /// Whether it has risen in any.
    has_ever_risen: bool,
    /// Values seen, as many as matter.
    values: Vec<f64>,
}

impl Rising {
    /// Of these channels, by name and position.
    pub(super) fn of(channels: impl Iterator<Item = (String, usize)>) -> Self {
        let column = |(name, at)| Column {
            name,
            at,
            last: f64::NAN,
            has_risen: false,
            has_ever_risen: false,
            values: Vec::new(),
        };
        Self { columns: channels.map(column).collect(), ..Self::default() }
    }

    /// Takes a sample; `text` is what stands in the file at a position. As f64, so that seconds
    /// since 1970 rise too.
    pub(super) fn sample<'a>(&mut self, is_first: bool, text: impl Fn(usize) -> &'a str) {
        if is_first {
            self.end_recording();
        }
        self.samples += 1;
        self.in_recording += 1;
        self.columns.retain_mut(|column| {
            let value = text(column.at).parse().unwrap_or(f64::NAN);
            let last = std::mem::replace(&mut column.last, value);
            see(&mut column.values, value);
            column.has_risen |= !is_first && value > last;
            column.has_ever_risen |= column.has_risen;
            is_first || value >= last
        });
    }

    fn end_recording(&mut self) {
        let could_rise = self.in_recording > 1;
        self.columns.retain(|column| column.has_risen || !could_rise);
        self.columns.iter_mut().for_each(|column| column.has_risen = false);
        self.in_recording = 0;
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Self {
        self.end_recording();
        self
    }

    /// Adds another file.
    pub(in crate::signal) fn add(&mut self, other: &Self) {
        self.samples += other.samples;
        self.columns.retain_mut(|column| {
            let Some(same) = other.columns.iter().find(|other| other.name == column.name) else {
                return false;
            };
            same.values.iter().for_each(|&value| see(&mut column.values, value));
            column.has_ever_risen |= same.has_ever_risen;
            true
        });
    }

    /// The channels that are almost surely none.
    pub(in crate::signal) fn times(&self) -> Vec<&str> {
        let is_time = |column: &&Column| {
            self.samples >= SAMPLES && column.values.len() >= DIFFERENT && column.has_ever_risen
        };
        self.columns.iter().filter(is_time).map(|column| &*column.name).collect()
    }
}

/// Adds a value, if it is new and matters.
fn see(values: &mut Vec<f64>, value: f64) {
    if values.len() < DIFFERENT && !values.contains(&value) {
        values.push(value);
    }
}
