//! What a detector takes on a board, before there is one.

use ae_core::{Activation, Header, Totals};
use ae_model::{LayerF32, Network};

/// Instructions of a Cortex-M4's kernel for a product: its inner loop has 14 for 16 products.
const PER_PRODUCT: f64 = 0.875;
/// The same in a one-hot layer, which is in plain rows: that of 32 prototypes of 384 values takes 38,823.
const PER_ROW_PRODUCT: f64 = 3.1;
/// Instructions for an output beside its products: what is left of an inference of
/// 784-256-128-20 and back, as `cargo xtask bench --boards` counts it, for each of its 1,572.
const PER_OUTPUT: f64 = 24.8;
/// Instructions for a pixel beside the network: mapping samples, moving the window, the score. What
/// is left of a window of the 384-128-16-128-384 monitor, 128,210, as the same command counts it.
const PER_PIXEL: f64 = 58.2;

/// Where the figures come from.
pub const BASIS: &str = "flash: the blob; RAM: window, reconstruction and scratch in plain rows; \
                         instructions: estimated for a Cortex-M4 from the products, outputs and \
                         pixels of a window (`cargo xtask bench --boards --model BLOB` counts them)";

/// Bytes, products and estimated instructions of `network` as an int8 `blob`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// The blob.
    pub flash_bytes: u64,
    /// Window, reconstruction and scratch in plain rows.
    pub ram_bytes: u64,
    /// Of a window.
    pub multiply_adds: u64,
    /// Of a window, estimated.
    pub instructions: u64,
}

impl Cost {
    /// Of a network and the blob that was made of it; `header` is the blob's.
    #[must_use]
    pub fn of(network: &Network, blob: &[u8], header: &Header) -> Self {
        let totals = Totals::of(network.layers().map(|layer| layer.geometry));
        let products = |layer: &LayerF32| {
            let per_product = match layer.activation {
                Activation::OneHot => PER_ROW_PRODUCT,
                _ => PER_PRODUCT,
            };
            per_product * layer.geometry.multiply_adds() as f64
        };
        let instructions = network.layers().map(products).sum::<f64>()
            + PER_OUTPUT * totals.outputs as f64
            + PER_PIXEL * f64::from(header.features);
        Self {
            flash_bytes: blob.len() as u64,
            ram_bytes: header.buffers().total_bytes(1),
            multiply_adds: totals.multiply_adds,
            instructions: instructions.round() as u64,
        }
    }
}
