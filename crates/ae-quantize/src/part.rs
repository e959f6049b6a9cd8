//! A blob written again: one part of it alone, or with a detection section.

use ae_core::{
    Arithmetic, Description, Detection, LayerSpec, LoadError, Model, Part, PartKind, PartSelection,
    PartSpec, WriteError,
};
use ae_engine::{ContractFamily, F32Contract, Int8Contract, contract_of};

/// Why a blob cannot be written again.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// The blob holds the other part alone.
    #[error("the blob has no {0}")]
    Lacks(PartKind),
    /// The blob is no model.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The part cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// The blob with `parts` alone: the same bytes as if the model had been quantised for that part.
/// Test vector, digests and model id stay; a detection section stays with both parts alone.
///
/// # Errors
/// The blob is no model, or lacks a part that is asked for.
pub fn part_of(blob: &[u8], parts: PartSelection) -> Result<Vec<u8>, PartError> {
    match contract_of(blob)? {
        ae_core::Contract::Int8 => part_as::<Int8Contract>(blob, parts),
        ae_core::Contract::F32 => part_as::<F32Contract>(blob, parts),
    }
}

fn part_as<C: ContractFamily>(blob: &[u8], parts: PartSelection) -> Result<Vec<u8>, PartError> {
    let model = Model::<C::Arithmetic<'_>>::parse(blob)?;
    let encoder = match parts {
        PartSelection::Decoder => None,
        _ => Some(model.encoder().ok_or(PartError::Lacks(PartKind::Encoder))?),
    };
    let decoder = match parts {
        PartSelection::Encoder => None,
        _ => Some(model.decoder().ok_or(PartError::Lacks(PartKind::Decoder))?),
    };
    // One part alone reconstructs nothing.
    let detection = match parts {
        PartSelection::Both => model.detection()?,
        PartSelection::Encoder | PartSelection::Decoder => None,
    };
    Ok(write_again(&model, [encoder, decoder], detection)?)
}

/// The blob with this detection section in the place of its own.
///
/// # Errors
/// The blob is no model, or no detector could follow the section.
pub fn with_detection(blob: &[u8], detection: &Detection<'_>) -> Result<Vec<u8>, PartError> {
    match contract_of(blob)? {
        ae_core::Contract::Int8 => with_detection_as::<Int8Contract>(blob, detection),
        ae_core::Contract::F32 => with_detection_as::<F32Contract>(blob, detection),
    }
}

fn with_detection_as<C: ContractFamily>(
    blob: &[u8],
    detection: &Detection<'_>,
) -> Result<Vec<u8>, PartError> {
    let model = Model::<C::Arithmetic<'_>>::parse(blob)?;
    Ok(write_again(&model, [model.encoder(), model.decoder()], Some(*detection))?)
}

/// The model with these parts of it and this detection section.
fn write_again<'a, A: Arithmetic<'a>>(
    model: &Model<'a, A>,
    parts: [Option<&Part<'a, A>>; 2],
    detection: Option<Detection<'_>>,
) -> Result<Vec<u8>, WriteError> {
    let pairs = model.latent_map().flat_map(|(scale, offset)| [scale, offset]);
    let latent_map: Vec<u8> = pairs.flat_map(f32::to_le_bytes).collect();
    let [encoder_layers, decoder_layers] = parts.map(layers);
    let [encoder, decoder] = parts;
    ae_engine::write(&Description {
        model_id: model.header().model_id,
        latent_map: &latent_map,
        provenance: *model.provenance(),
        detection,
        encoder: spec(encoder, &encoder_layers),
        decoder: spec(decoder, &decoder_layers),
    })
}

fn layers<'a, A: Arithmetic<'a>>(part: Option<&Part<'a, A>>) -> Vec<LayerSpec<'a, A>> {
    let layers = part.into_iter().flat_map(Part::layers).map(|layer| LayerSpec {
        inputs: u32::try_from(layer.inputs()).unwrap_or(u32::MAX),
        outputs: u32::try_from(layer.outputs()).unwrap_or(u32::MAX),
        digest: layer.digest(),
        arithmetic: *layer.arithmetic(),
        data: layer.data(),
    });
    layers.collect()
}

fn spec<'d, 'a, A: Arithmetic<'a>>(
    part: Option<&Part<'a, A>>,
    layers: &'d [LayerSpec<'a, A>],
) -> Option<PartSpec<'d, 'a, A>>
where
    'a: 'd,
{
    part.map(|part| PartSpec { layers, test_input: part.test_input() })
}
