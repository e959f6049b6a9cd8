//! Thresholds by device, as `calibrate` writes them.

use std::collections::BTreeMap;

use anyhow::bail;
use datafusion::arrow::datatypes::DataType;

use crate::cells::Cells;
use crate::engine::Engine;
use crate::input::Input;
use crate::model::Model;
use crate::query::{Asker, columns};
use crate::quote;

/// The columns behind that of the device: windows, the threshold, the rate, and the model.
pub(crate) const COLUMNS: [&str; 4] = ["windows", "threshold", "alpha", "model"];

/// The thresholds of a model, by device.
pub(crate) type Thresholds = BTreeMap<String, u64>;

/// The thresholds of a model in files of `calibrate`; `None` where all are of other models.
pub(crate) async fn read(
    engine: &Engine,
    files: &[String],
    model: &Model,
    endpoint: Option<&str>,
) -> anyhow::Result<Option<Thresholds>> {
    let mut input = Input::open(engine, "ae_thresholds", files, endpoint).await?;
    for name in COLUMNS {
        input.column(name, "--thresholds, which takes what `ae-fleet calibrate` wrote")?;
    }
    let Some(device) = input.schema.fields().first().map(|field| field.name().clone()) else {
        bail!("{} has no columns", input.place());
    };
    let types = [("threshold", DataType::UInt64), (&*device, DataType::Utf8)];
    let _ = engine.context.deregister_table(&*input.table);
    input.register(engine, &types)?;
    let asker = Asker { engine, input: &input, probe: columns([&*device]), length: None };
    let sql = format!(
        "SELECT arrow_cast({}, 'Utf8'), arrow_cast(threshold, 'UInt64') FROM ae_thresholds \
         WHERE model = '{}' AND threshold IS NOT NULL",
        quote::name(&device),
        model.digest
    );
    let cells = Cells::new(asker.rows(&sql, "reading thresholds").await?);
    let mut thresholds = Thresholds::new();
    for row in cells.rows() {
        let device = row.text(0);
        if let Some(threshold) = row.unsigned(1)
            && thresholds.insert(device.clone(), threshold).is_some()
        {
            bail!("{} has two thresholds for {device}; keep one", input.place());
        }
    }
    Ok(Some(thresholds).filter(|of| !of.is_empty()))
}

/// A table `name` of the columns `device` and `threshold`.
pub(crate) fn table(thresholds: &Thresholds, name: &str) -> String {
    let rows: Vec<String> = thresholds
        .iter()
        .map(|(device, threshold)| {
            format!("({}, {})", quote::text(device), quote::unsigned(*threshold))
        })
        .collect();
    format!("(VALUES {}) AS {name} (device, threshold)", rows.join(", "))
}
