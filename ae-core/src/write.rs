//! The writer: a description becomes a blob that the loader accepts, or an error.

use serde::Serialize;

use crate::canonical::serialized_size;
use crate::checksum::crc32c;
use crate::detection::Detection;
use crate::error::WriteError;
use crate::format::DATA_ALIGNMENT;
use crate::geometry::{Buffers, Chain, Geometry};
use crate::header::Header;
use crate::layer::{Arithmetic, Layer};
use crate::model::{InputMap, Preamble, Provenance};

/// A model to write.
#[derive(Debug, Clone, Copy)]
pub struct Description<'d, 'm, A> {
    /// Pairs an encoder with its decoder.
    pub model_id: [u8; 16],
    /// `(scale, offset)` of each latent value as f32, little-endian; empty for f32 models.
    pub latent_map: &'d [u8],
    /// Where the model comes from.
    pub provenance: Provenance<'d>,
    /// What the blob says to a detector.
    pub detection: Option<Detection<'d>>,
    /// Whether layers over maps are computed in strips where that takes less scratch; see
    /// [`Header::in_strips`].
    pub in_strips: bool,
    /// Pixels to latent.
    pub encoder: Option<PartSpec<'d, 'm, A>>,
    /// Latent to pixels.
    pub decoder: Option<PartSpec<'d, 'm, A>>,
}

/// A part to write.
#[derive(Debug, Clone, Copy)]
pub struct PartSpec<'d, 'm, A> {
    /// First to last.
    pub layers: &'d [LayerSpec<'m, A>],
    /// What the digests belong to.
    pub test_input: &'d [u8],
}

/// A layer to write.
#[derive(Debug, Clone, Copy)]
pub struct LayerSpec<'m, A> {
    /// Its kind and its sizes.
    pub geometry: Geometry,
    /// See [`Layer::digest`].
    pub digest: u32,
    /// What the arithmetic adds.
    pub arithmetic: A,
    /// The data section, as the arithmetic describes it.
    pub data: &'m [u8],
}

/// Writes `model` to the front of `buffer` and gives the blob's length in bytes.
///
/// The blob is read back by [`Model::parse`](crate::Model::parse) before this returns, so what is
/// written is what a loader accepts: shapes chain, every length fits, no sum can overflow.
///
/// # Errors
/// The buffer is too small, or the model is not valid.
pub fn write<'m, A: Arithmetic<'m>>(
    model: &Description<'_, 'm, A>,
    buffer: &mut [u8],
) -> Result<usize, WriteError> {
    let mut body = Body { len: Header::LEN, buffer };
    body.put(&Preamble {
        input: InputMap::Pixels,
        latent_map: model.latent_map,
        provenance: model.provenance,
    });
    body.put_detection(model.detection.as_ref());
    let encoder = body.put_part(model.encoder.as_ref(), model.in_strips);
    let decoder = body.put_part(model.decoder.as_ref(), model.in_strips);

    let Body { buffer, len } = body;
    let too_small = WriteError::BufferTooSmall { needed: len, found: buffer.len() };
    let blob = buffer.get_mut(..len).ok_or(too_small)?;
    let buffers = Buffers::of(A::CONTRACT, encoder.as_ref(), decoder.as_ref());
    // Lengths over 32 bits end as a header that disagrees with the body, which the loader refuses.
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    let mut header = Header {
        total_len: number(len),
        checksum: 0,
        contract: A::CONTRACT,
        has_encoder: encoder.is_some(),
        has_decoder: decoder.is_some(),
        in_strips: [&encoder, &decoder].into_iter().flatten().any(Chain::has_strips),
        model_id: model.model_id,
        features: number(buffers.features),
        latent: number(buffers.latent),
        encoder_scratch: number(buffers.encoder_scratch),
        decoder_scratch: number(buffers.decoder_scratch),
    };
    put_header(&header, blob);
    header.checksum = crc32c(blob.get(Header::SEALED_FROM..).unwrap_or_default());
    put_header(&header, blob);
    A::validate(blob)?;
    Ok(len)
}

fn put_header(header: &Header, blob: &mut [u8]) {
    if let Some(front) = blob.first_chunk_mut() {
        *front = header.to_bytes();
    }
}

/// The bytes written so far.
struct Body<'b> {
    buffer: &'b mut [u8],
    len: usize,
}

impl Body<'_> {
    /// Writes `value`, or only counts its bytes once the buffer is full.
    fn put<T: Serialize>(&mut self, value: &T) {
        let size = serialized_size(value);
        let end = self.len.saturating_add(size);
        if let Some(place) = self.buffer.get_mut(self.len..end) {
            // The place has exactly the size of the value.
            let _ = postcard::to_slice(value, place);
        }
        self.len = end;
    }

    /// Writes the detection section's length, 0 if there is none, and the section.
    fn put_detection(&mut self, detection: Option<&Detection<'_>>) {
        let features = detection.and_then(|it| it.features);
        let groups = detection.map(|it| it.groups.0).filter(|it| !it.is_empty());
        let with_groups = if groups.is_some() { Detection::WITH_GROUPS } else { 0 };
        let smoothing = detection.map(|it| it.smoothing | with_groups);
        let smoothing = smoothing.filter(|&it| it != 0 || features.is_some());
        let len = detection.map_or(0, serialized_size);
        let len = len.saturating_add(smoothing.map_or(0, |it| serialized_size(&it)));
        let len = len.saturating_add(groups.map_or(0, |it| serialized_size(&it)));
        let len = len.saturating_add(features.map_or(0, |it| serialized_size(&it)));
        self.put(&u32::try_from(len).unwrap_or(u32::MAX));
        if let Some(detection) = detection {
            self.put(detection);
        }
        if let Some(smoothing) = smoothing {
            self.put(&smoothing);
        }
        if let Some(groups) = groups {
            self.put(&groups);
        }
        if let Some(features) = features {
            self.put(&features);
        }
    }

    /// Writes `Option<Part>`: tag, number of layers, layers, test input.
    fn put_part<'m, A: Arithmetic<'m>>(
        &mut self,
        part: Option<&PartSpec<'_, 'm, A>>,
        in_strips: bool,
    ) -> Option<Chain> {
        self.put(&part.is_some());
        let part = part?;
        self.put(&u32::try_from(part.layers.len()).unwrap_or(u32::MAX));
        let mut chain = Chain::with_strips(in_strips);
        for spec in part.layers {
            self.put_layer(spec);
            // The loader names a chain that does not hold, with the layer it is in.
            let _ = chain.push(spec.geometry, spec.arithmetic.storage());
        }
        self.put(&part.test_input);
        Some(chain)
    }

    /// Writes a layer with the padding that puts its data on the boundary.
    fn put_layer<'m, A: Arithmetic<'m>>(&mut self, spec: &LayerSpec<'m, A>) {
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let sizes = [spec.geometry.inputs(), spec.geometry.outputs()].map(number);
        let bytes;
        let spatial: &[u8] = match spec.geometry {
            Geometry::Dense(_) => &[],
            Geometry::Spatial(spatial) => {
                bytes = spatial.to_bytes();
                &bytes
            }
        };
        let mut layer = Layer::new(sizes, spatial, spec.digest, spec.arithmetic, spec.data);
        let unpadded = serialized_size(&layer);
        let data_at = self.len.saturating_add(unpadded).saturating_sub(spec.data.len());
        let pad = data_at.wrapping_neg() % DATA_ALIGNMENT;
        layer.set_pad([0; DATA_ALIGNMENT].get(..pad).unwrap_or_default());
        self.put(&layer);
    }
}
