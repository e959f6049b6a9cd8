//! A blob that has been checked, and its parts read in place.

use core::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::canonical::Reader;
use crate::detection::Detection;
use crate::error::LoadError;
use crate::format::MAX_LAYERS;
use crate::geometry::{Chain, Totals};
use crate::header::Header;
use crate::layer::{Arithmetic, Layer};
use crate::part::PartKind;

/// Where a model comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance<'a> {
    /// Name and version of the program that wrote the blob.
    pub tool: &'a str,
    /// Digest of the training configuration.
    pub config: &'a [u8],
    /// Digest of the dataset.
    pub data: &'a [u8],
}

/// What stands in the body before the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Preamble<'a> {
    pub(crate) input: InputMap,
    pub(crate) latent_map: &'a [u8],
    #[serde(borrow)]
    pub(crate) provenance: Provenance<'a>,
}

/// How the encoder's input becomes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum InputMap {
    /// u8 pixels `p`: the i8 `p − 128` in the int8 contract, `p / 255` in the f32 contract.
    Pixels,
}

/// A model, read in place and found runnable on any input.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a, A> {
    header: Header,
    preamble: Preamble<'a>,
    /// The bytes of the detection section.
    detection: Reader<'a>,
    encoder: Option<Part<'a, A>>,
    decoder: Option<Part<'a, A>>,
}

/// An encoder or a decoder: layers, and a test vector with a digest after each of them.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a, A> {
    layers: Layers<'a, A>,
    test_input: &'a [u8],
}

/// The layers of a part in order. Each is read from the blob when it is asked for, so a model
/// takes the same few words of RAM however deep it is.
#[derive(Clone, Copy)]
pub struct Layers<'a, A> {
    reader: Reader<'a>,
    left: usize,
    arithmetic: PhantomData<fn() -> A>,
}

impl<A> core::fmt::Debug for Layers<'_, A> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Layers").field("left", &self.left).finish()
    }
}

impl<'a, A: Arithmetic<'a>> Model<'a, A> {
    /// Checks a blob: length and checksum, then form, then meaning, then that no byte is left.
    ///
    /// # Errors
    /// The first thing that is wrong, with its numbers.
    pub fn parse(blob: &'a [u8]) -> Result<Self, LoadError> {
        let header = Header::check(blob)?;
        if header.contract != A::CONTRACT {
            return Err(LoadError::WrongContract { expected: A::CONTRACT, found: header.contract });
        }
        let mut reader = Reader::new(blob.get(Header::LEN..).unwrap_or_default(), Header::LEN);
        let preamble: Preamble<'a> = reader.take()?;
        check_latent_map::<A>(preamble.latent_map, header.latent)?;
        let detection: &'a [u8] = reader.take()?;
        let detection = Reader::new(detection, reader.offset().saturating_sub(detection.len()));

        let encoder = Part::parse(&mut reader, PartKind::Encoder)?;
        let decoder = Part::parse(&mut reader, PartKind::Decoder)?;
        reader.finish()?;
        check_header(&header, encoder.as_ref(), decoder.as_ref())?;
        Ok(Self {
            header,
            preamble,
            detection,
            encoder: encoder.map(|(part, _)| part),
            decoder: decoder.map(|(part, _)| part),
        })
    }

    /// The fixed header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Pixels to latent, unless the blob holds the decoder alone.
    #[must_use]
    pub fn encoder(&self) -> Option<&Part<'a, A>> {
        self.encoder.as_ref()
    }

    /// Latent to pixels, unless the blob holds the encoder alone.
    #[must_use]
    pub fn decoder(&self) -> Option<&Part<'a, A>> {
        self.decoder.as_ref()
    }

    /// Parameters and multiply-adds of all layers.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let parts = self.encoder.iter().chain(&self.decoder);
        Totals::of(parts.flat_map(Part::layers).map(|layer| layer.geometry()))
    }

    /// Where the model comes from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance<'a> {
        &self.preamble.provenance
    }

    /// What the blob says to a detector, if it does. It is checked here, and not by
    /// [`parse`](Self::parse): a program without a detector holds no code for it.
    ///
    /// # Errors
    /// A detection section that cannot be read, or that no detector could follow.
    pub fn detection(&self) -> Result<Option<Detection<'a>>, LoadError> {
        let mut reader = self.detection;
        if reader.remaining() == 0 {
            return Ok(None);
        }
        let detection: Detection<'a> = reader.take()?;
        reader.finish()?;
        detection.check(self.header.features as usize)?;
        Ok(Some(detection))
    }

    /// For each latent value the `(scale, offset)` that make it real: `scale · q + offset`.
    /// Empty in the f32 contract, whose latents are real already.
    pub fn latent_map(&self) -> impl Iterator<Item = (f32, f32)> + use<'a, A> {
        latent_pairs(self.preamble.latent_map)
    }
}

impl<'a, A: Arithmetic<'a>> Part<'a, A> {
    /// The layers, first to last.
    #[must_use]
    pub fn layers(&self) -> Layers<'a, A> {
        self.layers
    }

    /// The input that the layers' digests belong to: pixels for an encoder, latent values (i8, or
    /// f32 as four little-endian bytes) for a decoder.
    #[must_use]
    pub fn test_input(&self) -> &'a [u8] {
        self.test_input
    }

    /// Reads `Option<Part>` and checks it; `None` if the part is absent.
    fn parse(reader: &mut Reader<'a>, kind: PartKind) -> Result<Option<(Self, Chain)>, LoadError> {
        // The tag of an option and a bool are the same byte in postcard.
        if !reader.take::<bool>()? {
            return Ok(None);
        }
        let count: u32 = reader.take()?;
        if count == 0 || count as usize > MAX_LAYERS {
            return Err(LoadError::LayerCount { part: kind, limit: MAX_LAYERS, found: count });
        }
        let layers = Layers { reader: *reader, left: count as usize, arithmetic: PhantomData };
        let mut chain = Chain::new();
        let last = (count as usize).saturating_sub(1);
        for index in 0..count as usize {
            let layer: Layer<'a, A> = reader.take()?;
            let is_output = kind == PartKind::Decoder && index == last;
            layer
                .check(reader.offset(), is_output)
                .and_then(|()| chain.push(layer.geometry(), layer.arithmetic.storage()))
                .map_err(|error| LoadError::Layer { part: kind, index, error })?;
        }
        let test_input: &'a [u8] = reader.take()?;
        let element = match kind {
            PartKind::Encoder => 1,
            PartKind::Decoder => size_of::<A::Element>(),
        };
        let expected = chain.inputs().saturating_mul(element);
        if test_input.len() != expected {
            return Err(LoadError::TestInputLength {
                part: kind,
                expected,
                found: test_input.len(),
            });
        }
        Ok(Some((Self { layers, test_input }, chain)))
    }
}

impl<'a, A: Arithmetic<'a>> Iterator for Layers<'a, A> {
    type Item = Layer<'a, A>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        self.reader.take_checked_before()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<'a, A: Arithmetic<'a>> ExactSizeIterator for Layers<'a, A> {}

fn check_latent_map<'a, A: Arithmetic<'a>>(map: &[u8], latent: u32) -> Result<(), LoadError> {
    let expected = (latent as usize).saturating_mul(A::LATENT_MAP_BYTES);
    if map.len() != expected {
        return Err(LoadError::LatentMapLength { expected, found: map.len() });
    }
    for (latent, (scale, offset)) in latent_pairs(map).enumerate() {
        if !(scale.is_finite() && scale > 0.0 && offset.is_finite()) {
            return Err(LoadError::LatentMapValue { latent });
        }
    }
    Ok(())
}

fn latent_pairs(map: &[u8]) -> impl Iterator<Item = (f32, f32)> {
    map.as_chunks::<8>().0.iter().map(|&[a, b, c, d, e, f, g, h]| {
        (f32::from_le_bytes([a, b, c, d]), f32::from_le_bytes([e, f, g, h]))
    })
}

/// The header repeats what the body holds; both must say the same.
fn check_header<P>(
    header: &Header,
    encoder: Option<&(P, Chain)>,
    decoder: Option<&(P, Chain)>,
) -> Result<(), LoadError> {
    let encoder = encoder.map(|(_, chain)| chain);
    let decoder = decoder.map(|(_, chain)| chain);
    let agree = |field, header: u32, body: usize| {
        let body = u32::try_from(body).unwrap_or(u32::MAX);
        if header == body {
            Ok(())
        } else {
            Err(LoadError::HeaderDisagrees { field, header, body })
        }
    };
    agree("has_encoder", header.has_encoder.into(), encoder.is_some().into())?;
    agree("has_decoder", header.has_decoder.into(), decoder.is_some().into())?;
    if let Some(chain) = encoder {
        agree("features", header.features, chain.inputs())?;
        agree("latent", header.latent, chain.outputs())?;
    }
    if let Some(chain) = decoder {
        agree("latent", header.latent, chain.inputs())?;
        agree("features", header.features, chain.outputs())?;
    }
    agree("encoder_scratch", header.encoder_scratch, encoder.map_or(0, Chain::scratch))?;
    agree("decoder_scratch", header.decoder_scratch, decoder.map_or(0, Chain::scratch))
}
