//! A model of integers, kept as it is: its weights, scales and zero points become those of a blob.
//!
//! With an input of scale sₓ and zero point zₓ, weights of scale s and an output of sᵧ and zᵧ, the
//! file means `q = (sₓ·s / sᵧ) · (bias + Σ w·(x − zₓ)) + zᵧ`, rounded. The blob has the same sum with
//! `−zₓ·Σ w` in its bias, the same factor and the same zero point. How it is rounded the file does not
//! say: runtimes differ in that.

use ae_core::{Geometry, Requant, Rounding, SpatialKind};
use ae_model::Map;
use ae_quantize::{Int8Layer, Int8Parameters, Row};

use super::chain::{Chain, Stage, Weighted, Work, check_layers};
use super::notes::Notes;
use super::sources::{LayerSource, sources};
use super::spatial::{CONTRADICTION, Why};
use super::tables::{self, Step, Table};
use crate::{Codes, ImportError, Numbers, Operation, SourceFormat, SourceModel};

/// A layer of a blob, but for its packing.
#[derive(Clone, Debug)]
struct Layer {
    geometry: Geometry,
    rows: Vec<Row>,
    zero_point: i8,
    padding: i8,
    /// What is done with the integers behind the requantisation.
    steps: Vec<Step>,
}

/// A model of integers as layers of a blob.
#[derive(Clone, Debug)]
pub struct IntegerModel {
    layers: Vec<Layer>,
    /// How each sum is rounded.
    rounding: Rounding,
    /// What integers behind each layer stand for.
    pub(crate) codes: Vec<Codes>,
    /// What those that go in stand for.
    pub(crate) input: Codes,
    /// The map in whose order the file has the values, channels first.
    pub(crate) order: Option<Map>,
    pub(crate) format: SourceFormat,
    /// Where the file has what each layer gives.
    pub(crate) sources: Vec<Option<LayerSource>>,
    /// What became of each operator.
    pub notes: Notes,
}

/// Takes over the layers.
pub(crate) fn integers(
    model: &SourceModel,
    mut chain: Chain,
    input: Codes,
    rounding: Rounding,
) -> Result<IntegerModel, ImportError> {
    let mut made = IntegerModel {
        layers: Vec::new(),
        rounding,
        codes: Vec::new(),
        input,
        order: chain.order,
        format: model.format,
        sources: Vec::new(),
        notes: Notes::new(model),
    };
    check_codes(input).map_err(|reason| ImportError::Unfit {
        reason: format!("what goes into the model has {reason}"),
        mend: CONTRADICTION.to_owned(),
    })?;
    for stage in &mut chain.stages {
        let is_global = matches!(
            model.operators.get(stage.operator).map(|operator| &operator.operation),
            Some(Operation::GlobalAverage)
        );
        made.stage(stage, is_global).map_err(|(reason, mend)| {
            let operator = &model.operators[stage.operator];
            ImportError::Operator {
                index: stage.operator,
                name: operator.name.clone(),
                kind: operator.kind.clone(),
                reason,
                mend: mend.to_owned(),
            }
        })?;
        // Its numbers are in the layer.
        stage.work = Work::Recoded;
    }
    made.sources = sources(model, &chain, &made.notes, made.layers.len());
    Ok(made)
}

const FLOAT_INSTEAD: &str =
    "import the float model that it was made from, and have it quantised here";

impl IntegerModel {
    fn stage(&mut self, stage: &Stage, is_global: bool) -> Result<(), Why> {
        check_layers(self.layers.len())?;
        let before = self.codes.last().copied().unwrap_or(self.input);
        let Some(after) = stage.codes else {
            let why = "the file does not say what its integers stand for".to_owned();
            return Err((why, FLOAT_INSTEAD));
        };
        check_codes(after)
            .map_err(|reason| (format!("what it gives has {reason}"), CONTRADICTION))?;
        let operator = stage.operator;
        match &stage.work {
            Work::Weighted(weighted) => {
                let layer = of_weights(weighted, before, after, self.rounding)?;
                let factors = layer.rows.iter().map(|row| row.factor);
                if factors.into_iter().any(|factor| !is_exact(factor)) {
                    self.notes.differs("a factor is so small that it keeps fewer than 31 bits");
                }
                self.push(operator, layer, after);
            }
            Work::Passing(geometry) => {
                let layer = Layer {
                    geometry: *geometry,
                    rows: Vec::new(),
                    zero_point: 0,
                    padding: 0,
                    steps: Vec::new(),
                };
                self.push(operator, layer, before);
                if is_average(*geometry) {
                    self.notes.differs(match is_global {
                        true => "halves of a mean are rounded up here, and may be rounded down there",
                        false => {
                            "halves of a negative mean are rounded up here, and away from zero there"
                        }
                    });
                }
                if before != after {
                    if is_average(*geometry) {
                        self.notes.differs("a mean is rounded twice where its scale changes");
                    }
                    self.step(operator, Step { function: None, from: before, to: after })?;
                }
            }
            Work::Function(function) => {
                let function = Some(*function);
                self.step(operator, Step { function, from: before, to: after })?;
            }
            Work::Recoded => {
                self.step(operator, Step { function: None, from: before, to: after })?
            }
            Work::Affine { .. } => {
                let why = "it adds or multiplies integers outside a layer".to_owned();
                return Err((why, FLOAT_INSTEAD));
            }
        }
        Ok(())
    }

    fn push(&mut self, operator: usize, layer: Layer, codes: Codes) {
        self.notes.layer(operator, self.layers.len(), layer.geometry);
        self.layers.push(layer);
        self.codes.push(codes);
    }

    /// Does something with the integers behind the last layer.
    fn step(&mut self, operator: usize, step: Step) -> Result<(), Why> {
        let index = self.layers.len().checked_sub(1);
        let Some((index, last)) = index.zip(self.layers.last_mut()) else {
            let why = "it changes the integers before the first layer".to_owned();
            return Err((why, FLOAT_INSTEAD));
        };
        if step.table() == tables::identity() {
            self.notes.saturation(operator, index);
        } else {
            last.steps.push(step);
            self.notes.table(operator, index);
        }
        self.codes[index] = step.to;
        Ok(())
    }

    /// What is done with the integers behind the last requantisation.
    pub(crate) fn last_steps(&self) -> Vec<Step> {
        self.layers.last().map_or(Vec::new(), |layer| layer.steps.clone())
    }

    /// The geometries, in order.
    pub(crate) fn geometries(&self) -> Vec<Geometry> {
        self.layers.iter().map(|layer| layer.geometry).collect()
    }

    /// What the integers that come out stand for.
    pub(crate) fn output(&self) -> Codes {
        self.codes.last().copied().unwrap_or(self.input)
    }

    /// The layers of the blob, whose last one gives pixels: the integers that come out, as `pixels`
    /// has them.
    pub(crate) fn packed(&self, pixels: &Table) -> Vec<Int8Layer> {
        let count = self.layers.len();
        let layers = self.layers.iter().enumerate();
        layers
            .map(|(index, layer)| {
                let Layer { geometry, rows, zero_point, padding, steps } = layer;
                let own = Step::all(steps);
                let table = match index + 1 == count {
                    true => Some(tables::behind(Some(&own), pixels)),
                    false => Some(own).filter(|own| *own != tables::identity()),
                };
                let tables = table.map_or(Vec::new(), |table| table.to_vec());
                let requantised = Int8Parameters::Requantised {
                    rounding: self.rounding,
                    zero_point: *zero_point,
                    padding: *padding,
                    tables: tables.clone(),
                };
                match geometry {
                    Geometry::Spatial(spatial) if !spatial.kind.has_weights() => {
                        Int8Layer::passing(*geometry, tables)
                    }
                    Geometry::Spatial(spatial) if spatial.kind == SpatialKind::Depthwise => {
                        Int8Layer::of_taps(*geometry, requantised, rows)
                    }
                    _ => Int8Layer::of_rows(*geometry, requantised, rows),
                }
            })
            .collect()
    }
}

fn is_average(geometry: Geometry) -> bool {
    matches!(geometry, Geometry::Spatial(spatial) if spatial.kind == SpatialKind::Average)
}

/// Whether integers can stand for such numbers; else what is wrong.
fn check_codes(codes: Codes) -> Result<(), String> {
    match codes.scale {
        scale if scale.is_finite() && scale > 0.0 => Ok(()),
        scale => Err(format!("a scale of {scale}, and a scale is finite and above 0")),
    }
}

fn of_weights(
    weighted: &Weighted,
    before: Codes,
    after: Codes,
    rounding: Rounding,
) -> Result<Layer, Why> {
    let Numbers::Integers { weights, scales, bias } = &weighted.numbers else {
        let why = "its weights are real numbers among integers".to_owned();
        return Err((why, FLOAT_INSTEAD));
    };
    let geometry = weighted.geometry;
    let columns = weighted.columns();
    let is_dense = matches!(geometry, Geometry::Dense(_));
    let mut rows = Vec::with_capacity(weighted.rows());
    for (row, weights) in weights.chunks_exact(columns).enumerate() {
        if weights.contains(&i8::MIN) {
            let why = format!("output {row} has a weight of −128, and the least here is −127");
            return Err((why, FLOAT_INSTEAD));
        }
        let product = match scales[..] {
            // LiteRT multiplies these as f32, and scales of channels as f64. TensorFlow Lite Micro, which
            // rounds twice, takes f64 for both.
            [one] if is_dense && rounding == Rounding::Once => f64::from(before.scale * one),
            [one] => f64::from(before.scale) * f64::from(one),
            _ => f64::from(before.scale) * f64::from(scales[row]),
        };
        let factor = product / f64::from(after.scale);
        let zero: i64 = weights.iter().map(|&weight| i64::from(weight)).sum();
        let bias = i64::from(bias[row]) - i64::from(before.zero_point) * zero;
        let magnitude: i64 = weights.iter().map(|&weight| i64::from(weight).abs()).sum();
        let bias = i32::try_from(bias)
            .ok()
            .filter(|bias| i64::from(bias.unsigned_abs()) + 128 * magnitude <= i64::from(i32::MAX));
        let Some(bias) = bias else {
            let why = format!("the sum of output {row} can leave 32 bits");
            return Err((why, FLOAT_INSTEAD));
        };
        if factor.is_nan() || factor >= ae_quantize::MAX_FACTOR {
            let why = format!(
                "output {row} multiplies its sum by {factor}, and here a factor is below {}",
                ae_quantize::MAX_FACTOR
            );
            return Err((why, FLOAT_INSTEAD));
        }
        rows.push(Row { weights: weights.to_vec(), bias, factor });
    }
    let padding = match geometry {
        Geometry::Spatial(spatial) if spatial.is_padded() => before.zero_point,
        _ => 0,
    };
    Ok(Layer { geometry, rows, zero_point: after.zero_point, padding, steps: Vec::new() })
}

/// Whether a factor keeps all of its 31 bits.
fn is_exact(factor: f64) -> bool {
    factor == 0.0 || Requant::fixed_point(factor).0 >= 1 << 30
}
