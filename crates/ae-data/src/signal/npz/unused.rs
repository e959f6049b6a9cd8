//! Arrays of an archive that nobody has named, and that say something of its samples.

use std::fmt;

use rawzip::ReaderAt;

use super::archive::Archive;
use crate::signal::array::Elements;
use crate::signal::file_error::beginning;
use crate::signal::source::{ColumnUse, Source};

/// Arrays that are read whatever they are called.
const KNOWN: [&str; 3] = ["samples", "lengths", "channels"];

/// Most arrays that are looked at.
const MOST: usize = 20;

/// What names of arrays mean, in small letters.
const MEANINGS: [(ColumnUse, &[&str]); 3] = [
    (
        ColumnUse::Group,
        &["group", "subject", "person", "machine", "device", "unit", "part", "split"],
    ),
    (ColumnUse::Recording, &["recording", "session", "trial", "run", "block"]),
    (ColumnUse::Time, &["time", "date", "timestamp", "t"]),
];

/// An array that was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// Its name.
    pub name: String,
    /// Text, and no numbers.
    pub is_text: bool,
    /// Entries for each dimension.
    pub shape: Vec<u64>,
    /// What it may be: its type and its number of entries fit, and its name does not speak against it.
    pub may_be: Option<ColumnUse>,
}

/// Those of an archive of so many samples in so many recordings.
pub(super) fn unused(
    archive: &Archive<impl ReaderAt>,
    source: &Source,
    samples: usize,
    recordings: usize,
) -> Vec<Unused> {
    let is_named = |name: &str| source.others().iter().any(|&(_, named)| named == Some(name));
    let names = archive.names().iter().filter(|name| !KNOWN.contains(&&***name) && !is_named(name));
    let look = |name: &String| {
        // What cannot be read was not asked for.
        let array = archive.array(name).ok()??;
        let elements = Elements::open(beginning(name), array.bytes, Some(array.len)).ok()?;
        let fits = elements.shape.len() == 1 && [samples, recordings].contains(&elements.len());
        let is_text = !elements.are_numbers();
        let may_be = fits.then(|| meaning(name, is_text, elements.len() == samples)).flatten();
        Some(Unused { name: beginning(name), is_text, shape: elements.shape, may_be })
    };
    names.take(MOST).filter_map(look).collect()
}

/// What an array of this name may say.
fn meaning(name: &str, is_text: bool, is_of_samples: bool) -> Option<ColumnUse> {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split(|letter: char| !letter.is_alphanumeric()).collect();
    let is_called = |names: &[&str]| words.iter().any(|word| names.contains(word));
    let meant = MEANINGS.into_iter().find(|(_, names)| is_called(names));
    match meant.map(|(column_use, _)| column_use) {
        Some(ColumnUse::Time) if !is_of_samples => None,
        Some(meant) => Some(meant),
        None => is_text.then_some(ColumnUse::Label),
    }
}

/// Such as `` `state` (text, 500 entries)``.
impl fmt::Display for Unused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, is_text, shape, .. } = self;
        let kind = if *is_text { "text" } else { "numbers" };
        let shape: Vec<String> = shape.iter().map(u64::to_string).collect();
        write!(f, "`{name}` ({kind}, {} entries)", shape.join(" × "))
    }
}
