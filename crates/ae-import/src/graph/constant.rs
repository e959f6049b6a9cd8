//! Numbers that stand in a file.

use std::borrow::Cow;

use super::places::Places;
use super::{Refusal, Understood};

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    F16,
    F32,
    F64,
    I8,
    U8,
    I32,
    I64,
}

impl Element {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::F16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }
}

/// How integers stand for real numbers: `scale · (q − zero_point)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quantization {
    /// One, or one for each index of the axis.
    pub(crate) scales: Vec<f32>,
    /// As many, or none for 0.
    pub(crate) zero_points: Vec<i64>,
    /// The dimension that the scales belong to.
    pub(crate) axis: usize,
}

/// A tensor whose bytes, little-endian, are as many as its dimensions say.
#[derive(Clone, Debug)]
pub(crate) struct Constant<'a> {
    dims: Vec<usize>,
    element: Element,
    data: Cow<'a, [u8]>,
    pub(crate) quantization: Option<Quantization>,
}

/// Small tensors say shapes, axes and the like; there are no more numbers in them than this.
const MOST_INTEGERS: usize = 1024;

impl<'a> Constant<'a> {
    pub(crate) fn new(dims: Vec<usize>, element: Element, data: Cow<'a, [u8]>) -> Understood<Self> {
        let count = dims.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim));
        let wanted = count.and_then(|count| count.checked_mul(element.bytes()));
        if wanted != Some(data.len()) {
            let found = data.len();
            return Err(Refusal::damaged(format!(
                "a constant of {dims:?} numbers of {} bytes has {found} bytes",
                element.bytes()
            )));
        }
        Ok(Self { dims, element, data, quantization: None })
    }

    pub(crate) fn dims(&self) -> &[usize] {
        &self.dims
    }

    pub(crate) fn element(&self) -> Element {
        self.element
    }

    pub(crate) fn count(&self) -> usize {
        self.data.len().checked_div(self.element.bytes()).unwrap_or_default()
    }

    /// Few whole numbers, in the file's order.
    pub(crate) fn integers(&self) -> Understood<Vec<i64>> {
        if self.count() > MOST_INTEGERS {
            let count = self.count();
            return Err(Refusal::damaged(format!(
                "{count} numbers where a shape or axes are expected"
            )));
        }
        self.many_integers()
    }

    /// Whole numbers, in the file's order.
    pub(crate) fn many_integers(&self) -> Understood<Vec<i64>> {
        let integer = |at| match self.element {
            Element::F16 | Element::F32 | Element::F64 => None,
            _ => self.integer(at),
        };
        let numbers: Option<Vec<i64>> = (0..self.count()).map(integer).collect();
        numbers.ok_or_else(|| Refusal::damaged("real numbers where whole ones are expected"))
    }

    /// All numbers as real ones, with the dimensions in another order: the first of `order` is the
    /// dimension that varies least.
    pub(crate) fn reals(&self, order: &[usize]) -> Understood<Vec<f32>> {
        let quantization = self.quantization.as_ref();
        let channel = quantization.map(|q| self.channels_of(q)).transpose()?;
        let real = |at: usize| -> Option<f32> {
            let Some((quantization, (inner, channels))) = quantization.zip(channel) else {
                return self.real(at);
            };
            let channel = at.checked_div(inner)?.checked_rem(channels)?;
            let scale = one_or_each(&quantization.scales, channel)?;
            let zero = one_or_each(&quantization.zero_points, channel).unwrap_or(0);
            Some(scale * self.integer(at)?.checked_sub(zero)? as f32)
        };
        let reals = self.all(order, real)?;
        reals.ok_or_else(|| Refusal::damaged("a constant's numbers do not fit its quantisation"))
    }

    /// All numbers as real ones, in the file's order.
    pub(crate) fn all_reals(&self) -> Understood<Vec<f32>> {
        self.reals(&(0..self.dims.len()).collect::<Vec<_>>())
    }

    /// All numbers as integers of 8 bits whose zero is the real number 0.
    pub(crate) fn codes(&self, order: &[usize]) -> Understood<Vec<i8>> {
        let zero = match self.element {
            Element::I8 => 0,
            Element::U8 => 128,
            _ => return Err(Refusal::damaged("weights of a model of integers are not integers")),
        };
        let zero_points = self.quantization.iter().flat_map(|q| &q.zero_points);
        if let Some(found) = zero_points.copied().find(|found| *found != zero) {
            return Err(Refusal::new(
                format!("its weights have the zero point {found}, where {zero} is the real 0"),
                "quantise the weights symmetrically",
            ));
        }
        let code = |at| i8::try_from(self.integer(at)?.checked_sub(zero)?).ok();
        let codes = self.all(order, code)?;
        codes.ok_or_else(|| Refusal::damaged("weights that are no integers of 8 bits"))
    }

    /// All numbers in another order. Memory is taken once: a vector that grows would take more.
    fn all<T>(
        &self,
        order: &[usize],
        number: impl Fn(usize) -> Option<T>,
    ) -> Understood<Option<Vec<T>>> {
        let mut all = Vec::with_capacity(self.count());
        for place in Places::new(&self.dims, order)? {
            match number(place) {
                Some(number) => all.push(number),
                None => return Ok(None),
            }
        }
        Ok(Some(all))
    }

    /// All numbers as integers of 32 bits.
    pub(crate) fn biases(&self) -> Understood<Vec<i32>> {
        let bias = |at| i32::try_from(self.integer(at)?).ok();
        let biases: Option<Vec<i32>> = (0..self.count()).map(bias).collect();
        biases.ok_or_else(|| Refusal::damaged("biases that are no integers of 32 bits"))
    }

    /// Numbers from an index of the quantised axis to the next, and its indices.
    fn channels_of(&self, quantization: &Quantization) -> Understood<(usize, usize)> {
        let scales = quantization.scales.len();
        if scales == 1 {
            return Ok((self.count().max(1), 1));
        }
        let behind = self.dims.get(quantization.axis.saturating_add(1)..).unwrap_or_default();
        let inner = behind.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim));
        match (self.dims.get(quantization.axis), inner) {
            (Some(&channels), Some(inner)) if channels == scales => Ok((inner, channels)),
            _ => Err(Refusal::damaged(format!(
                "{scales} scales for dimension {} of a constant of {:?}",
                quantization.axis, self.dims
            ))),
        }
    }

    fn integer(&self, at: usize) -> Option<i64> {
        Some(match self.element {
            Element::I8 => i64::from(i8::from_le_bytes(self.at(at)?)),
            Element::U8 => i64::from(u8::from_le_bytes(self.at(at)?)),
            Element::I32 => i64::from(i32::from_le_bytes(self.at(at)?)),
            Element::I64 => i64::from_le_bytes(self.at(at)?),
            Element::F16 | Element::F32 | Element::F64 => return None,
        })
    }

    fn real(&self, at: usize) -> Option<f32> {
        Some(match self.element {
            Element::F16 => half(u16::from_le_bytes(self.at(at)?)),
            Element::F32 => f32::from_le_bytes(self.at(at)?),
            Element::F64 => f64::from_le_bytes(self.at(at)?) as f32,
            _ => self.integer(at)? as f32,
        })
    }

    fn at<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let from = at.checked_mul(N)?;
        self.data.get(from..from.checked_add(N)?)?.try_into().ok()
    }
}

fn one_or_each<T: Copy>(numbers: &[T], channel: usize) -> Option<T> {
    match numbers {
        [one] => Some(*one),
        each => each.get(channel).copied(),
    }
}

/// A number of 16 bits as IEEE 754 has it.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from((bits >> 10) & 31), f32::from(bits & 1023) / 1024.0);
    sign * match exponent {
        0 => fraction * 2f32.powi(-14),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction) * 2f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_are_reordered() {
        let constant = Constant::new(vec![2, 3], Element::I8, Cow::Borrowed(&[0, 1, 2, 3, 4, 5]));
        let constant = constant.expect("six numbers");
        assert_eq!(constant.codes(&[1, 0]).expect("two dimensions"), [0, 3, 1, 4, 2, 5]);
        assert_eq!(constant.codes(&[0, 1]).expect("two dimensions"), [0, 1, 2, 3, 4, 5]);
        assert!(constant.codes(&[0]).is_err());
    }

    #[test]
    fn numbers_of_16_bits() {
        let cases = [(0x3C00, 1.0), (0xC000, -2.0), (0x0001, 2f32.powi(-24)), (0x7BFF, 65504.0)];
        for (bits, real) in cases {
            assert_eq!(half(bits), real);
        }
        assert!(half(0x7E00).is_nan());
        assert_eq!(half(0xFC00), f32::NEG_INFINITY);
    }

    #[test]
    fn scales_belong_to_an_axis() {
        let mut constant =
            Constant::new(vec![2, 2], Element::I8, Cow::Borrowed(&[1, 2, 3, 4])).expect("four");
        let scales = vec![0.5, 2.0];
        let zero_points = vec![0, 1];
        constant.quantization = Some(Quantization { scales, zero_points, axis: 1 });
        assert_eq!(constant.all_reals().expect("two scales"), [0.5, 2.0, 1.5, 6.0]);
    }
}
