//! The blob of a model of integers.

use ae_core::{Geometry, Int8Model, MAX_LAYERS, PartSelection, Provenance, crc32c};
use ae_model::Map;
use ae_quantize::{Int8Contract, Int8Layer, Seal, seal};

use super::integers::IntegerModel;
use super::notes::Notes;
use super::tables::{self, Table};
use crate::{ImportError, InputOutput, Origin, PixelMap};

/// What the pixels of an imported model of integers are that come out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputPixels {
    /// Those that stand for what the pixels stand for that go in: an error is a difference of
    /// pixels.
    #[default]
    OfInput,
    /// The integers that the file's runtime gives, and 128.
    OfRuntime,
}

/// Where a model is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Division {
    /// Behind the layer with the fewest outputs, the first of several.
    #[default]
    Narrowest,
    /// Behind the layer that does the work of the operator of this number in the file.
    Behind(usize),
}

/// What the blob says beside its layers.
#[derive(Clone, Debug)]
pub struct Making<'m> {
    /// Name and version of the program.
    pub tool: &'m str,
    /// The file's SHA-256.
    pub digest: [u8; 32],
    /// Which parts to write.
    pub parts: PartSelection,
    /// Where the encoder ends.
    pub division: Division,
    /// What the pixels are that come out.
    pub output: OutputPixels,
}

impl IntegerModel {
    /// The blob.
    ///
    /// # Errors
    /// There is no place to divide it, or it breaks a rule of the format.
    pub fn blob(&self, making: &Making<'_>) -> Result<Vec<u8>, ImportError> {
        let geometries = self.geometries();
        let encoder = divide(making.division, &geometries, &self.notes)?;
        let latent = self.codes[encoder - 1];
        let output = match making.output {
            OutputPixels::OfInput => tables::recoded(self.output(), self.input),
            OutputPixels::OfRuntime => tables::identity(),
        };
        let layers = self.packed(&pixels(&output));
        let bytes: Vec<_> = layers.iter().map(Int8Layer::bytes).collect();
        let (encoder, decoder) = bytes.split_at_checked(encoder).unwrap_or((&bytes, &[]));
        let zero = -latent.scale * f32::from(latent.zero_point);
        let pair = [latent.scale, zero].map(f32::to_le_bytes).concat();
        let latent_map = pair.repeat(encoder.last().map_or(0, |layer| layer.geometry.outputs()));
        let test_image = test_image(geometries.first().map_or(0, |first| first.inputs()));
        let config = self.origin(making).to_bytes();
        let blob = seal::<Int8Contract>(
            encoder,
            decoder,
            &Seal {
                parts: making.parts,
                latent_map: &latent_map,
                provenance: Provenance { tool: making.tool, config: &config, data: &[] },
                test_image: &test_image,
            },
        );
        blob.map_err(|error| ImportError::Unfit {
            reason: format!("the model cannot be a blob: {error}"),
            mend: "make a smaller model".to_owned(),
        })
    }

    fn origin(&self, making: &Making<'_>) -> Origin {
        Origin {
            format: self.format.to_string(),
            digest: making.digest,
            pixels: vec![PixelMap::of_codes(self.input)],
            integers: Some(InputOutput {
                input: self.input,
                output: self.output(),
                last: match self.last_table() {
                    table if table == tables::identity() => Vec::new(),
                    table => table.to_vec(),
                },
            }),
            channels_first: sizes(self.order),
            layers: self.sources.clone(),
        }
    }
}

/// Layers of the encoder.
pub(super) fn divide(
    division: Division,
    geometries: &[Geometry],
    notes: &Notes,
) -> Result<usize, ImportError> {
    let count = geometries.len();
    let possible = geometries.get(..count.saturating_sub(1)).unwrap_or_default();
    let unfit = |reason: String, mend: &str| ImportError::Unfit { reason, mend: mend.to_owned() };
    let layer = match division {
        Division::Narrowest => narrowest(possible).ok_or_else(|| {
            unfit(
                format!(
                    "encoder and decoder need a layer each, and the number of layers is {count}"
                ),
                "import a model with a latent between two layers",
            )
        }),
        Division::Behind(operator) => {
            let layer = notes.layer_of(operator).filter(|&layer| layer < possible.len());
            layer.ok_or_else(|| {
                unfit(
                    format!("the encoder cannot end with operator {operator}: no layer but the last ends there"),
                    "name the operator of another layer for the end of the encoder",
                )
            })
        }
    }?;
    let encoder = layer + 1;
    for (part, layers) in [("encoder", encoder), ("decoder", count - encoder)] {
        if layers > MAX_LAYERS {
            return Err(unfit(
                format!(
                    "the {part} has {layers} layers, and a part of a blob has at most {MAX_LAYERS}"
                ),
                "let the encoder end with another layer, or make the model with fewer layers",
            ));
        }
    }
    Ok(encoder)
}

/// The layer with the fewest outputs, the first of several. Where none has fewer than go in, the
/// encoder ends where the map begins to grow again.
fn narrowest(geometries: &[Geometry]) -> Option<usize> {
    let inputs = geometries.first()?.inputs();
    let least = (0..geometries.len()).min_by_key(|&layer| geometries[layer].outputs())?;
    let grows = |geometry: &Geometry| matches!(geometry, Geometry::Spatial(spatial) if spatial.is_interleaved());
    match geometries.iter().position(grows).and_then(|layer| layer.checked_sub(1)) {
        Some(before) if geometries[least].outputs() >= inputs => Some(before),
        _ => Some(least),
    }
}

/// Height, width and channels.
pub(super) fn sizes(map: Option<Map>) -> Option<[u32; 3]> {
    map.map(|Map { height, width, channels }| [height, width, channels].map(|size| size as u32))
}

/// An input for the digests of all layers, in which every pixel occurs if there is room.
pub(super) fn test_image(pixels: usize) -> Vec<u8> {
    (0..pixels).map(|at| (at.wrapping_mul(89) % 256) as u8).collect()
}

/// The same blob with its output's pixels as the file's runtime gives them.
#[must_use]
pub fn with_runtime_output(blob: &[u8], ends: &InputOutput) -> Option<Vec<u8>> {
    let model = Int8Model::parse(blob).ok()?;
    let last = model.decoder()?.layers().last()?;
    let [table] = last.arithmetic().tables() else { return None };
    let at = table.as_ptr().addr().checked_sub(blob.as_ptr().addr())?;
    let own = match &ends.last[..] {
        [] => tables::identity(),
        table => table.try_into().ok()?,
    };
    let mut blob = blob.to_vec();
    *blob.get_mut(at..)?.first_chunk_mut()? = pixels(&own);
    // Where the header has it, of all that stands behind it.
    let checksum = crc32c(blob.get(20..)?);
    *blob.get_mut(16..)?.first_chunk_mut()? = checksum.to_le_bytes();
    Some(blob)
}

/// The pixel of each integer.
fn pixels(codes: &Table) -> Table {
    codes.map(|code| code ^ 0x80)
}
