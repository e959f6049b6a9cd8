//! Fits, rounds and packs one layer that has weights.

use ae_core::{Geometry, Spatial, SpatialKind};
use ae_model::LayerF32;
use rayon::prelude::*;

use crate::chain::Values;
use crate::codes::Codes;
use crate::columns::{Columns, Places, samples};
use crate::fit::Fit;
use crate::normal::Work;
use crate::packed::{Int8Layer, MAX_FACTOR, Row};
use crate::scales::Target;
use crate::watch::Progress;
use crate::{Coarse, QuantizeError, unwatched};

/// A layer ready to be written, and what its output stands for.
pub(super) struct QuantisedLayer {
    pub(super) layer: Int8Layer,
    pub(super) target: Target,
    /// Channels that lose much because of one weight, as the network counts them.
    pub(super) coarse: Vec<Coarse>,
}

/// A layer of the float network, and what goes into it and comes out of it.
#[derive(Clone, Copy)]
pub(super) struct Before<'v> {
    pub(super) layer: &'v LayerF32,
    /// What the integers stand for.
    pub(super) codes: &'v Codes,
    pub(super) integers: &'v Values<'v, i8>,
    pub(super) floats: &'v Values<'v, f32>,
    /// The float network's output before the activation.
    pub(super) values: &'v [f32],
}

/// Products in the work on a layer with weights.
pub(super) fn work(geometry: Geometry, images: usize) -> f64 {
    let samples = samples(geometry, images);
    match geometry {
        Geometry::Spatial(Spatial { kind: SpatialKind::Depthwise, .. }) => {
            depthwise_work(geometry, samples)
        }
        _ => {
            let dense = geometry.weights_as_dense();
            Work::new(samples, dense.inputs, dense.outputs).total()
        }
    }
}

/// Every channel of a depthwise convolution is a layer with one output.
fn depthwise_work(geometry: Geometry, samples: usize) -> f64 {
    let dense = geometry.weights_as_dense();
    dense.outputs as f64 * Work::new(samples, dense.inputs, 1).total()
}

/// Quantises the layer, whose output shall be `target`.
pub(super) fn quantise_layer(
    before: Before<'_>,
    target: Target,
    progress: &mut Progress<'_, '_>,
) -> Result<QuantisedLayer, QuantizeError> {
    let Before { layer, codes, integers, floats, values } = before;
    match layer.geometry {
        Geometry::Dense(_) => {
            let columns = Columns { integers: integers.integers(), wanted: values.into() };
            of_rows(before, &columns, target, progress)
        }
        Geometry::Spatial(spatial) => {
            let places = Places::new(spatial, layer, codes, integers, floats, values);
            match spatial.kind {
                SpatialKind::Depthwise => of_channels(before, &places, target, progress),
                _ => of_rows(before, &places.all(), target, progress),
            }
        }
    }
}

/// A layer in which every row of weights has the same inputs.
fn of_rows(
    before: Before<'_>,
    columns: &Columns<'_>,
    target: Target,
    progress: &mut Progress<'_, '_>,
) -> Result<QuantisedLayer, QuantizeError> {
    let Before { layer, codes, .. } = before;
    let dense = layer.geometry.weights_as_dense();
    let (inputs, rows) = (dense.inputs, dense.outputs);
    let wanted = |sample: usize, row: usize| {
        let value = f64::from(columns.wanted[sample * rows + target.float(row)]);
        target.units(row, value)
    };
    let weight = |row: usize, input: usize| {
        let weight = layer.weights[target.float(row) * inputs + codes.float(input)];
        f64::from(weight) * codes.spread(input) * codes.affine.scale / target.spread(row)
    };
    let fit = Fit::new(columns, inputs, rows, weight, wanted, progress)?;
    let steps: Vec<f64> = fit.largest().iter().map(step).collect();
    let (target, units) = target.no_finer_than(&steps);
    let (rows, coarse) = fit.rows(&units, target.range, target.zero_point, progress)?;
    let coarse = coarse.into_iter().map(|found| {
        let (channel, input) = (target.float(found.channel), codes.float(found.input));
        Coarse { channel, input, ..found }
    });
    let coarse = coarse.collect();
    let packed = Int8Layer::of_rows(layer.geometry, parameters(before, &target), &rows);
    Ok(QuantisedLayer { layer: packed, target, coarse })
}

/// A depthwise convolution: each channel has inputs of its own.
fn of_channels(
    before: Before<'_>,
    places: &Places<'_>,
    target: Target,
    progress: &mut Progress<'_, '_>,
) -> Result<QuantisedLayer, QuantizeError> {
    let Before { layer, codes, .. } = before;
    let dense = layer.geometry.weights_as_dense();
    let (taps, channels) = (dense.inputs, dense.outputs);
    progress.begin(work(layer.geometry, before.images()))?;
    let all: Vec<usize> = (0..channels).collect();
    let mut fits: Vec<Fit> = Vec::with_capacity(channels);
    for some in all.chunks(AT_A_TIME) {
        progress.at(fits.len() as f64 / channels as f64)?;
        let found: Result<Vec<Fit>, QuantizeError> = some
            .par_iter()
            .map(|&channel| {
                let float = target.float(channel);
                let columns = places.of_channel(channel, float);
                let wanted =
                    |sample: usize, _| target.units(channel, f64::from(columns.wanted[sample]));
                let weight = |_, tap: usize| {
                    let weight = f64::from(layer.weights[tap * channels + float]);
                    weight * codes.spread(channel) * codes.affine.scale / target.spread(channel)
                };
                let mut watch = unwatched;
                let progress = &mut Progress::new(&mut watch, 1.0);
                Fit::new(&columns, taps, 1, weight, wanted, progress)
            })
            .collect();
        fits.extend(found?);
    }
    let steps: Vec<f64> = fits.iter().flat_map(|fit| fit.largest().iter().map(step)).collect();
    let (target, units) = target.no_finer_than(&steps);
    let rounded: Result<Vec<_>, QuantizeError> = fits
        .par_iter()
        .zip(&units)
        .map(|(fit, &unit)| {
            let mut watch = unwatched;
            let progress = &mut Progress::new(&mut watch, 1.0);
            fit.rows(&[unit], target.range, target.zero_point, progress)
        })
        .collect();
    let (rows, coarse): (Vec<Vec<Row>>, Vec<Vec<Coarse>>) = rounded?.into_iter().unzip();
    let coarse = coarse.into_iter().enumerate().flat_map(|(channel, found)| {
        let channel = target.float(channel);
        found.into_iter().map(move |found| Coarse { channel, ..found })
    });
    let coarse = coarse.collect();
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    let packed = Int8Layer::of_taps(layer.geometry, parameters(before, &target), &rows);
    Ok(QuantisedLayer { layer: packed, target, coarse })
}

/// Channels of a depthwise convolution between two looks at the watch.
const AT_A_TIME: usize = 16;

/// The least output step for a row whose largest weight is `largest`: finer ones the requantisation
/// cannot tell apart.
fn step(largest: &f64) -> f64 {
    largest / f64::from(ae_core::WEIGHT_LIMIT) / (0.99 * MAX_FACTOR)
}

/// What the layer has beside its data.
fn parameters(before: Before<'_>, target: &Target) -> crate::Int8Parameters {
    let is_padded =
        matches!(before.layer.geometry, Geometry::Spatial(spatial) if spatial.is_padded());
    target.parameters(if is_padded { before.codes.zero } else { 0 })
}

impl Before<'_> {
    fn images(&self) -> usize {
        self.values.len() / self.layer.outputs()
    }
}
