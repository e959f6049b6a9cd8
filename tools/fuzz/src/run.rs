//! A model run sample after sample, in buffers of exactly the right size and of others.

use ae_core::{F32, Part, PartKind};
use ae_infer::{Autoencoder, Digests, InferError, SelfTestError, squared_error};
use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::{self, Blob};
use ae_testkit::float;
use ae_testkit::random::SplitMix64;

use crate::judge::show;
use crate::subject::Subject;

/// Encodes and decodes random values as the oracle does; with `all` also everything else that a
/// model can do.
pub fn one_sample<'a, A: Subject<'a>>(
    model: &Autoencoder<'a, A>,
    oracle: &Blob<A::Oracle>,
    all: bool,
    random: &mut SplitMix64,
) {
    let header = *model.model().header();
    let (features, latents) = (header.features as usize, header.latent as usize);
    let pixels: Vec<u8> = (0..features).map(|_| random.pixel()).collect();
    let mut coded = None;
    if model.model().encoder().is_some() {
        let expected = oracle.encode(&pixels);
        let mut latent = vec![A::random(random); latents];
        let mut scratch = vec![A::random(random); header.encoder_scratch as usize];
        let mut digests = Digests::default();
        model.encode_traced(&pixels, &mut latent, &mut scratch, &mut digests).expect("sizes");
        let outputs = expected.last().iter().map(|&value| A::element(value));
        assert!(equal::<A>(&latent, outputs), "the latent differs");
        assert_eq!(digests.as_slice(), expected.digests, "digests of the encoder");
        coded = Some(latent);
    }
    if model.model().decoder().is_some() {
        let latent = (0..latents).map(|_| A::random(random)).collect();
        let latent: Vec<A::Element> = coded.clone().filter(|_| all).unwrap_or(latent);
        let values: Vec<_> = latent.iter().map(|&element| A::value(element)).collect();
        let expected = oracle.decode(&values);
        let mut decoded = vec![1; features];
        let mut scratch = vec![A::random(random); header.decoder_scratch as usize];
        let mut digests = Digests::default();
        model.decode_traced(&latent, &mut decoded, &mut scratch, &mut digests).expect("sizes");
        let outputs = expected.last().iter().map(|&value| A::Oracle::pixel(value));
        assert!(outputs.eq(decoded.iter().copied()), "the pixels differ");
        assert_eq!(digests.as_slice(), expected.digests, "digests of the decoder");
        if all {
            A::check_logits(model, oracle, &latent);
            if coded.is_some() {
                check_score(model, &pixels, &latent, &decoded);
            }
        }
    }
    if all {
        check_self_test(model, oracle);
        assert!(!model.kernel().is_empty());
    }
}

fn equal<'a, A: Subject<'a>>(
    found: &[A::Element],
    expected: impl ExactSizeIterator<Item = A::Element>,
) -> bool {
    found.len() == expected.len()
        && found.iter().zip(expected).all(|(&a, b)| A::bits(a) == A::bits(b))
}

/// `reconstruct` and `score` are `encode`, `decode` and a sum of squares.
fn check_score<'a, A: Subject<'a>>(
    model: &Autoencoder<'a, A>,
    pixels: &[u8],
    latent: &[A::Element],
    decoded: &[u8],
) {
    let mut scratch = vec![A::Element::default(); model.model().header().scratch_len()];
    let mut again = vec![2; decoded.len()];
    model.reconstruct(pixels, &mut again, &mut scratch).expect("sizes");
    assert_eq!(again, decoded, "reconstruct");
    assert!(equal::<A>(&scratch[..latent.len()], latent.iter().copied()), "reconstruct's latent");
    again.fill(3);
    let score = model.score(pixels, &mut again, &mut scratch).expect("sizes");
    assert_eq!(again, decoded, "score's pixels");
    let squares = pixels.iter().zip(decoded).map(|(&a, &b)| (i64::from(a) - i64::from(b)).pow(2));
    assert_eq!(i128::from(score), squares.map(i128::from).sum::<i128>(), "score");
    assert_eq!(squared_error(pixels, decoded), score);
}

/// The self-test finds the first layer whose digest is another than the oracle's.
fn check_self_test<'a, A: Subject<'a>>(model: &Autoencoder<'a, A>, oracle: &Blob<A::Oracle>) {
    let (inner, header) = (model.model(), model.model().header());
    let of_part = |part: Option<&Part<'a, A>>, digests: Vec<u32>, kind| {
        let mut layers = part?.layers().zip(digests).enumerate();
        let (layer, expected, found) = layers.find_map(|(index, (layer, found))| {
            (layer.digest() != found).then_some((index, layer.digest(), found))
        })?;
        Some(SelfTestError::Differs { part: kind, layer, expected, found })
    };
    let [encoder, decoder] = oracle.digests();
    let first = of_part(inner.encoder(), encoder, PartKind::Encoder)
        .or_else(|| of_part(inner.decoder(), decoder, PartKind::Decoder));
    let mut pixels = vec![0; inner.decoder().map_or(0, |_| header.features as usize)];
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    let verdict = model.self_test(&mut pixels, &mut scratch);
    assert_eq!(verdict, first.map_or(Ok(()), Err), "the self-test");
    verdict.err().into_iter().for_each(show);
}

/// Buffers that are one too small or too large are refused by name.
pub fn wrong_sizes<'a, A: Subject<'a>>(model: &Autoencoder<'a, A>) {
    let header = *model.model().header();
    let (features, latents) = (header.features as usize, header.latent as usize);
    let (mut pixels, mut latent) = (vec![0_u8; features + 1], vec![A::Element::default(); latents]);
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    let expected = |error: InferError, missing| match missing {
        Some(missing) => Err(InferError::NoPart { missing }),
        None => Err(error),
    };
    let no_encoder = model.model().encoder().is_none().then_some(PartKind::Encoder);
    let no_decoder = model.model().decoder().is_none().then_some(PartKind::Decoder);

    for found in [features - 1, features + 1] {
        let error = InferError::Pixels { expected: features, found };
        show(error);
        let encoded = model.encode(&pixels[..found], &mut latent, &mut scratch);
        assert_eq!(encoded, expected(error, no_encoder));
        let decoded = model.decode(&latent, &mut pixels[..found], &mut scratch);
        assert_eq!(decoded, expected(error, no_decoder));
    }
    let (image, latent_len) = (&mut pixels[..features], latents - 1);
    let error = InferError::Latent { expected: latents, found: latent_len };
    let encoded = model.encode(image, &mut latent[..latent_len], &mut scratch);
    assert_eq!(encoded, expected(error, no_encoder));
    let decoded = model.decode(&latent[..latent_len], image, &mut scratch);
    assert_eq!(decoded, expected(error, no_decoder));

    let too_small = |needed: usize| {
        let found = needed.checked_sub(1)?;
        Some((found, InferError::Scratch { needed, found }))
    };
    if let Some((found, error)) = too_small(header.encoder_scratch as usize) {
        let encoded = model.encode(image, &mut latent, &mut scratch[..found]);
        assert_eq!(encoded, expected(error, no_encoder));
    }
    if let Some((found, error)) = too_small(header.decoder_scratch as usize) {
        let decoded = model.decode(&latent, image, &mut scratch[..found]);
        assert_eq!(decoded, expected(error, no_decoder));
    }
    if let Some((found, error)) = too_small(header.scratch_len()) {
        let tested = model.self_test(image, &mut scratch[..found]);
        assert_eq!(tested, Err(SelfTestError::Infer(error)));
        let mut other = image.to_vec();
        let reconstructed = model.reconstruct(image, &mut other, &mut scratch[..found]);
        assert_eq!(reconstructed, Err(error));
    }
}

/// The logits, of which the pixels are the sigmoid or another activation.
pub(crate) fn check_logits(
    model: &Autoencoder<'_, F32>,
    oracle: &Blob<float::F32>,
    latent: &[f32],
) {
    let decoder = oracle.decoder.as_ref().expect("the model has a decoder");
    let header = model.model().header();
    let mut logits = vec![7.0; header.features as usize];
    let mut scratch = vec![0.0; header.decoder_scratch as usize];
    model.decode_logits(latent, &mut logits, &mut scratch).expect("sizes");
    let (last, layers) = decoder.layers.split_last().expect("a part has layers");
    let x = layers.iter().fold(latent.to_vec(), |x, layer| layer.outputs(&x));
    let sums = float::F32 { activation: float::Activation::Identity, ..last.arithmetic.clone() };
    let last = blob::Layer { arithmetic: sums, ..last.clone() };
    assert!(equal::<F32>(&logits, last.outputs(&x).into_iter()), "the logits differ");
}
