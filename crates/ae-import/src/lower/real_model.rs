//! A model of real numbers, as a network.

use ae_core::{Activation, Geometry};
use ae_model::{LayerF32, Network};

use super::blob::{Division, Making, divide, test_image};
use super::chain::{Chain, Work};
use super::made::Affine;
use super::notes::Notes;
use super::reals::{Layers, layers};
use super::sources::{LayerSource, sources};
use crate::{ImportError, Origin, PixelMap, SourceFormat, SourceModel};

/// A model of real numbers whose layers a blob can hold.
#[derive(Clone, Debug)]
pub struct RealModel {
    /// Without its numbers, which are in the chain.
    model: SourceModel,
    chain: Chain,
    /// Values of a sample, of a model of windows.
    channels: Option<usize>,
}

/// A network whose values from 0 to 1, by pixels, stand for those of a file.
#[derive(Clone, Debug)]
pub struct PixelNetwork {
    /// The network.
    pub network: Network,
    /// What became of each operator.
    pub notes: Notes,
    /// Where the file has what each layer gives.
    pub sources: Vec<Option<LayerSource>>,
}

fn is_finite(layer: &LayerF32) -> bool {
    layer.weights.iter().chain(&layer.bias).all(|number| number.is_finite())
}

impl PixelNetwork {
    /// The network as it is quantised: the pixels' own bounds take the place of a ReLU at its end.
    #[must_use]
    pub fn bounded(self) -> Network {
        let mut network = self.network;
        if let Some(last) = network.decoder.last_mut()
            && last.activation == Activation::Relu
        {
            last.activation = Activation::Identity;
        }
        network
    }
}

impl RealModel {
    pub(super) fn new(model: &SourceModel, chain: Chain) -> Result<Self, ImportError> {
        // What cannot be done is said at once.
        drop(layers(model, &chain, None, None)?);
        Ok(Self { model: model.clone(), chain, channels: None })
    }

    /// The same as a model of windows, whose samples have so many values: the pixels of a channel stand
    /// for the same numbers in each sample.
    ///
    /// # Errors
    /// Windows of such samples have another size.
    pub fn of_windows(self, channels: Option<usize>) -> Result<Self, ImportError> {
        let values = self.chain.values;
        match channels {
            Some(count) if count == 0 || !values.is_multiple_of(count) => Err(ImportError::Unfit {
                reason: format!("windows of {values} values are not made of samples of {count}"),
                mend: "name as many channels as a sample has values".to_owned(),
            }),
            _ => Ok(Self { channels, ..self }),
        }
    }

    /// Values of a sample, of a model of windows.
    pub(crate) fn channels(&self) -> Option<usize> {
        self.channels
    }

    /// Values that go in, and as many that come out.
    #[must_use]
    pub fn values(&self) -> usize {
        self.chain.values
    }

    /// Height, width and channels of the input in a file that has the channels first, where that is
    /// another order of the values.
    #[must_use]
    pub fn channels_first(&self) -> Option<[u32; 3]> {
        super::blob::sizes(self.chain.order)
    }

    /// What pixels should stand for, so that they reach over all of `data`, which is input after
    /// input: one map for all values, or one for each.
    ///
    /// # Errors
    /// The model has no layers, or the data is of another size.
    pub fn pixel_maps(&self, data: &[f32]) -> Result<Vec<PixelMap>, ImportError> {
        let values = self.chain.values;
        if data.is_empty() || !data.len().is_multiple_of(values) {
            return Err(ImportError::Unfit {
                reason: format!("the data has {} values, no multiple of {values}", data.len()),
                mend: "give inputs of the model's own size".to_owned(),
            });
        }
        if let Some((at, value)) = data.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            let (sample, at) = (at / values, at % values);
            return Err(ImportError::Unfit {
                reason: format!("value {at} of sample {sample} of the data is {value}"),
                mend: "leave out samples with numbers that are not finite".to_owned(),
            });
        }
        let one = |low: f32, high: f32| vec![PixelMap { scale: (high - low) / 255.0, offset: low }];
        let within = |low: f32, high: f32| data.iter().all(|&value| (low..=high).contains(&value));
        let end = layers(&self.model, &self.chain, None, None)?.last_activation();
        match end {
            Some(Activation::Logistic) if within(0.0, 1.0) => return Ok(one(0.0, 1.0)),
            Some(Activation::Tanh) if within(-1.0, 1.0) => return Ok(one(-1.0, 1.0)),
            _ => (),
        }
        let period = self.period();
        let mut ranges = vec![(f32::INFINITY, f32::NEG_INFINITY); period];
        for (at, &value) in data.iter().enumerate() {
            let (low, high) = &mut ranges[at % period];
            (*low, *high) = (low.min(value), high.max(value));
        }
        if end == Some(Activation::Relu) {
            // Then a pixel's own bound is that of the last layer.
            ranges.iter_mut().for_each(|(low, _)| *low = 0.0);
        }
        let widest = ranges.iter().map(|(low, high)| high - low).fold(0.0, f32::max);
        let least = (widest / 1000.0).max(f32::MIN_POSITIVE * 1e6);
        let maps = ranges.into_iter().map(|(low, high)| PixelMap {
            scale: (high - low).max(least).max(low.abs() * 1e-5) / 255.0,
            offset: low,
        });
        Ok(maps.collect())
    }

    /// Numbers that may differ in what their pixels stand for: all values where dense layers are at
    /// both ends, and else the channels.
    fn period(&self) -> usize {
        if let Some(channels) = self.channels {
            return channels;
        }
        let layers = self.chain.stages.iter().filter_map(|stage| match &stage.work {
            Work::Weighted(weighted) => Some(weighted.geometry),
            Work::Passing(geometry) => Some(*geometry),
            _ => None,
        });
        let geometries: Vec<Geometry> = layers.collect();
        let is_dense = |geometry: Option<&Geometry>| matches!(geometry, Some(Geometry::Dense(_)));
        match self.chain.map {
            Some(map) if !is_dense(geometries.first()) || !is_dense(geometries.last()) => {
                map.channels
            }
            _ => self.chain.values,
        }
    }

    /// The network for such pixels.
    ///
    /// # Errors
    /// There is no place to divide it.
    pub fn network(
        &self,
        maps: &[PixelMap],
        division: Division,
    ) -> Result<PixelNetwork, ImportError> {
        if !self.chain.values.is_multiple_of(maps.len()) {
            return Err(ImportError::Unfit {
                reason: format!(
                    "there are {} maps of pixels for {} values",
                    maps.len(),
                    self.chain.values
                ),
                mend: "give one for all values, or one for each channel or value".to_owned(),
            });
        }
        let of_maps = |number: &dyn Fn(&PixelMap) -> f64| maps.iter().map(number).collect();
        let scale = |map: &PixelMap| 255.0 * f64::from(map.scale);
        let offset = |map: &PixelMap| f64::from(map.offset);
        let into = Affine { factor: of_maps(&scale), shift: of_maps(&offset) };
        let out = Affine {
            factor: of_maps(&|map| 1.0 / scale(map)),
            shift: of_maps(&|map| -offset(map) / scale(map)),
        };
        let is_plain = maps.iter().all(|map| *map == PixelMap::PLAIN);
        let ends = |affine: Affine| (!is_plain).then_some(affine);
        let mut layers: Layers<'_> = layers(&self.model, &self.chain, ends(into), ends(out))?;
        layers.end_in_pixels();
        let encoder = divide(division, &layers.geometries(), &layers.notes)?;
        let notes = layers.notes.clone();
        let mut all = layers.finish();
        if let Some(layer) = all.iter().position(|layer| !is_finite(layer)) {
            return Err(ImportError::Unfit {
                reason: format!(
                    "with what is folded into layer {layer} its numbers are beyond those of an f32"
                ),
                mend: "make the model with smaller numbers".to_owned(),
            });
        }
        let sources = sources(&self.model, &self.chain, &notes, all.len());
        let decoder = all.split_off(encoder);
        Ok(PixelNetwork { network: Network { encoder: all, decoder }, notes, sources })
    }

    /// What the blob says of its making, but for its layers.
    #[must_use]
    pub fn origin(&self, maps: &[PixelMap], making: &Making<'_>) -> Origin {
        Origin {
            format: self.format().to_string(),
            digest: making.digest,
            pixels: maps.to_vec(),
            integers: None,
            channels_first: self.channels_first(),
            layers: Vec::new(),
        }
    }

    /// The kind of file.
    #[must_use]
    pub fn format(&self) -> SourceFormat {
        self.model.format
    }

    /// An input for the digests of all layers.
    #[must_use]
    pub fn test_image(&self) -> Vec<u8> {
        test_image(self.chain.values)
    }
}
