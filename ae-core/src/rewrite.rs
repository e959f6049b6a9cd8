//! Blobs in memory of their own: a description written, and a blob written again as another one.
//!
//! Only hosts have a heap: this module is behind the feature `alloc`.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::contract::Contract;
use crate::detection::Detection;
use crate::error::{LoadError, WriteError};
use crate::geometry::Layout;
use crate::header::Header;
use crate::layer::{Arithmetic, Layer};
use crate::model::{Model, Part};
use crate::part::{PartKind, PartSelection};
use crate::write::{Description, LayerSpec, PartSpec, write};
use crate::{F32Model, Int8Model};

/// Why a blob cannot be written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RewriteError {
    /// The blob lacks a part that is asked for.
    Lacks(PartKind),
    /// The bytes are not a model.
    Load(LoadError),
    /// The new blob cannot be written.
    Write(WriteError),
}

impl fmt::Display for RewriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lacks(part) => write!(f, "the blob has no {part}"),
            Self::Load(error) => error.fmt(f),
            Self::Write(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for RewriteError {}

impl From<LoadError> for RewriteError {
    fn from(error: LoadError) -> Self {
        Self::Load(error)
    }
}

impl From<WriteError> for RewriteError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

/// [`write()`](crate::write()) into memory of the size that it takes.
///
/// # Errors
/// The model is not valid.
pub fn write_to_vec<'m, A: Arithmetic<'m>>(
    model: &Description<'_, 'm, A>,
) -> Result<Vec<u8>, WriteError> {
    let mut blob = Vec::new();
    loop {
        match write(model, &mut blob) {
            // The first writing only measures.
            Err(WriteError::BufferTooSmall { needed, found }) if found < needed => {
                blob.resize(needed, 0);
            }
            written => return written.map(|_| blob),
        }
    }
}

/// The same model with all int8 layers in `layout`: the same model id, the same results, another
/// order of its weights. An f32 model has one layout and stays as it is.
///
/// # Errors
/// The bytes are not a model, or the model becomes longer than a blob may be.
pub fn arrange(blob: &[u8], layout: Layout) -> Result<Vec<u8>, RewriteError> {
    rewrite(blob, &Changes { layout: Some(layout), ..Changes::NONE })
}

/// The blob with `parts` alone: the same bytes as if the model had been written with these parts.
///
/// Test vectors, digests and model id stay. A detection section stays if both parts do, because one
/// part alone reconstructs nothing.
///
/// # Errors
/// The bytes are not a model, or the blob lacks a part that is asked for.
pub fn select_parts(blob: &[u8], parts: PartSelection) -> Result<Vec<u8>, RewriteError> {
    rewrite(blob, &Changes { parts: Some(parts), ..Changes::NONE })
}

/// The blob with this detection section in the place of its own.
///
/// # Errors
/// The bytes are not a model, or no detector could follow the section.
pub fn with_detection(blob: &[u8], detection: &Detection<'_>) -> Result<Vec<u8>, RewriteError> {
    rewrite(blob, &Changes { detection: Some(*detection), ..Changes::NONE })
}

/// The blob with its layers over maps computed in strips, where that takes less scratch, or not: the same
/// results with another scratch.
///
/// # Errors
/// The bytes are not a model.
pub fn with_strips(blob: &[u8], in_strips: bool) -> Result<Vec<u8>, RewriteError> {
    rewrite(blob, &Changes { in_strips: Some(in_strips), ..Changes::NONE })
}

/// What a new blob has that the old one has not. All else stays.
struct Changes<'d> {
    layout: Option<Layout>,
    parts: Option<PartSelection>,
    detection: Option<Detection<'d>>,
    in_strips: Option<bool>,
}

impl Changes<'_> {
    const NONE: Self = Self { layout: None, parts: None, detection: None, in_strips: None };
}

fn rewrite(blob: &[u8], changes: &Changes<'_>) -> Result<Vec<u8>, RewriteError> {
    // The new data outlives the model only where the arithmetic's type is known; so each is here.
    match Header::check(blob)?.contract {
        Contract::Int8 => {
            let model = Int8Model::parse(blob)?;
            let data = new_data(&model, changes.layout);
            rewrite_model(&model, &data, changes)
        }
        Contract::F32 => {
            let model = F32Model::parse(blob)?;
            let data = new_data(&model, changes.layout);
            rewrite_model(&model, &data, changes)
        }
    }
}

/// The data sections of encoder and decoder, layer by layer; `None` where the old one stays.
type NewData = [Vec<Option<Vec<u8>>>; 2];

fn new_data<'a, A: Arithmetic<'a>>(model: &Model<'a, A>, layout: Option<Layout>) -> NewData {
    let arranged = |layer: Layer<'a, A>| {
        let layout = layout?;
        let (old, new) = (layer.arithmetic().storage(), layer.arithmetic_in(layout));
        if new.storage() == old {
            return None;
        }
        // Of the size of the data that is in memory already, and some bytes more.
        let len = layer.geometry().data_len(new.storage());
        let mut data = vec![0; usize::try_from(len).unwrap_or(usize::MAX)];
        layer.arrange(layout, &mut data);
        Some(data)
    };
    [model.encoder(), model.decoder()]
        .map(|part| part.into_iter().flat_map(Part::layers).map(arranged).collect())
}

fn rewrite_model<'a, A: Arithmetic<'a>>(
    model: &Model<'a, A>,
    [encoder_data, decoder_data]: &'a NewData,
    changes: &Changes<'_>,
) -> Result<Vec<u8>, RewriteError> {
    let part = |kind, part| selected(kind, part, changes.parts);
    let encoder = part(PartKind::Encoder, model.encoder())?;
    let decoder = part(PartKind::Decoder, model.decoder())?;
    let detection = match (changes.detection, changes.parts) {
        (Some(detection), _) => Some(detection),
        (None, None | Some(PartSelection::Both)) => model.detection()?,
        (None, Some(PartSelection::Encoder | PartSelection::Decoder)) => None,
    };
    let pairs = model.latent_map().flat_map(|(scale, offset)| [scale, offset]);
    let latent_map: Vec<u8> = pairs.flat_map(f32::to_le_bytes).collect();
    let encoder_layers = layers(encoder, encoder_data, changes.layout);
    let decoder_layers = layers(decoder, decoder_data, changes.layout);
    let spec = |part: &Part<'a, A>, layers| PartSpec { layers, test_input: part.test_input() };
    Ok(write_to_vec(&Description {
        model_id: model.header().model_id,
        latent_map: &latent_map,
        provenance: *model.provenance(),
        detection,
        in_strips: changes.in_strips.unwrap_or(model.header().in_strips),
        encoder: encoder.map(|part| spec(part, &*encoder_layers)),
        decoder: decoder.map(|part| spec(part, &*decoder_layers)),
    })?)
}

/// The part, if the new blob is to have it. Without a selection it has what the old one has.
fn selected<P>(
    kind: PartKind,
    part: Option<P>,
    selection: Option<PartSelection>,
) -> Result<Option<P>, RewriteError> {
    match selection {
        None => Ok(part),
        Some(selection) if !selection.holds(kind) => Ok(None),
        Some(_) => part.map(Some).ok_or(RewriteError::Lacks(kind)),
    }
}

fn layers<'a, A: Arithmetic<'a>>(
    part: Option<&Part<'a, A>>,
    data: &'a [Option<Vec<u8>>],
    layout: Option<Layout>,
) -> Vec<LayerSpec<'a, A>> {
    let layers = part.into_iter().flat_map(Part::layers).zip(data);
    let layers = layers.map(|(layer, data)| {
        let arithmetic = *layer.arithmetic();
        LayerSpec {
            geometry: layer.geometry(),
            digest: layer.digest(),
            arithmetic: layout.map_or(arithmetic, |layout| layer.arithmetic_in(layout)),
            data: data.as_deref().unwrap_or(layer.data()),
        }
    });
    layers.collect()
}
