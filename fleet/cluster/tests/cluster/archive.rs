//! An archive of files as boards leave them, made from a seed.

use ae_fleet_functions::{Digest, Functions, Models};
use datafusion::arrow::array::{
    ArrayRef, Int16Array, Int64Array, ListArray, RecordBatch, StringArray,
};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::Int16Type;
use datafusion::error::Result;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A detector of int8, with windows of two samples of two channels.
const BLOB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/tiny.counts.int8.aeb");

/// Another model, for where a wrong one lies.
pub(crate) const OTHER_BLOB: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/tiny.int8.aeb");

/// SplitMix64: the same numbers for the same seed.
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 up to 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn value(&mut self) -> i16 {
        (self.next() % 2000) as i16 - 1000
    }
}

/// Files of windows and of samples, and a folder with the model.
pub(crate) struct Archive {
    folder: TempDir,
    pub(crate) digest: Digest,
}

impl Archive {
    /// `devices` devices, in `files` files for each table, each with `rows` rows.
    pub(crate) fn new(devices: u64, files: u64, rows: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let blob = std::fs::read(BLOB).unwrap();
        let digest = Digest::of(&blob);
        for table in ["models", "windows", "samples"] {
            std::fs::create_dir(folder.path().join(table)).unwrap();
        }
        let archive = Self { folder, digest };
        std::fs::write(archive.blob(), blob).unwrap();
        let mut seeded = Seeded(7);
        for file in 0..files {
            // Each file has rows of each device, and rows of a device lie in all files.
            let keys: Vec<(u64, i64)> = (0..rows)
                .map(|row| {
                    let number = row * files + file;
                    (number % devices, (number / devices) as i64)
                })
                .collect();
            archive.write("windows", file, &keys, vec![("window", windows(&mut seeded, rows))]);
            let samples = vec![("x", values(&mut seeded, rows)), ("y", values(&mut seeded, rows))];
            archive.write("samples", file, &keys, samples);
        }
        archive
    }

    fn write(&self, table: &str, file: u64, keys: &[(u64, i64)], columns: Vec<(&str, ArrayRef)>) {
        let devices = keys.iter().map(|(device, _)| Some(format!("device-{device:03}")));
        let times = keys.iter().map(|(_, time)| *time);
        let mut all: Vec<(&str, ArrayRef)> = vec![
            ("device", Arc::new(StringArray::from_iter(devices))),
            ("time", Arc::new(Int64Array::from_iter_values(times))),
        ];
        all.extend(columns);
        let batch = RecordBatch::try_from_iter(all).unwrap();
        let path = self.folder.path().join(table).join(format!("{file:03}.parquet"));
        let out = File::create(path).unwrap();
        let mut writer = ArrowWriter::try_new(out, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }

    /// The folder with the model.
    pub(crate) fn models(&self) -> PathBuf {
        self.folder.path().join("models")
    }

    /// The model's file in it.
    pub(crate) fn blob(&self) -> PathBuf {
        self.models().join(format!("{}.aeb", self.digest))
    }

    /// DataFusion in this process.
    pub(crate) async fn embedded(&self) -> SessionContext {
        let models = Models::new(Vec::new());
        models.insert(std::fs::read(self.blob()).unwrap()).unwrap();
        // Strings as Ballista reads them, so that types compare.
        let config = SessionConfig::new()
            .set_bool("datafusion.execution.parquet.schema_force_view_types", false);
        let context = SessionContext::new_with_config(config);
        Functions::new(Arc::new(models)).register_with(&context);
        self.tables(&context).await;
        context
    }

    /// A client of the cluster. It has no models.
    pub(crate) async fn client(&self, scheduler: &str) -> SessionContext {
        // An executor that is killed does not come back, so waiting for it is not tested.
        let config = ae_fleet_cluster::session_config()
            .set_u64("ballista.client.io_retry_wait_time_ms", 300);
        let context = ae_fleet_cluster::connect(scheduler, &functions(), config).await.unwrap();
        self.tables(&context).await;
        context
    }

    async fn tables(&self, context: &SessionContext) {
        for table in ["windows", "samples"] {
            let path = self.folder.path().join(table);
            let options = ParquetReadOptions::default();
            context.register_parquet(table, path.to_str().unwrap(), options).await.unwrap();
        }
    }

    /// A score for each window.
    pub(crate) fn scores(&self) -> String {
        let digest = self.digest;
        format!(
            "SELECT device, time, ae_score('{digest}', \"window\") AS score, \
             ae_exceeds('{digest}', \"window\") AS exceeds, \
             ae_channel('{digest}', \"window\") AS channel FROM windows"
        )
    }

    /// A threshold for each device.
    pub(crate) fn thresholds(&self) -> String {
        format!(
            "SELECT device, 0 AS time, count(*) AS windows, \
             ae_threshold(ae_score('{}', \"window\"), 0.01) AS threshold \
             FROM windows GROUP BY device",
            self.digest
        )
    }

    /// A detector along each device's samples.
    pub(crate) fn decisions(&self) -> String {
        format!(
            "SELECT device, time, ae_decisions('{}', make_array(x, y)) \
             OVER (PARTITION BY device ORDER BY time) AS decision FROM samples",
            self.digest
        )
    }
}

/// The functions, without models.
pub(crate) fn functions() -> Functions {
    Functions::new(Arc::new(Models::new(Vec::new())))
}

fn values(seeded: &mut Seeded, rows: u64) -> ArrayRef {
    Arc::new(Int16Array::from_iter_values((0..rows).map(|_| seeded.value())))
}

fn windows(seeded: &mut Seeded, rows: u64) -> ArrayRef {
    let lists = (0..rows).map(|_| Some((0..4).map(|_| Some(seeded.value())).collect::<Vec<_>>()));
    Arc::new(ListArray::from_iter_primitive::<Int16Type, _, _>(lists))
}

/// All rows of a query, by device and time, in one batch.
pub(crate) async fn rows(context: &SessionContext, query: &str) -> Result<RecordBatch> {
    let frame = context.sql(query).await?;
    let batches = frame.collect().await?;
    let local = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    let sorted = local
        .read_batches(batches)?
        .sort(vec![
            datafusion::prelude::col("device").sort(true, true),
            datafusion::prelude::col("time").sort(true, true),
        ])?
        .collect()
        .await?;
    Ok(concat_batches(&sorted[0].schema(), &sorted)?)
}

/// A copy of the folder with models, without its blob.
pub(crate) fn empty_models(path: &Path) -> PathBuf {
    let folder = path.join("other-models");
    std::fs::create_dir(&folder).unwrap();
    folder
}

/// Whether two results are the same: names, types and values of all rows. Whether a column
/// could have NULLs does not count.
pub(crate) fn compared(found: &RecordBatch, expected: &RecordBatch) -> Result<(), String> {
    let columns = |batch: &RecordBatch| -> Vec<(String, String)> {
        let fields = batch.schema();
        fields.fields().iter().map(|f| (f.name().clone(), f.data_type().to_string())).collect()
    };
    if columns(found) != columns(expected) {
        return Err(format!("expected {:?}, found {:?}", columns(expected), columns(found)));
    }
    if found.num_rows() != expected.num_rows() {
        return Err(format!("expected {} rows, found {}", expected.num_rows(), found.num_rows()));
    }
    let differs = |row: &usize| found.slice(*row, 1).columns() != expected.slice(*row, 1).columns();
    match (0..expected.num_rows()).find(differs) {
        None => Ok(()),
        Some(row) => Err(format!(
            "row {row}: expected {:?}, found {:?}",
            expected.slice(row, 1),
            found.slice(row, 1)
        )),
    }
}
