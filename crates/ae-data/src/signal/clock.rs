//! Columns that run as a clock or a counter does: a time that was not named.
//!
//! A time that is taken for a channel teaches a detector how long the training took, and hides where
//! recordings end. So a column that goes one way alone is asked about, and one that goes one way but
//! for a few steps back, as a clock that is set or begins again. Sensors go both ways within a few
//! samples, and are forgotten at once.

/// Samples that there must be: fewer may rise by chance.
const SAMPLES: usize = 8;

/// Different values that there must be: two are a switch.
const DIFFERENT: usize = 3;

/// Steps one way for each step the other way, where the name says nothing.
const ONE_WAY: usize = 50;

/// The same where the name is that of a time.
const ONE_WAY_BY_NAME: usize = 9;

/// A step back is that of a clock if it is as long as so many steps forth.
const STEPS_BACK: f64 = 10.0;

/// Steps after which a column that goes both ways is forgotten.
const FORGET: usize = 64;

/// Words in the name of a time.
const NAMES: [&str; 9] =
    ["time", "timestamp", "datetime", "date", "clock", "epoch", "uptime", "millis", "micros"];

/// Channels of a file, or of several, that may be a time.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    columns: Vec<Column>,
    /// Whether one of them can be named as the time.
    pub(super) can_be_named: bool,
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
    /// Whether it has changed in this recording.
    has_changed: bool,
    up: Steps,
    down: Steps,
    /// Values seen, as many as matter.
    values: Vec<f64>,
}

/// Steps in one direction.
#[derive(Debug, Clone, Copy, Default)]
struct Steps {
    count: usize,
    /// The sum of their lengths.
    length: f64,
}

/// How a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    /// Forwards, as it should.
    pub rises: bool,
    /// Steps the other way.
    pub back: usize,
}

impl Clocks {
    /// Of these channels, by name and position. `can_be_named` says that one of them can be named as
    /// the time.
    pub(super) fn of(channels: impl Iterator<Item = (String, usize)>, can_be_named: bool) -> Self {
        let column = |(name, at)| Column {
            name,
            at,
            last: f64::NAN,
            has_changed: false,
            up: Steps::default(),
            down: Steps::default(),
            values: Vec::new(),
        };
        Self { columns: channels.map(column).collect(), can_be_named, ..Self::default() }
    }

    /// Takes a sample; `value` is what stands in the file at a position, no number if it is none. In
    /// f64, so that seconds since 1970 rise too.
    pub(super) fn sample(&mut self, is_first: bool, value: impl Fn(usize) -> f64) {
        if is_first {
            self.end_recording();
        }
        self.samples += 1;
        self.in_recording += 1;
        self.columns.retain_mut(|column| column.take(is_first, value(column.at)));
    }

    fn end_recording(&mut self) {
        let could_change = self.in_recording > 1;
        self.columns.retain(|column| column.has_changed || !could_change);
        self.columns.iter_mut().for_each(|column| column.has_changed = false);
        self.in_recording = 0;
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Self {
        self.end_recording();
        self
    }

    /// Adds another file.
    pub(super) fn add(&mut self, other: &Self) {
        self.samples += other.samples;
        self.can_be_named &= other.can_be_named;
        self.columns.retain_mut(|column| {
            let Some(same) = other.columns.iter().find(|other| other.name == column.name) else {
                return false;
            };
            same.values.iter().for_each(|&value| see(&mut column.values, value));
            column.up.add(same.up);
            column.down.add(same.down);
            true
        });
    }

    /// The channels that are almost surely none.
    pub(super) fn times(&self) -> Vec<(&str, Course)> {
        let is_enough =
            |column: &&Column| self.samples >= SAMPLES && column.values.len() >= DIFFERENT;
        let columns = self.columns.iter().filter(is_enough);
        columns.filter_map(|column| Some((&*column.name, column.course()?))).collect()
    }
}

impl Column {
    /// Takes a value, and says whether it may still be a time.
    fn take(&mut self, is_first: bool, value: f64) -> bool {
        let step = value - std::mem::replace(&mut self.last, value);
        see(&mut self.values, value);
        if is_first {
            return value.is_finite();
        }
        let steps = if step > 0.0 { &mut self.up } else { &mut self.down };
        if step != 0.0 {
            *steps = Steps { count: steps.count + 1, length: steps.length + step.abs() };
        }
        self.has_changed |= step != 0.0;
        let (fewer, more) =
            (self.up.count.min(self.down.count), self.up.count.max(self.down.count));
        step.is_finite() && (fewer + more < FORGET || fewer * ONE_WAY_BY_NAME <= more)
    }

    /// How it runs, if it does as a clock.
    fn course(&self) -> Option<Course> {
        let rises = self.up.count >= self.down.count;
        let (forth, back) = if rises { (self.up, self.down) } else { (self.down, self.up) };
        let words = self.name.split(|letter: char| !letter.is_alphanumeric());
        let is_named =
            words.into_iter().any(|word| NAMES.iter().any(|name| name.eq_ignore_ascii_case(word)));
        let for_each = if is_named { ONE_WAY_BY_NAME } else { ONE_WAY };
        let is_one_way = forth.count > 0 && back.count * for_each <= forth.count;
        let is_reset =
            back.length * forth.count as f64 >= STEPS_BACK * forth.length * back.count as f64;
        (is_one_way && (back.count == 0 || is_named || is_reset))
            .then_some(Course { rises, back: back.count })
    }
}

impl Steps {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.length += other.length;
    }
}

/// Adds a value, if it is new and matters.
fn see(values: &mut Vec<f64>, value: f64) {
    if values.len() < DIFFERENT && !values.contains(&value) {
        values.push(value);
    }
}
