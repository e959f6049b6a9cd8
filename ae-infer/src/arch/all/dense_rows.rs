//! The dense layer of a position of a convolution, in rows.

use ae_core::{Int8, Layer, Requant, Rounding, Weights};

use super::int8::finish_sum;

/// Weights and numbers of all outputs.
pub(crate) struct DenseRows<'a> {
    pub(crate) weights: &'a [u8],
    pub(crate) inputs: usize,
    pub(crate) biases: &'a [i32],
    pub(crate) multipliers: &'a [i32],
    pub(crate) shifts: &'a [u8],
    pub(crate) zero_point: i8,
    pub(crate) rounding: Rounding,
    /// The table of all outputs, if it is one for all.
    pub(crate) table: Option<&'a [u8; 256]>,
}

impl<'a> DenseRows<'a> {
    /// `None` if the layer is in another layout, or words of it do not lie on their boundaries.
    pub(crate) fn new(layer: &Layer<'a, Int8<'a>>) -> Option<Self> {
        let Weights::Rows(rows) = layer.weights() else { return None };
        let (outputs, arithmetic) = (layer.outputs(), layer.arithmetic());
        let (biases, multipliers, shifts) = rows.block_parameters(0, outputs)?;
        Some(Self {
            weights: rows.block(0, outputs)?,
            inputs: layer.inputs(),
            biases: bytemuck::try_cast_slice(biases).ok()?,
            multipliers: bytemuck::try_cast_slice(multipliers).ok()?,
            shifts,
            zero_point: arithmetic.zero_point(),
            rounding: arithmetic.rounding(),
            table: if let [table] = arithmetic.tables() { Some(table) } else { None },
        })
    }

    /// The weights of some outputs; none where there are fewer.
    #[inline(always)]
    pub(crate) fn block(&self, first: usize, count: usize) -> &'a [u8] {
        let start = first.wrapping_mul(self.inputs);
        let end = start.wrapping_add(count.wrapping_mul(self.inputs));
        self.weights.get(start..end).unwrap_or_default()
    }

    /// The rule of an output whose numbers these are.
    #[inline(always)]
    fn requant(&self, multiplier: i32, shift: u8) -> Requant {
        let requant = Requant::new(i32::from_le(multiplier), shift.into(), self.zero_point);
        requant.rounded(self.rounding)
    }

    /// Brings sums back to i8, and to bytes if there is one table for all outputs.
    #[inline(never)]
    pub(crate) fn finish(&self, first: usize, sums: &[i32], y: &mut [u8]) {
        let (Some(biases), Some(multipliers), Some(shifts)) =
            (self.biases.get(first..), self.multipliers.get(first..), self.shifts.get(first..))
        else {
            return;
        };
        let channels = biases.iter().zip(multipliers).zip(shifts);
        for ((y, sum), ((bias, multiplier), shift)) in y.iter_mut().zip(sums).zip(channels) {
            let requant = self.requant(*multiplier, *shift);
            // The loader has shown that no sum leaves i32, with its bias.
            *y = finish_sum(requant, self.table, i32::from_le(*bias).wrapping_add(*sum));
        }
    }

    /// The same of an output of two positions. The second one may have no place for it.
    pub(crate) fn finish_pair(&self, output: usize, sums: [i32; 2], y: [&mut [u8]; 2]) {
        let (Some(bias), Some(multiplier), Some(shift)) =
            (self.biases.get(output), self.multipliers.get(output), self.shifts.get(output))
        else {
            return;
        };
        let bias = i32::from_le(*bias);
        let requant = self.requant(*multiplier, *shift);
        for (y, sum) in y.into_iter().zip(sums) {
            if let Some(y) = y.first_mut() {
                *y = finish_sum(requant, self.table, bias.wrapping_add(sum));
            }
        }
    }
}
