//! What a blob can hold, asked before a training begins.

use ae_core::MAX_LAYERS;
use ae_model::{AutoencoderConfig, LayerShape, Words};
use ae_quantize::{MAX_WIDTH, table_bytes};

use super::PipelineError;

/// Whether a network of this shape can become a blob, so that no training ends in one that cannot.
pub(super) fn check(model: &AutoencoderConfig) -> Result<(), PipelineError> {
    model.validate()?;
    if model.architecture.is_some() {
        return check_layers(model);
    }
    // The quantiser runs encoder and decoder as one part of a blob.
    let most = MAX_LAYERS / 2 - 1;
    let found = model.hidden.len();
    if found > most {
        return Err(PipelineError::TooDeep { found, most });
    }
    if model.input > MAX_WIDTH {
        return Err(PipelineError::InputTooWide { found: model.input, most: MAX_WIDTH });
    }
    let widths = model.hidden.iter().copied().chain([model.latent]);
    match widths.max() {
        Some(found) if found > MAX_WIDTH => {
            Err(PipelineError::LayerTooWide { found, most: MAX_WIDTH })
        }
        _ => Ok(()),
    }
}

/// The same of a network with a table of layers.
fn check_layers(model: &AutoencoderConfig) -> Result<(), PipelineError> {
    let (encoder, decoder) = (model.encoder_shapes(), model.decoder_shapes());
    let (most, found) = (MAX_LAYERS, encoder.len() + decoder.len());
    if found > most {
        return Err(PipelineError::TooManyLayers { found, most });
    }
    for (part, shapes) in [("encoder", encoder), ("decoder", decoder)] {
        for (index, LayerShape { geometry, .. }) in shapes.into_iter().enumerate() {
            let found = geometry.weights_as_dense().inputs;
            if geometry.weights() > 0 && found > MAX_WIDTH {
                return Err(PipelineError::SumTooWide {
                    layer: format!("{part}.{index}"),
                    shape: Words(geometry).to_string(),
                    found,
                    most: MAX_WIDTH,
                });
            }
        }
    }
    // Every activation stands where it can be quantised.
    table_bytes(model)?;
    Ok(())
}
