//! What a detector takes on a board, before there is one.

mod signal;

use ae_core::{Activation, Geometry, Header, Int8Model, Spatial, SpatialKind, Totals, window_len};
use ae_model::{LayerF32, Network};

/// Instructions of a Cortex-M4's kernel for a product: its inner loop has 14 for 16 products.
const PER_PRODUCT: f64 = 0.875;
/// The same in a one-hot layer, which is in plain rows: that of 32 prototypes of 384 values takes 38,823.
const PER_ROW_PRODUCT: f64 = 3.1;
/// Instructions for each value that a convolution gathers from its map, and for each value that it
/// then gives: a copy of four bytes takes two, and storing outputs that lie apart about ten.
const PER_GATHERED: f64 = 0.5;
/// See [`PER_GATHERED`].
const PER_SCATTERED: f64 = 10.0;
/// Instructions for a product of a depthwise convolution: to load, extend and multiply two bytes, and
/// to keep the sum.
const PER_DEPTHWISE_PRODUCT: f64 = 6.0;
/// Instructions for a value that pooling looks at, or that is repeated.
const PER_POOLED: f64 = 5.0;
/// Instructions for an output beside its products: what is left of an inference of
/// 784-256-128-20 and back, as `cargo xtask bench --boards` counts it, for each of its 1,572.
const PER_OUTPUT: f64 = 24.8;
/// Instructions for a pixel beside the network: mapping samples, moving the window, the score. What
/// is left of a window of the 384-128-16-128-384 monitor, 128,210, as the same command counts it.
const PER_PIXEL: f64 = 58.2;

/// Where the figures come from.
pub const BASIS: &str = "flash: the blob; RAM: window, reconstruction and scratch in plain rows; \
                         instructions: estimated for a Cortex-M4 from the products, outputs and \
                         pixels of a window, and from the features of the signal that come between two \
                         windows, if there are any (`cargo xtask bench --boards --model BLOB` counts them)";

/// Bytes, products and estimated instructions of `network` as an int8 `blob`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// The blob.
    pub flash_bytes: u64,
    /// Window, reconstruction and scratch in plain rows, and what features of the signal are computed in.
    pub ram_bytes: u64,
    /// Of a window.
    pub multiply_adds: u64,
    /// From a window to the next, estimated: of the model, and of what features of the signal come between
    /// them.
    pub instructions: u64,
}

impl Cost {
    /// Of a network and the blob that was made of it; `header` is the blob's.
    #[must_use]
    pub fn of(network: &Network, blob: &[u8], header: &Header) -> Self {
        let totals = Totals::of(network.layers().map(|layer| layer.geometry));
        let instructions = network.layers().map(of_layer).sum::<f64>()
            + PER_OUTPUT * totals.outputs as f64
            + PER_PIXEL * f64::from(header.features)
            + of_features(blob);
        Self {
            flash_bytes: blob.len() as u64,
            ram_bytes: header.buffers().total_bytes(1) + of_signal(blob, header),
            multiply_adds: totals.multiply_adds,
            instructions: instructions.round() as u64,
        }
    }
}

/// Instructions for the features of the signal, of a blob with a detector that has some.
fn of_features(blob: &[u8]) -> f64 {
    let section = Int8Model::parse(blob).and_then(|model| model.detection());
    section.ok().flatten().map_or(0.0, |section| signal::instructions(&section))
}

/// Bytes that features of the signal are computed in.
fn of_signal(blob: &[u8], header: &Header) -> u64 {
    let features = header.features as usize;
    window_len(blob).map_or(0, |window| window.saturating_sub(features) as u64)
}

/// Instructions for what a layer adds up, gathers and looks at.
fn of_layer(layer: &LayerF32) -> f64 {
    let products = layer.geometry.multiply_adds() as f64;
    match layer.geometry {
        Geometry::Dense(_) if layer.activation == Activation::OneHot => PER_ROW_PRODUCT * products,
        Geometry::Dense(_) => PER_PRODUCT * products,
        Geometry::Spatial(it) => match it.kind {
            SpatialKind::Convolution => PER_PRODUCT * products + around_positions(&it),
            SpatialKind::Depthwise => PER_DEPTHWISE_PRODUCT * products,
            SpatialKind::Maximum | SpatialKind::Average | SpatialKind::Upsampling => {
                PER_POOLED * (it.taps() * it.outputs()) as f64
            }
        },
    }
}

/// To bring together what each position of a convolution reads, and to put apart what it gives.
fn around_positions(layer: &Spatial) -> f64 {
    let gathered = PER_GATHERED * (layer.field() * layer.positions()) as f64;
    let scattered =
        if layer.is_interleaved() { PER_SCATTERED * layer.outputs() as f64 } else { 0.0 };
    gathered + scattered
}

#[cfg(test)]
mod tests {
    use ae_model::{AutoencoderConfig, Code, Map, Preset};

    use super::*;

    fn costs(preset: Preset, data: Map) -> Vec<f64> {
        let config = AutoencoderConfig {
            input: data.values(),
            hidden: Vec::new(),
            latent: 4,
            activation: ae_model::Activation::Relu,
            code: Code::Linear,
            architecture: Some(preset.architecture(data, 4)),
        };
        Network::initial(&config, 1).unwrap().layers().map(of_layer).collect()
    }

    #[test]
    fn every_kind_costs_what_it_does() {
        let separable = costs(Preset::Separable, Map::image(8, 8));
        // 3 × 3 to 4 × 4 × 16, from one channel.
        assert_eq!(separable[0], 0.875 * (9 * 16 * 16) as f64 + 0.5 * (9 * 16) as f64);
        // 2 × 2 of each of 2 × 2 × 16 values.
        assert_eq!(separable[1], 5.0 * (4 * 64) as f64);
        // Nine products for each of them.
        assert_eq!(separable[2], 6.0 * (9 * 64) as f64);
        let back = *costs(Preset::Conv, Map::image(8, 8)).iter().rev().nth(1).unwrap();
        // From 2 × 2 × 24 to 4 × 4 × 16, four places at once.
        assert_eq!(back, 0.875 * (4 * 24 * 64) as f64 + 0.5 * (4 * 24) as f64 + 10.0 * 256.0);
    }
}
