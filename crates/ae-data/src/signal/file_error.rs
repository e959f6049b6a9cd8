//! What can be wrong inside a file of signals.

use std::io;

use super::Foreign;
use super::budget::Bytes;
use super::source::ColumnUse;
use crate::npy::NpyError;

/// What is wrong inside a file of signals. Each message says how to mend it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The system refused.
    #[error("reading failed: {0}")]
    Io(#[source] io::Error),
    /// No bytes, or no line.
    #[error("the file is empty; expected a header line and a line for each sample")]
    Empty,
    /// More than reading may take.
    #[error(
        "reading it takes {} {} of memory, and the limit is {}; choose fewer channels, give a \
         part of the recordings, or raise the limit", if *is_least { "at least" } else { "about" },
        Bytes(*needed), Bytes(*limit)
    )]
    TooLarge {
        /// Bytes of memory that it would take, with the files before it.
        needed: u64,
        /// Whether the file does not say, and it may be more.
        is_least: bool,
        /// Bytes allowed.
        limit: u64,
    },
    /// Of another kind.
    #[error("this is {}, not CSV, NPY, NPZ, WAV, Parquet or Arrow; {}", _0.what, _0.how)]
    Foreign(Foreign),
    /// More than this program keeps.
    #[error(
        "more than {limit} recordings; a recording is many samples that follow each other in time \
         (is a column or an axis that changes with every sample taken for one of recordings?)"
    )]
    TooManyRecordings {
        /// Recordings allowed in a file.
        limit: usize,
    },
    /// Damaged or cut off.
    #[error("the gzip data is damaged or ends early ({0}); pack or copy the file again")]
    Gzip(#[source] io::Error),
    /// Damaged, cut off, or packed for more memory than there is.
    #[error(
        "the zstd data cannot be unpacked ({0}); copy the file again, or pack it again without \
         --long and --ultra"
    )]
    Zstd(#[source] io::Error),
    /// A file of bytes that are not what its format says.
    #[error(
        "not a usable {format} file: {reason}; copy it again, or write it again where it comes from"
    )]
    Damaged {
        /// The format.
        format: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Something in a file that is not read here.
    #[error("{what} of a {format} file is not read here; {how}")]
    NotRead {
        /// The format.
        format: &'static str,
        /// What it is, such as a packing.
        what: String,
        /// What to do.
        how: &'static str,
    },
    /// A table of files that does not say which they are.
    #[error("as a table of files: {0}")]
    Listing(String),
    /// A table without rows.
    #[error("a table without rows, or a recording without samples; expected one at least")]
    NoRows,
    /// Columns that are no numbers, where nothing says what else they are.
    #[error(
        "a channel holds numbers, and these columns hold something else: {columns}; say what else \
         they are, or leave them out of the channels"
    )]
    NotNumbers {
        /// Their names, and what they hold.
        columns: String,
    },
    /// A column that cannot be what it is named as.
    #[error(
        "`{name}` is named as {column_use}, and holds {found}; expected texts, numbers or moments"
    )]
    UnfitColumn {
        /// The name.
        name: String,
        /// What the column should be.
        column_use: ColumnUse,
        /// What it holds.
        found: String,
    },
    /// Not UTF-8.
    #[error(
        "line {line}, column {column}: `{shown}` is not UTF-8 text; save the file as `CSV UTF-8`, \
         or: iconv -f WINDOWS-1252 -t UTF-8 FILE > data.csv"
    )]
    Encoding {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What stands there, its beginning.
        shown: String,
    },
    /// Not UTF-16 behind its beginning.
    #[error("byte {byte} begins no letter of UTF-16, as the file begins; save it as `CSV UTF-8`")]
    Utf16 {
        /// From 0.
        byte: u64,
    },
    /// Two delimiters fit.
    #[error("{found} may stand between the columns; say which")]
    Delimiter {
        /// The delimiters.
        found: String,
    },
    /// Fewer lines than there are to skip.
    #[error("{lines} lines are to be skipped, and the file has {there}; skip fewer")]
    Skipped {
        /// Lines to skip.
        lines: usize,
        /// Lines of the file.
        there: usize,
    },
    /// Times whose unit is not known, where a gap is given in seconds.
    #[error(
        "the numbers in `{column}` do not say what they count, and a gap is given in seconds; say the \
         unit of the times"
    )]
    TimeUnit {
        /// The column of times.
        column: String,
    },
    /// A first line of numbers.
    #[error(
        "line {line} holds values and no names; put a header line above it that names the columns, such \
         as {example}, or say that there is none{}", match may_be_numbers {
            true => "; whole numbers from 0 may also be the names that pandas gives columns without \
                     any: then skip this line too, and say that there is no header",
            false => "",
        }
    )]
    NoHeader {
        /// Its values are 0, 1 and so on, as a program numbers columns.
        may_be_numbers: bool,
        /// From 1.
        line: usize,
        /// A header that would fit.
        example: String,
    },
    /// A column that would be a channel has no name.
    #[error("line {line}: column {column} has no name; {}", match is_first {
        true => "name it in the header, or choose channels without it (is it a row number? \
                 pandas leaves it out with index=False)",
        false => "name it in the header, or choose channels without it",
    })]
    UnnamedColumn {
        /// Of the header, from 1.
        line: usize,
        /// From 1.
        column: usize,
        /// Whether it is the first.
        is_first: bool,
    },
    /// Most rows are of another length than the header.
    #[error(
        "line {line} has {found} field{}, as {count} of {rows} lines have, and the header in line \
         {header_line} has {expected}; {guess}", if *found == 1 { "" } else { "s" }
    )]
    HeaderLength {
        /// From 1.
        header_line: usize,
        /// Columns in the header.
        expected: usize,
        /// The first line of that length, from 1.
        line: usize,
        /// Its fields.
        found: usize,
        /// Lines of that length.
        count: usize,
        /// Lines below the header.
        rows: usize,
        /// Lines above the header, if it is one further down.
        skip: Option<usize>,
        /// Whether decimal commas would explain it, if somebody said that there are some.
        may_be_decimal: bool,
        /// What it looks like, and what to do.
        guess: &'static str,
    },
    /// Two columns have one name.
    #[error("columns {first} and {second} are both called `{name}`; rename one of them")]
    DuplicateColumn {
        /// The name.
        name: String,
        /// From 1.
        first: usize,
        /// From 1.
        second: usize,
    },
    /// A column that was named is not there.
    #[error("`{name}` is named as {column_use}, and is not there; there are: {there}")]
    UnknownColumn {
        /// What the column should be.
        column_use: ColumnUse,
        /// The name given.
        name: String,
        /// Names of the columns, or arrays, that are there.
        there: String,
    },
    /// A column is a channel twice.
    #[error("`{name}` is named twice as a channel; name it once")]
    ChosenTwice {
        /// The name.
        name: String,
    },
    /// A column is a channel and something else.
    #[error("`{name}` is named both as a channel and as {other}; a column has one use")]
    TwoUses {
        /// The name.
        name: String,
        /// The other use.
        other: ColumnUse,
    },
    /// Every column is something else.
    #[error("no column is left for a channel; there are: {there}; at least one must hold samples")]
    NoChannel {
        /// Names of the columns that are there.
        there: String,
    },
    /// A header and nothing more.
    #[error("there are no samples; expected a line for each, below the header")]
    NoSamples,
    /// The bytes of an array cannot be read.
    #[error("{array}: {source}")]
    Array {
        /// Which array.
        array: String,
        /// What the system or the packing says.
        source: io::Error,
    },
    /// Not an NPY array that can be used.
    #[error("{array}: {source}")]
    Npy {
        /// Which array.
        array: String,
        /// What is wrong with it.
        source: NpyError,
    },
    /// Not samples of channels.
    #[error(
        "{array} has shape {shape:?}, expected (samples, channels), (recordings, samples, \
         channels) or (samples), none of them 0, with at most 65536 channels; reshape it"
    )]
    Shape {
        /// Which array.
        array: String,
        /// The shape found.
        shape: Vec<u64>,
    },
    /// Another type of elements.
    #[error("{array} holds elements of type {found}, expected {expected}; {remedy}")]
    ElementType {
        /// Which array.
        array: String,
        /// The type in the file, as NumPy writes it.
        found: String,
        /// What could be used.
        expected: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// Files that hold samples alone.
    #[error("`{name}` is named as {column_use}, but {format} file holds samples alone; {how}")]
    SamplesAlone {
        /// The format, with its article.
        format: &'static str,
        /// What the array should be.
        column_use: ColumnUse,
        /// The name given.
        name: String,
        /// What to do.
        how: &'static str,
    },
    /// Not a ZIP archive, or damaged.
    #[error("not a usable NPZ file ({reason}); save it again with numpy.savez")]
    Npz {
        /// What the reader says.
        reason: String,
    },
    /// `samples` is missing.
    #[error("no array `samples`; there are: {there}; save the samples under that name")]
    NoSamplesArray {
        /// Names of the arrays that are there.
        there: String,
    },
    /// An archive without arrays.
    #[error(
        "this is a ZIP archive of other files than arrays: {there}; unpack it, and name the files of \
         samples in it"
    )]
    NoArrays {
        /// Names of the files that are there.
        there: String,
    },
    /// `lengths` does not cut the samples.
    #[error("array `lengths`: {reason}; expected the number of samples of each recording")]
    Lengths {
        /// What is wrong.
        reason: String,
    },
    /// An array fits neither the samples nor the recordings.
    #[error(
        "array `{array}` has shape {shape:?}, expected one entry for each of {samples} samples or \
         {recordings} recordings"
    )]
    Entries {
        /// Name of the array.
        array: String,
        /// Its shape.
        shape: Vec<u64>,
        /// Number of samples.
        samples: usize,
        /// Number of recordings.
        recordings: usize,
    },
    /// The array `channels` does not name the channels.
    #[error(
        "array `channels`: {reason}; expected a name of its own for each of {channels} channels"
    )]
    ChannelNames {
        /// What is wrong.
        reason: String,
        /// Number of channels.
        channels: usize,
    },
    /// A moment that is neither a number nor a date.
    #[error("array `{array}`, sample {sample}: `{text}` is not a time; write numbers")]
    NotAMoment {
        /// Name of the array.
        array: String,
        /// From 0.
        sample: usize,
        /// What stands there, its beginning.
        text: String,
    },
}

/// The beginning of a text, to show it in a message.
pub(super) fn beginning(text: &str) -> String {
    ae_files::text::beginning(text, 40).to_string()
}

/// Names for a message.
pub(super) fn list<T: AsRef<str>>(names: &[T]) -> String {
    if names.is_empty() {
        return "none".into();
    }
    const SHOWN: usize = 40;
    let mut text = names
        .iter()
        .take(SHOWN)
        .map(|name| beginning(name.as_ref()))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        text += &format!(", … ({} in all)", names.len());
    }
    text
}
