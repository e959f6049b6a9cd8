//! What was understood and made.

use std::path::{Path, PathBuf};

use ae_core::{Contract, Header, Rounding};
use ae_import::{Agreement, Imported, LayerLoss};
use ae_model::Words;
use ae_quantize::Rise;
use serde::Serialize;

/// The report as JSON.
#[derive(Serialize)]
pub(super) struct Report {
    format: String,
    operators: Vec<Operator>,
    /// Of a model of integers, whose arithmetic the blob has.
    arithmetic: Option<&'static str>,
    differences: Vec<String>,
    blobs: Vec<Blob>,
    quantised: Option<Quantised>,
}

#[derive(Serialize)]
struct Operator {
    name: String,
    kind: String,
    became: String,
}

#[derive(Serialize)]
struct Blob {
    path: PathBuf,
    bytes: usize,
}

#[derive(Serialize)]
struct Quantised {
    samples: usize,
    /// Mean squared errors of the reconstructions, in the file's units.
    mse: f64,
    float_mse: f64,
    rise_percent: Option<f64>,
    /// What each layer loses, the encoder's first.
    layers: Vec<Layer>,
}

#[derive(Serialize)]
struct Layer {
    layer: usize,
    /// The file's name for what it gives, if it has it.
    name: Option<String>,
    /// Differences from the float model, in standard deviations of its outputs.
    mean: f64,
    largest: f64,
}

impl Report {
    pub(super) fn of(
        imported: &Imported,
        rounding: Rounding,
        written: &[(PathBuf, usize)],
    ) -> Self {
        let operators = imported.model.operators.iter().zip(&imported.notes.became);
        Self {
            format: imported.model.format.to_string(),
            operators: operators
                .map(|(operator, became)| Operator {
                    name: operator.name.clone(),
                    kind: operator.kind.clone(),
                    became: became.clone(),
                })
                .collect(),
            arithmetic: imported.model.input.codes.map(|_| arithmetic(rounding)),
            differences: imported.notes.differences.clone(),
            blobs: written
                .iter()
                .map(|(path, bytes)| Blob { path: path.clone(), bytes: *bytes })
                .collect(),
            quantised: imported.quantised.as_ref().and_then(|quantised| {
                match quantised.agreement {
                    Agreement::Real { errors: [float_mse, mse], .. } => Some(Quantised {
                        samples: quantised.samples,
                        mse,
                        float_mse,
                        rise_percent: Rise { int8: mse, float: float_mse }.percent(),
                        layers: layers(quantised),
                    }),
                    Agreement::Integers { .. } => None,
                }
            }),
        }
    }
}

fn layers(quantised: &ae_import::Quantised) -> Vec<Layer> {
    let layers = quantised.layers.iter().enumerate();
    let layers = layers.map(|(layer, LayerLoss { name, difference })| Layer {
        layer,
        name: Some(name.clone()).filter(|name| !name.is_empty()),
        mean: difference.mean,
        largest: difference.largest,
    });
    layers.collect()
}

/// Whose arithmetic it is.
fn arithmetic(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::Once => "LiteRT's, each sum rounded once",
        Rounding::Twice => "TensorFlow Lite Micro's, each sum rounded twice",
    }
}

/// The report for a person.
pub(super) fn lines(
    file: &Path,
    imported: &Imported,
    rounding: Rounding,
    int8: &Option<Vec<u8>>,
    written: &[(PathBuf, usize)],
) -> anyhow::Result<Vec<String>> {
    let model = &imported.model;
    let mut lines = vec![format!("{}: {}", file.display(), model.format)];
    let names = model.operators.iter().map(|it| it.short_name().chars().count());
    let kinds = model.operators.iter().map(|operator| operator.kind.chars().count());
    let (names, kinds) = (names.max().unwrap_or(0).min(40), kinds.max().unwrap_or(0).min(40));
    for (operator, became) in model.operators.iter().zip(&imported.notes.became) {
        let (name, kind) = (shortened(operator.short_name()), shortened(&operator.kind));
        lines.push(format!("  {name:<names$}  {kind:<kinds$}  {became}"));
    }
    let blob = int8.as_ref().or(imported.float.as_ref());
    if let Some(blob) = blob {
        lines.extend(network(blob)?);
    }
    match (&imported.quantised, imported.model.input.codes) {
        (Some(quantised), _) => lines.extend(cost(quantised)),
        (None, Some(_)) => {
            lines.push(format!(
                "arithmetic: {}; weights, scales and zero points are the file's",
                arithmetic(rounding)
            ));
        }
        (None, None) => {
            lines.push("no int8 blob: --calibrate DATA makes one, on inputs of your own".to_owned())
        }
    }
    lines.extend(imported.notes.differences.iter().map(|what| format!("note: {what}")));
    lines.extend(written.iter().map(|(path, bytes)| format!("{}  {bytes} bytes", path.display())));
    Ok(lines)
}

/// Names may be as long as their maker likes.
fn shortened(name: &str) -> String {
    if name.chars().count() <= 40 {
        return ae_files::text::line(name).to_string();
    }
    let end: String = name.chars().rev().take(39).collect();
    format!("…{}", ae_files::text::line(end.chars().rev().collect::<String>()))
}

/// A bar for what lies between the layers: as long as it has values.
fn network(blob: &[u8]) -> anyhow::Result<Vec<String>> {
    let geometries = ae_engine::geometries(blob)?;
    let header = Header::read(blob)?;
    let widest = geometries.iter().flatten().map(|it| it.outputs()).max().unwrap_or(1);
    let widest = widest.max(header.features as usize).max(1);
    let bar = |values: usize| "█".repeat((values * 40).div_ceil(widest).max(1));
    let mut lines =
        vec![format!("  input     {:>6}  {}", header.features, bar(header.features as usize))];
    for (part, geometries) in ["encoder", "decoder"].iter().zip(&geometries) {
        for (index, &geometry) in geometries.iter().enumerate() {
            let label = format!("{part}.{index}");
            let (values, words) = (geometry.outputs(), Words(geometry).with_kernel());
            lines.push(format!("  {label:<10}{values:>6}  {}  {words}", bar(values)));
        }
    }
    Ok(lines)
}

fn cost(quantised: &ae_import::Quantised) -> Vec<String> {
    let Agreement::Real { errors: [float, int8], contract: Contract::Int8, largest, .. } =
        quantised.agreement
    else {
        return Vec::new();
    };
    let rise =
        Rise { int8, float }.percent().map_or_else(String::new, |rise| format!(", {rise:+.2} %"));
    let mut lines = vec![format!(
        "on the {} inputs of --calibrate: MSE {int8:.6} in int8, {float:.6} in float{rise}; an output \
         differs by at most {largest:.3} standard deviations",
        quantised.samples
    )];
    lines.push("layer by layer, as differences from float in standard deviations:".to_owned());
    let layers = layers(quantised);
    let name = |layer: &Layer| layer.name.as_deref().map_or_else(String::new, shortened);
    let width = layers.iter().map(|layer| name(layer).chars().count()).max().unwrap_or(0);
    lines.extend(layers.iter().map(|layer| {
        let (number, name, Layer { mean, largest, .. }) = (layer.layer, name(layer), layer);
        format!("  layer {number:<3}{name:<width$}  mean {mean:.4}, at most {largest:.3}")
    }));
    lines.extend(quantised.coarse.iter().take(3).map(|coarse| format!("note: {coarse}")));
    lines
}
