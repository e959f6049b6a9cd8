//! The blobs of a run: from its configuration, weights and data, and nothing else. So they can be
//! made again and compared.

use ae_core::Provenance;
use clap::ValueEnum;
use sha2::{Digest, Sha256};

use crate::blob::{Parts, Seal, float_blob};
use crate::data::Images;
use crate::network::Network;
use crate::quantize::{QuantizeError, int8_blob};
use crate::run::RunConfig;

/// Images that the quantiser looks at by default.
pub const CALIBRATION_IMAGES: usize = 10_000;

/// Name and version of this program, as configurations and blobs state it.
pub const TOOL: &str = concat!("ae-train ", env!("CARGO_PKG_VERSION"));

/// The arithmetic to make a blob for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Contract {
    /// Integers only.
    #[default]
    Int8,
    /// 32-bit floats.
    F32,
}

/// What a blob is made with, beside the network.
#[derive(Debug, Clone, Copy)]
pub struct Recipe<'a> {
    /// Training images: calibration, and the test vector.
    pub images: &'a Images,
    /// How many of them the quantiser looks at.
    pub calibration: usize,
    /// Which parts the blob holds.
    pub parts: Parts,
    /// Digest of the configuration.
    pub config_digest: [u8; 32],
    /// Digest of the data.
    pub data_digest: [u8; 32],
}

impl<'a> Recipe<'a> {
    /// What `train` makes its blobs with.
    #[must_use]
    pub fn of_run(config: &RunConfig, images: &'a Images) -> Self {
        Self {
            images,
            calibration: CALIBRATION_IMAGES,
            parts: Parts::Both,
            config_digest: config_digest(config),
            data_digest: from_hex(&config.data.digest),
        }
    }
}

/// Makes a blob of `network`.
///
/// # Errors
/// The network cannot be quantised, or breaks a rule of the format.
pub fn make_blob(
    network: &Network,
    contract: Contract,
    recipe: &Recipe<'_>,
) -> Result<Vec<u8>, QuantizeError> {
    if recipe.images.is_empty() {
        return Err(QuantizeError::NoCalibration);
    }
    let seal = Seal {
        parts: recipe.parts,
        latent_map: &[],
        provenance: Provenance {
            tool: TOOL,
            config: &recipe.config_digest,
            data: &recipe.data_digest,
        },
        test_image: recipe.images.image(0),
    };
    match contract {
        Contract::F32 => Ok(float_blob(network, &seal)?),
        Contract::Int8 => int8_blob(network, &spread(recipe.images, recipe.calibration), &seal),
    }
}

/// At most `count` of the images, evenly spread over all of them.
fn spread(images: &Images, count: usize) -> Images {
    let count = count.clamp(1, images.len());
    let chosen = (0..count).flat_map(|i| images.image(i * images.len() / count)).copied();
    Images::new(chosen.collect(), images.height(), images.width())
        .expect("whole images of the same size")
}

/// SHA-256 of the configuration's text.
fn config_digest(config: &RunConfig) -> [u8; 32] {
    let text = toml::to_string_pretty(config).unwrap_or_default();
    Sha256::digest(text.as_bytes()).into()
}

/// The bytes of a SHA-256 in hexadecimal; zeros for what is none.
fn from_hex(text: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(digits).unwrap_or_default();
        *byte = u8::from_str_radix(digits, 16).unwrap_or(0);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_images_are_spread_over_all() {
        let images = Images::new((0..10).collect(), 1, 1).unwrap();
        assert_eq!(spread(&images, 4).pixels(), [0, 2, 5, 7]);
        assert_eq!(spread(&images, 99).pixels(), images.pixels());
    }

    #[test]
    fn a_digest_is_read_back_from_hexadecimal() {
        let bytes = from_hex(&"0fA1".repeat(16));
        assert_eq!(bytes[..4], [0x0f, 0xa1, 0x0f, 0xa1]);
    }
}
