//! What a blob can hold, asked before a training begins.

use ae_core::MAX_LAYERS;
use ae_model::AutoencoderConfig;
use ae_quantize::MAX_WIDTH;

use super::PipelineError;

/// Whether a network of this shape can become a blob, so that no training ends in one that cannot.
pub(super) fn check(model: &AutoencoderConfig) -> Result<(), PipelineError> {
    model.validate()?;
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
