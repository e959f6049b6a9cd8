//! What each layer computes, against what the file's own runtime has there.

use ae_core::Contract;
use ae_data::npy::{Numbers, Values};
use ae_engine::{Layers, in_rows};
use ae_quantize::Meaning;
use rayon::prelude::*;

use super::difference::{Difference, Sums};
use super::{AgreementError, Runner, ordered};
use crate::lower::with_runtime_output;
use crate::{Codes, LayerSource, PixelMap};

/// How what a layer gives agrees with what a runtime gives there.
#[derive(Clone, Debug, PartialEq)]
pub enum LayerAgreement {
    /// Of integers.
    Integers {
        /// Bytes that were compared.
        bytes: usize,
        /// Bytes that differ.
        differ: usize,
        /// The largest difference.
        largest: u8,
        /// Sample and value of the first byte that differs.
        first: Option<(usize, usize)>,
    },
    /// Of real numbers.
    Real(Difference),
}

/// A layer of a blob, as the file knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerName {
    /// Its number, the encoder's layers first.
    pub layer: usize,
    /// What the file calls what it gives. Empty where it says nothing, or too much for a blob.
    pub name: String,
    /// Whether the file has it. If not, the layer cannot be compared.
    pub is_in_file: bool,
}

impl LayerName {
    /// Whether an array of this name is of the layer: it is called by the file's name, of which a
    /// converter may have joined others in front with semicolons, or `layer 3`.
    #[must_use]
    pub fn is(&self, array: &str) -> bool {
        let by_name = array == self.name || array.rsplit(';').next() == Some(&self.name);
        by_name && !self.name.is_empty() || array == format!("layer {}", self.layer)
    }
}

impl Runner<'_> {
    /// The layers that can be compared with those of the file.
    ///
    /// # Errors
    /// The blob does not say where the file has them.
    pub fn layers(&self) -> Result<Vec<LayerName>, AgreementError> {
        let sources = self.origin.as_ref().map_or(&[][..], |origin| &origin.layers);
        if sources.is_empty() {
            return Err(AgreementError::NoLayers);
        }
        let layers = sources.iter().enumerate().map(|(layer, source)| LayerName {
            layer,
            name: source.as_ref().map_or_else(String::new, |source| source.name.clone()),
            is_in_file: source.is_some(),
        });
        Ok(layers.collect())
    }

    /// Compares what a layer gives with what a runtime gave there for the same inputs.
    ///
    /// # Errors
    /// Other sizes or types than the layer's, or the file does not have it.
    pub fn compare_layer(
        &self,
        layer: usize,
        inputs: &Numbers,
        outputs: &Numbers,
    ) -> Result<LayerAgreement, AgreementError> {
        let (expected, found) = (self.width, inputs.width());
        if expected != found {
            return Err(AgreementError::Width { what: "the data", expected, found });
        }
        if inputs.samples != outputs.samples {
            let (inputs, outputs) = (inputs.samples, outputs.samples);
            return Err(AgreementError::Samples { inputs, outputs });
        }
        let sources = self.origin.as_ref().map_or(&[][..], |origin| &origin.layers);
        let source = sources.get(layer).and_then(Option::as_ref);
        let source = source.ok_or(AgreementError::Layer { layer })?;
        let ends = self.origin.as_ref().and_then(|origin| origin.integers.as_ref());
        // Every byte is to be seen, so the output is taken before it is changed to the input's scale.
        let raw = ends.and_then(|ends| with_runtime_output(self.blob, ends));
        let blob = match self.contract {
            Contract::Int8 => &in_rows(raw.as_deref().unwrap_or(self.blob))?,
            Contract::F32 => self.blob,
        };
        let layers = Layers::load(blob)?;
        let widths = layers.widths();
        let (expected, found) = (widths.get(layer).copied().unwrap_or(0), outputs.width());
        if expected == 0 {
            return Err(AgreementError::Layer { layer });
        }
        if expected != found {
            return Err(AgreementError::LayerWidth { layer, expected, found });
        }
        let order = source.channels_first.filter(|sizes| {
            let product =
                sizes.iter().try_fold(1, |all: usize, &size| all.checked_mul(size as usize));
            product == Some(expected)
        });
        match self.contract {
            Contract::Int8 => {
                let wanted = integers(&outputs.values, order, source)
                    .ok_or(AgreementError::LayerCodes { layer })?;
                let pixels = self.pixels(inputs);
                // The last layer gives pixels.
                let shift = if layer + 1 == widths.len() { 128.0 } else { 0.0 };
                let samples =
                    pixels.par_chunks_exact(self.width).zip(wanted.par_chunks_exact(expected));
                let found = samples.map(|(pixels, wanted)| {
                    let outputs = layers.of_pixels(pixels)?;
                    let found = outputs.get(layer).into_iter().flatten().zip(wanted);
                    // Integers of 8 bits are exact as f32.
                    let differences = found
                        .map(|(&found, &wanted)| (found - shift - f32::from(wanted)).abs() as u8);
                    Ok(differences.collect())
                });
                Ok(bytes(&found.collect::<Result<Vec<Vec<u8>>, AgreementError>>()?))
            }
            Contract::F32 => {
                let (Values::F32(given), Values::F32(wanted)) = (&inputs.values, &outputs.values)
                else {
                    return Err(AgreementError::Type { what: "inputs and outputs" });
                };
                let units = self.units(&self.ordered(given));
                let wanted = ordered(order, wanted);
                let samples =
                    units.par_chunks_exact(self.width).zip(wanted.par_chunks_exact(expected));
                let found = samples.map(|(units, wanted)| {
                    let outputs = layers.of_values(units)?;
                    let mut sums = Sums::default();
                    let found = outputs.get(layer).into_iter().flatten().zip(wanted);
                    found.for_each(|(&found, &wanted)| sums.add(found.into(), wanted.into()));
                    Ok(sums)
                });
                let found = found.collect::<Result<Vec<Sums>, AgreementError>>()?;
                Ok(LayerAgreement::Real(Sums::of_all(&found).difference()))
            }
        }
    }
}

/// Numbers of a layer as its integers; `None` where the file does not say what these stand for.
fn integers(values: &Values, order: Option<[u32; 3]>, source: &LayerSource) -> Option<Vec<i8>> {
    Some(match values {
        Values::I8(codes) => ordered(order, codes),
        Values::U8(codes) => {
            ordered(order, codes).into_iter().map(|code| (code ^ 0x80) as i8).collect()
        }
        Values::F32(values) => {
            let codes: Codes = source.codes?;
            ordered(order, values).into_iter().map(|value| codes.code(value)).collect()
        }
    })
}

/// Of the differences of each sample.
fn bytes(samples: &[Vec<u8>]) -> LayerAgreement {
    let all = samples.iter().flatten().copied();
    let of_sample = |(sample, differences): (usize, &Vec<u8>)| {
        Some((sample, differences.iter().position(|&difference| difference != 0)?))
    };
    LayerAgreement::Integers {
        bytes: all.clone().count(),
        differ: all.clone().filter(|&difference| difference != 0).count(),
        largest: all.max().unwrap_or(0),
        first: samples.iter().enumerate().find_map(of_sample),
    }
}

/// How far the layers of a quantised blob are from those of the network that it was made of, an f32
/// blob of which takes the same pixels. The samples are numbers in the order of the blob.
pub(crate) fn of_quantised(
    [float, int8]: [&[u8]; 2],
    meanings: &[Meaning],
    maps: &[PixelMap],
    samples: &[f32],
    width: usize,
) -> Result<Vec<Difference>, AgreementError> {
    let rows = in_rows(int8)?;
    let (float, int8) = (Layers::load(float)?, Layers::load(&rows)?);
    let map = |at: usize| maps.get(at % maps.len().max(1)).copied().unwrap_or(PixelMap::PLAIN);
    let of_sample = |sample: &[f32]| -> Result<Vec<Sums>, AgreementError> {
        let values = || sample.iter().enumerate();
        let pixels: Vec<u8> = values().map(|(at, &value)| map(at).pixel(value)).collect();
        let units: Vec<f32> = values().map(|(at, &value)| map(at).unit(value)).collect();
        let (wanted, found) = (float.of_values(&units)?, int8.of_pixels(&pixels)?);
        let count = found.len();
        let layers = found.iter().zip(&wanted).zip(meanings).enumerate();
        Ok(layers
            .map(|(layer, ((found, wanted), meaning))| {
                let mut sums = Sums::default();
                let is_last = layer + 1 == count;
                let shift = if is_last { 128.0 } else { 0.0 };
                for (at, &integer) in found.iter().enumerate() {
                    let wanted = wanted.get(meaning.place(at)).copied().unwrap_or(f32::NAN);
                    let pair = [meaning.real(at, (integer - shift) as i8), wanted.into()];
                    // What comes out has the units of the file again, and each value its own range.
                    let [found, wanted] =
                        if is_last { pair.map(|it| map(at).of_unit(it)) } else { pair };
                    sums.add(found, wanted);
                }
                sums
            })
            .collect())
    };
    let found = samples.par_chunks_exact(width.max(1)).map(of_sample);
    let found = found.collect::<Result<Vec<Vec<Sums>>, AgreementError>>()?;
    let of_layer = |layer: usize| {
        Sums::of_all(found.iter().filter_map(|sample| sample.get(layer))).difference()
    };
    Ok((0..meanings.len()).map(of_layer).collect())
}
