//! Buffers that a model with rooms between its layers refuses.

use ae_core::Int8;
use ae_infer::{Autoencoder, InferError};
use ae_testkit::draw::spatial_model;
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;
use ae_testkit::spatial::Kind;

#[test]
fn what_is_too_small_is_refused_with_what_is_needed() {
    let mut random = SplitMix64::new(9);
    for layout in [Layout::Rows, Layout::RowPairs] {
        let blob = spatial_model::int8([Kind::Convolution; 4], layout, &mut random).write();
        let model = Autoencoder::<Int8<'_>>::load(&blob).unwrap();
        let header = *model.model().header();
        let (features, latent) = (header.features as usize, header.latent as usize);
        let pixels = vec![3; features];
        let (mut back, mut coded) = (vec![0; features], vec![0; latent]);

        let needed = header.encoder_scratch as usize;
        let mut scratch = vec![0; header.scratch_len()];
        assert_eq!(model.encode(&pixels, &mut coded, &mut scratch[..needed]), Ok(()));
        let found = needed - 1;
        let error = model.encode(&pixels, &mut coded, &mut scratch[..found]).unwrap_err();
        assert_eq!(error, InferError::Scratch { needed, found });

        let needed = header.decoder_scratch as usize;
        assert_eq!(model.decode(&coded, &mut back, &mut scratch[..needed]), Ok(()));
        let found = needed - 1;
        let error = model.decode(&coded, &mut back, &mut scratch[..found]).unwrap_err();
        assert_eq!(error, InferError::Scratch { needed, found });

        let needed = header.scratch_len();
        let found = needed - 1;
        let error = model.reconstruct(&pixels, &mut back, &mut scratch[..found]).unwrap_err();
        assert_eq!(error, InferError::Scratch { needed, found });

        let error = model.encode(&pixels[1..], &mut coded, &mut scratch).unwrap_err();
        assert_eq!(error, InferError::Pixels { expected: features, found: features - 1 });
        let error = model.decode(&coded[1..], &mut back, &mut scratch).unwrap_err();
        assert_eq!(error, InferError::Latent { expected: latent, found: latent - 1 });
    }
}
