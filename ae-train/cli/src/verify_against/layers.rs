//! `ae-train verify --against` with arrays of layers.

use std::path::Path;

use ae_import::{LayerAgreement, LayerName, Runner};
use anyhow::bail;
use serde::Serialize;

use super::{F32_BITS, F32_TOLERANCE};
use crate::{Outcome, arrays, print_each, print_json};

#[derive(Serialize)]
struct Report {
    equal: bool,
    samples: usize,
    layers: Vec<Layer>,
    /// Arrays that are of no layer.
    others: Vec<String>,
}

#[derive(Serialize)]
struct Layer {
    layer: usize,
    /// What the model's file calls what it gives.
    name: String,
    /// Whether it was compared, and is equal.
    equal: Option<bool>,
    values: usize,
    /// Bytes that differ, of a model of integers.
    #[serde(skip_serializing_if = "Option::is_none")]
    differ: Option<usize>,
    /// The largest difference: of integers, or in standard deviations of the runtime's outputs.
    largest: Option<f64>,
    #[serde(skip)]
    words: String,
}

/// Compares what the layers of a blob give for `data` with the arrays in `against`.
pub(super) fn run(blob: &[u8], data: &Path, against: &Path, json: bool) -> anyhow::Result<Outcome> {
    let runner = Runner::new(blob)?;
    let names = runner.layers()?;
    let arrays = arrays::open_named(against)?;
    let is_of_layer =
        |array: &String| names.iter().any(|layer| layer.is_in_file && layer.is(array));
    let (of_layers, others): (Vec<&String>, Vec<&String>) =
        arrays.names().iter().partition(|array| is_of_layer(array));
    if of_layers.is_empty() {
        bail!(
            "no array in {} is called as a layer of the model; its layers are {}",
            against.display(),
            called(&names).join(", ")
        );
    }
    let inputs = arrays::read(data)?;
    let mut layers = Vec::new();
    for name in &names {
        let array = of_layers.iter().find(|array| name.is_in_file && name.is(array));
        let Some(array) = array else {
            layers.push(Layer::without_array(name));
            continue;
        };
        let outputs = arrays::read_named(&arrays, against, array)?;
        let agreement = runner.compare_layer(name.layer, &inputs, &outputs)?;
        layers.push(Layer::compared(name, &agreement));
    }
    let report = Report {
        equal: layers.iter().all(|layer| layer.equal != Some(false)),
        samples: inputs.samples,
        layers,
        others: others.into_iter().cloned().collect(),
    };
    if json {
        print_json(&report)?;
    } else {
        print_each(lines(&report, against))?;
    }
    Ok(if report.equal { Outcome::Success } else { Outcome::Mismatch })
}

/// What arrays may be called.
fn called(names: &[LayerName]) -> Vec<String> {
    let in_file = names.iter().filter(|layer| layer.is_in_file);
    let called = in_file.map(|layer| match &*layer.name {
        "" => format!("`layer {}`", layer.layer),
        name => format!("`{}`", ae_files::text::line(name)),
    });
    called.collect()
}

impl Layer {
    fn without_array(name: &LayerName) -> Self {
        let words = match name.is_in_file {
            true => "not compared: there is no array of it",
            false => "not compared: the model's file does not have what it gives",
        };
        Self::new(name, None, 0, words.to_owned())
    }

    fn new(name: &LayerName, equal: Option<bool>, values: usize, words: String) -> Self {
        let (layer, name) = (name.layer, name.name.clone());
        Self { layer, name, equal, values, differ: None, largest: None, words }
    }

    fn compared(name: &LayerName, agreement: &LayerAgreement) -> Self {
        match *agreement {
            LayerAgreement::Integers { bytes, differ, largest, first } => {
                let words = match first {
                    None => format!("equal: all {bytes} bytes"),
                    Some((sample, value)) => format!(
                        "DIFFERENT: {differ} of {bytes} bytes, by at most {largest}; the first is \
                         value {value} of sample {sample}"
                    ),
                };
                let layer = Self::new(name, Some(differ == 0), bytes, words);
                Self { differ: Some(differ), largest: Some(largest.into()), ..layer }
            }
            LayerAgreement::Real(difference) => {
                let equal = difference.largest <= F32_TOLERANCE || difference.relative <= F32_BITS;
                let word = if equal { "equal" } else { "DIFFERENT" };
                let words = format!(
                    "{word}: {} values differ by at most {:.3e} standard deviations",
                    difference.values, difference.largest
                );
                let layer = Self::new(name, Some(equal), difference.values, words);
                Self { largest: Some(difference.largest), ..layer }
            }
        }
    }
}

fn lines(report: &Report, against: &Path) -> Vec<String> {
    let name = |layer: &Layer| ae_files::text::line(&layer.name).to_string();
    let width = report.layers.iter().map(|layer| name(layer).chars().count()).max().unwrap_or(0);
    let line =
        |layer: &Layer| format!("layer {:<3}{:<width$}  {}", layer.layer, name(layer), layer.words);
    let mut lines: Vec<String> = report.layers.iter().map(line).collect();
    let compared = report.layers.iter().filter(|layer| layer.equal.is_some()).count();
    lines.push(match report.layers.iter().find(|layer| layer.equal == Some(false)) {
        Some(first) => format!("DIFFERENT: layer {} is the first that differs", first.layer),
        None => format!(
            "equal: {compared} of {} layers were compared on {} samples",
            report.layers.len(),
            report.samples
        ),
    });
    if !report.others.is_empty() {
        const SHOWN: usize = 8;
        let names = report
            .others
            .iter()
            .take(SHOWN)
            .map(|name| format!("`{}`", ae_files::text::line(name)));
        let more = report.others.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        lines.push(format!(
            "note: {} has arrays that are of no layer: {}{more}",
            against.display(),
            names.collect::<Vec<_>>().join(", ")
        ));
    }
    lines
}
