//! Many inferences on random inputs, the same on a board and on its host, and one number for each
//! block of them that both compare.
//!
//! The number is the CRC-32C of all that the inferences of the block gave: of each, one after the
//! other, every byte of the latent, of the reconstruction and of the score. So every result is
//! compared: a single changed bit, or any change within 32 bits, always changes the number, and of
//! all other changes one in 2³² would not.

use ae_core::Checksum;
use ae_infer::{Autoencoder, Compute, InferError, Value};
use ae_testkit::random::XorShift32;

/// What a host asks a board for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Decides the inputs.
    pub seed: u32,
    /// Blocks, each with a number of its own.
    pub blocks: u32,
    /// Inferences of a block.
    pub inferences: u32,
}

impl Plan {
    /// Bytes of a plan on the line to the board.
    pub const LEN: usize = 12;

    /// As it is sent.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let fields = [self.seed, self.blocks, self.inferences];
        for (place, field) in bytes.as_chunks_mut().0.iter_mut().zip(fields) {
            *place = field.to_le_bytes();
        }
        bytes
    }

    /// As it was sent.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = bytes;
        Self {
            seed: u32::from_le_bytes([a, b, c, d]),
            blocks: u32::from_le_bytes([e, f, g, h]),
            inferences: u32::from_le_bytes([i, j, k, l]),
        }
    }
}

/// The images of a soak, one after the other.
pub struct Inputs(XorShift32);

impl Inputs {
    /// The images that a seed decides.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        Self(XorShift32::new(seed))
    }

    /// The next image: noise between two grey levels of its own; one image in four is of black and
    /// white pixels alone.
    pub fn fill(&mut self, pixels: &mut [u8]) {
        let [one, other, kind, _] = self.0.bits().to_le_bytes();
        let low = one.min(other);
        let levels = u32::from(one.abs_diff(other)) + 1;
        let extremes = kind < 64;
        for four in pixels.chunks_mut(4) {
            for (pixel, byte) in four.iter_mut().zip(self.0.bits().to_le_bytes()) {
                *pixel = if extremes {
                    if byte < 128 { 0 } else { 255 }
                } else {
                    low + ((u32::from(byte) * levels) >> 8) as u8
                };
            }
        }
    }
}

/// What inferences need, of the sizes that the model's header says.
pub struct Room<'b, E> {
    /// Pixels in.
    pub pixels: &'b mut [u8],
    /// Pixels out.
    pub reconstruction: &'b mut [u8],
    /// Scratch for both parts.
    pub scratch: &'b mut [E],
}

/// Encodes, decodes and scores the next `inferences` images, and gives the block's number.
///
/// # Errors
/// The model lacks a part, or a buffer is too small.
pub fn block<'a, A: Compute<'a>>(
    model: &Autoencoder<'a, A>,
    inputs: &mut Inputs,
    inferences: u32,
    room: &mut Room<'_, A::Element>,
) -> Result<u32, InferError> {
    let latent_len = model.model().header().latent as usize;
    let mut digest = Checksum::new();
    for _ in 0..inferences {
        inputs.fill(room.pixels);
        let score = model.score(room.pixels, room.reconstruction, room.scratch)?;
        // The latent is left at the front of the scratch.
        A::Element::digest(room.scratch.get(..latent_len).unwrap_or_default(), &mut digest);
        digest.update(room.reconstruction);
        digest.update(&score.to_le_bytes());
    }
    Ok(digest.finish())
}
