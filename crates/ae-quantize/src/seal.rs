//! Writes a blob and seals it: test vector, digest after every layer, model id.

use ae_core::{
    Description, Geometry, LayerSpec, LoadError, PartKind, PartSelection, PartSpec, Provenance,
    WriteError, write_to_vec,
};
use ae_infer::{Autoencoder, Digests, InferError};
use sha2::{Digest, Sha256};

use crate::contract::ContractFamily;

/// A layer ready to be written.
pub struct LayerBytes<'a, C: ContractFamily> {
    /// Its kind and its sizes.
    pub geometry: Geometry,
    /// What the layer has beside its data.
    pub parameters: &'a C::Parameters,
    /// The data section.
    pub data: &'a [u8],
}

/// What a blob says beside its layers.
#[derive(Debug, Clone, Copy)]
pub struct Seal<'a> {
    /// Which parts to write.
    pub parts: PartSelection,
    /// `(scale, offset)` of each latent value, as the format stores them; empty for f32.
    pub latent_map: &'a [u8],
    /// Name and digests of what made the model.
    pub provenance: Provenance<'a>,
    /// The image whose activations are digested.
    pub test_image: &'a [u8],
}

/// Why a blob cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The model breaks a rule of the format.
    #[error("the model cannot be written: {0}")]
    Write(#[from] WriteError),
    /// The blob was written and cannot be read.
    #[error("the blob just written is refused: {0}")]
    Load(#[from] LoadError),
    /// The blob cannot be run.
    #[error("the blob just written cannot be run: {0}")]
    Infer(#[from] InferError),
}

/// Writes `encoder` and `decoder`, runs the test image through them, and writes the wanted parts
/// with the digests found.
///
/// The model id is the front of the SHA-256 of the first writing: both parts, with digests, id and
/// test latent zero. So an encoder and a decoder have the same id exactly if they were made
/// together.
///
/// # Errors
/// The model breaks a rule of the format, for example the number of layers.
pub fn seal<C: ContractFamily>(
    encoder: &[LayerBytes<'_, C>],
    decoder: &[LayerBytes<'_, C>],
    seal: &Seal<'_>,
) -> Result<Vec<u8>, SealError> {
    let latent_len = encoder.last().map_or(0, |layer| layer.geometry.outputs());
    let mut latent = vec![C::Element::default(); latent_len];
    let mut digests = Digests::default();
    let draft = {
        let test_latent = C::latent_bytes(&latent);
        let (encoder, decoder) = (specs::<C>(encoder, &[]), specs::<C>(decoder, &[]));
        write_to_vec(&Description {
            model_id: [0; 16],
            latent_map: seal.latent_map,
            provenance: seal.provenance,
            detection: None,
            in_strips: false,
            encoder: Some(PartSpec { layers: &encoder, test_input: seal.test_image }),
            decoder: Some(PartSpec { layers: &decoder, test_input: &test_latent }),
        })?
    };
    let model = Autoencoder::<C::Arithmetic<'_>>::load(&draft)?;
    let mut scratch = vec![C::Element::default(); model.model().header().scratch_len()];
    let mut pixels = vec![0; seal.test_image.len()];
    model.encode_traced(seal.test_image, &mut latent, &mut scratch, &mut digests)?;
    model.decode_traced(&latent, &mut pixels, &mut scratch, &mut digests)?;

    let (first, second) = digests.as_slice().split_at(encoder.len());
    let (encoder, decoder) = (specs::<C>(encoder, first), specs::<C>(decoder, second));
    let test_latent = C::latent_bytes(&latent);
    let mut model_id = [0; 16];
    model_id.copy_from_slice(&Sha256::digest(&draft)[..16]);
    // Large, as the blob is.
    drop(draft);
    Ok(write_to_vec(&Description {
        model_id,
        latent_map: seal.latent_map,
        provenance: seal.provenance,
        detection: None,
        in_strips: false,
        encoder: seal
            .parts
            .holds(PartKind::Encoder)
            .then_some(PartSpec { layers: &encoder, test_input: seal.test_image }),
        decoder: seal
            .parts
            .holds(PartKind::Decoder)
            .then_some(PartSpec { layers: &decoder, test_input: &test_latent }),
    })?)
}

/// The layers as the writer takes them; digests that are missing are 0.
pub(super) fn specs<'a, C: ContractFamily>(
    layers: &[LayerBytes<'a, C>],
    digests: &[u32],
) -> Vec<LayerSpec<'a, C::Arithmetic<'a>>> {
    let digests = digests.iter().copied().chain(std::iter::repeat(0));
    let layers = layers.iter().zip(digests).map(|(layer, digest)| LayerSpec {
        geometry: layer.geometry,
        digest,
        arithmetic: C::arithmetic(layer.parameters),
        data: layer.data,
    });
    layers.collect()
}
