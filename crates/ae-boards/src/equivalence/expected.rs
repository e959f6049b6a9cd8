//! What a board must answer, computed on the host.

use ae_core::{Header, PartSelection};
use ae_data::Images;
use ae_engine::{EngineError, in_rows};
use ae_infer::{
    Autoencoder, Compute, Digests, InferError, Latent, Visitor, squared_error, with_model,
};
use ae_protocol::Request;
use rayon::prelude::*;

/// What to ask a board, and what it must answer.
#[derive(Debug, Clone)]
pub struct Expected {
    /// What every sample asks for.
    pub request: Request,
    /// The blob's names of the layers that are run, in order.
    pub layers: Vec<String>,
    /// Bytes of the latent in an answer.
    pub latent_bytes: usize,
    /// Bytes of the pixels in an answer.
    pub pixel_bytes: usize,
    /// The samples in order.
    pub samples: Vec<Sample>,
}

/// One sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The request's payload: pixels, or a latent.
    pub input: Vec<u8>,
    /// The payload of [`Answer::Computed`](ae_protocol::Answer::Computed).
    pub answer: Vec<u8>,
}

/// Runs `blob`, which has both parts, on the host. With one of `parts` alone the board is asked
/// for that part; its decoder is given the latents of the host's encoder.
///
/// # Errors
/// The blob is not a model, lacks a part, or the images have another size.
pub fn expected_answers(
    blob: &[u8],
    parts: PartSelection,
    images: &Images,
) -> Result<Expected, EngineError> {
    with_model(&in_rows(blob)?, Expect { parts, images })?
}

struct Expect<'i> {
    parts: PartSelection,
    images: &'i Images,
}

impl<'a> Visitor<'a> for Expect<'_> {
    type Output = Result<Expected, EngineError>;

    fn visit<A: Compute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output {
        let Self { parts, images } = self;
        let header = model.model().header();
        let request = match parts {
            PartSelection::Both => Request::Reconstruct,
            PartSelection::Encoder => Request::Encode,
            PartSelection::Decoder => Request::Decode,
        };
        let samples = images.pixels().par_chunks_exact(images.features());
        let samples = samples.map(|image| sample(&model, header, request, image));
        let samples = samples.collect::<Result<Vec<_>, InferError>>()?;

        let mut layers = Vec::new();
        for (runs, name, part) in [
            (request.encodes(), "encoder", model.model().encoder()),
            (request.decodes(), "decoder", model.model().decoder()),
        ] {
            let count = part.filter(|_| runs).map_or(0, |part| part.layers().len());
            layers.extend((0..count).map(|index| format!("{name}.{index}")));
        }
        let element = size_of::<A::Element>();
        Ok(Expected {
            request,
            layers,
            latent_bytes: if request.encodes() { header.latent as usize * element } else { 0 },
            pixel_bytes: if request.decodes() { header.features as usize } else { 0 },
            samples,
        })
    }
}

fn sample<'a, A: Compute<'a>>(
    model: &Autoencoder<'a, A>,
    header: &Header,
    request: Request,
    image: &[u8],
) -> Result<Sample, InferError> {
    let mut latent = vec![A::Element::default(); header.latent as usize];
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    let mut pixels = vec![0; header.features as usize];
    let (mut encoder, mut decoder) = (Digests::default(), Digests::default());
    model.encode_traced(image, &mut latent, &mut scratch, &mut encoder)?;
    let latent_bytes: Vec<u8> =
        latent.iter().flat_map(|value| value.bytes().as_ref().to_vec()).collect();

    let mut answer = Vec::new();
    if request.encodes() {
        answer.extend_from_slice(&latent_bytes);
    }
    if request.decodes() {
        model.decode_traced(&latent, &mut pixels, &mut scratch, &mut decoder)?;
        answer.extend_from_slice(&pixels);
    }
    if request == Request::Reconstruct {
        answer.extend_from_slice(&squared_error(image, &pixels).to_le_bytes());
    }
    for (runs, digests) in [(request.encodes(), encoder), (request.decodes(), decoder)] {
        for digest in digests.as_slice().iter().filter(|_| runs) {
            answer.extend_from_slice(&digest.to_le_bytes());
        }
    }
    let input = if request.encodes() { image.to_vec() } else { latent_bytes };
    Ok(Sample { input, answer })
}
