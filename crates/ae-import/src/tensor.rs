//! Numbers as a file holds them.

use std::cell::Cell;

use half::{bf16, f16};

/// How a number is written, its lowest byte first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// IEEE 754, 2 bytes.
    F16,
    /// The upper half of an `F32`.
    Bf16,
    /// IEEE 754, 4 bytes.
    F32,
    /// IEEE 754, 8 bytes.
    F64,
}

impl Width {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// The number at this place, counted in numbers.
    fn read(self, bytes: &[u8], index: usize) -> Option<f64> {
        let start = index.checked_mul(self.bytes())?;
        let bytes = bytes.get(start..start.checked_add(self.bytes())?)?;
        Some(match self {
            Self::F16 => f16::from_le_bytes(bytes.try_into().ok()?).to_f64(),
            Self::Bf16 => bf16::from_le_bytes(bytes.try_into().ok()?).to_f64(),
            Self::F32 => f32::from_le_bytes(bytes.try_into().ok()?).into(),
            Self::F64 => f64::from_le_bytes(bytes.try_into().ok()?),
        })
    }
}

/// A tensor in the bytes of a file.
#[derive(Clone, Debug)]
pub(crate) struct Tensor<'a> {
    shape: Vec<usize>,
    /// Numbers from an entry of a dimension to the next.
    strides: Vec<usize>,
    len: usize,
    width: Width,
    bytes: &'a [u8],
}

impl<'a> Tensor<'a> {
    /// A tensor whose last dimension's numbers follow each other; `None` where `bytes` has not
    /// exactly its numbers, or it has none.
    pub(crate) fn new(shape: Vec<usize>, width: Width, bytes: &'a [u8]) -> Option<Self> {
        let mut strides = vec![1; shape.len()];
        let mut step = 1_usize;
        for (stride, &size) in strides.iter_mut().zip(&shape).rev() {
            *stride = step;
            step = step.checked_mul(size)?;
        }
        let tensor = Self::strided(shape, strides, width, bytes)?;
        (tensor.len.checked_mul(width.bytes())? == bytes.len()).then_some(tensor)
    }

    /// A tensor that steps through `bytes` as it says; `None` where it leaves them, has more
    /// numbers than they hold, or has none.
    pub(crate) fn strided(
        shape: Vec<usize>,
        strides: Vec<usize>,
        width: Width,
        bytes: &'a [u8],
    ) -> Option<Self> {
        let held = bytes.len() / width.bytes();
        let len = shape.iter().try_fold(1_usize, |len, &size| len.checked_mul(size))?;
        let last = shape.iter().zip(&strides).try_fold(0_usize, |last, (&size, &stride)| {
            last.checked_add(size.checked_sub(1)?.checked_mul(stride)?)
        })?;
        let fits = strides.len() == shape.len() && last < held && (1..=held).contains(&len);
        fits.then_some(Self { shape, strides, len, width, bytes })
    }

    /// Its dimensions, none of which is 0.
    pub(crate) fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// How many numbers it has.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Its numbers in the order of its dimensions.
    pub(crate) fn numbers(&self) -> impl ExactSizeIterator<Item = f64> + use<'a> {
        let axes: Vec<usize> = (0..self.shape.len()).collect();
        self.permuted(&axes)
    }

    /// Its numbers as if its dimensions were in this order, of which each is there once.
    pub(crate) fn permuted(&self, axes: &[usize]) -> impl ExactSizeIterator<Item = f64> + use<'a> {
        let of = |axis: &usize| Some((*self.shape.get(*axis)?, *self.strides.get(*axis)?));
        let axes: Vec<(usize, usize)> = axes.iter().filter_map(of).collect();
        let (width, bytes) = (self.width, self.bytes);
        (0..self.len).map(move |mut rest| {
            let mut index = 0;
            for &(size, stride) in axes.iter().rev() {
                index += rest % size * stride;
                rest /= size;
            }
            // Every index is within the bytes: `strided` saw to it.
            width.read(bytes, index).unwrap_or(f64::NAN)
        })
    }
}

/// As f32; `None` where one of them is not finite.
pub(crate) fn finite(numbers: impl ExactSizeIterator<Item = f64>) -> Option<Vec<f32>> {
    let mut finite = Vec::with_capacity(numbers.len());
    for number in numbers {
        let number = number as f32;
        finite.push(number.is_finite().then_some(number)?);
    }
    Some(finite)
}

/// Factors and shifts as f32; `None` where one of them is not finite.
pub(crate) fn finite_pairs(
    pairs: impl Iterator<Item = (f64, f64)>,
) -> Option<(Vec<f32>, Vec<f32>)> {
    let pairs = pairs.map(|(factor, shift)| (factor as f32, shift as f32));
    let finite = pairs.map(|(factor, shift)| {
        (factor.is_finite() && shift.is_finite()).then_some((factor, shift))
    });
    finite.collect()
}

/// Numbers that may still be taken from a file.
///
/// A file of half-precision numbers has half as many as it has bytes. It could name the same numbers
/// again and again, and there this ends.
pub(crate) struct Budget(Cell<usize>);

impl Budget {
    /// Numbers for a small file that shares some of them.
    const SPARE: usize = 4 << 20;

    pub(crate) fn of(file: &[u8]) -> Self {
        Self(Cell::new((file.len() / 2).saturating_add(Self::SPARE)))
    }

    /// Whether so many numbers were left.
    #[must_use]
    pub(crate) fn take(&self, numbers: usize) -> bool {
        let left = self.0.get().checked_sub(numbers);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}
