//! A program holds code for the kinds of layers that it was built with, and refuses all others by
//! their names. Run with any of the features, and with none.

use ae_core::{F32Model, Int8Model, LayerError, LoadError, PartKind, SpatialKind};

const SPATIAL: &[u8] = include_bytes!("../../tests/golden/tiny.spatial.int8.aeb");
const FLOAT: &[u8] = include_bytes!("../../tests/golden/tiny.spatial.f32.aeb");
const DENSE: &[u8] = include_bytes!("../../tests/golden/tiny.int8.aeb");

/// The layers of the golden blobs; the decoder's first is dense.
const LAYERS: [(PartKind, usize, SpatialKind); 6] = [
    (PartKind::Encoder, 0, SpatialKind::Convolution),
    (PartKind::Encoder, 1, SpatialKind::Maximum),
    (PartKind::Encoder, 2, SpatialKind::Depthwise),
    (PartKind::Encoder, 3, SpatialKind::Average),
    (PartKind::Decoder, 1, SpatialKind::Upsampling),
    (PartKind::Decoder, 2, SpatialKind::Convolution),
];

#[test]
fn the_first_layer_that_cannot_be_run_is_named() {
    let missing = LAYERS.into_iter().find(|(.., kind)| !kind.is_built());
    let expected = missing.map(|(part, index, kind)| LoadError::Layer {
        part,
        index,
        error: LayerError::KindNotBuilt { kind },
    });
    assert_eq!(Int8Model::parse(SPATIAL).err(), expected);
    assert_eq!(F32Model::parse(FLOAT).err(), expected);
    if let (Some(error), Some((.., kind))) = (expected, missing) {
        let text = error.to_string();
        assert!(text.contains(kind.name()) && text.contains(kind.feature()), "{text}");
    }
}

#[test]
fn dense_layers_are_always_there() {
    let model = Int8Model::parse(DENSE).expect("a model of dense layers");
    let layers = model.encoder().expect("an encoder").layers();
    assert!(layers.clone().all(|layer| layer.spatial().is_none()));
    assert_eq!(layers.len(), 2);
}

/// The data behind a layer's weights are found in each kind.
#[test]
#[cfg(all(
    feature = "convolution",
    feature = "depthwise",
    feature = "pooling",
    feature = "upsampling"
))]
fn a_spatial_layer_is_read_in_place() {
    let model = Int8Model::parse(SPATIAL).expect("every kind is built");
    let layers: Vec<_> = model.encoder().expect("an encoder").layers().collect();
    let convolution = layers[0].spatial().expect("a convolution");
    assert_eq!((convolution.field(), convolution.columns()), (9, 2));
    assert_eq!((convolution.height.outputs, convolution.width.before), (4, 1));
    assert_eq!((layers[0].inputs(), layers[0].outputs()), (16, 32));
    assert_eq!(layers[0].arithmetic().padding(), -128);
    let dense = layers[0].as_dense();
    assert_eq!((dense.inputs(), dense.outputs(), dense.spatial()), (9, 2, None));
    assert_eq!(layers[1].data(), []);
    assert_eq!(layers[1].arithmetic().tables().len(), 2);
    assert_eq!(layers[1].as_dense().table_span(), 1);
    // Four taps of two channels, and biases behind them.
    let taps = layers[2].as_dense().taps();
    assert_eq!(taps.weights(), &layers[2].data()[..8]);
    assert_eq!(taps.tap(3), &layers[2].data()[6..8]);
    assert!(taps.tap(4).is_empty());
    let (biases, multipliers, shifts) =
        taps.parameters().block_parameters(0, 2).expect("two channels");
    let [biases, multipliers] = [biases, multipliers].map(|it| it.as_flattened().to_vec());
    assert_eq!([biases, multipliers, shifts.to_vec()].concat(), layers[2].data()[8..]);
    let room: Vec<usize> = layers.iter().map(|layer| layer.room()).collect();
    assert_eq!(room, [32, 0, 0, 0]);
    assert_eq!(model.totals().parameters, 20 + 10 + 6 + 36);
    // 16 positions of 18, four of eight, four dense, nine of 32.
    assert_eq!(model.totals().multiply_adds, 16 * 18 + 4 * 8 + 4 + 9 * 32);
}
