//! Compares two blobs layer by layer, by what they compute.

use std::fmt;

use ae_core::{Arithmetic, Part, PartKind};
use ae_data::Images;
use ae_infer::{Autoencoder, Compute, Digests, InferError, SelfTestError};
use rayon::prelude::*;
use serde::Serialize;

use crate::{ContractFamily, EngineError, F32Contract, Int8Contract, contract_of, in_rows};

/// Where a blob first computes something else than it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// `encoder` or `decoder`; `shape` if the blobs have other layers altogether, `latent map` if
    /// only the meaning of the latent integers differs.
    pub part: String,
    /// The layer of the part, from 0.
    pub layer: usize,
    /// The first test image with another output, or `None` if it is the blob's own test vector.
    pub image: Option<usize>,
    /// Images for which this layer's output differs.
    pub images: usize,
}

impl Divergence {
    fn without_image(part: &str, layer: usize) -> Self {
        Self { part: part.to_owned(), layer, image: None, images: 0 }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { part, layer, images, .. } = self;
        match self.image {
            Some(image) => {
                write!(
                    f,
                    "{part} layer {layer} differs first, for {images} images, the first is {image}"
                )
            }
            None if part == "shape" => write!(f, "the model has other layers"),
            None if part == "latent map" => write!(f, "the latent map differs"),
            None => write!(f, "{part} layer {layer} does not give the digest in the blob"),
        }
    }
}

/// The first layer of `blob` whose output is not that of `expected`, over all images; `None` if
/// there is none and the blob's own test vector passes. `expected` has both parts; `blob` may have
/// one, and its decoder is given the latents of `expected`.
///
/// # Errors
/// A blob that is no model, or images of another size.
pub fn first_divergence(
    expected: &[u8],
    blob: &[u8],
    images: &Images,
) -> Result<Option<Divergence>, EngineError> {
    match contract_of(expected)? {
        ae_core::Contract::Int8 => {
            // The blob's own layout has its turn in the self-test.
            let rows = in_rows(blob)?;
            match first_divergence_as::<Int8Contract>(expected, &rows, images)? {
                None if rows != blob => self_test(blob),
                found => Ok(found),
            }
        }
        ae_core::Contract::F32 => first_divergence_as::<F32Contract>(expected, blob, images),
    }
}

fn first_divergence_as<C: ContractFamily>(
    expected: &[u8],
    blob: &[u8],
    images: &Images,
) -> Result<Option<Divergence>, EngineError> {
    let expected = Autoencoder::<C::Arithmetic<'_>>::load(expected)?;
    let found = Autoencoder::<C::Arithmetic<'_>>::load(blob)?;
    if !same_shape(&expected, &found) {
        return Ok(Some(Divergence::without_image("shape", 0)));
    }
    let features = images.features();
    let firsts = images
        .pixels()
        .par_chunks_exact(features)
        .map(|image| first_in_image::<C>(&expected, &found, image))
        .collect::<Result<Vec<_>, InferError>>()?;
    let first = firsts.iter().flatten().min().copied();
    if let Some(first) = first {
        let image = firsts.iter().position(|&of_image| of_image == Some(first));
        let images = firsts.iter().filter(|&&of_image| of_image == Some(first)).count();
        let (part, layer) = first;
        return Ok(Some(Divergence { part: part_name(part), layer, image, images }));
    }
    if !expected.model().latent_map().eq(found.model().latent_map()) {
        return Ok(Some(Divergence::without_image("latent map", 0)));
    }
    self_test_as::<C>(blob)
}

/// The first layer of `blob` that does not give the digest stored with it for the blob's own test
/// vector.
///
/// # Errors
/// A blob that is no model.
pub fn self_test(blob: &[u8]) -> Result<Option<Divergence>, EngineError> {
    match contract_of(blob)? {
        ae_core::Contract::Int8 => self_test_as::<Int8Contract>(blob),
        ae_core::Contract::F32 => self_test_as::<F32Contract>(blob),
    }
}

fn self_test_as<C: ContractFamily>(blob: &[u8]) -> Result<Option<Divergence>, EngineError> {
    let model = Autoencoder::<C::Arithmetic<'_>>::load(blob)?;
    let header = model.model().header();
    let mut pixels = vec![0; header.features as usize];
    let mut scratch = vec![C::Element::default(); header.scratch_len()];
    match model.self_test(&mut pixels, &mut scratch) {
        Ok(()) => Ok(None),
        Err(SelfTestError::Infer(error)) => Err(error.into()),
        Err(SelfTestError::Differs { part, layer, .. }) => {
            Ok(Some(Divergence::without_image(&part.to_string(), layer)))
        }
        // The error is open to new cases; a self-test that fails is no agreement.
        Err(_) => Ok(Some(Divergence::without_image("self-test", 0))),
    }
}

/// 0 for the encoder, 1 for the decoder, and the layer: in the order of the forward pass.
type Place = (usize, usize);

fn part_name(part: usize) -> String {
    [PartKind::Encoder, PartKind::Decoder][part].to_string()
}

/// Whether every part that `found` has is made of layers as in `expected`.
fn same_shape<'a, 'b, A: Compute<'a>, B: Compute<'b>>(
    expected: &Autoencoder<'a, A>,
    found: &Autoencoder<'b, B>,
) -> bool {
    let same = |expected: Option<&Part<'a, A>>, found: Option<&Part<'b, B>>| match (expected, found)
    {
        (Some(expected), Some(found)) => widths(expected) == widths(found),
        (_, None) => true,
        (None, Some(_)) => false,
    };
    same(expected.model().encoder(), found.model().encoder())
        && same(expected.model().decoder(), found.model().decoder())
}

fn widths<'a, A: Arithmetic<'a>>(part: &Part<'a, A>) -> Vec<(usize, usize)> {
    part.layers().map(|layer| (layer.inputs(), layer.outputs())).collect()
}

/// The first layer with another output for this image.
fn first_in_image<'a, 'b, C: ContractFamily>(
    expected: &Autoencoder<'a, C::Arithmetic<'a>>,
    found: &Autoencoder<'b, C::Arithmetic<'b>>,
    image: &[u8],
) -> Result<Option<Place>, InferError> {
    let header = expected.model().header();
    let mut latent = vec![C::Element::default(); header.latent as usize];
    let mut scratch = vec![C::Element::default(); header.scratch_len()];
    let mut pixels = vec![0; image.len()];
    let mut wanted = [Digests::default(), Digests::default()];
    expected.encode_traced(image, &mut latent, &mut scratch, &mut wanted[0])?;
    expected.decode_traced(&latent, &mut pixels, &mut scratch, &mut wanted[1])?;

    let mut got = [Digests::default(), Digests::default()];
    if found.model().decoder().is_some() {
        found.decode_traced(&latent, &mut pixels, &mut scratch, &mut got[1])?;
    }
    if found.model().encoder().is_some() {
        found.encode_traced(image, &mut latent, &mut scratch, &mut got[0])?;
    }
    for (part, (wanted, got)) in wanted.iter().zip(&got).enumerate() {
        let mut pairs = wanted.as_slice().iter().zip(got.as_slice());
        if let Some(layer) = pairs.position(|(wanted, got)| wanted != got) {
            return Ok(Some((part, layer)));
        }
    }
    Ok(None)
}
