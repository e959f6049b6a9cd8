//! Blobs of models, as the import makes them.

use ae_core::{PartSelection, Provenance};
use ae_data::npy::{Numbers, Values};
use ae_import::{
    Division, IntegerModel, Lowered, Making, Origin, OutputPixels, PixelMap, RealModel, Rounding,
    SourceModel, lower,
};
use ae_quantize::{Seal, float_blob};

pub(crate) const MAKING: Making<'static> = Making {
    tool: "tests",
    digest: [7; 32],
    parts: PartSelection::Both,
    division: Division::Narrowest,
    output: OutputPixels::OfRuntime,
};

/// A model of real numbers as it is lowered.
pub(crate) fn real(model: &SourceModel) -> Result<RealModel, String> {
    match lower(&mut model.clone(), Rounding::Once).map_err(|error| error.to_string())? {
        Lowered::Real(real) => Ok(real),
        Lowered::Integers(_) => Err("integers".into()),
    }
}

/// A model of integers as it is lowered.
pub(crate) fn integers(model: &SourceModel) -> Result<IntegerModel, String> {
    match lower(&mut model.clone(), Rounding::Once).map_err(|error| error.to_string())? {
        Lowered::Integers(integers) => Ok(integers),
        Lowered::Real(_) => Err("real numbers".into()),
    }
}

/// The f32 blob for such pixels.
pub(crate) fn float(real: &RealModel, maps: &[PixelMap]) -> Result<Vec<u8>, String> {
    let made = real.network(maps, MAKING.division).map_err(|error| error.to_string())?;
    let origin = Origin { layers: made.sources, ..real.origin(maps, &MAKING) };
    let config = origin.to_bytes();
    let seal = Seal {
        parts: MAKING.parts,
        latent_map: &[],
        provenance: Provenance { tool: MAKING.tool, config: &config, data: &[] },
        test_image: &real.test_image(),
    };
    float_blob(&made.network, &seal).map_err(|error| error.to_string())
}

/// Samples of f32.
pub(crate) fn samples(values: Vec<f32>, width: usize) -> Numbers {
    Numbers { samples: values.len() / width, shape: vec![width], values: Values::F32(values) }
}
