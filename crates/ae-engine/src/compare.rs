//! Compares two blobs layer by layer, by what they compute.

use std::fmt;

use ae_core::{Arithmetic, Contract, Geometry, Part, PartKind};
use ae_data::Images;
use ae_infer::{Autoencoder, Compute, Digests, InferError, SelfTestError, Visitor, with_model};
use ae_model::Words;
use rayon::prelude::*;
use serde::Serialize;

use crate::{EngineError, contract_of, in_rows};

/// Where a blob first computes something else than it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// `encoder` or `decoder`; `shape` if the blobs have other layers altogether, `latent map` if
    /// only the meaning of the latent integers differs.
    pub part: String,
    /// The layer of the part, from 0.
    pub layer: usize,
    /// What the layer does, such as `convolution 3×3`, if it is one that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The first test image with another output, or `None` if it is the blob's own test vector.
    pub image: Option<usize>,
    /// Images for which this layer's output differs.
    pub images: usize,
}

impl Divergence {
    fn without_image(part: &str, layer: usize) -> Self {
        Self { part: part.to_owned(), layer, kind: None, image: None, images: 0 }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { part, images, .. } = self;
        let layer = match &self.kind {
            Some(kind) => format!("layer {} ({kind})", self.layer),
            None => format!("layer {}", self.layer),
        };
        match self.image {
            Some(image) => {
                write!(f, "{part} {layer} differs first, for {images} images, the first is {image}")
            }
            None if part == "shape" => write!(f, "the model has other layers"),
            None if part == "latent map" => write!(f, "the latent map differs"),
            None => write!(f, "{part} {layer} does not give the digest in the blob"),
        }
    }
}

/// The first layer of `blob` whose output is not that of `expected`, over all images; `None` if
/// there is none and the blob's own test vector passes. `expected` has both parts; `blob` may have
/// one, and its decoder is given the latents of `expected`.
///
/// # Errors
/// A blob that is not a model, or images of another size.
pub fn first_divergence(
    expected: &[u8],
    blob: &[u8],
    images: &Images,
) -> Result<Option<Divergence>, EngineError> {
    match contract_of(expected)? {
        Contract::Int8 => {
            // The blob's own layout has its turn in the self-test.
            let rows = in_rows(blob)?;
            match with_model(expected, FirstDivergence { blob: &rows, images })?? {
                None if rows != blob => self_test(blob),
                found => Ok(found),
            }
        }
        Contract::F32 => with_model(expected, FirstDivergence { blob, images })?,
    }
}

/// Runs the model and `blob`, which has its contract.
struct FirstDivergence<'b> {
    blob: &'b [u8],
    images: &'b Images,
}

impl<'a, 'b: 'a> Visitor<'a> for FirstDivergence<'b> {
    type Output = Result<Option<Divergence>, EngineError>;

    fn visit<A: Compute<'a>>(self, expected: Autoencoder<'a, A>) -> Self::Output {
        let found = Autoencoder::<A>::load(self.blob)?;
        if !same_shape(&expected, &found) {
            return Ok(Some(Divergence::without_image("shape", 0)));
        }
        let firsts = self
            .images
            .pixels()
            .par_chunks_exact(self.images.features())
            .map(|image| first_in_image(&expected, &found, image))
            .collect::<Result<Vec<_>, InferError>>()?;
        let first = firsts.iter().flatten().min().copied();
        if let Some(first) = first {
            let image = firsts.iter().position(|&of_image| of_image == Some(first));
            let images = firsts.iter().filter(|&&of_image| of_image == Some(first)).count();
            let (part, layer) = first;
            let parts = [expected.model().encoder(), expected.model().decoder()];
            let kind = parts[part].and_then(|part| kind(part, layer));
            return Ok(Some(Divergence { part: part_name(part), layer, kind, image, images }));
        }
        if !expected.model().latent_map().eq(found.model().latent_map()) {
            return Ok(Some(Divergence::without_image("latent map", 0)));
        }
        SelfTest.visit(found)
    }
}

/// The first layer of `blob` that does not give the digest stored with it for the blob's own test
/// vector.
///
/// # Errors
/// A blob that is not a model.
pub fn self_test(blob: &[u8]) -> Result<Option<Divergence>, EngineError> {
    with_model(blob, SelfTest)?
}

struct SelfTest;

impl<'a> Visitor<'a> for SelfTest {
    type Output = Result<Option<Divergence>, EngineError>;

    fn visit<A: Compute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output {
        let header = model.model().header();
        let mut pixels = vec![0; header.features as usize];
        let mut scratch = vec![A::Element::default(); header.scratch_len()];
        match model.self_test(&mut pixels, &mut scratch) {
            Ok(()) => Ok(None),
            Err(SelfTestError::Infer(error)) => Err(error.into()),
            Err(SelfTestError::Differs { part, layer, .. }) => {
                let of_model = match part {
                    PartKind::Encoder => model.model().encoder(),
                    PartKind::Decoder => model.model().decoder(),
                };
                let kind = of_model.and_then(|part| kind(part, layer));
                Ok(Some(Divergence { kind, ..Divergence::without_image(&part.to_string(), layer) }))
            }
            // The error is open to new cases; a self-test that fails is no agreement.
            Err(_) => Ok(Some(Divergence::without_image("self-test", 0))),
        }
    }
}

/// 0 for the encoder, 1 for the decoder, and the layer: in the order of the forward pass.
type Place = (usize, usize);

fn part_name(part: usize) -> String {
    [PartKind::Encoder, PartKind::Decoder][part].to_string()
}

/// Whether every part that `found` has is made of layers as in `expected`.
fn same_shape<'a, A: Compute<'a>>(
    expected: &Autoencoder<'a, A>,
    found: &Autoencoder<'a, A>,
) -> bool {
    let same = |expected: Option<&Part<'a, A>>, found: Option<&Part<'a, A>>| match (expected, found)
    {
        (Some(expected), Some(found)) => geometries(expected) == geometries(found),
        (_, None) => true,
        (None, Some(_)) => false,
    };
    same(expected.model().encoder(), found.model().encoder())
        && same(expected.model().decoder(), found.model().decoder())
}

fn geometries<'a, A: Arithmetic<'a>>(part: &Part<'a, A>) -> Vec<Geometry> {
    part.layers().map(|layer| layer.geometry()).collect()
}

/// What a layer of the part does.
fn kind<'a, A: Arithmetic<'a>>(part: &Part<'a, A>, layer: usize) -> Option<String> {
    part.layers().nth(layer).map(|layer| Words(layer.geometry()).with_kernel())
}

/// The first layer with another output for this image.
fn first_in_image<'a, A: Compute<'a>>(
    expected: &Autoencoder<'a, A>,
    found: &Autoencoder<'a, A>,
    image: &[u8],
) -> Result<Option<Place>, InferError> {
    let header = expected.model().header();
    let mut latent = vec![A::Element::default(); header.latent as usize];
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
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
