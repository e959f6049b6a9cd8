//! The blobs of a run: from its configuration, weights and data, and nothing else. So they can be
//! made again and compared.

use ae_core::{Activation, Contract, PartSelection, Provenance};
use ae_data::Images;
use ae_model::Network;
use ae_quantize::{Quantised, QuantizeError, Seal, Watch, check_images, float_blob, int8_blob};
use sha2::{Digest, Sha256};

use crate::RunConfig;

/// Images that the quantiser looks at by default.
pub const CALIBRATION_IMAGES: usize = 10_000;

/// Name and version of this program, as configurations and blobs state it.
pub const TOOL: &str = concat!("ae-train ", env!("CARGO_PKG_VERSION"));

/// The same in a blob of principal components.
pub const TOOL_PCA: &str = concat!("ae-train ", env!("CARGO_PKG_VERSION"), ", PCA");

/// What a blob is made with, beside the network.
#[derive(Debug, Clone, Copy)]
pub struct BlobRecipe<'a> {
    /// The run's configuration.
    pub config: &'a RunConfig,
    /// Training images: calibration, and the test vector.
    pub images: &'a Images,
    /// How many of them the quantiser looks at.
    pub calibration: usize,
    /// Which parts the blob holds.
    pub parts: PartSelection,
}

impl<'a> BlobRecipe<'a> {
    /// What `train` makes its blobs with.
    #[must_use]
    pub fn of_run(config: &'a RunConfig, images: &'a Images) -> Self {
        Self { config, images, calibration: CALIBRATION_IMAGES, parts: PartSelection::Both }
    }

    /// SHA-256 of everything that decides the model: program, data, network, recipe, and the number
    /// of calibration images. The folder that the data lay in decides nothing.
    #[must_use]
    pub fn config_digest(&self) -> [u8; 32] {
        let RunConfig { tool, data, model, recipe, baselines: _, detect: _ } = self.config;
        let settings = serde_json::json!({
            "tool": tool,
            "data": data.digest,
            "model": model,
            "recipe": recipe,
            "calibration": self.calibration,
        });
        Sha256::digest(settings.to_string()).into()
    }
}

/// Makes a blob of `network`. `watch` is told how far it is, and may end it.
///
/// # Errors
/// The network cannot be quantised, takes other images, or breaks a rule of the format; or it was
/// ended.
pub fn make_blob(
    network: &Network,
    contract: Contract,
    recipe: &BlobRecipe<'_>,
    watch: &mut Watch<'_>,
) -> Result<Quantised, QuantizeError> {
    let BlobRecipe { images, calibration, parts, .. } = *recipe;
    check_images(network, images)?;
    // Of the networks of a run, only principal components give pixels as they are.
    let tool = match network.output_activation() {
        Activation::Identity => TOOL_PCA,
        _ => TOOL,
    };
    let seal = Seal {
        parts,
        latent_map: &[],
        provenance: Provenance { tool, config: &recipe.config_digest(), data: &images.digest() },
        test_image: images.image(0),
    };
    match contract {
        Contract::F32 => {
            let bytes = float_blob(network, &seal)?;
            Ok(Quantised { bytes, coarse: Vec::new(), meanings: Vec::new() })
        }
        Contract::Int8 => int8_blob(network, &images.spread(calibration.max(1)), &seal, watch),
    }
}

/// Bytes of memory that an int8 blob of `network` takes to make at most, beside the images.
#[must_use]
pub fn memory_bytes(network: &Network, recipe: &BlobRecipe<'_>) -> usize {
    let BlobRecipe { images, calibration, .. } = *recipe;
    ae_quantize::memory_bytes(network, calibration.clamp(1, images.len().max(1)))
}
