//! Where an imported model comes from, as its blob says it.

use ae_core::Provenance;
use serde::{Deserialize, Serialize};

use crate::{Codes, LayerSource};

/// What a blob that was imported says of its making, in [`Provenance::config`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The format of the file.
    pub format: String,
    /// The file's SHA-256.
    pub digest: [u8; 32],
    /// The real numbers that pixels stand for: one map for all, or one for each value.
    pub pixels: Vec<PixelMap>,
    /// Of a model of integers, what those stand for that go in and come out in its file.
    pub integers: Option<InputOutput>,
    /// Height, width and channels of the input in a file that has the channels first. Here they come
    /// last.
    pub channels_first: Option<[u32; 3]>,
    /// For each layer, the encoder's first, where the file has what it gives, if it has it. Empty in a
    /// blob whose layers are not compared with those of the file.
    #[serde(skip)]
    pub layers: Vec<Option<LayerSource>>,
}

/// What a pixel stands for: `scale · pixel + offset`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PixelMap {
    /// Greater than 0.
    pub scale: f32,
    /// What pixel 0 stands for.
    pub offset: f32,
}

/// What the integers at both ends stand for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputOutput {
    /// Those that go in.
    pub input: Codes,
    /// Those that come out.
    pub output: Codes,
    /// What the table of the last layer does, before it makes pixels: the code that each becomes, that of
    /// −128 first. Empty where each stays as it is.
    pub last: Vec<u8>,
}

/// What such a configuration begins with; that of a training is a digest of 32 bytes.
const MARK: &[u8] = b"imported, 2\n";

impl Origin {
    /// The bytes that a blob carries.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = postcard::to_stdvec(self).unwrap_or_default();
        let layers = match &*self.layers {
            [] => Vec::new(),
            layers => postcard::to_stdvec(layers).unwrap_or_default(),
        };
        [MARK, &body, &layers].concat()
    }

    /// What a blob says, if it was imported.
    #[must_use]
    pub fn of(provenance: &Provenance<'_>) -> Option<Self> {
        Self::from_bytes(provenance.config)
    }

    /// What such bytes say, if they are of an imported model.
    #[must_use]
    pub fn from_bytes(config: &[u8]) -> Option<Self> {
        let body = config.strip_prefix(MARK)?;
        let (mut origin, mut rest) = postcard::take_from_bytes::<Self>(body).ok()?;
        if !rest.is_empty() {
            (origin.layers, rest) = postcard::take_from_bytes(rest).ok()?;
        }
        Some(origin).filter(|_| rest.is_empty())
    }
}

impl Origin {
    /// Whether it can be that of a blob of so many features.
    pub(crate) fn fits(&self, features: usize) -> bool {
        let product = |sizes: [u32; 3]| {
            sizes.iter().try_fold(1_usize, |all, &size| all.checked_mul(size as usize))
        };
        features.is_multiple_of(self.pixels.len())
            && self.channels_first.is_none_or(|sizes| product(sizes) == Some(features))
    }
}

impl PixelMap {
    /// Pixels that stand for 0 to 1, as they do in models that are trained here.
    pub const PLAIN: Self = Self { scale: 1.0 / 255.0, offset: 0.0 };

    /// Of pixels whose integers, the pixel less 128, are such codes.
    #[must_use]
    pub fn of_codes(codes: Codes) -> Self {
        let offset = -codes.scale * (128.0 + f32::from(codes.zero_point));
        Self { scale: codes.scale, offset }
    }

    /// The pixel nearest to a value, and the last one of either end beyond it.
    #[must_use]
    pub fn pixel(self, value: f32) -> u8 {
        let steps = (f64::from(value) - f64::from(self.offset)) / f64::from(self.scale);
        // `as` saturates, and makes 0 of what is not a number.
        steps.round() as u8
    }

    /// A value where pixels are 0 to 1, neither rounded nor held within them.
    #[must_use]
    pub fn unit(self, value: f32) -> f32 {
        let scale = 255.0 * f64::from(self.scale);
        ((f64::from(value) - f64::from(self.offset)) / scale) as f32
    }

    /// The way back.
    #[must_use]
    pub fn of_unit(self, unit: f64) -> f64 {
        unit * (255.0 * f64::from(self.scale)) + f64::from(self.offset)
    }

    /// The number that a pixel stands for.
    #[must_use]
    pub fn value(self, pixel: u8) -> f64 {
        f64::from(self.scale) * f64::from(pixel) + f64::from(self.offset)
    }
}
