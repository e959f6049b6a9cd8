//! The formats that are read, by the ends of files' names.

use std::sync::Arc;

use anyhow::bail;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::arrow::ArrowFormat;
use datafusion::datasource::file_format::csv::CsvFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;

use super::DataFile;

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Apache Parquet.
    Parquet,
    /// Values with commas between them, and the columns' names in the first line.
    Csv,
    /// Files or streams of Apache Arrow.
    Arrow,
}

impl Format {
    /// By the end of a name; `None` for any other.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        let end = name.rsplit('/').next()?.rsplit_once('.')?.1.to_ascii_lowercase();
        match &*end {
            "parquet" | "pq" => Some(Self::Parquet),
            "csv" => Some(Self::Csv),
            "arrow" | "arrows" | "feather" | "ipc" => Some(Self::Arrow),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Parquet => "Parquet",
            Self::Csv => "CSV",
            Self::Arrow => "Arrow",
        }
    }

    pub(super) fn reader(self) -> Arc<dyn FileFormat> {
        match self {
            Self::Parquet => Arc::new(ParquetFormat::default().with_force_view_types(false)),
            Self::Csv => Arc::new(CsvFormat::default().with_has_header(true)),
            Self::Arrow => Arc::new(ArrowFormat),
        }
    }
}

/// The one format of all files.
pub(super) fn of(files: &[DataFile]) -> anyhow::Result<Format> {
    let mut found: Option<(Format, &str)> = None;
    for DataFile { name, .. } in files {
        let Some(format) = Format::by_name(name) else {
            bail!("{name} ends with none of .parquet, .csv and .arrow; rename it, or leave it out");
        };
        match found {
            None => found = Some((format, name)),
            Some((first, _)) if first == format => {}
            Some((first, other)) => bail!(
                "{other} is {} and {name} is {}; give --data of one format",
                first.name(),
                format.name()
            ),
        }
    }
    match found {
        Some((format, _)) => Ok(format),
        None => bail!("there are no files"),
    }
}

/// The columns of the first file, which others must have with the same types where they have them.
pub(super) fn merged<'s>(
    format: Format,
    files: &[DataFile],
    schemas: impl Iterator<Item = &'s SchemaRef>,
) -> anyhow::Result<SchemaRef> {
    let mut all: Option<(Vec<FieldRef>, &str)> = None;
    for (schema, DataFile { name, .. }) in schemas.zip(files) {
        let Some((fields, first)) = &mut all else {
            all = Some((schema.fields().iter().map(nullable).collect(), name));
            continue;
        };
        for field in fields.iter_mut() {
            let Ok(other) = schema.field_with_name(field.name()) else {
                bail!(
                    "{name} has no column {:?}, which {first} has; files of one --data have the same \
                     columns: leave it out, or write it with the column",
                    field.name()
                );
            };
            let (expected, found) = (field.data_type(), other.data_type());
            if same(expected, found) {
                continue;
            }
            let common = (format == Format::Csv).then(|| text_type(expected, found));
            match common {
                Some(common) => *field = Arc::new(Field::new(field.name(), common, true)),
                None => bail!(
                    "the column {:?} of {name} is {found}, expected {expected} as in {first}; write \
                     it with that type, or give the files to two commands",
                    field.name()
                ),
            }
        }
    }
    let fields = all.map(|(fields, _)| fields).unwrap_or_default();
    Ok(Arc::new(Schema::new(fields)))
}

/// A column that may be empty in any file.
fn nullable(field: &FieldRef) -> FieldRef {
    Arc::new(field.as_ref().clone().with_nullable(true))
}

/// Whether both are read the same, whatever the items of lists are called.
fn same(a: &DataType, b: &DataType) -> bool {
    a.equals_datatype(b)
}

/// What holds both of two guesses about a column of text.
fn text_type(a: &DataType, b: &DataType) -> DataType {
    match (a, b) {
        (DataType::Null, other) | (other, DataType::Null) => other.clone(),
        _ if a.is_numeric() && b.is_numeric() => DataType::Float64,
        _ => DataType::Utf8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_the_ends_of_names() {
        let named = ["a/b.parquet", "x.CSV", "s3://b/y.arrow", "z.feather"].map(Format::by_name);
        let formats = [Format::Parquet, Format::Csv, Format::Arrow, Format::Arrow].map(Some);
        assert_eq!(named, formats);
        assert_eq!(["a.parquet/b", "csv", "x.json"].map(Format::by_name), [None; 3]);
    }

    #[test]
    fn guesses_about_text_are_joined() {
        let [int, real, text] = [DataType::Int64, DataType::Float64, DataType::Utf8];
        assert_eq!(text_type(&int, &real), real);
        assert_eq!(text_type(&int, &DataType::Null), int);
        assert_eq!(text_type(&text, &int), text);
    }
}
