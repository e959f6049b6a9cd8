//! A model of integers, kept as it is: its weights, scales and zero points become those of a blob.
//!
//! With an input of scale sₓ and zero point zₓ, weights of scale s and an output of sᵧ and zᵧ, the
//! file means `q = (sₓ·s / sᵧ) · (bias + Σ w·(x − zₓ)) + zᵧ`, rounded. The blob has the same sum with
//! `−zₓ·Σ w` in its bias, the same factor and the same zero point. How it is rounded the file does not
//! say: runtimes differ in that.

use ae_core::{Geometry, Rounding, SpatialKind};
use ae_model::Map;
use ae_quantize::{Int8Layer, Int8Parameters};

use super::chain::{Chain, Stage, Work, check_layers};
use super::integer_layer::{Layer, Tally, has_halves, is_average, is_exact, of_weights};
use super::mean::{Found, mean};
use super::notes::Notes;
use super::runtime::Runtime;
use super::sources::{LayerSource, sources};
use super::spatial::{CONTRADICTION, Why};
use super::tables::{self, Table};
use crate::{Codes, Function, ImportError, Operation, SourceFormat, SourceModel};

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
    let mut tally = Tally::default();
    for stage in &mut chain.stages {
        let operator = &model.operators[stage.operator];
        made.stage(stage, &operator.operation, &mut tally).map_err(|(reason, mend)| {
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
    let Tally { sums, differing } = tally;
    if differing > 0 {
        made.notes.differs(&format!(
            "XNNPACK rounds products in f32: of the {sums} sums that outputs may have, {differing} lie so near \
             a half that it makes the other neighbour of them"
        ));
    }
    made.sources = sources(model, &chain, &made.notes, made.layers.len());
    Ok(made)
}

pub(super) const FLOAT_INSTEAD: &str =
    "import the float model that it was made from, and have it quantised here";

impl IntegerModel {
    fn stage(
        &mut self,
        stage: &Stage,
        operation: &Operation,
        tally: &mut Tally,
    ) -> Result<(), Why> {
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
                let runtime = match operation {
                    // LiteRT's own kernel is that of TensorFlow Lite Micro.
                    Operation::Transposed(it) if it.is_size_computed => Runtime::Micro,
                    _ => Runtime::of(self.format, self.rounding),
                };
                let layer = of_weights(weighted, before, after, runtime, tally)?;
                let factors = layer.rows.iter().map(|row| row.factor);
                if factors.into_iter().any(|factor| !is_exact(factor)) {
                    self.notes.differs("a factor is so small that it keeps fewer than 31 bits");
                }
                self.push(operator, layer, after);
            }
            Work::Passing(Geometry::Spatial(spatial))
                if self.format == SourceFormat::TensorFlowLite
                    && *operation == Operation::GlobalAverage =>
            {
                let Found { layer, sums, differing } =
                    mean(*spatial, [before, after], self.rounding);
                if differing > 0 {
                    self.notes.differs(&format!(
                        "of the {sums} sums that the values of a mean may have, {differing} are rounded \
                         to the other neighbour"
                    ));
                }
                let codes = if layer.rows.is_empty() { before } else { after };
                self.push(operator, layer, codes);
                if codes != after {
                    self.becomes(operator, None, [before, after])?;
                }
            }
            Work::Passing(geometry) => {
                let layer = Layer {
                    geometry: *geometry,
                    rounding: self.of_means(*geometry),
                    rows: Vec::new(),
                    zero_point: 0,
                    padding: 0,
                    table: tables::identity(),
                };
                self.push(operator, layer, before);
                if before != after {
                    if is_average(*geometry) {
                        self.notes.differs("a mean is rounded twice where its scale changes");
                    }
                    self.becomes(operator, None, [before, after])?;
                }
            }
            Work::Function(function) => {
                self.becomes(operator, Some(*function), [before, after])?;
            }
            Work::Recoded => self.becomes(operator, None, [before, after])?,
            Work::Affine { .. } => {
                let why = "it adds or multiplies integers outside a layer".to_owned();
                return Err((why, FLOAT_INSTEAD));
            }
        }
        Ok(())
    }

    /// How halves of a layer's means are rounded, if it has any.
    fn of_means(&mut self, geometry: Geometry) -> Rounding {
        if !is_average(geometry) {
            return Rounding::Once;
        }
        if self.format == SourceFormat::TensorFlowLite {
            // Away from zero, whatever becomes of sums. An odd number of values has none, and needs no
            // more than one rounding.
            return if has_halves(geometry) { Rounding::Twice } else { Rounding::Once };
        }
        self.notes.differs("halves of a mean are rounded up here, and may be rounded down there");
        Rounding::Once
    }

    fn push(&mut self, operator: usize, layer: Layer, codes: Codes) {
        self.notes.layer(operator, self.layers.len(), layer.geometry);
        self.layers.push(layer);
        self.codes.push(codes);
    }

    /// Does something with the integers behind the last layer.
    fn becomes(
        &mut self,
        operator: usize,
        function: Option<Function>,
        [from, to]: [Codes; 2],
    ) -> Result<(), Why> {
        let index = self.layers.len().checked_sub(1);
        let Some((index, last)) = index.zip(self.layers.last_mut()) else {
            let why = "it changes the integers before the first layer".to_owned();
            return Err((why, FLOAT_INSTEAD));
        };
        let runtime = Runtime::of(self.format, self.rounding);
        let table = match function {
            Some(function) => runtime.function(function, from, to)?,
            None => runtime.recoded(from, to)?,
        };
        if table == tables::identity() {
            self.notes.saturation(operator, index);
        } else {
            last.table = tables::behind(Some(&last.table), &table);
            self.notes.table(operator, index);
        }
        self.codes[index] = to;
        Ok(())
    }

    /// What becomes of the integers behind the last requantisation.
    pub(crate) fn last_table(&self) -> Table {
        self.layers.last().map_or(tables::identity(), |layer| layer.table)
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
                let Layer { geometry, rounding, rows, zero_point, padding, table } = layer;
                let own = *table;
                let table = match index + 1 == count {
                    true => Some(tables::behind(Some(&own), pixels)),
                    false => Some(own).filter(|own| *own != tables::identity()),
                };
                let tables = table.map_or(Vec::new(), |table| table.to_vec());
                let requantised = Int8Parameters::Requantised {
                    rounding: *rounding,
                    zero_point: *zero_point,
                    padding: *padding,
                    tables: tables.clone(),
                };
                match geometry {
                    Geometry::Spatial(spatial) if !spatial.kind.has_weights() => {
                        Int8Layer::passing(*geometry, *rounding, tables)
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

/// Whether integers can stand for such numbers; else what is wrong.
fn check_codes(codes: Codes) -> Result<(), String> {
    match codes.scale {
        scale if scale.is_finite() && scale > 0.0 => Ok(()),
        scale => Err(format!("a scale of {scale}, and a scale is finite and above 0")),
    }
}
