//! Activation tables, known before there are weights.

use ae_model::{AutoencoderConfig, LayerF32, LayerShape, Network};

use crate::error::QuantizeError;
use crate::roles::{Role, Step, steps};
use crate::scales::hidden_table_bytes;

/// Bytes of one table.
const TABLE: usize = 256;

/// Bytes of the activation tables of each layer of such a network, the encoder's first.
///
/// # Errors
/// A layer has an activation that cannot be quantised where it stands.
pub fn table_bytes(config: &AutoencoderConfig) -> Result<Vec<usize>, QuantizeError> {
    let bare = |shapes: Vec<LayerShape>| {
        let layer = |LayerShape { geometry, activation }| LayerF32 {
            geometry,
            weights: Vec::new(),
            bias: Vec::new(),
            activation,
        };
        shapes.into_iter().map(layer).collect()
    };
    let network =
        Network { encoder: bare(config.encoder_shapes()), decoder: bare(config.decoder_shapes()) };
    let bytes = |step| match step {
        Step::Weighted(Role::Hidden(activation), freedom) => {
            hidden_table_bytes(activation, freedom)
        }
        Step::Weighted(Role::Output(_), _) | Step::Passing(Some(_)) => TABLE,
        Step::Weighted(Role::Plain | Role::Towards(_), _) | Step::OneHot | Step::Passing(None) => 0,
    };
    Ok(steps(&network)?.into_iter().map(bytes).collect())
}

#[cfg(test)]
mod tests {
    use ae_core::{PartSelection, Provenance};
    use ae_data::Images;
    use ae_model::{Activation, Code, Map, Preset};

    use super::*;
    use crate::{Seal, int8_blob, unwatched};

    /// Tables of the blob that is made of random weights.
    fn of_blob(config: &AutoencoderConfig) -> Vec<usize> {
        let network = Network::initial(config, 5).unwrap();
        let pixels = (0..20 * config.input).map(|at| (at * at % 251) as u8).collect();
        let images = Images::new(pixels, config.input, 1).unwrap();
        let seal = Seal {
            parts: PartSelection::Both,
            latent_map: &[],
            provenance: Provenance { tool: "test", config: &[], data: &[] },
            test_image: images.image(0),
        };
        let blob = int8_blob(&network, &images, &seal, &mut unwatched).unwrap();
        let model = ae_core::Int8Model::parse(&blob.bytes).unwrap();
        let parts = [model.encoder().unwrap(), model.decoder().unwrap()];
        let layers = parts.iter().flat_map(|part| part.layers());
        layers.map(|layer| TABLE * layer.arithmetic().tables().len()).collect()
    }

    #[test]
    fn as_many_as_the_blob_gets() {
        for preset in [None, Some(Preset::Conv), Some(Preset::Conv1d), Some(Preset::Separable)] {
            for activation in [Activation::Relu, Activation::Gelu] {
                let data = Map::image(8, 8);
                let config = AutoencoderConfig {
                    input: 64,
                    hidden: if preset.is_none() { vec![9, 3] } else { Vec::new() },
                    latent: 2,
                    activation,
                    code: Code::Linear,
                    architecture: preset.map(|preset| preset.architecture(data, 2)),
                };
                assert_eq!(table_bytes(&config).unwrap(), of_blob(&config), "{preset:?}");
            }
        }
    }
}
