//! Buffers of the wrong size and parts that are missing are errors with numbers, and buffers of
//! just the right size do.

use ae_core::{PartKind, PartSelection};
use ae_infer::{Autoencoder, F32Autoencoder, InferError, SelfTestError};
use ae_model::Activation;
use ae_quantize::{ContractFamily, F32Contract, Int8Contract};
use ae_testkit::draw::Weights;
use ae_testkit::random::SplitMix64;
use ae_tests::integers::{integer_blob, random_layers};
use ae_tests::models::{Output, float, network, noise, small_blobs};

/// 50→31→29→3 and back: needs 60 elements between layers each way, and 63 with the latent.
const WIDTHS: [usize; 4] = [50, 31, 29, 3];
const HIDDEN: usize = 31 + 29;
const ALL: usize = HIDDEN + 3;

fn blobs(parts: PartSelection) -> [Vec<u8>; 2] {
    let layers = random_layers(&WIDTHS, Weights::Any, &mut SplitMix64::new(1));
    let network = network(&WIDTHS, Activation::Relu, Output::Sigmoid, 2);
    let images = noise(WIDTHS[0], 1, 3);
    [integer_blob(&layers, images.image(0), parts), float(&network, &images, parts)]
}

fn sizes<C: ContractFamily>(blob: &[u8]) {
    let model = Autoencoder::<C::Arithmetic<'_>>::load(blob).expect("a valid blob");
    let zero = C::Element::default();
    let pixels = vec![9; 50];
    let scratch_of = |found: usize| vec![zero; found];
    for found in [0, 1, 31, HIDDEN - 1] {
        let error = Err(InferError::Scratch { needed: HIDDEN, found });
        assert_eq!(model.encode(&pixels, &mut [zero; 3], &mut scratch_of(found)), error);
        assert_eq!(model.decode(&[zero; 3], &mut [0; 50], &mut scratch_of(found)), error);
    }
    for found in [0, HIDDEN, ALL - 1] {
        let error = InferError::Scratch { needed: ALL, found };
        assert_eq!(model.reconstruct(&pixels, &mut [0; 50], &mut scratch_of(found)), Err(error));
        assert_eq!(model.score(&pixels, &mut [0; 50], &mut scratch_of(found)), Err(error));
        let verdict = model.self_test(&mut [0; 50], &mut scratch_of(found));
        assert_eq!(verdict, Err(SelfTestError::Infer(error)));
    }
    for found in [0, 49, 51] {
        let error = InferError::Pixels { expected: 50, found };
        let (mut latent, mut scratch) = ([zero; 3], scratch_of(ALL));
        let other = vec![0; found];
        assert_eq!(model.encode(&other, &mut latent, &mut scratch), Err(error));
        assert_eq!(model.decode(&latent, &mut other.clone(), &mut scratch), Err(error));
        assert_eq!(model.score(&other, &mut [0; 50], &mut scratch), Err(error));
        assert_eq!(model.score(&pixels, &mut other.clone(), &mut scratch), Err(error));
        let verdict = model.self_test(&mut other.clone(), &mut scratch);
        assert_eq!(verdict, Err(SelfTestError::Infer(error)));
    }
    for found in [0, 2, 4] {
        let error = InferError::Latent { expected: 3, found };
        let mut latent = vec![zero; found];
        assert_eq!(model.encode(&pixels, &mut latent, &mut scratch_of(ALL)), Err(error));
        assert_eq!(model.decode(&latent, &mut [0; 50], &mut scratch_of(ALL)), Err(error));
    }
}

/// Just enough and far too much give the same, whatever was in the buffers.
fn contents<C: ContractFamily>(blob: &[u8], any: C::Element)
where
    C::Element: PartialEq + std::fmt::Debug,
{
    let model = Autoencoder::<C::Arithmetic<'_>>::load(blob).expect("a valid blob");
    let zero = C::Element::default();
    let pixels = SplitMix64::new(7).pixels(50);
    let (mut exact, mut ample) = (vec![zero; ALL], vec![any; 5 * ALL]);
    let (mut first, mut second) = ([0; 50], [99; 50]);
    let score = model.score(&pixels, &mut first, &mut exact).expect("just enough");
    assert_eq!(model.score(&pixels, &mut second, &mut ample), Ok(score));
    assert_eq!(first, second);
    assert_ne!(first, [0; 50]);

    let mut latent = [any; 3];
    model.encode(&pixels, &mut latent, &mut [any; HIDDEN]).expect("just enough");
    assert_eq!(latent, exact[..3], "the latent is left at the front");
    assert_eq!(latent, ample[..3], "the latent is left at the front");
    model.decode(&latent, &mut second, &mut [zero; HIDDEN]).expect("just enough");
    assert_eq!(first, second);
}

#[test]
fn wrong_sizes_say_what_is_needed() {
    let [int8, f32] = blobs(PartSelection::Both);
    sizes::<Int8Contract>(&int8);
    sizes::<F32Contract>(&f32);
}

#[test]
fn right_sizes_do_and_old_contents_do_not_matter() {
    let [int8, f32] = blobs(PartSelection::Both);
    contents::<Int8Contract>(&int8, 55);
    contents::<F32Contract>(&f32, f32::NAN);
}

#[test]
fn logits_need_the_decoders_buffers() {
    let [_, f32] = blobs(PartSelection::Both);
    let model = F32Autoencoder::load(&f32).expect("a valid blob");
    let latent = [0.5, -0.5, 0.25];
    let mut logits = [0.0; 50];
    let error = InferError::Scratch { needed: HIDDEN, found: HIDDEN - 1 };
    assert_eq!(model.decode_logits(&latent, &mut logits, &mut [0.0; HIDDEN - 1]), Err(error));
    let error = InferError::Pixels { expected: 50, found: 49 };
    assert_eq!(model.decode_logits(&latent, &mut [0.0; 49], &mut [0.0; HIDDEN]), Err(error));

    let (mut pixels, mut scratch) = ([0; 50], [0.0; HIDDEN]);
    model.decode_logits(&latent, &mut logits, &mut scratch).expect("just enough");
    model.decode(&latent, &mut pixels, &mut scratch).expect("just enough");
    let expected = logits.map(|logit| (ae_infer::sigmoid(logit) * 255.0 + 0.5) as u8);
    assert_eq!(pixels, expected);
}

fn missing<C: ContractFamily>(encoder: &[u8], decoder: &[u8]) {
    let zero = C::Element::default();
    let (mut pixels, mut latent, mut scratch) = ([0; 12], [zero; 3], [zero; 10]);
    let no = |missing| Err(InferError::NoPart { missing });
    let (no_encoder, no_decoder) = (no(PartKind::Encoder), no(PartKind::Decoder));

    let model = Autoencoder::<C::Arithmetic<'_>>::load(encoder).expect("a valid blob");
    assert_eq!(model.encode(&pixels, &mut latent, &mut scratch), Ok(()));
    assert_eq!(model.decode(&latent, &mut pixels, &mut scratch), no_decoder);
    assert_eq!(model.reconstruct(&[0; 12], &mut pixels, &mut scratch), no_decoder);
    let id = model.model().header().model_id;

    let model = Autoencoder::<C::Arithmetic<'_>>::load(decoder).expect("a valid blob");
    assert_eq!(model.decode(&latent, &mut pixels, &mut scratch), Ok(()));
    assert_eq!(model.encode(&pixels, &mut latent, &mut scratch), no_encoder);
    assert_eq!(model.reconstruct(&[0; 12], &mut pixels, &mut scratch), no_encoder);
    assert_eq!(model.model().header().model_id, id, "made together");
}

#[test]
fn a_part_that_the_blob_does_not_hold_is_named() {
    let ([int8_encoder, f32_encoder], [int8_decoder, f32_decoder]) =
        (small_blobs(PartSelection::Encoder), small_blobs(PartSelection::Decoder));
    missing::<Int8Contract>(&int8_encoder, &int8_decoder);
    missing::<F32Contract>(&f32_encoder, &f32_decoder);
}

/// Encoder and decoder in two blobs do what both do in one.
#[test]
fn parts_deployed_apart_give_the_same_bytes() {
    let [whole, encoder, decoder] =
        [PartSelection::Both, PartSelection::Encoder, PartSelection::Decoder]
            .map(|parts| small_blobs(parts)[0].clone());
    let load = ae_infer::Int8Autoencoder::load;
    let [whole, encoder, decoder] =
        [&whole, &encoder, &decoder].map(|blob| load(blob).expect("valid"));
    let (mut together, mut apart, mut latent) = ([0; 12], [1; 12], [0; 3]);
    let mut random = SplitMix64::new(11);
    for _ in 0..200 {
        let image = random.pixels(12);
        whole.reconstruct(&image, &mut together, &mut [0; 10]).expect("just enough");
        encoder.encode(&image, &mut latent, &mut [0; 7]).expect("just enough");
        decoder.decode(&latent, &mut apart, &mut [0; 7]).expect("just enough");
        assert_eq!(together, apart);
    }
}
