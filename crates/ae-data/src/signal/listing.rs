//! Which files a source stands for: those that it names, those in a folder, or those that a table names,
//! with what is said of each.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use csv_core::{ReadRecordResult, Reader};

use super::budget::{BYTES_PER_RECORDING, Budget};
use super::file_error::{FileError, list};
use super::input::{Input, Place, failed, read_all};
use super::source::ColumnUse;
use super::{SignalError, Source, columns, folder};

/// What stands for the folder that a file lies in, where a folder is named.
const FOLDER: &str = "folder";

/// Fields of a line of a table that names files.
const MAX_FIELDS: usize = 1 << 10;

/// A file, and what is said of it beside what it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) path: PathBuf,
    /// What messages call it.
    pub(super) name: String,
    pub(super) label: Option<String>,
    pub(super) group: Option<String>,
}

/// All files of a source.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) files: Vec<Listed>,
    /// What their columns mean: what is said of whole files is no column in them.
    pub(super) source: Source,
    /// Files in folders that are none of signals.
    pub(super) others: Vec<String>,
}

/// The files that `source` stands for.
pub(super) fn listing(source: &Source, budget: &Budget) -> Result<Listing, SignalError> {
    let mut inner = source.clone();
    let (mut files, mut others) = (Vec::new(), Vec::new());
    let mut is_of_folder = false;
    for path in &source.files {
        if let Some(column) = &source.file {
            let table = of_table(path, column, source, budget);
            let (listed, taken) = table.map_err(|source| of_file(path, source))?;
            files.extend(listed);
            taken.into_iter().for_each(|column_use| clear(&mut inner, column_use));
        } else if path.is_dir() {
            is_of_folder = true;
            let found = folder::files(path, budget).map_err(|source| of_file(path, source))?;
            if found.signals.is_empty() {
                return Err(SignalError::Folder { file: path.clone() });
            }
            files.extend(found.signals.into_iter().map(|file| named(path, file)));
            others.extend(found.others);
        } else {
            files.push(named(path, path.clone()));
        }
    }
    // Only where a folder is named: files that are named may have a column of that name.
    if is_of_folder {
        for column_use in [ColumnUse::Label, ColumnUse::Group] {
            if name_of(source, column_use) != Some(FOLDER) {
                continue;
            }
            for file in &mut files {
                let said = folder::name_of(&file.path);
                match column_use {
                    ColumnUse::Label => file.label = said,
                    _ => file.group = said,
                }
            }
            clear(&mut inner, column_use);
        }
    }
    Ok(Listing { files, source: inner, others })
}

fn of_file(path: &Path, source: FileError) -> SignalError {
    SignalError::File { file: path.to_owned(), source }
}

/// A file in `folder`, or the file itself, with what messages call it.
fn named(folder: &Path, path: PathBuf) -> Listed {
    let inside = path.strip_prefix(folder).ok().filter(|inside| *inside != Path::new(""));
    let name = inside.or_else(|| path.file_name().map(Path::new)).unwrap_or(&path);
    let name = name.to_string_lossy().into_owned();
    Listed { path, name, ..Listed::default() }
}

fn name_of(source: &Source, column_use: ColumnUse) -> Option<&str> {
    source.others().into_iter().find(|(of, _)| *of == column_use).and_then(|(_, name)| name)
}

fn clear(source: &mut Source, column_use: ColumnUse) {
    match column_use {
        ColumnUse::Label => source.label = None,
        ColumnUse::Group => source.group = None,
        _ => {}
    }
}

/// The files that a table names in `column`, and what else it says of them: its columns may be the
/// label and the group. A name that is no column of the table is one of the files'.
fn of_table(
    path: &Path,
    column: &str,
    source: &Source,
    budget: &Budget,
) -> Result<(Vec<Listed>, Vec<ColumnUse>), FileError> {
    let place = Place::OnDisk(fs::File::open(path).map_err(FileError::Io)?);
    let input = Input::open(&place, budget)?;
    if input.start.contains(&0) {
        return Err(FileError::Listing(
            "it is no text; expected a CSV table that names files".into(),
        ));
    }
    let is_packed = input.is_packed;
    let text = read_all(input.bytes(), budget).map_err(|error| match error {
        FileError::Io(error) => failed(error, is_packed),
        error => error,
    })?;
    // As rows of fields it takes several times as much.
    budget.take(8 * text.len() as u64)?;
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
    let mut rows = rows(text)?.into_iter();
    let (_, header) = rows.next().ok_or(FileError::Empty)?;
    let at = columns::place(&header, ColumnUse::File, column)?;
    let said: Vec<(ColumnUse, usize)> = [ColumnUse::Label, ColumnUse::Group]
        .into_iter()
        .filter_map(|of| {
            let name = name_of(source, of)?;
            Some((of, header.iter().position(|there| there == name)?))
        })
        .collect();
    let folder = path.parent().unwrap_or(Path::new(""));
    let (mut files, mut seen, mut missing) = (Vec::new(), HashSet::new(), Vec::new());
    for (line, row) in rows {
        if row.len() != header.len() {
            let (found, expected) = (row.len(), header.len());
            return Err(FileError::Listing(format!(
                "line {line} has {found} fields, and the header has {expected}"
            )));
        }
        let empty = said.iter().map(|(_, at)| *at).chain([at]).find(|&at| row[at].is_empty());
        if let Some(at) = empty {
            let name = &header[at];
            return Err(FileError::Listing(format!("line {line}, column `{name}`: nothing there")));
        }
        budget.take(2 * row[at].len() as u64 + BYTES_PER_RECORDING)?;
        let mut file =
            Listed { path: folder.join(&row[at]), name: row[at].clone(), ..Listed::default() };
        for &(of, at) in &said {
            match of {
                ColumnUse::Label => file.label = Some(row[at].clone()),
                _ => file.group = Some(row[at].clone()),
            }
        }
        if !seen.insert(row[at].clone()) {
            let name = &row[at];
            return Err(FileError::Listing(format!("line {line}: {name} stands there twice")));
        }
        if !file.path.is_file() {
            missing.push(row[at].clone());
        }
        files.push(file);
    }
    if !missing.is_empty() {
        return Err(FileError::Listing(format!(
            "{} of {} files are not there: {}; they are looked for in the folder of the table",
            missing.len(),
            files.len(),
            list(&missing)
        )));
    }
    if files.is_empty() {
        return Err(FileError::NoSamples);
    }
    Ok((files, said.into_iter().map(|(of, _)| of).collect()))
}

/// The lines of a table, with their numbers, cut into fields without spaces around them.
fn rows(text: &[u8]) -> Result<Vec<(usize, Vec<String>)>, FileError> {
    let (mut reader, mut rest) = (Reader::new(), text);
    let (mut fields, mut ends) = (vec![0; text.len().max(1)], vec![0; MAX_FIELDS]);
    let mut rows = Vec::new();
    loop {
        let line = usize::try_from(reader.line()).unwrap_or(usize::MAX);
        let (mut written, mut ended) = (0, 0);
        loop {
            let (result, read, more, ends_more) =
                reader.read_record(rest, &mut fields[written..], &mut ends[ended..]);
            (rest, written, ended) = (&rest[read..], written + more, ended + ends_more);
            match result {
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(rows),
                ReadRecordResult::InputEmpty => {}
                // The fields are no longer than the text.
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(FileError::Listing(format!(
                        "line {line} has more than {MAX_FIELDS} fields"
                    )));
                }
            }
        }
        let starts = std::iter::once(0).chain(ends[..ended].iter().copied());
        let field = |(start, &end): (usize, &usize)| {
            String::from_utf8_lossy(&fields[start..end]).trim().to_owned()
        };
        rows.push((line, starts.zip(&ends[..ended]).map(field).collect()));
    }
}
