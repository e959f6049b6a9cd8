//! Files of rows that are there whole or not at all.

use std::fs::{File, Permissions};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use ae_files::{UNFINISHED, folder_of, sync_folder};
use anyhow::{Context, bail};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::csv;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::ipc::writer::FileWriter;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use tempfile::NamedTempFile;

use crate::input::{Format, Input};
use crate::query::Sink;

/// Bytes that are handed to the system together.
const BUFFER: usize = 1 << 20;

/// A file that is being written, beside the place that it takes when it is done.
pub(crate) struct Output {
    path: PathBuf,
    format: Format,
    temporary: NamedTempFile,
    writer: Option<Writer>,
    /// Rows so far.
    pub(crate) rows: u64,
}

enum Writer {
    Parquet(Box<ArrowWriter<BufWriter<File>>>),
    Csv(Box<csv::Writer<BufWriter<File>>>),
    Arrow(Box<FileWriter<BufWriter<File>>>),
}

impl Output {
    /// Refuses, before anything is computed, what cannot be written, and what is read.
    pub(crate) fn create(path: &Path, inputs: &[&Input], read: &[&Path]) -> anyhow::Result<Self> {
        let Some(format) = path.to_str().and_then(Format::by_name) else {
            bail!(
                "--out {} ends with none of .parquet, .csv and .arrow, which say the format",
                path.display()
            );
        };
        check(path, inputs, read)?;
        Ok(Self { path: path.to_owned(), format, temporary: beside(path)?, writer: None, rows: 0 })
    }

    /// Puts the file in its place.
    pub(crate) fn finish(mut self) -> anyhow::Result<u64> {
        let result = match self.writer.take() {
            Some(Writer::Parquet(writer)) => writer.into_inner().map(flushed).map_err(Into::into),
            Some(Writer::Csv(writer)) => Ok(flushed(writer.into_inner())),
            Some(Writer::Arrow(writer)) => writer.into_inner().map(flushed).map_err(Into::into),
            None => bail!("there is nothing to write into {}", self.path.display()),
        };
        result
            .and_then(|flushed: std::io::Result<()>| flushed.map_err(anyhow::Error::from))
            .with_context(|| unwritten(&self.path))?;
        put(self.temporary, &self.path)?;
        Ok(self.rows)
    }
}

impl Sink for Output {
    fn begin(&mut self, schema: &SchemaRef) -> anyhow::Result<()> {
        let mut fields = schema.fields().iter();
        if self.format == Format::Csv
            && let Some(field) = fields.find(|field| field.data_type().is_nested())
        {
            bail!(
                "the column {:?} is {}, which CSV cannot hold; leave it out with --keep, or write \
                 .parquet",
                field.name(),
                field.data_type()
            );
        }
        let file = self.temporary.reopen().with_context(|| unwritten(&self.path))?;
        let file = BufWriter::with_capacity(BUFFER, file);
        let writer = match self.format {
            Format::Parquet => {
                let zstd = Compression::ZSTD(ZstdLevel::default());
                let how = WriterProperties::builder().set_compression(zstd).build();
                let writer = ArrowWriter::try_new(file, schema.clone(), Some(how));
                Writer::Parquet(Box::new(writer.with_context(|| unwritten(&self.path))?))
            }
            Format::Csv => {
                Writer::Csv(Box::new(csv::WriterBuilder::new().with_header(true).build(file)))
            }
            Format::Arrow => {
                let writer = FileWriter::try_new(file, schema);
                Writer::Arrow(Box::new(writer.with_context(|| unwritten(&self.path))?))
            }
        };
        self.writer = Some(writer);
        // A file without rows has the columns too.
        if self.format == Format::Csv {
            self.take(&RecordBatch::new_empty(schema.clone()))?;
        }
        Ok(())
    }

    fn take(&mut self, rows: &RecordBatch) -> anyhow::Result<()> {
        self.rows += rows.num_rows() as u64;
        let written = match &mut self.writer {
            Some(Writer::Parquet(writer)) => writer.write(rows).map_err(anyhow::Error::from),
            Some(Writer::Csv(writer)) => writer.write(rows).map_err(Into::into),
            Some(Writer::Arrow(writer)) => writer.write(rows).map_err(Into::into),
            None => Ok(()),
        };
        written.with_context(|| unwritten(&self.path))
    }
}

/// Writes a text as a file, whole or not at all.
pub(crate) fn write_text(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut temporary = beside(path)?;
    std::io::Write::write_all(&mut temporary, text.as_bytes()).with_context(|| unwritten(path))?;
    put(temporary, path)
}

/// Refuses a file in a folder that is not there, and one that is read.
pub(crate) fn check(path: &Path, inputs: &[&Input], read: &[&Path]) -> anyhow::Result<()> {
    let folder = folder_of(path);
    if !folder.is_dir() {
        bail!("cannot write {}: there is no folder {}", path.display(), folder.display());
    }
    if path.is_dir() {
        bail!("cannot write {}: it is a folder; name a file in it", path.display());
    }
    let files = inputs.iter().flat_map(|input| &input.files);
    let files = files.filter_map(|file| file.url.get_url().to_file_path().ok());
    for read in files.chain(read.iter().map(|path| path.to_path_buf())) {
        if are_same(&read, path) {
            bail!("--out {} would overwrite {}, which is read", path.display(), read.display());
        }
    }
    Ok(())
}

fn are_same(read: &Path, path: &Path) -> bool {
    match (read.canonicalize(), path.canonicalize()) {
        (Ok(read), Ok(path)) => read == path,
        _ => false,
    }
}

fn beside(path: &Path) -> anyhow::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let made = builder.tempfile_in(folder_of(path)).with_context(|| unwritten(path))?;
    // A file that is replaced gives its permissions.
    if let Ok(old) = path.metadata() {
        let permissions: Permissions = old.permissions();
        made.as_file().set_permissions(permissions).with_context(|| unwritten(path))?;
    }
    Ok(made)
}

fn put(temporary: NamedTempFile, path: &Path) -> anyhow::Result<()> {
    // Through a link to what it names.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    temporary.as_file().sync_all().with_context(|| unwritten(path))?;
    temporary.persist(&target).map_err(|error| error.error).with_context(|| unwritten(path))?;
    sync_folder(folder_of(&target)).with_context(|| unwritten(path))
}

fn flushed(mut file: BufWriter<File>) -> std::io::Result<()> {
    std::io::Write::flush(&mut file)
}

fn unwritten(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

/// Writes rows that are all there.
pub(crate) fn write_all(mut output: Output, batches: &[RecordBatch]) -> anyhow::Result<()> {
    let Some(first) = batches.first() else {
        bail!("there are no rows to write into {}", output.path.display());
    };
    output.begin(&first.schema())?;
    batches.iter().try_for_each(|batch| output.take(batch))?;
    output.finish()?;
    Ok(())
}
