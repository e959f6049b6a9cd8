//! A model in the layout that a core is fast with.

use ae_core::{
    Arithmetic, Contract, Description, Header, Int8, Int8Model, LayerSpec, Layout, LoadError, Part,
    PartSpec, WriteError,
};

/// Why a model cannot be arranged.
#[derive(Debug, thiserror::Error)]
pub enum ArrangeError {
    /// The bytes are no model.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The model cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// The same model with all int8 layers in `layout`: the same model id, the same results, another
/// order of its weights. An f32 model has one layout and stays as it is.
///
/// # Errors
/// The bytes are no model, or the model becomes longer than a blob may be.
pub fn arrange(blob: &[u8], layout: Layout) -> Result<Vec<u8>, ArrangeError> {
    if Header::check(blob)?.contract == Contract::F32 {
        return Ok(blob.to_vec());
    }
    let model = Int8Model::parse(blob)?;
    let data = [model.encoder(), model.decoder()].map(|part| data(part, layout));
    let [encoder, decoder] = [(model.encoder(), &data[0]), (model.decoder(), &data[1])]
        .map(|(part, data)| layers(part, layout, data));
    let pairs = model.latent_map().flat_map(|(scale, offset)| [scale, offset]);
    let latent_map: Vec<u8> = pairs.flat_map(f32::to_le_bytes).collect();
    let description = Description {
        model_id: model.header().model_id,
        latent_map: &latent_map,
        provenance: *model.provenance(),
        detection: model.detection()?,
        encoder: part_spec(model.encoder(), &encoder),
        decoder: part_spec(model.decoder(), &decoder),
    };
    Ok(write(&description)?)
}

/// [`ae_core::write`] into memory of the size that it takes.
///
/// # Errors
/// The model is not valid.
pub fn write<'a, A: Arithmetic<'a>>(model: &Description<'_, 'a, A>) -> Result<Vec<u8>, WriteError> {
    let mut blob = Vec::new();
    loop {
        match ae_core::write(model, &mut blob) {
            // The first writing only measures.
            Err(WriteError::BufferTooSmall { needed, found }) if found < needed => {
                blob.resize(needed, 0);
            }
            written => return written.map(|_| blob),
        }
    }
}

/// The data sections of a part's layers.
fn data(part: Option<&Part<'_, Int8<'_>>>, layout: Layout) -> Vec<Vec<u8>> {
    let layers = part.into_iter().flat_map(Part::layers);
    let data = layers.map(|layer| {
        let len = layout.data_len(layer.inputs(), layer.outputs());
        // Of the size of the data that is in memory already, and some bytes more.
        let mut data = vec![0; usize::try_from(len).unwrap_or(usize::MAX)];
        layer.arrange(layout, &mut data);
        data
    });
    data.collect()
}

fn layers<'a>(
    part: Option<&Part<'a, Int8<'a>>>,
    layout: Layout,
    data: &'a [Vec<u8>],
) -> Vec<LayerSpec<'a, Int8<'a>>> {
    let layers = part.into_iter().flat_map(Part::layers).zip(data);
    let layers = layers.map(|(layer, data)| LayerSpec {
        inputs: u32::try_from(layer.inputs()).unwrap_or(u32::MAX),
        outputs: u32::try_from(layer.outputs()).unwrap_or(u32::MAX),
        digest: layer.digest(),
        arithmetic: layer.arithmetic().with_layout(layout),
        data,
    });
    layers.collect()
}

fn part_spec<'d, 'a>(
    part: Option<&Part<'a, Int8<'a>>>,
    layers: &'d [LayerSpec<'a, Int8<'a>>],
) -> Option<PartSpec<'d, 'a, Int8<'a>>>
where
    'a: 'd,
{
    part.map(|part| PartSpec { layers, test_input: part.test_input() })
}
