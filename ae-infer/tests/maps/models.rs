//! Models of layers of all kinds, dense ones among them, layer by layer.

use ae_core::{Arithmetic, F32, Int8};
use ae_infer::{Autoencoder, Compute, SelfTestError};
use ae_testkit::blob::Blob;
use ae_testkit::draw::spatial_model;
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;
use ae_testkit::spatial::Kind;

/// Runs the model's own test vector, whose digests are the oracle's, and `pixels`; gives their
/// reconstruction.
pub(super) fn reconstructed<'a, A: Compute<'a>>(blob: &'a [u8], pixels: &[u8]) -> Vec<u8> {
    let model = Autoencoder::<A>::load(blob).expect("the writer has checked the blob");
    let header = *model.model().header();
    let mut reconstruction = vec![1; header.features as usize];
    let mut scratch = vec![<A as Arithmetic<'_>>::Element::default(); header.scratch_len()];
    model.self_test(&mut reconstruction, &mut scratch).unwrap();
    model.reconstruct(pixels, &mut reconstruction, &mut scratch).unwrap();
    reconstruction
}

/// Pixels of the model's size.
pub(super) fn pixels_of<A>(blob: &Blob<A>, random: &mut SplitMix64) -> Vec<u8> {
    let encoder = blob.encoder.as_ref().unwrap();
    random.pixels(encoder.layers[0].inputs)
}

#[test]
fn every_layer_is_the_oracles() {
    let mut random = SplitMix64::new(7);
    for turn in 0..200 {
        let kinds = [(); 4].map(|()| random.one_of(&Kind::ALL));
        let layout = [Layout::Rows, Layout::RowPairs][turn % 2];
        let blob = spatial_model::int8(kinds, layout, &mut random);
        let pixels = pixels_of(&blob, &mut random);
        let found = reconstructed::<Int8<'_>>(&blob.write(), &pixels);
        assert_eq!(found, blob.reconstruct(&pixels), "{kinds:?}");
        let blob = spatial_model::float(kinds, &mut random);
        let pixels = pixels_of(&blob, &mut random);
        let found = reconstructed::<F32>(&blob.write(), &pixels);
        assert_eq!(found, blob.reconstruct(&pixels), "{kinds:?}");
    }
}

#[test]
fn a_changed_digest_is_found_in_its_layer() {
    let mut random = SplitMix64::new(8);
    let kinds = [Kind::Average; 4];
    let mut blob = spatial_model::int8(kinds, Layout::Rows, &mut random);
    blob.decoder.as_mut().unwrap().layers[2].digest ^= 1;
    let blob = blob.write();
    let model = Autoencoder::<Int8<'_>>::load(&blob).unwrap();
    let header = *model.model().header();
    let (mut pixels, mut scratch) =
        (vec![0; header.features as usize], vec![0; header.scratch_len()]);
    let error = model.self_test(&mut pixels, &mut scratch).unwrap_err();
    assert!(matches!(error, SelfTestError::Differs { layer: 2, .. }), "{error}");
}
