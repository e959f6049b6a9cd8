//! What a blob computes, against what the file's own runtime computes.

mod difference;
mod error;
mod layers;

use ae_core::Contract;
use ae_data::Images;
use ae_data::npy::{Numbers, Values};
use ae_engine::{EngineError, contract_of, provenance, reconstruct, reconstruct_values};

use crate::lower::with_runtime_output;
use crate::{Codes, Origin, PixelMap};

pub use difference::Difference;
pub use error::AgreementError;
pub(crate) use layers::of_quantised;
pub use layers::{LayerAgreement, LayerName};

/// How a blob's outputs agree with those of a runtime.
#[derive(Clone, Debug, PartialEq)]
pub enum Agreement {
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
    Real {
        /// Values that were compared.
        values: usize,
        /// The largest difference, over the standard deviation of the runtime's outputs.
        largest: f64,
        /// The same, over the largest of these outputs.
        relative: f64,
        /// Mean squared errors of the reconstructions: the runtime's, and the blob's.
        errors: [f64; 2],
        /// The contract of the blob.
        contract: Contract,
    },
}

/// What a blob makes of inputs, in the order and the units of its file.
pub struct Runner<'b> {
    blob: &'b [u8],
    contract: Contract,
    origin: Option<Origin>,
    width: usize,
}

impl<'b> Runner<'b> {
    /// Of a blob, imported or trained here.
    ///
    /// # Errors
    /// The blob is not one.
    pub fn new(blob: &'b [u8]) -> Result<Self, AgreementError> {
        let contract = contract_of(blob).map_err(EngineError::from)?;
        let provenance = provenance(blob).map_err(EngineError::from)?;
        let header = ae_engine::check(blob).map_err(EngineError::from)?;
        let width = header.features as usize;
        let origin = Origin::from_bytes(&provenance.config).filter(|origin| origin.fits(width));
        Ok(Self { blob, contract, origin, width })
    }

    fn map(&self, value: usize) -> PixelMap {
        let maps = self.origin.as_ref().map_or(&[PixelMap::PLAIN][..], |origin| &origin.pixels);
        maps.get(value % maps.len().max(1)).copied().unwrap_or(PixelMap::PLAIN)
    }

    /// Inputs as the blob takes them, of numbers in the file's order.
    fn ordered<T: Copy>(&self, numbers: &[T]) -> Vec<T> {
        ordered(self.origin.as_ref().and_then(|origin| origin.channels_first), numbers)
    }

    /// The pixels of inputs.
    pub fn pixels(&self, inputs: &Numbers) -> Vec<u8> {
        let ends = self.origin.as_ref().and_then(|origin| origin.integers.as_ref());
        self.codes(inputs, ends.map(|ends| ends.input))
    }

    /// Numbers as pixels; those of a model of integers have these codes.
    fn codes(&self, numbers: &Numbers, codes: Option<Codes>) -> Vec<u8> {
        match (&numbers.values, codes) {
            (Values::I8(codes), _) => {
                self.ordered(codes).iter().map(|&code| code as u8 ^ 0x80).collect()
            }
            (Values::U8(pixels), _) => self.ordered(pixels),
            (Values::F32(values), Some(codes)) => {
                let codes = self.ordered(values).into_iter().map(|value| codes.code(value));
                codes.map(|code| code as u8 ^ 0x80).collect()
            }
            (Values::F32(values), None) => {
                let values = self.ordered(values).into_iter().enumerate();
                values.map(|(at, value)| self.map(at % self.width).pixel(value)).collect()
            }
        }
    }

    /// Inputs as images.
    ///
    /// # Errors
    /// They have another size.
    pub fn images(&self, inputs: &Numbers) -> Result<Images, AgreementError> {
        let (expected, found) = (self.width, inputs.width());
        let wrong = AgreementError::Width { what: "the data", expected, found };
        match expected == found {
            true => Images::new(self.pixels(inputs), 1, expected).map_err(|_| wrong),
            false => Err(wrong),
        }
    }

    /// Compares with what a runtime gave for the same inputs.
    ///
    /// # Errors
    /// Other sizes or types than the model's.
    pub fn compare(
        &self,
        inputs: &Numbers,
        outputs: &Numbers,
    ) -> Result<Agreement, AgreementError> {
        for (what, numbers) in [("the data", inputs), ("the output to compare with", outputs)] {
            let (expected, found) = (self.width, numbers.width());
            if expected != found {
                return Err(AgreementError::Width { what, expected, found });
            }
        }
        if inputs.samples != outputs.samples {
            let (inputs, outputs) = (inputs.samples, outputs.samples);
            return Err(AgreementError::Samples { inputs, outputs });
        }
        match self.contract {
            Contract::Int8 => {
                match (&outputs.values, self.origin.as_ref().map(|it| &it.integers)) {
                    (Values::F32(wanted), Some(None) | None) => self.real_by_pixels(inputs, wanted),
                    _ => self.integers(inputs, outputs),
                }
            }
            Contract::F32 => self.real(inputs, outputs),
        }
    }

    fn integers(&self, inputs: &Numbers, outputs: &Numbers) -> Result<Agreement, AgreementError> {
        let ends = self.origin.as_ref().and_then(|origin| origin.integers.as_ref());
        // Every byte is to be seen, so the output is taken before it is changed to the input's scale.
        let raw = ends.and_then(|ends| with_runtime_output(self.blob, ends));
        let wanted = self.codes(outputs, ends.map(|ends| ends.output));
        let blob = raw.as_deref().unwrap_or(self.blob);
        let found = reconstruct(blob, &self.images(inputs)?)?;
        let pairs = found.iter().zip(&wanted).map(|(&found, &wanted)| found.abs_diff(wanted));
        let first = pairs.clone().position(|difference| difference != 0);
        Ok(Agreement::Integers {
            bytes: found.len(),
            differ: pairs.clone().filter(|&difference| difference != 0).count(),
            largest: pairs.max().unwrap_or(0),
            first: first.map(|at| (at / self.width, at % self.width)),
        })
    }

    /// An int8 blob of a model of real numbers.
    fn real_by_pixels(
        &self,
        inputs: &Numbers,
        wanted: &[f32],
    ) -> Result<Agreement, AgreementError> {
        let images = self.images(inputs)?;
        let found = reconstruct(self.blob, &images)?;
        let value = |(at, &pixel): (usize, &u8)| self.map(at % self.width).value(pixel);
        let found: Vec<f64> = found.iter().enumerate().map(value).collect();
        let inputs: Vec<f64> = match &inputs.values {
            Values::F32(values) => self.ordered(values).into_iter().map(f64::from).collect(),
            _ => images.pixels().iter().enumerate().map(value).collect(),
        };
        Ok(real(&inputs, &found, &self.ordered(wanted), self.contract))
    }

    fn real(&self, inputs: &Numbers, outputs: &Numbers) -> Result<Agreement, AgreementError> {
        let (Values::F32(given), Values::F32(wanted)) = (&inputs.values, &outputs.values) else {
            let what = if matches!(inputs.values, Values::F32(_)) { "outputs" } else { "inputs" };
            return Err(AgreementError::Type { what });
        };
        let given = self.ordered(given);
        let found = self.of_values(&given)?;
        let inputs: Vec<f64> = given.into_iter().map(f64::from).collect();
        Ok(real(&inputs, &found, &self.ordered(wanted), self.contract))
    }

    /// What an f32 blob gives, in the file's order and units.
    ///
    /// # Errors
    /// The inputs are not f32, or have another size.
    pub fn values(&self, inputs: &Numbers) -> Result<Vec<f32>, AgreementError> {
        let Values::F32(given) = &inputs.values else {
            return Err(AgreementError::Type { what: "inputs" });
        };
        let found = self.of_values(&self.ordered(given))?;
        let found: Vec<f32> = found.into_iter().map(|value| value as f32).collect();
        let order = self.origin.as_ref().and_then(|origin| origin.channels_first);
        Ok(in_file_order(order, &found))
    }

    /// Of values in the blob's order.
    fn of_values(&self, given: &[f32]) -> Result<Vec<f64>, AgreementError> {
        let found = reconstruct_values(self.blob, &self.units(given))?;
        let found = found.iter().enumerate();
        Ok(found.map(|(at, &unit)| self.map(at % self.width).of_unit(unit.into())).collect())
    }

    /// As an f32 blob takes values in the blob's order: pixels are 0 to 1.
    fn units(&self, given: &[f32]) -> Vec<f32> {
        let given = given.iter().enumerate();
        given.map(|(at, &value)| self.map(at % self.width).unit(value)).collect()
    }
}

/// Numbers with channels last, of samples that have a map of this height, width and channels with
/// channels first.
pub(crate) fn ordered<T: Copy>(map: Option<[u32; 3]>, numbers: &[T]) -> Vec<T> {
    let Some([height, width, channels]) = map.map(|sizes| sizes.map(|size| size as usize)) else {
        return numbers.to_vec();
    };
    let places = height * width;
    let of_sample = |sample: &[T]| -> Vec<T> {
        (0..sample.len()).map(|at| sample[at % channels * places + at / channels]).collect()
    };
    numbers.chunks_exact(places * channels).flat_map(of_sample).collect()
}

/// The way back.
pub(crate) fn in_file_order<T: Copy>(map: Option<[u32; 3]>, numbers: &[T]) -> Vec<T> {
    // Channels last are places first: it is the same with the two exchanged.
    ordered(map.map(|[height, width, channels]| [channels, 1, height * width]), numbers)
}

/// Compares real numbers.
fn real(inputs: &[f64], found: &[f64], wanted: &[f32], contract: Contract) -> Agreement {
    let count = wanted.len().max(1) as f64;
    let wanted: Vec<f64> = wanted.iter().copied().map(f64::from).collect();
    let mean = wanted.iter().sum::<f64>() / count;
    let variance = wanted.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let largest = found.iter().zip(&wanted).map(|(found, wanted)| (found - wanted).abs());
    // What is not finite is infinitely far, and not left out as the maximum does.
    let largest = largest
        .fold(0.0, |most: f64, it| if it.is_finite() { most.max(it) } else { f64::INFINITY });
    let magnitude = wanted.iter().fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
    let over = |difference: f64, by: f64| match difference.is_finite() {
        true => difference / by,
        false => f64::INFINITY,
    };
    let error = |outputs: &[f64]| {
        let pairs = inputs.iter().zip(outputs);
        pairs.map(|(input, output)| (input - output).powi(2)).sum::<f64>() / count
    };
    Agreement::Real {
        values: wanted.len(),
        largest: over(largest, variance.sqrt().max(f64::MIN_POSITIVE)),
        relative: over(largest, magnitude),
        errors: [error(&wanted), error(found)],
        contract,
    }
}
