//! How much memory quantising takes, known before it begins.

use ae_core::{Geometry, Spatial, SpatialKind};
use ae_model::{LayerF32, Network};

use crate::columns::samples;
use crate::tile::SIDE;

/// Widest dense layer, and widest position of a convolution, that can be quantised: the matrix that
/// rounding needs has half the square of its inputs, 8 bytes each.
pub const MAX_WIDTH: usize = 8_192;

/// Bytes of memory that quantising a network on so many images takes at most, beside the images.
#[must_use]
pub fn memory_bytes(network: &Network, images: usize) -> usize {
    let of_layer = |layer: &LayerF32| {
        // Integers and floats of every image.
        let values = images * 5 * (rounded(layer.inputs()) + rounded(layer.outputs()));
        values + fitting_bytes(layer.geometry, images) + (1 << 26)
    };
    network.layers().map(of_layer).max().unwrap_or(0)
}

/// Whole tiles.
fn rounded(width: usize) -> usize {
    width.next_multiple_of(SIDE)
}

/// Bytes that fitting and rounding a layer's weights takes.
fn fitting_bytes(geometry: Geometry, images: usize) -> usize {
    let dense = geometry.weights_as_dense();
    let (n, m) = (rounded(dense.inputs), rounded(dense.outputs));
    // Half a matrix, right-hand side and fitted weights, samples in work, weights tried.
    let matrices = 4 * n * (n + SIDE) + 16 * n * m + 4096 * (n + m);
    // An integer for each input and a float for each output.
    let gathered = |inputs, outputs| samples(geometry, images) * (inputs + 4 * outputs);
    match geometry {
        Geometry::Dense(_) => matrices,
        Geometry::Spatial(Spatial { kind: SpatialKind::Convolution, .. }) => {
            matrices + gathered(dense.inputs, dense.outputs)
        }
        // All channels' matrices together, and the samples of some.
        Geometry::Spatial(Spatial { kind: SpatialKind::Depthwise, .. }) => {
            let of_channel = 4 * n * (n + SIDE) + 16 * n * SIDE;
            let in_work = gathered(dense.inputs, 1) + 4096 * (n + SIDE);
            dense.outputs * of_channel + rayon::current_num_threads() * in_work
        }
        Geometry::Spatial(_) => 0,
    }
}
