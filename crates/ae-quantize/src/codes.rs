//! What the integers between two layers stand for.

use ae_core::Geometry;

use crate::range::Affine;

/// The meaning of a tensor's integers. Channels lie side by side, so value `i` is of channel
/// `i % period`, where each list has a period of its own, which divides the tensor.
///
/// `spread · (scale · q + offset) + constant` is the value of the float network. The next layer's
/// weights absorb the spread, and its bias the constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Codes {
    /// Of the whole tensor.
    pub(super) affine: Affine,
    /// A factor for each channel.
    pub(super) spread: Vec<f64>,
    /// A term for each channel; all are 0 where the next layer is padded.
    pub(super) constant: Vec<f64>,
    /// The float network's channel for each channel.
    pub(super) order: Vec<usize>,
    /// What stands for 0 where the next layer is padded.
    pub(super) zero: i8,
}

impl Codes {
    /// Channels that mean the same, in the network's order.
    fn plain(affine: Affine) -> Self {
        Self { affine, spread: vec![1.0], constant: vec![0.0], order: vec![0], zero: -128 }
    }

    /// Pixels, of which the integer is the byte less 128: 0 to 1.
    pub(super) fn pixels() -> Self {
        Self::plain(Affine { scale: 1.0 / 255.0, offset: 128.0 / 255.0 })
    }

    /// Values of which one is marked: 0 to 1.
    pub(super) fn one_hot() -> Self {
        Self::plain(Affine::over(0.0, 1.0))
    }

    /// By how much a step of a value is larger than one of the tensor.
    pub(super) fn spread(&self, value: usize) -> f64 {
        self.spread[value % self.spread.len()]
    }

    /// The place of a value in the float network's tensor.
    pub(super) fn float(&self, value: usize) -> usize {
        float(&self.order, value)
    }

    /// What the integers of a value stand for.
    pub(super) fn of_value(&self, value: usize) -> Affine {
        let Affine { scale, offset } = self.affine;
        let (spread, constant) = (self.spread(value), self.constant[value % self.constant.len()]);
        Affine { scale: spread * scale, offset: spread * offset + constant }
    }

    /// `(scale, offset)` of so many latent values, as the format stores them: within what an f32
    /// holds.
    pub(super) fn latent_map(&self, count: usize) -> Vec<u8> {
        let most = f64::from(f32::MAX);
        let pairs = (0..count).map(|value| self.of_value(value));
        pairs
            .flat_map(|Affine { scale, offset }| {
                [scale.clamp(f32::MIN_POSITIVE.into(), most), offset.clamp(-most, most)]
            })
            .flat_map(|value| (value as f32).to_le_bytes())
            .collect()
    }
}

/// What the integers stand for that a layer of a quantised network gives; of a decoder's last layer,
/// its pixels less 128.
#[derive(Debug, Clone, PartialEq)]
pub struct Meaning(pub(super) Codes);

impl Meaning {
    /// The number of the float network that an integer stands for, which is this value of the layer.
    #[must_use]
    pub fn real(&self, value: usize, integer: i8) -> f64 {
        self.0.of_value(value).real(integer)
    }

    /// The place of this value in what the float network's layer gives: the channels of a quantised
    /// layer may stand in another order.
    #[must_use]
    pub fn place(&self, value: usize) -> usize {
        self.0.float(value)
    }
}

/// The place of a value in the float network's tensor, where each channel is number `order[channel]`
/// of the network's.
pub(super) fn float(order: &[usize], value: usize) -> usize {
    let channel = value % order.len();
    value - channel + order[channel]
}

/// Channels that come in: of a dense layer, every value is one.
pub(super) fn channels_in(geometry: Geometry) -> usize {
    match geometry {
        Geometry::Dense(dense) => dense.inputs,
        Geometry::Spatial(spatial) => spatial.channels_in.into(),
    }
}

/// Channels that go out: of a dense layer, every value is one.
pub(super) fn channels_out(geometry: Geometry) -> usize {
    match geometry {
        Geometry::Dense(dense) => dense.outputs,
        Geometry::Spatial(spatial) => spatial.channels_out.into(),
    }
}
