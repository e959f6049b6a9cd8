//! `weights.safetensors`: the weights in PyTorch's names and layout.
//!
//! Tensors are `encoder.0.weight`, `encoder.0.bias` and so on, then the same for
//! `decoder`. Layers without weights have none, and count all the same.
//!
//! | kind | weight | bias |
//! | --- | --- | --- |
//! | dense | `[outputs, inputs]` | `[outputs]` |
//! | convolution | `[rows, kernel height, kernel width, channels in]` | `[rows]` |
//! | depthwise | `[kernel height, kernel width, channels]` | `[channels]` |
//!
//! A convolution has a row for each output of a position: its channels; of a transposed one, those
//! of each of the `stride` height × `stride` width outputs, one after the other, and its kernel is
//! what a position reads of the input. The metadata's one key, `config`, holds the
//! [`AutoencoderConfig`] as JSON, and in it `sha256`, that of the whole file,
//! computed with zeros in its place. One key only, because the format does not
//! fix the order of keys and equal models should be equal files.

use std::collections::{BTreeMap, HashMap};

use ae_files::sealed::{self, Damaged};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::config::LayerShape;
use crate::network::weight_shape;
use crate::{AutoencoderConfig, LayerF32, ModelError, Network};

const CONFIG_KEY: &str = "config";

/// In the configuration. Files by older programs or by others have none.
const DIGEST_KEY: &str = "sha256";

/// The bytes of a `weights.safetensors` file.
///
/// # Errors
///
/// [`ModelError`] when the network is not one of this configuration or holds a
/// weight that is not finite.
pub fn write_weights(config: &AutoencoderConfig, network: &Network) -> Result<Vec<u8>, ModelError> {
    // The same checks as on the way in, so that no file is written that
    // cannot be read back.
    network.check(config)?;
    let mut tensors = BTreeMap::new();
    for (stack, layers) in [("encoder", &network.encoder), ("decoder", &network.decoder)] {
        let layers = layers.iter().enumerate();
        for (index, layer) in layers.filter(|(_, layer)| !layer.bias.is_empty()) {
            let weight = (weight_shape(layer.geometry), little_endian(&layer.weights));
            let bias = (vec![layer.bias.len()], little_endian(&layer.bias));
            tensors.insert(format!("{stack}.{index}.weight"), weight);
            tensors.insert(format!("{stack}.{index}.bias"), bias);
        }
    }
    let mut views = Vec::with_capacity(tensors.len());
    for (name, (shape, bytes)) in &tensors {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(malformed)?;
        views.push((name, view));
    }
    let mut json = serde_json::to_value(config).map_err(no_config)?;
    json[DIGEST_KEY] = sealed::BLANK.into();
    let metadata = HashMap::from([(CONFIG_KEY.to_owned(), json.to_string())]);
    safetensors::serialize(views, Some(metadata)).map(sealed::seal).map_err(malformed)
}

/// Reads the bytes of a `weights.safetensors` file.
///
/// # Errors
///
/// [`ModelError`] when the bytes are no safetensors file, when the metadata
/// has no valid configuration, when the file is not what was written, or when a tensor is missing, unknown, of
/// another type or shape, or holds a number that is not finite.
pub fn read_weights(bytes: &[u8]) -> Result<(AutoencoderConfig, Network), ModelError> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(malformed)?;
    let file = SafeTensors::deserialize(bytes).map_err(malformed)?;
    let json = header.metadata().as_ref().and_then(|map| map.get(CONFIG_KEY));
    let json =
        json.ok_or_else(|| ModelError::NoConfig { reason: "the key is missing".to_owned() })?;
    let mut json: serde_json::Map<_, _> = serde_json::from_str(json).map_err(no_config)?;
    if let Some(digest) = json.remove(DIGEST_KEY) {
        sealed::check(bytes, digest.as_str().unwrap_or_default())
            .map_err(|Damaged { expected, found }| ModelError::Damaged { expected, found })?;
    }
    let config: AutoencoderConfig =
        serde_json::from_value(serde_json::Value::Object(json)).map_err(no_config)?;
    config.validate()?;

    let mut tensors: BTreeMap<String, TensorView<'_>> = file.tensors().into_iter().collect();
    let mut stack = |name: &str, shapes: Vec<LayerShape>| -> Result<Vec<LayerF32>, ModelError> {
        let indexed = shapes.into_iter().enumerate();
        let read = indexed.map(|(index, shape)| {
            let weight = format!("{name}.{index}.weight");
            let bias = format!("{name}.{index}.bias");
            let (geometry, activation) = (shape.geometry, shape.activation);
            let (weights, bias) = match shape.biases() {
                0 => (Vec::new(), Vec::new()),
                biases => (
                    take(&mut tensors, weight, &weight_shape(geometry))?,
                    take(&mut tensors, bias, &[biases])?,
                ),
            };
            Ok(LayerF32 { geometry, weights, bias, activation })
        });
        read.collect()
    };
    let encoder = stack("encoder", config.encoder_shapes())?;
    let decoder = stack("decoder", config.decoder_shapes())?;
    if let Some(name) = tensors.into_keys().next() {
        return Err(ModelError::UnknownTensor { name });
    }
    let network = Network { encoder, decoder };
    network.check(&config)?;
    Ok((config, network))
}

/// Takes one tensor out of those not yet read.
fn take(
    tensors: &mut BTreeMap<String, TensorView<'_>>,
    name: String,
    expected: &[usize],
) -> Result<Vec<f32>, ModelError> {
    let Some(tensor) = tensors.remove(&name) else {
        return Err(ModelError::MissingTensor { name });
    };
    if tensor.dtype() != Dtype::F32 {
        return Err(ModelError::ElementType { name, found: format!("{:?}", tensor.dtype()) });
    }
    if tensor.shape() != expected {
        return Err(ModelError::Shape {
            name,
            expected: expected.to_vec(),
            found: tensor.shape().to_vec(),
        });
    }
    let words = tensor.data().as_chunks::<4>().0;
    Ok(words.iter().map(|&word| f32::from_le_bytes(word)).collect())
}

fn little_endian(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn no_config(error: serde_json::Error) -> ModelError {
    ModelError::NoConfig { reason: error.to_string() }
}

fn malformed(error: safetensors::SafeTensorError) -> ModelError {
    ModelError::Malformed { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::super::{Activation, Map, Preset};
    use super::*;

    fn config() -> AutoencoderConfig {
        AutoencoderConfig {
            input: 5,
            hidden: vec![3],
            latent: 2,
            activation: Activation::Gelu,
            code: crate::Code::Linear,
            architecture: None,
        }
    }

    fn bytes() -> Vec<u8> {
        write_weights(&config(), &Network::initial(&config(), 7).unwrap()).unwrap()
    }

    /// The tensors of [`bytes`], changed, as a file with the same metadata.
    fn changed(
        change: impl FnOnce(&mut BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>),
    ) -> Vec<u8> {
        let original = bytes();
        let file = SafeTensors::deserialize(&original).unwrap();
        let owned =
            |view: TensorView<'_>| (view.dtype(), view.shape().to_vec(), view.data().to_vec());
        let tensors = file.tensors().into_iter();
        let mut tensors = tensors.map(|(name, view)| (name, owned(view))).collect();
        change(&mut tensors);
        let views = tensors.iter().map(|(name, (dtype, shape, data))| {
            (name, TensorView::new(*dtype, shape.clone(), data).unwrap())
        });
        let json = serde_json::to_string(&config()).unwrap();
        let metadata = HashMap::from([(CONFIG_KEY.to_owned(), json)]);
        safetensors::serialize(views, Some(metadata)).unwrap()
    }

    fn refused(bytes: &[u8]) -> ModelError {
        read_weights(bytes).unwrap_err()
    }

    #[test]
    fn a_file_gives_the_same_model_and_the_same_file() {
        let (read_config, network) = read_weights(&bytes()).unwrap();
        assert_eq!(read_config, config());
        assert_eq!(network, Network::initial(&config(), 7).unwrap());
        assert_eq!(write_weights(&read_config, &network).unwrap(), bytes());
    }

    #[test]
    fn names_and_shapes_are_those_of_pytorch() {
        let bytes = bytes();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let mut names = file.names();
        names.sort_unstable();
        let expected = [
            "decoder.0.bias",
            "decoder.0.weight",
            "decoder.1.bias",
            "decoder.1.weight",
            "encoder.0.bias",
            "encoder.0.weight",
            "encoder.1.bias",
            "encoder.1.weight",
        ];
        assert_eq!(names, expected);
        assert_eq!(file.tensor("encoder.0.weight").unwrap().shape(), [3, 5]);
        assert_eq!(file.tensor("decoder.1.bias").unwrap().shape(), [5]);
    }

    #[test]
    fn tensors_of_a_convolution_say_what_they_are() {
        let architecture = Preset::Separable.architecture(Map::image(8, 6), 2);
        let config = AutoencoderConfig {
            input: 48,
            hidden: Vec::new(),
            architecture: Some(architecture),
            ..config()
        };
        let network = Network::initial(&config, 7).unwrap();
        let bytes = write_weights(&config, &network).unwrap();
        assert_eq!(read_weights(&bytes).unwrap(), (config, network));
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let shape = |name| file.tensor(name).map(|tensor| tensor.shape().to_vec()).ok();
        assert_eq!(shape("encoder.0.weight"), Some(vec![16, 3, 3, 1]));
        // The map is pooled in between.
        assert_eq!((shape("encoder.1.weight"), shape("encoder.1.bias")), (None, None));
        assert_eq!(shape("encoder.2.weight"), Some(vec![3, 3, 16]));
        assert_eq!(shape("encoder.2.bias"), Some(vec![16]));
        assert_eq!(shape("encoder.3.weight"), Some(vec![32, 1, 1, 16]));

        let transposed = Preset::Conv1d.architecture(Map::window(48, 1), 2);
        let config = AutoencoderConfig {
            input: 48,
            hidden: Vec::new(),
            architecture: Some(transposed),
            ..self::config()
        };
        let bytes = write_weights(&config, &Network::initial(&config, 7).unwrap()).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        // Four samples of one channel each for every position of the last layer.
        let last = file.tensor("decoder.2.weight").unwrap();
        assert_eq!(last.shape(), [4, 1, 1, 16]);
    }

    #[test]
    fn each_fault_has_its_own_error() {
        let missing = changed(|tensors| {
            tensors.remove("decoder.0.bias");
        });
        let name = "decoder.0.bias".to_owned();
        assert_eq!(refused(&missing), ModelError::MissingTensor { name });

        let unknown = changed(|tensors| {
            let bias = tensors["decoder.0.bias"].clone();
            tensors.insert("decoder.2.bias".into(), bias);
        });
        let name = "decoder.2.bias".to_owned();
        assert_eq!(refused(&unknown), ModelError::UnknownTensor { name });

        let transposed = changed(|tensors| {
            tensors.get_mut("encoder.0.weight").unwrap().1.reverse();
        });
        assert!(matches!(refused(&transposed), ModelError::Shape { .. }));

        let integers = changed(|tensors| {
            tensors.get_mut("encoder.0.weight").unwrap().0 = Dtype::I32;
        });
        assert!(matches!(refused(&integers), ModelError::ElementType { .. }));

        let infinite = changed(|tensors| {
            let data = &mut tensors.get_mut("encoder.1.weight").unwrap().2;
            data[8..12].copy_from_slice(&f32::INFINITY.to_le_bytes());
        });
        assert_eq!(
            refused(&infinite),
            ModelError::NonFinite {
                name: "encoder.1.weight".into(),
                position: 2,
                value: "inf".into()
            }
        );
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let whole = bytes();
        let mut damaged = 0;
        for bit in 0..8 * whole.len() {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            damaged += u32::from(matches!(refused(&bytes), ModelError::Damaged { .. }));
        }
        // A file by another program has no digest, and none is asked for.
        read_weights(&changed(|_| {})).unwrap();
        // All bits of weights and biases are among them.
        assert!(damaged >= 8 * 4 * (5 * 3 + 3 + 3 * 2 + 2 + 2 * 3 + 3 + 3 * 5 + 5), "{damaged}");
    }

    #[test]
    fn bytes_that_are_no_such_file_are_refused() {
        let whole = bytes();
        for length in 0..whole.len() {
            assert!(matches!(refused(&whole[..length]), ModelError::Malformed { .. }));
        }
        let none: [(&str, TensorView<'_>); 0] = [];
        let no_config = safetensors::serialize(none, None).unwrap();
        assert!(matches!(refused(&no_config), ModelError::NoConfig { .. }));
    }
}
