//! An archive in memory: devices with signals, in no order.

use std::sync::Arc;

use ae_core::SampleKind;
use ae_fleet_functions::{Digest, Functions, Models};
use datafusion::arrow::array::{
    ArrayRef, FixedSizeListArray, Float32Array, Int16Array, ListArray, UInt8Array, UInt64Array,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::Result;
use datafusion::datasource::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};

pub(crate) mod golden;

/// Tables, and the model they are for.
pub(crate) struct Archive {
    pub(crate) model: Digest,
    pub(crate) blob: Vec<u8>,
    /// The samples of each device, time-major.
    #[allow(dead_code, reason = "not in every program of tests")]
    pub(crate) signals: Vec<Vec<f32>>,
    models: Arc<Models>,
    batches: Vec<RecordBatch>,
}

impl Archive {
    /// Devices with a signal of so many samples each: noise that grows behind the middle. Columns
    /// `device`, `time`, `sample`; the rows of all devices in turn, later ones first.
    pub(crate) fn of(name: &str, devices: usize, samples: usize) -> Self {
        let blob = golden::blob(name);
        let models = Arc::new(Models::new(Vec::new()));
        let model = models.insert(blob.clone()).unwrap();
        let loaded = models.get(&model).unwrap();
        let channels = loaded.channels();
        let mut random = Random(7);
        let signals: Vec<Vec<f32>> = (0..devices)
            .map(|device| {
                let value = |at: usize| {
                    let spread = if at > samples * channels / 2 { 3000 } else { 300 };
                    ((random.next() % spread) as i64 - spread as i64 / 2 + 50 * device as i64)
                        as f32
                };
                (0..samples * channels).map(value).collect()
            })
            .collect();
        let mut batches = Vec::new();
        for start in (0..samples).step_by(97).rev() {
            let times = (start..samples.min(start + 97)).rev();
            let rows: Vec<(usize, usize)> =
                times.flat_map(|time| (0..devices).map(move |device| (device, time))).collect();
            let values = rows.iter().flat_map(|&(device, time)| {
                signals[device][time * channels..(time + 1) * channels].iter().copied()
            });
            let (of, values): (DataType, ArrayRef) = match loaded.kind() {
                SampleKind::Values => {
                    (DataType::Float32, Arc::new(Float32Array::from_iter_values(values)))
                }
                SampleKind::Counts => (
                    DataType::Int16,
                    Arc::new(Int16Array::from_iter_values(values.map(|it| it as i16))),
                ),
                SampleKind::Pixels => panic!("no signal of pixels"),
            };
            let field = Arc::new(Field::new_list_field(of, false));
            let offsets = OffsetBuffer::from_lengths(rows.iter().map(|_| channels));
            let samples: ArrayRef = Arc::new(ListArray::new(field, offsets, values, None));
            let number = |of: fn(&(usize, usize)) -> usize| -> ArrayRef {
                Arc::new(UInt64Array::from_iter_values(rows.iter().map(|row| of(row) as u64)))
            };
            let columns = [
                ("device", number(|row| row.0)),
                ("time", number(|row| row.1)),
                ("sample", samples),
            ];
            batches.push(RecordBatch::try_from_iter_with_nullable(
                columns.map(|(name, column)| (name, column, true)),
            ));
        }
        let batches = batches.into_iter().map(Result::unwrap).collect();
        Self { model, blob, signals, models, batches }
    }

    /// Images of random pixels in the column `image`, every eleventh of them NULL.
    #[allow(dead_code, reason = "not in every program of tests")]
    pub(crate) fn of_images(name: &str, images: usize) -> Self {
        let blob = golden::blob(name);
        let models = Arc::new(Models::new(Vec::new()));
        let model = models.insert(blob.clone()).unwrap();
        let pixels = models.get(&model).unwrap().window_values();
        let mut random = Random(3);
        let mut batches = Vec::new();
        for _ in 0..4 {
            let values =
                UInt8Array::from_iter_values((0..images / 4 * pixels).map(|_| random.next() as u8));
            let field = Arc::new(Field::new_list_field(DataType::UInt8, false));
            let nulls: NullBuffer = (0..images / 4).map(|image| image % 11 != 3).collect();
            let len = i32::try_from(pixels).unwrap();
            let column = FixedSizeListArray::new(field, len, Arc::new(values), Some(nulls));
            let column: ArrayRef = Arc::new(column);
            batches
                .push(RecordBatch::try_from_iter_with_nullable([("image", column, true)]).unwrap());
        }
        Self { model, blob, signals: Vec::new(), models, batches }
    }

    /// A context with the table `archive`.
    pub(crate) fn context(&self, batch: usize, partitions: usize) -> SessionContext {
        let config = SessionConfig::new().with_batch_size(batch).with_target_partitions(partitions);
        let context = SessionContext::new_with_config(config);
        Functions::new(Arc::clone(&self.models)).register_with(&context);
        let schema = self.batches[0].schema();
        let mut parts = vec![Vec::new(); partitions];
        for (at, batch) in self.batches.iter().enumerate() {
            parts[at % partitions].push(batch.clone());
        }
        let table = MemTable::try_new(schema, parts).unwrap();
        context.register_table("archive", Arc::new(table)).unwrap();
        context
    }

    pub(crate) async fn query(
        &self,
        query: &str,
        batch: usize,
        partitions: usize,
    ) -> Result<Vec<RecordBatch>> {
        self.context(batch, partitions).sql(query).await?.collect().await
    }
}

/// A generator for tests (Steele, Lea, Flood, *Fast splittable pseudorandom number generators*, 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
