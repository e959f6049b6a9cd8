//! Layers that work position by position: a file for each kind, and here the one place where a layer
//! goes to its kind.
//!
//! Each kind is a function of its own, so that a dense layer takes no stack for them. A kind that
//! `ae-core` was built without is left out here too: the loader refuses models that have it.

mod convolution;
mod depthwise_f32;
pub(crate) mod inside;
pub(crate) mod map;
mod pooling_f32;
mod reals;
mod upsampling;

pub(crate) mod plain;

use ae_core::{F32, Int8, Layer, Spatial, SpatialKind};

use crate::arch::all::int8::look_up_from;
use crate::arch::{Input, convolution as positions, depthwise, look_up as table_of_core, pooling};

pub(crate) use reals::{Sink, Source};

/// Computes a layer of the int8 contract, or the strip of it that `spatial` is; `room` has
/// [`Layer::room`] values.
#[inline(never)]
pub(crate) fn int8<'a>(
    layer: &Layer<'a, Int8<'a>>,
    spatial: &Spatial,
    x: Input<'_>,
    y: &mut [u8],
    room: &mut [i8],
) {
    let layer = &layer.with_sizes(spatial.dense());
    match spatial.kind {
        SpatialKind::Convolution if const { SpatialKind::Convolution.is_built() } => {
            convolution::int8(layer, spatial, x, y, room);
        }
        SpatialKind::Depthwise if const { SpatialKind::Depthwise.is_built() } => {
            depthwise::depthwise(layer, spatial, x, y);
            look_up(layer, y);
        }
        SpatialKind::Maximum | SpatialKind::Average if const { SpatialKind::Maximum.is_built() } => {
            let mean =
                (spatial.kind == SpatialKind::Average).then(|| layer.arithmetic().rounding());
            pooling::pool(spatial, x, y, mean);
            look_up(layer, y);
        }
        SpatialKind::Upsampling if const { SpatialKind::Upsampling.is_built() } => {
            upsampling::int8(spatial, x, y);
            look_up(layer, y);
        }
        _ => {}
    }
}

/// Replaces the values of a layer by those of its tables, if it has any.
#[inline(never)]
pub(crate) fn look_up(layer: &Layer<'_, Int8<'_>>, y: &mut [u8]) {
    match layer.arithmetic().tables() {
        [] => {}
        [table] => table_of_core(table, y),
        _ => {
            for place in y.chunks_mut(layer.outputs().max(1)) {
                look_up_from(layer, 0, place);
            }
        }
    }
}

/// The same of the f32 contract.
#[inline(never)]
pub(crate) fn f32(
    layer: &Layer<'_, F32>,
    spatial: &Spatial,
    x: Source<'_>,
    y: Sink<'_>,
    room: &mut [f32],
) {
    let layer = &layer.with_sizes(spatial.dense());
    let activation = layer.arithmetic().activation();
    match spatial.kind {
        SpatialKind::Convolution if const { SpatialKind::Convolution.is_built() } => {
            convolution::f32(layer, spatial, x, y, room);
        }
        SpatialKind::Depthwise if const { SpatialKind::Depthwise.is_built() } => {
            depthwise_f32::f32(layer, spatial, x, y);
        }
        SpatialKind::Maximum | SpatialKind::Average if const { SpatialKind::Maximum.is_built() } => {
            let is_mean = spatial.kind == SpatialKind::Average;
            pooling_f32::pool(spatial, activation, x, y, is_mean);
        }
        SpatialKind::Upsampling if const { SpatialKind::Upsampling.is_built() } => {
            upsampling::f32(spatial, activation, x, y);
        }
        _ => {}
    }
}

/// The name of what computes a layer of the int8 contract.
pub(crate) fn kernel_int8<'a>(layer: &Layer<'a, Int8<'a>>) -> &'static str {
    match layer.spatial() {
        Some(spatial) if spatial.kind == SpatialKind::Convolution => {
            positions::name(&layer.as_dense())
        }
        Some(spatial) if spatial.kind == SpatialKind::Depthwise => {
            depthwise::name(&layer.as_dense(), &spatial)
        }
        Some(spatial) if matches!(spatial.kind, SpatialKind::Maximum | SpatialKind::Average) => {
            pooling::name(&spatial, layer.arithmetic().rounding())
        }
        _ => plain::NAME,
    }
}

/// The name of what computes a layer of the f32 contract.
pub(crate) fn kernel_f32(layer: &Layer<'_, F32>) -> &'static str {
    match layer.spatial() {
        Some(spatial) if spatial.kind == SpatialKind::Convolution => {
            crate::arch::f32::name(&layer.as_dense())
        }
        _ => plain::NAME,
    }
}
