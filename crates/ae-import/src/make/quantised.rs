//! The int8 blob of a model of real numbers, and what it costs.

use ae_core::{Contract, Provenance};
use ae_data::Images;
use ae_data::npy::{Numbers, Values};
use ae_engine::EngineError;
use ae_quantize::{Coarse, QuantizeError, Seal, Watch, float_blob, int8_blob};

use super::MakeError;
use crate::agreement::of_quantised;
use crate::lower::RealModel;
use crate::{Agreement, AgreementError, Difference, LayerSource, Making, Notes, Runner};

/// What quantising costs.
#[derive(Clone, Debug)]
pub struct Quantised {
    /// Inputs that it was done on.
    pub samples: usize,
    /// The int8 blob's outputs against those of the f32 blob.
    pub agreement: Agreement,
    /// Channels that lose much because of one weight.
    pub coarse: Vec<Coarse>,
    /// What each layer loses against the same of the float model, the encoder's layers first.
    pub layers: Vec<LayerLoss>,
}

/// What a layer loses by quantising, together with those before it.
#[derive(Clone, Debug)]
pub struct LayerLoss {
    /// What the file calls what the layer gives. Empty where it does not have it.
    pub name: String,
    /// How far the int8 layer's outputs are from those of the float model.
    pub difference: Difference,
}

/// The int8 blob of a model of real numbers.
pub(super) fn quantise(
    real: &RealModel,
    making: &Making<'_>,
    inputs: &Numbers,
    watch: &mut Watch<'_>,
) -> Result<(ae_quantize::Quantised, Notes, Vec<LayerLoss>), MakeError> {
    let values = in_order(real, inputs)?;
    let maps = real.pixel_maps(&values)?;
    let made = real.network(&maps, making.division)?;
    let map = |at: usize| maps[at % real.values() % maps.len()];
    let pixels = values.iter().enumerate().map(|(at, &value)| map(at).pixel(value));
    let images = Images::new(pixels.collect(), 1, real.values()).map_err(|_| {
        AgreementError::Width { what: "the data", expected: real.values(), found: inputs.width() }
    })?;
    let config = real.origin(&maps, making).to_bytes();
    let seal = Seal {
        parts: making.parts,
        latent_map: &[],
        provenance: Provenance { tool: making.tool, config: &config, data: &images.digest() },
        test_image: images.image(0),
    };
    let (notes, sources) = (made.notes.clone(), made.sources.clone());
    let float = float_blob(&made.network, &seal).map_err(QuantizeError::from)?;
    let quantised = int8_blob(&made.bounded(), &images, &seal, watch)?;
    let blobs = [&float[..], &quantised.bytes];
    let differences = of_quantised(blobs, &quantised.meanings, &maps, &values, real.values())?;
    let name = |source: Option<LayerSource>| source.map_or_else(String::new, |source| source.name);
    let losses = sources.into_iter().map(name).zip(differences);
    let losses = losses.map(|(name, difference)| LayerLoss { name, difference }).collect();
    Ok((quantised, notes, losses))
}

/// The data as f32, in the blob's order.
fn in_order(real: &RealModel, numbers: &Numbers) -> Result<Vec<f32>, MakeError> {
    let (expected, found) = (real.values(), numbers.width());
    if numbers.samples == 0 {
        return Err(QuantizeError::NoCalibration.into());
    }
    if expected != found {
        return Err(AgreementError::Width { what: "the data", expected, found }.into());
    }
    let Values::F32(values) = &numbers.values else {
        return Err(AgreementError::Type { what: "inputs" }.into());
    };
    Ok(crate::agreement::ordered(real.channels_first(), values))
}

/// What int8 costs: the outputs of both blobs for the same inputs.
pub(super) fn against_float(
    float: &[u8],
    int8: &[u8],
    inputs: &Numbers,
) -> Result<Agreement, AgreementError> {
    debug_assert_eq!(ae_engine::contract_of(float).map_err(EngineError::from)?, Contract::F32);
    let outputs = Runner::new(float)?.values(inputs)?;
    let outputs = Numbers { values: Values::F32(outputs), ..inputs.clone() };
    Runner::new(int8)?.compare(inputs, &outputs)
}
