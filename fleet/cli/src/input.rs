//! Files that are read as one table.

mod files;
mod format;
pub(crate) mod stores;

use std::sync::Arc;

use anyhow::{Context, bail};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::prelude::SessionContext;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectMeta, ObjectStore};

pub(crate) use format::Format;

use crate::engine::Engine;
use crate::trouble;

/// Files that are looked at together.
const AT_ONCE: usize = 16;

/// One file of a table.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    /// As a person calls it.
    pub(crate) name: String,
    /// As the engine calls it.
    pub(crate) url: ListingTableUrl,
    meta: ObjectMeta,
}

/// Files with the same columns.
pub(crate) struct Input {
    /// What queries call it.
    pub(crate) table: String,
    /// The files, by their names.
    pub(crate) files: Vec<DataFile>,
    /// The columns.
    pub(crate) schema: SchemaRef,
    /// Rows of all, where the files say how many.
    pub(crate) rows: Option<u64>,
    format: Format,
}

impl Input {
    /// Finds the files of paths, patterns, folders and URLs, and looks at the columns of each.
    pub(crate) async fn open(
        engine: &Engine,
        table: &str,
        data: &[String],
        endpoint: Option<&str>,
    ) -> anyhow::Result<Self> {
        let context = &engine.context;
        let mut files = Vec::new();
        for named in data {
            files.extend(files::find(context, named, endpoint).await?);
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        files.dedup_by(|a, b| a.url == b.url);
        let format = format::of(&files)?;
        let looked: Vec<Looked> = stream::iter(&files)
            .map(|file| look_at(context, format, file))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let rows = looked.iter().map(|(_, rows)| *rows).sum::<Option<u64>>();
        let schema = format::merged(format, &files, looked.iter().map(|(schema, _)| schema))?;
        Ok(Self { table: table.to_owned(), files, schema, rows, format })
    }

    /// Makes it a table of the engine, of which some columns have these types, where a file is text.
    pub(crate) fn register(
        &mut self,
        engine: &Engine,
        types: &[(&str, DataType)],
    ) -> anyhow::Result<()> {
        if self.format == Format::Csv {
            let typed = |field: &FieldRef| match types.iter().find(|(of, _)| of == field.name()) {
                Some((_, data_type)) => Arc::new(Field::new(field.name(), data_type.clone(), true)),
                None => Arc::clone(field),
            };
            let fields: Vec<FieldRef> = self.schema.fields().iter().map(typed).collect();
            self.schema = Arc::new(Schema::new(fields));
        }
        let table = table(self.format, &self.files, &self.schema)?;
        engine.context.register_table(&*self.table, table)?;
        Ok(())
    }

    /// One file of it as a table by itself.
    pub(crate) fn one(&self, file: &DataFile) -> anyhow::Result<Arc<ListingTable>> {
        table(self.format, std::slice::from_ref(file), &self.schema)
    }

    /// The type of a column, or an error that says for which option it was looked for.
    pub(crate) fn column(&self, name: &str, option: &str) -> anyhow::Result<&DataType> {
        match self.schema.field_with_name(name) {
            Ok(field) => Ok(field.data_type()),
            Err(_) => bail!(
                "{} has no column {name:?}; its columns are {}; give one of them with {option}",
                self.place(),
                self.columns()
            ),
        }
    }

    /// The names of the columns.
    pub(crate) fn columns(&self) -> String {
        let names: Vec<&str> = self.schema.fields().iter().map(|of| of.name().as_str()).collect();
        names.join(", ")
    }

    /// What stands for all the files in an error.
    pub(crate) fn place(&self) -> &str {
        self.files.first().map_or("the data", |file| &file.name)
    }

    /// Whether the columns stand in the files with their types.
    pub(crate) fn is_typed(&self) -> bool {
        self.format != Format::Csv
    }
}

fn table(
    format: Format,
    files: &[DataFile],
    schema: &SchemaRef,
) -> anyhow::Result<Arc<ListingTable>> {
    let options = ListingOptions::new(format.reader()).with_file_extension("");
    let urls = files.iter().map(|file| file.url.clone()).collect();
    let config = ListingTableConfig::new_with_multi_paths(urls)
        .with_listing_options(options)
        .with_schema(Arc::clone(schema));
    Ok(Arc::new(ListingTable::try_new(config)?))
}

/// The columns of a file, and its rows.
type Looked = (SchemaRef, Option<u64>);

async fn look_at(
    context: &SessionContext,
    format: Format,
    file: &DataFile,
) -> anyhow::Result<Looked> {
    let store = context.runtime_env().object_store(&file.url)?;
    let reader = format.reader();
    let schema = read_schema(context, &store, &reader, file).await.with_context(|| {
        format!(
            "{} is not a whole {} file; write it anew, or leave it out of --data",
            file.name,
            format.name()
        )
    })?;
    let rows = match format {
        Format::Parquet => {
            let state = context.state();
            let stats = reader.infer_stats(&state, &store, Arc::clone(&schema), &file.meta).await;
            let stats = stats.map_err(|error| trouble::sentence(&error));
            let stats = stats.map_err(anyhow::Error::msg).with_context(|| file.name.clone())?;
            stats.num_rows.get_value().map(|&rows| rows as u64)
        }
        Format::Csv | Format::Arrow => None,
    };
    Ok((schema, rows))
}

async fn read_schema(
    context: &SessionContext,
    store: &Arc<dyn ObjectStore>,
    reader: &Arc<dyn FileFormat>,
    file: &DataFile,
) -> anyhow::Result<SchemaRef> {
    let state = context.state();
    let schema = reader.infer_schema(&state, store, std::slice::from_ref(&file.meta)).await;
    schema.map_err(|error| anyhow::Error::msg(trouble::sentence(&error)))
}
