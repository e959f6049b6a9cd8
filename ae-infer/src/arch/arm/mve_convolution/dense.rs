//! The dense layer of a position, and the end that its sums come to.

use ae_core::{Int8, Layer, Weights};

use super::takes;

/// Where the layer's numbers lie, from some output on. Assembly knows the order of the fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Dense {
    /// The first row of weights, and the length of each.
    pub(super) weights: *const u8,
    pub(super) inputs: usize,
    pub(super) biases: *const [u8; 4],
    pub(super) multipliers: *const [u8; 4],
    pub(super) shifts: *const u8,
    pub(super) zero_point: i32,
}

impl Dense {
    /// From the first output on; `None` where these kernels do not take the layer.
    pub(super) fn new(layer: &Layer<'_, Int8<'_>>) -> Option<Self> {
        let (inputs, outputs) = (layer.inputs(), layer.outputs());
        let Weights::Rows(rows) = layer.weights() else { return None };
        let (biases, multipliers, shifts) = rows.block_parameters(0, outputs)?;
        // Weights are the first of the data, and are read together with some bytes behind them.
        let is_whole = rows.block(0, outputs).is_some();
        (is_whole && takes(layer)).then(|| Self {
            weights: layer.data().as_ptr(),
            inputs,
            biases: biases.as_ptr(),
            multipliers: multipliers.as_ptr(),
            shifts: shifts.as_ptr(),
            zero_point: layer.arithmetic().zero_point().into(),
        })
    }

    /// From an output on.
    #[inline(always)]
    pub(super) fn from(&self, first: usize) -> Self {
        Self {
            weights: self.weights.wrapping_add(first.wrapping_mul(self.inputs)),
            biases: self.biases.wrapping_add(first),
            multipliers: self.multipliers.wrapping_add(first),
            shifts: self.shifts.wrapping_add(first),
            ..*self
        }
    }
}

/// What becomes of the sums in q5 and q6, to which biases were added, by the multipliers at `$multipliers`
/// and the negative shifts in q4, up to bytes: those of the first position are the lowest of each lane of
/// q5, and those of the second the third.
///
/// This is the rule of [`ae_core::Requant`]: the high word of the product is rounded as it is shifted. To
/// what 16 bits are left of it the zero point in r12 can be added, as more than 8 of them saturate in the
/// end.
macro_rules! narrow {
    () => {
        "vrshl.s32 q5, q5, q4\n\
         vrshl.s32 q6, q6, q4\n\
         vqmovnb.s32 q5, q5\n\
         vqmovnt.s32 q5, q6\n\
         vqadd.s16 q5, q5, r12\n\
         vqmovnb.s16 q5, q5\n"
    };
}
pub(super) use narrow;

// The assembly loads them together.
const _: () = assert!(core::mem::size_of::<Dense>() == 24);
