//! The int8 contract's layer.

use serde::{Deserialize, Serialize};

use crate::error::{LayerError, LoadError};
use crate::header::Contract;
use crate::layer::{Arithmetic, Layer};
use crate::model::Model;
use crate::requant::Requant;

/// Largest magnitude of an int8 weight. −128 is left out so that two rows can share a 16-bit lane.
pub const WEIGHT_LIMIT: i8 = 127;

/// What the int8 contract adds to a layer.
///
/// The data section is, for `n` outputs: the weights, row after row, `inputs` bytes each; zeros up
/// to a multiple of 4 bytes; `n` biases (i32, little-endian); `n` multipliers (i32, little-endian);
/// `n` shifts (u8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Int8<'a> {
    zero_point: i8,
    tables: &'a [u8],
}

impl<'a> Int8<'a> {
    /// `zero_point` is that of the requantised output; `tables` is empty, or holds tables of 256
    /// bytes that map this output (index 0 for −128) to the next layer's i8 or to a pixel. With
    /// several tables, the channels are divided among them in order.
    #[must_use]
    pub fn new(zero_point: i8, tables: &'a [u8]) -> Self {
        Self { zero_point, tables }
    }

    /// The zero point of the requantised output, before the table.
    #[must_use]
    pub fn zero_point(&self) -> i8 {
        self.zero_point
    }

    /// The activation tables, if the layer has any.
    #[must_use]
    pub fn tables(&self) -> &'a [[u8; 256]] {
        self.tables.as_chunks().0
    }
}

/// One output channel of an int8 layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channel<'a> {
    /// `inputs` weights, each byte an i8.
    pub weights: &'a [u8],
    /// What the sum starts from, in units of input scale × weight scale.
    pub bias: i32,
    /// From the sum to i8.
    pub requant: Requant,
    /// From that i8 to the output, if the layer has tables.
    pub table: Option<&'a [u8; 256]>,
}

/// Where the sections of the data begin and end.
struct Sections<'a> {
    weights: &'a [u8],
    padding: &'a [u8],
    biases: &'a [[u8; 4]],
    multipliers: &'a [[u8; 4]],
    shifts: &'a [u8],
}

const fn weights_len(inputs: usize, outputs: usize) -> u64 {
    (inputs as u64).saturating_mul(outputs as u64)
}

impl<'a> Layer<'a, Int8<'a>> {
    fn sections(&self) -> Sections<'a> {
        let weights_len =
            usize::try_from(weights_len(self.inputs(), self.outputs())).unwrap_or(usize::MAX);
        let padding_len = weights_len.wrapping_neg() % 4;
        let channel_bytes = self.outputs().saturating_mul(4);
        let (weights, rest) = split(self.data(), weights_len);
        let (padding, rest) = split(rest, padding_len);
        let (biases, rest) = split(rest, channel_bytes);
        let (multipliers, shifts) = split(rest, channel_bytes);
        Sections {
            weights,
            padding,
            biases: biases.as_chunks().0,
            multipliers: multipliers.as_chunks().0,
            shifts,
        }
    }

    /// The output channels in order.
    pub fn channels(&self) -> impl Iterator<Item = Channel<'a>> + use<'a> {
        let sections = self.sections();
        let zero_point = self.arithmetic.zero_point;
        let mut tables = self.arithmetic.tables().iter();
        let span = self.table_span();
        let (mut table, mut left) = (tables.next(), span);
        sections
            .weights
            .chunks_exact(self.inputs().max(1))
            .zip(sections.biases)
            .zip(sections.multipliers)
            .zip(sections.shifts)
            .map(move |(((weights, bias), multiplier), &shift)| {
                // A counter, not a division: the smallest cores have none.
                if left == 0 {
                    (table, left) = (tables.next(), span);
                }
                left = left.saturating_sub(1);
                let multiplier = i32::from_le_bytes(*multiplier);
                Channel {
                    weights,
                    bias: i32::from_le_bytes(*bias),
                    requant: Requant::new(multiplier, u32::from(shift), zero_point),
                    table,
                }
            })
    }

    /// Channels that share a table: all but the last table serve as many.
    #[must_use]
    pub fn table_span(&self) -> usize {
        self.outputs().div_ceil(self.arithmetic.tables().len().max(1))
    }
}

impl<'a> Arithmetic<'a> for Int8<'a> {
    const CONTRACT: Contract = Contract::Int8;
    type Element = i8;
    /// Scale and offset, f32 each.
    const LATENT_MAP_BYTES: usize = 8;

    fn data_len(inputs: usize, outputs: usize) -> u64 {
        let weights = weights_len(inputs, outputs);
        let padding = weights.wrapping_neg() % 4;
        weights.saturating_add(padding).saturating_add((outputs as u64).saturating_mul(9))
    }

    fn validate(blob: &[u8]) -> Result<(), LoadError> {
        Model::<Int8<'_>>::parse(blob).map(|_| ())
    }

    fn check(layer: &Layer<'a, Self>, is_output: bool) -> Result<(), LayerError> {
        let tables = layer.arithmetic.tables().len();
        if tables == 0 && is_output {
            return Err(LayerError::NoOutputTable);
        }
        // Whole tables, and none that no channel uses.
        let used = layer.outputs().div_ceil(layer.table_span().max(1));
        if !layer.arithmetic.tables.len().is_multiple_of(256) || tables != 0 && tables != used {
            return Err(LayerError::TableLength { found: layer.arithmetic.tables.len() });
        }
        let sections = layer.sections();
        if sections.padding.iter().any(|&byte| byte != 0) {
            return Err(LayerError::PaddingNotZero);
        }
        let parameters = sections.multipliers.iter().zip(sections.shifts);
        for (channel, (multiplier, &shift)) in parameters.enumerate() {
            let multiplier = i32::from_le_bytes(*multiplier);
            if multiplier < 0 {
                return Err(LayerError::Multiplier { channel, found: multiplier });
            }
            if !(Requant::MIN_SHIFT..=Requant::MAX_SHIFT).contains(&u32::from(shift)) {
                return Err(LayerError::Shift { channel, found: shift });
            }
        }
        for (index, channel) in layer.channels().enumerate() {
            check_sum(index, &channel)?;
        }
        Ok(())
    }
}

/// No input of i8 can make the sum leave i32: `|bias| + 128 · Σ|w|` stays within it.
fn check_sum(index: usize, channel: &Channel<'_>) -> Result<(), LayerError> {
    let mut magnitude = 0_u32;
    for &weight in channel.weights {
        let weight = weight as i8;
        if weight == i8::MIN {
            return Err(LayerError::WeightRange { channel: index });
        }
        // At most 127 · MAX_WIDTH, far below 2^32.
        magnitude = magnitude.wrapping_add(u32::from(weight.unsigned_abs()));
    }
    let bound = u64::from(channel.bias.unsigned_abs()) + 128 * u64::from(magnitude);
    if bound > i32::MAX as u64 {
        return Err(LayerError::SumOverflow { channel: index, bound });
    }
    Ok(())
}

/// Both sides of `at`; the loader has checked that `bytes` reaches so far.
fn split(bytes: &[u8], at: usize) -> (&[u8], &[u8]) {
    bytes.split_at_checked(at).unwrap_or((bytes, &[]))
}
