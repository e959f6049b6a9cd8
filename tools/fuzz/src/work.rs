//! How long a model takes to run, which its length does not bound: a pool of a few bytes may read
//! 65,535 values at each of as many positions.

use ae_core::{Geometry, Model, Part};

use crate::subject::Subject;

/// Most values that are read to run a model once; one that reads more is loaded and written alone.
pub const MAX_ONCE: u64 = 2_000_000;
/// Most values that are read to run a model for many samples or windows.
pub const MAX_OFTEN: u64 = 50_000;

/// Values that the layers of a model read to give each output.
#[must_use]
pub fn of_model<'a, A: Subject<'a>>(model: &Model<'a, A>) -> u64 {
    let parts = [model.encoder(), model.decoder()].into_iter().flatten();
    parts
        .flat_map(Part::layers)
        .map(|layer| of_layer(layer.geometry()))
        .fold(0, u64::saturating_add)
}

fn of_layer(layer: Geometry) -> u64 {
    match layer {
        Geometry::Dense(_) => layer.weights(),
        Geometry::Spatial(spatial) => {
            let each = spatial.field().saturating_mul(spatial.columns());
            (each as u64).saturating_mul(spatial.positions() as u64)
        }
    }
}
