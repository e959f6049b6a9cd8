//! Many samples at a time give the bits of one at a time: every shape, count, alignment and extreme.
//!
//! The oracle is [`Autoencoder`], which other tests compare with integers of 64 bits and with Burn.

mod maps;

use ae_core::{F32, Int8};
use ae_infer::bulk::{self, Bulk, BulkCompute};
use ae_infer::{Autoencoder, InferError};
use ae_testkit::draw::{Weights, float, int8, spatial_model};
use ae_testkit::float::Activation;
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;
use ae_testkit::spatial::Kind;

/// Elements whose bits can be compared.
trait Bits: Copy + Default + PartialEq + std::fmt::Debug {
    fn random(random: &mut SplitMix64) -> Self;
    fn bits(self) -> u32;
}

impl Bits for i8 {
    fn random(random: &mut SplitMix64) -> Self {
        random.pixel() as Self
    }

    fn bits(self) -> u32 {
        self as u32
    }
}

impl Bits for f32 {
    fn random(random: &mut SplitMix64) -> Self {
        random.any_real()
    }

    fn bits(self) -> u32 {
        self.to_bits()
    }
}

impl Bits for u8 {
    fn random(random: &mut SplitMix64) -> Self {
        random.pixel()
    }

    fn bits(self) -> u32 {
        self.into()
    }
}

/// The first place where the bits differ.
fn difference<V: Bits>(expected: &[V], found: &[V]) -> Option<usize> {
    assert_eq!(expected.len(), found.len());
    expected.iter().zip(found).position(|(a, b)| a.bits() != b.bits())
}

/// Encodes, decodes and reconstructs `samples` samples both ways. Buffers begin at odd addresses
/// where their elements are bytes.
fn compare<'a, A>(blob: &'a [u8], samples: usize, random: &mut SplitMix64) -> Result<(), String>
where
    A: BulkCompute<'a>,
    A::Element: Bits,
{
    let model = Autoencoder::<A>::load(blob).expect("the writer has checked the blob");
    let header = *model.model().header();
    let (features, latent) = (header.features as usize, header.latent as usize);
    let mut memory = vec![0xdead_beef; Bulk::memory_len(&model)];
    let bulk = Bulk::new(model, &mut memory).expect("the memory has the right size");
    let fill = [(); 64].map(|()| A::Element::random(random));
    let mut scratch: Vec<_> = fill.into_iter().cycle().take(1 + bulk.scratch_len()).collect();
    let (scratch, mut one) = (&mut scratch[1..], vec![A::Element::default(); header.scratch_len()]);

    let pixels: Vec<u8> = (0..=samples * features).map(|_| random.pixel()).collect();
    let given: Vec<_> = (0..samples * latent).map(|_| A::Element::random(random)).collect();
    let (pixels, mut found) = (&pixels[1..], vec![1; 1 + samples * features]);
    let (found, mut latents) = (&mut found[1..], vec![A::Element::default(); samples * latent]);
    let (mut expected, mut coded) = (found.to_vec(), latents.clone());
    let fail = |what: &str, place: Option<usize>| match place {
        None => Ok(()),
        Some(place) => {
            Err(format!("{what}: {samples} samples, {features} to {latent}, value {place}"))
        }
    };

    bulk.encode(pixels, &mut latents, scratch).unwrap();
    for (x, y) in pixels.chunks(features).zip(coded.chunks_mut(latent)) {
        model.encode(x, y, &mut one).unwrap();
    }
    fail("encode", difference(&coded, &latents))?;
    bulk.decode(&given, found, scratch).unwrap();
    for (x, y) in given.chunks(latent).zip(expected.chunks_mut(features)) {
        model.decode(x, y, &mut one).unwrap();
    }
    fail("decode", difference(&expected, found))?;
    bulk.reconstruct(pixels, found, scratch).unwrap();
    for (x, y) in pixels.chunks(features).zip(expected.chunks_mut(features)) {
        model.reconstruct(x, y, &mut one).unwrap();
    }
    fail("reconstruct", difference(&expected, found))
}

/// An int8 blob. `turn` chooses the layout and the numbers of tables.
fn integer(widths: &[usize], kind: Weights, turn: usize, random: &mut SplitMix64) -> Vec<u8> {
    let layout = if turn.is_multiple_of(2) { Layout::Rows } else { Layout::RowPairs };
    int8(widths, layout, kind, &[0, 1, 2, 3].map(|table| (turn + table) % 4), random).write()
}

/// Lengths around those of registers, blocks and tiles.
fn lengths() -> impl Iterator<Item = usize> {
    (1..=67).chain([127, 128, 129, 511, 512, 513, 1023, 1024, 1025])
}

#[test]
fn int8_layers_of_every_length_and_extreme() {
    let mut random = SplitMix64::new(1);
    for (turn, features) in lengths().enumerate() {
        for (kind, samples) in
            Weights::ALL.into_iter().zip([1, 33, 31, 32, 5].into_iter().cycle().skip(turn))
        {
            let blob = integer(&[features, 1 + turn % 20], kind, turn, &mut random);
            compare::<Int8<'_>>(&blob, samples, &mut random).unwrap();
        }
    }
}

#[test]
fn f32_layers_of_every_length_and_activation() {
    let mut random = SplitMix64::new(1);
    for (turn, features) in lengths().enumerate() {
        let samples = [1, 33, 31, 32, 5][turn % 5];
        for activation in Activation::ALL {
            let blob = float(&[features, 1 + turn % 20], &[activation], &mut random).write();
            compare::<F32>(&blob, samples, &mut random).unwrap();
        }
    }
}

#[test]
fn one_hot_latents_of_every_length_and_extreme() {
    let mut random = SplitMix64::new(1);
    for (turn, features) in lengths().enumerate() {
        let (widths, samples) = ([features, 1 + turn % 20], [1, 33, 31, 32, 5][turn % 5]);
        // Rows of equal weights make equal sums.
        let kind = Weights::ALL[turn % 5];
        let blob = int8(&widths, Layout::Rows, kind, &[0], &mut random).with_one_hot_latent();
        compare::<Int8<'_>>(&blob.write(), samples, &mut random).unwrap();
        let blob = float(&widths, &[Activation::Sigmoid], &mut random).with_one_hot_latent();
        compare::<F32>(&blob.write(), samples, &mut random).unwrap();
    }
}

#[test]
fn every_number_of_samples() {
    let mut random = SplitMix64::new(1);
    let int8_blob = integer(&[37, 23, 18, 6], Weights::Any, 3, &mut random);
    let f32_blob = float(&[37, 23, 18, 6], &[Activation::Gelu], &mut random).write();
    for samples in 0..=70 {
        compare::<Int8<'_>>(&int8_blob, samples, &mut random).unwrap();
        compare::<F32>(&f32_blob, samples, &mut random).unwrap();
    }
}

#[test]
fn logits_are_those_of_one_sample() {
    let mut random = SplitMix64::new(1);
    let dense = float(&[50, 30, 7], &[Activation::Sigmoid], &mut random);
    let of_kind = |kind| spatial_model::float([kind; 4], &mut random);
    for blob in Kind::ALL.map(of_kind).into_iter().chain([dense]) {
        let blob = blob.write();
        let model = Autoencoder::<F32>::load(&blob).unwrap();
        let header = *model.model().header();
        let (features, latent) = (header.features as usize, header.latent as usize);
        let mut memory = vec![0; Bulk::memory_len(&model)];
        let bulk = Bulk::new(model, &mut memory).unwrap();
        let mut random = SplitMix64::new(2);
        let pixels: Vec<u8> = (0..features * 40).map(|_| random.pixel()).collect();
        let (mut found, mut scratch) = (vec![0.0; pixels.len()], vec![0.0; bulk.scratch_len()]);
        bulk.reconstruct_logits(&pixels, &mut found, &mut scratch).unwrap();
        let (mut latent, mut expected) = (vec![0.0; latent], vec![0.0; features]);
        for (pixels, found) in pixels.chunks(features).zip(found.chunks(features)) {
            model.encode(pixels, &mut latent, &mut scratch).unwrap();
            model.decode_logits(&latent, &mut expected, &mut scratch).unwrap();
            assert_eq!(difference(&expected, found), None);
        }
    }
}

#[test]
fn buffers_of_the_wrong_size_are_refused() {
    let mut random = SplitMix64::new(1);
    let dense = integer(&[12, 5], Weights::Any, 0, &mut random);
    let of_kind = |kind| spatial_model::int8([kind; 4], Layout::Rows, &mut random).write();
    for blob in Kind::ALL.map(of_kind).into_iter().chain([dense]) {
        let model = Autoencoder::<Int8<'_>>::load(&blob).unwrap();
        let header = *model.model().header();
        let (features, latent) = (header.features as usize, header.latent as usize);
        let needed = Bulk::memory_len(&model);
        if let Some(found) = needed.checked_sub(1) {
            let error = Bulk::new(model, &mut vec![0; found]).unwrap_err();
            assert_eq!(error, InferError::Memory { needed, found });
        }
        let mut memory = vec![0; needed];
        let bulk = Bulk::new(model, &mut memory).unwrap();
        let mut scratch = vec![0; bulk.scratch_len()];
        let (pixels, mut latents) = (vec![0; 3 * features], vec![0; 3 * latent]);
        if features > 1 {
            let found = 2 * features + 1;
            let error = bulk.encode(&pixels[..found], &mut latents, &mut scratch).unwrap_err();
            assert_eq!(error, InferError::Samples { expected: 3 * features, found });
        }
        let (expected, found) = (3 * latent, 3 * latent - 1);
        let error = bulk.encode(&pixels, &mut latents[..found], &mut scratch).unwrap_err();
        assert_eq!(error, InferError::Samples { expected, found });
        let (needed, found) = (scratch.len(), scratch.len() - 1);
        let error = bulk.encode(&pixels, &mut latents, &mut scratch[1..]).unwrap_err();
        assert_eq!(error, InferError::Scratch { needed, found });
    }
}

#[test]
fn a_single_wrong_bit_is_found() {
    let expected = [0.5_f32, -0.0, f32::NAN];
    assert_eq!(difference(&expected, &expected), None);
    assert_eq!(difference(&expected, &[0.5, 0.0, f32::NAN]), Some(1));
    assert_eq!(difference(&[1_u8, 2, 3], &[1, 2, 2]), Some(2));
}

/// A wrong choice would pass all other tests, slowly.
#[test]
fn the_kernel_is_the_processors() {
    #[cfg(target_arch = "x86_64")]
    let best = {
        use std::arch::is_x86_feature_detected as has;
        let has_avx512 =
            has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl");
        let (is_avx2, is_avx_vnni) = (forced("avx2"), forced("avx-vnni"));
        let kernels = [
            ("avx512-vnni", has_avx512 && has!("avx512vnni") && !is_avx2 && !is_avx_vnni),
            ("avx-vnni", has!("avxvnni") && !is_avx2),
            ("avx2", true),
        ];
        let best = kernels.into_iter().find(|(_, has)| has!("avx2") && *has);
        best.map_or("portable", |(name, _)| name)
    };
    #[cfg(target_arch = "aarch64")]
    let best = "neon";
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let best = "portable";
    assert_eq!(bulk::kernel(), if forced("portable") { "portable" } else { best });
}

/// Whether the kernel was named when this was built.
fn forced(kernel: &str) -> bool {
    let name = format!("ae_kernel=\"{kernel}\"");
    option_env!("RUSTFLAGS").is_some_and(|flags| flags.contains(&name))
}
