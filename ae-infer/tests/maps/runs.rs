//! Runs of layers, computed in strips wherever windows are smaller than maps.

use ae_core::{Int8, Model, Part};
use ae_testkit::draw::runs;
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;

use super::models::{pixels_of, reconstructed};

/// Models of each contract.
const MODELS: usize = 112;

/// Every layer's digest is the oracle's, which has whole maps.
#[test]
fn every_run_is_the_oracles() {
    let mut random = SplitMix64::new(9);
    let mut in_strips = 0;
    for index in 0..MODELS {
        // Up to two more than a run has.
        let layers = 1 + index % 14;
        let layout = [Layout::Rows, Layout::RowPairs][index % 2];
        let blob = runs::int8(layers, layout, &mut random);
        let bytes = blob.write();
        in_strips += parts_in_strips(&bytes);
        let pixels = pixels_of(&blob, &mut random);
        let found = reconstructed::<Int8<'_>>(&bytes, &pixels);
        assert_eq!(found, blob.reconstruct(&pixels), "{index}: {layers} layers, {layout:?}");
        let blob = runs::float(layers, &mut random);
        let pixels = pixels_of(&blob, &mut random);
        let found = reconstructed::<ae_core::F32>(&blob.write(), &pixels);
        assert_eq!(found, blob.reconstruct(&pixels), "{index}: {layers} layers");
    }
    assert!(in_strips > MODELS / 2, "{in_strips} of {} parts", 2 * MODELS);
}

/// Parts that take less scratch than a layer with whole maps.
fn parts_in_strips(blob: &[u8]) -> usize {
    let model = Model::<Int8<'_>>::parse(blob).expect("a blob");
    let header = model.header();
    let of = |part: Option<&Part<'_, Int8<'_>>>, scratch: u32| {
        let layers = part.expect("a part").layers();
        let last = layers.len() - 1;
        let taken = layers.enumerate().map(|(index, layer)| {
            let inputs = if index > 0 { layer.inputs() } else { 0 };
            inputs + layer.room() + if index < last { layer.outputs() } else { 0 }
        });
        usize::from(taken.max().expect("a layer") > scratch as usize)
    };
    of(model.encoder(), header.encoder_scratch) + of(model.decoder(), header.decoder_scratch)
}
