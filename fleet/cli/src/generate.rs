//! `ae-fleet generate`: an archive from a seed, for tests and benches.

use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use ae_core::SampleKind;
use anyhow::{Context, bail};
use datafusion::arrow::array::{
    Array as _, ArrayRef, FixedSizeBinaryArray, FixedSizeListArray, Float32Array, Int16Array,
    ListArray, RecordBatch, StringArray, TimestampMillisecondArray, UInt8Array,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, Encoding};
use datafusion::parquet::file::properties::WriterProperties;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::json;

use crate::model::Model;
use crate::progress::Progress;
use crate::terminal::{print, print_json};
use crate::{Outcome, sizes};

/// Rows that are made together.
const BATCH: usize = 4096;
/// When the first window was taken: 2025-01-01, in milliseconds.
const START: i64 = 1_735_689_600_000;

/// Write an archive of windows for a model from a seed: devices, times, and noise around a wave, which
/// drifts on every tenth device.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A blob of `ae-train`, whose windows are made.
    #[arg(long, value_name = "BLOB")]
    model: PathBuf,
    /// Windows.
    #[arg(long, value_name = "N", required_unless_present = "bytes", conflicts_with = "bytes")]
    rows: Option<u64>,
    /// Bytes of the windows' values, such as 200MB.
    #[arg(long, value_name = "BYTES", value_parser = sizes::parse)]
    bytes: Option<u64>,
    /// The seed: the same gives the same archive.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Devices, whose windows come in turn.
    #[arg(long, value_name = "N", default_value_t = 100)]
    devices: u64,
    /// Seconds between two windows of a device.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    period: u32,
    /// Bytes of the values of a file.
    #[arg(long, value_name = "BYTES", default_value = "64MB", value_parser = sizes::parse)]
    file_bytes: u64,
    /// How the column of windows holds them.
    #[arg(long, value_enum, default_value_t = Holds::FixedLists)]
    windows: Holds,
    /// The folder, which is made; it must not be there.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// How a column holds windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Holds {
    /// In lists of one length.
    FixedLists,
    /// In lists of any length.
    Lists,
    /// In bytes, little-endian, of one length.
    Bytes,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let model = Model::read(&args.model)?;
    let shape = Shape::of(&model);
    let rows = match (args.rows, args.bytes) {
        (Some(rows), _) => rows,
        (None, Some(bytes)) => bytes.div_ceil(shape.bytes() as u64),
        (None, None) => bail!("give --rows or --bytes"),
    };
    if rows == 0 || args.devices == 0 {
        bail!("--rows and --devices must be above 0");
    }
    fs::create_dir(&args.out)
        .with_context(|| format!("cannot make the folder {}", args.out.display()))?;
    let per_file = (args.file_bytes / shape.bytes() as u64).max(1);
    let bar = Progress::of_bytes(rows * shape.bytes() as u64);
    let schema = shape.schema(args.windows);
    let files = rows.div_ceil(per_file);
    let next = AtomicU64::new(0);
    // A file by a thread, until there are no more.
    let write_files = || -> anyhow::Result<()> {
        loop {
            let file = next.fetch_add(1, Ordering::Relaxed);
            if file >= files {
                return Ok(());
            }
            let path = args.out.join(format!("{file:05}.parquet"));
            let of_file = file * per_file..rows.min((file + 1) * per_file);
            write(args, &shape, &schema, &path, of_file, &bar)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(write_files)).collect();
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(written) => written,
            Err(_) => bail!("a thread that wrote files has panicked"),
        })
    })?;
    bar.finish_and_clear();
    let bytes = rows * shape.bytes() as u64;
    if args.json {
        print_json(&json!({ "rows": rows, "bytes": bytes, "files": files }))?;
    } else {
        let shown = sizes::show(bytes);
        let s = if files == 1 { "" } else { "s" };
        print(format_args!("{rows} windows, {shown} of values, in {files} file{s}"))?;
    }
    Ok(Outcome::Success)
}

/// What the model takes.
struct Shape {
    kind: SampleKind,
    samples: usize,
    channels: usize,
}

impl Shape {
    fn of(model: &Model) -> Self {
        match model.detector {
            Some(of) => Self { kind: of.kind, samples: of.window, channels: of.channels },
            None => Self { kind: SampleKind::Pixels, samples: model.features, channels: 1 },
        }
    }

    fn values(&self) -> usize {
        self.samples * self.channels
    }

    fn bytes(&self) -> usize {
        self.values() * self.kind.bytes()
    }

    fn item(&self) -> Arc<Field> {
        let of = match self.kind {
            SampleKind::Pixels => DataType::UInt8,
            SampleKind::Counts => DataType::Int16,
            SampleKind::Values => DataType::Float32,
        };
        Arc::new(Field::new_list_field(of, false))
    }

    fn schema(&self, windows: Holds) -> SchemaRef {
        let window = match windows {
            Holds::FixedLists => DataType::FixedSizeList(self.item(), self.values() as i32),
            Holds::Lists => DataType::List(self.item()),
            Holds::Bytes => DataType::FixedSizeBinary(self.bytes() as i32),
        };
        Arc::new(Schema::new(vec![
            Field::new("device", DataType::Utf8, false),
            Field::new("time", DataType::Timestamp(TimeUnit::Millisecond, None), false),
            Field::new("window", window, false),
        ]))
    }
}

fn write(
    args: &Args,
    shape: &Shape,
    schema: &SchemaRef,
    path: &std::path::Path,
    rows: std::ops::Range<u64>,
    bar: &indicatif::ProgressBar,
) -> anyhow::Result<()> {
    // Snappy is what most programs write. Lists of integers have a dictionary of their values, which are
    // few. Reals have none, and bytes are whole windows.
    let is_listed = args.windows != Holds::Bytes && shape.kind != SampleKind::Values;
    let how = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(is_listed)
        .set_column_dictionary_enabled("device".into(), true)
        .set_column_dictionary_enabled("time".into(), false)
        .set_column_encoding("time".into(), Encoding::DELTA_BINARY_PACKED)
        .set_max_row_group_row_count(Some(row_group(shape)))
        .build();
    let mut writer = ArrowWriter::try_new(fs::File::create_new(path)?, schema.clone(), Some(how))?;
    let mut start = rows.start;
    while start < rows.end {
        let end = rows.end.min(start + BATCH as u64);
        writer.write(&batch(args, shape, schema, start..end)?)?;
        bar.inc((end - start) * shape.bytes() as u64);
        start = end;
    }
    writer.close()?;
    Ok(())
}

/// A group of rows is read whole: one of about 16 MB of values.
fn row_group(shape: &Shape) -> usize {
    ((16 << 20) / shape.bytes()).max(32)
}

fn batch(
    args: &Args,
    shape: &Shape,
    schema: &SchemaRef,
    rows: std::ops::Range<u64>,
) -> anyhow::Result<RecordBatch> {
    let devices = rows.clone().map(|row| format!("d{:05}", row % args.devices));
    let turn = |row: u64| i64::try_from(row / args.devices).unwrap_or(i64::MAX);
    let period = i64::from(args.period) * 1000;
    let times = rows.clone().map(|row| START + turn(row) * period);
    let windows = (rows.end - rows.start) as usize;
    let mut values = Vec::with_capacity(windows * shape.values());
    rows.clone().for_each(|row| window(args, shape, row, &mut values));
    let windows = column(shape, values, windows, args.windows)?;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(devices)),
        Arc::new(TimestampMillisecondArray::from_iter_values(times)),
        windows,
    ];
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

/// Adds the values of a window, each from −1 to 1: they depend on the seed and the row alone.
fn window(args: &Args, shape: &Shape, row: u64, values: &mut Vec<f32>) {
    let (device, turn) = (row % args.devices, row / args.devices);
    let mut random = ChaCha8Rng::seed_from_u64(args.seed);
    random.set_stream(row);
    let phase = (random.next_u32() >> 8) as f32 / (1 << 24) as f32;
    let mut noise = vec![0; shape.values()];
    random.fill_bytes(&mut noise);
    // Every tenth device drifts from its three hundredth window on.
    let drift = if device % 10 == 9 && turn >= 300 { 0.2 } else { 0.0 };
    let step = 3.0 / shape.samples as f32;
    for (sample, noise) in noise.chunks(shape.channels).enumerate() {
        let mut place = sample as f32 * step + phase;
        for &noise in noise {
            // A triangle wave, which has the same bits on all machines, three times over the window.
            let wave = 4.0 * (place - place.floor() - 0.5).abs() - 1.0;
            let noise = f32::from(noise) / 256.0 - 0.5;
            values.push((0.6 * wave + 0.2 * noise + drift).clamp(-1.0, 1.0));
            place += 0.25;
        }
    }
}

fn column(
    shape: &Shape,
    values: Vec<f32>,
    rows: usize,
    windows: Holds,
) -> anyhow::Result<ArrayRef> {
    let values: ArrayRef = match shape.kind {
        SampleKind::Pixels => Arc::new(UInt8Array::from_iter_values(
            values.into_iter().map(|it| (127.5 * (it + 1.0)) as u8),
        )),
        SampleKind::Counts => {
            Arc::new(Int16Array::from_iter_values(values.into_iter().map(|it| (900.0 * it) as i16)))
        }
        SampleKind::Values => Arc::new(Float32Array::from(values)),
    };
    Ok(match windows {
        Holds::FixedLists => {
            let len = shape.values() as i32;
            Arc::new(FixedSizeListArray::try_new(shape.item(), len, values, None)?)
        }
        Holds::Lists => {
            let offsets = OffsetBuffer::from_repeated_length(shape.values(), rows);
            Arc::new(ListArray::try_new(shape.item(), offsets, values, None)?)
        }
        Holds::Bytes => {
            let bytes = values.to_data().buffers()[0].clone();
            Arc::new(FixedSizeBinaryArray::try_new(shape.bytes() as i32, bytes, None)?)
        }
    })
}
