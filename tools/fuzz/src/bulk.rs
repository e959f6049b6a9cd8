//! A model run by the kernels for many samples, and layers run by every kernel there is.

use ae_core::Part;
use ae_infer::bulk::Bulk;
use ae_infer::{Autoencoder, InferError};
use ae_testkit::blob;
use ae_testkit::random::SplitMix64;

use crate::subject::Subject;
use crate::tally::BULK;

/// `samples` samples at a time give the bits of one after the other.
pub fn many_samples<'a, A: Subject<'a>>(
    model: &Autoencoder<'a, A>,
    samples: usize,
    random: &mut SplitMix64,
) {
    BULK.add();
    let header = *model.model().header();
    let (features, latents) = (header.features as usize, header.latent as usize);
    let needed = Bulk::memory_len(model);
    if let Some(found) = needed.checked_sub(1) {
        let error = Bulk::new(*model, &mut vec![0; found]).map(|_| ());
        assert_eq!(error, Err(InferError::Memory { needed, found }));
    }
    let mut memory = vec![0xdead_beef; needed];
    let bulk = Bulk::new(*model, &mut memory).expect("memory of the right size");
    let mut scratch = vec![A::random(random); bulk.scratch_len()];
    let mut one = vec![A::Element::default(); header.scratch_len()];
    let pixels: Vec<u8> = (0..samples * features).map(|_| random.pixel()).collect();
    let mut found = vec![1; samples * features];
    let mut expected = found.clone();
    if model.model().encoder().is_some() {
        let mut coded = vec![A::Element::default(); samples * latents];
        bulk.encode(&pixels, &mut coded, &mut scratch).expect("sizes");
        let mut latent = vec![A::Element::default(); latents];
        for (x, coded) in pixels.chunks(features).zip(coded.chunks(latents)) {
            model.encode(x, &mut latent, &mut one).expect("sizes");
            let equal = latent.iter().zip(coded).all(|(&a, &b)| A::bits(a) == A::bits(b));
            assert!(equal, "encode of many");
        }
        let error = bulk.encode(&pixels[1..], &mut coded, &mut scratch);
        let alone = InferError::Samples { expected: pixels.len(), found: pixels.len() - 1 };
        assert!(features == 1 || error == Err(alone), "a sample that is cut off");
    }
    if model.model().decoder().is_some() {
        let given: Vec<_> = (0..samples * latents).map(|_| A::random(random)).collect();
        bulk.decode(&given, &mut found, &mut scratch).expect("sizes");
        for (x, y) in given.chunks(latents).zip(expected.chunks_mut(features)) {
            model.decode(x, y, &mut one).expect("sizes");
        }
        assert_eq!(found, expected, "decode of many");
        if model.model().encoder().is_some() {
            bulk.reconstruct(&pixels, &mut found, &mut scratch).expect("sizes");
            for (x, y) in pixels.chunks(features).zip(expected.chunks_mut(features)) {
                model.reconstruct(x, y, &mut one).expect("sizes");
            }
            assert_eq!(found, expected, "reconstruct of many");
        }
    }
    let (needed, found_len) = (scratch.len(), scratch.len() - 1);
    let error = bulk.reconstruct(&pixels, &mut found, &mut scratch[1..]);
    let is_whole = model.model().encoder().is_some() && model.model().decoder().is_some();
    let too_small = InferError::Scratch { needed, found: found_len };
    assert!(error == Err(too_small) || !is_whole, "a scratch that is too small");
}

/// Every layer of a part by the kernel of this machine and by the portable one, on random elements.
pub fn every_kernel<'a, A: Subject<'a>>(
    part: Option<&Part<'a, A>>,
    oracle: Option<&blob::Part<A::Oracle>>,
    random: &mut SplitMix64,
) {
    let layers = part.into_iter().flat_map(Part::layers);
    let oracles: Vec<_> = oracle.into_iter().flat_map(|part| &part.layers).collect();
    assert_eq!(layers.clone().count(), oracles.len(), "layers of a part");
    for (layer, oracle) in layers.zip(oracles) {
        let x: Vec<_> = (0..layer.inputs()).map(|_| A::random(random)).collect();
        let values: Vec<_> = x.iter().map(|&element| A::value(element)).collect();
        let expected = oracle.outputs(&values);
        let (mut chosen, mut portable) =
            (vec![A::random(random); layer.outputs()], vec![A::random(random); layer.outputs()]);
        let mut room = vec![A::random(random); layer.room()];
        A::compute(&layer, &x, &mut chosen, &mut room);
        A::portable(&layer, &x, &mut portable);
        assert_eq!(expected.len(), layer.outputs(), "outputs of a layer");
        for ((value, chosen), portable) in expected.into_iter().zip(chosen).zip(portable) {
            let value = A::bits(A::element(value));
            assert_eq!(value, A::bits(chosen), "the kernel of this machine");
            assert_eq!(value, A::bits(portable), "the portable kernel");
        }
    }
}
