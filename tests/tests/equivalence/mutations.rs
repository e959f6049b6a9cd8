//! Random changes to sealed blobs: the loader takes them or names what is wrong, and what it takes
//! runs on any input.

use std::collections::BTreeMap;

use ae_core::PartSelection;
use ae_infer::Autoencoder;
use ae_quantize::{ContractFamily, F32Contract, Int8Contract};
use ae_testkit::fields::Fields;
use ae_testkit::random::SplitMix64;
use ae_testkit::seal::seal;
use ae_testkit::varint::varint;
use ae_tests::models::small_blobs;

const MUTATIONS: usize = 20_000;
/// Inputs that each model still taken is run on.
const INPUTS: usize = 3;

/// What became of the mutations.
#[derive(Default)]
struct Outcomes {
    taken: usize,
    errors: BTreeMap<String, usize>,
}

/// Loads `blob`, runs it if it is a model, and gives the error's name if it is none.
fn exercise<C: ContractFamily>(
    blob: &[u8],
    random: &mut SplitMix64,
    latent_value: fn(&mut SplitMix64) -> C::Element,
) -> Result<(), String> {
    let model = Autoencoder::<C::Arithmetic<'_>>::load(blob).map_err(|error| {
        let text = format!("{error:?}");
        text.split([' ', '{']).next().unwrap_or_default().to_owned()
    })?;
    let header = *model.model().header();
    // The loader has seen a layer of this width, so these are no longer than the blob.
    assert!(header.features as usize <= blob.len() && header.scratch_len() <= 3 * blob.len());
    let mut scratch = vec![C::Element::default(); header.scratch_len()];
    let mut pixels = vec![0; header.features as usize];
    // A changed weight may change the digests, and parts may be missing.
    let _ = model.self_test(&mut pixels, &mut scratch);
    for _ in 0..INPUTS {
        let image = random.pixels(pixels.len());
        let mut latent: Vec<_> = (0..header.latent).map(|_| latent_value(random)).collect();
        let decoded = model.decode(&latent, &mut pixels, &mut scratch);
        assert_eq!(decoded.is_ok(), header.has_decoder);
        let encoded = model.encode(&image, &mut latent, &mut scratch);
        assert_eq!(encoded.is_ok(), header.has_encoder);
        let score = model.score(&image, &mut pixels, &mut scratch);
        assert_eq!(score.is_ok(), header.has_encoder && header.has_decoder);
    }
    Ok(())
}

/// Changes a few bytes anywhere behind magic and version.
fn mutate_bytes(blob: &mut Vec<u8>, random: &mut SplitMix64) {
    for _ in 0..=random.below(4) {
        let at = 20 + random.below(blob.len() - 20);
        let byte = [0, 1, 0x7f, 0x80, 0xff, random.bits() as u8][random.below(6)];
        match random.below(8) {
            0 => blob.insert(at, byte),
            1 => {
                blob.remove(at);
            }
            2 => blob.truncate(at.max(100)),
            3 => {
                let len = random.below(32).min(blob.len() - at);
                let copy = blob[at..at + len].to_vec();
                let to = 20 + random.below(blob.len() - 20);
                blob.splice(to..to, copy);
            }
            4 | 5 => blob[at] ^= 1 << random.below(8),
            _ => blob[at] = byte,
        }
    }
}

/// Changes one field to another value of its kind and puts the data back on its boundaries, so
/// that more of the loader is reached.
fn mutate_field(fields: &Fields, random: &mut SplitMix64) -> Vec<u8> {
    let mut fields = fields.clone();
    let names = fields.as_slice().iter().skip(4).map(|field| field.name.clone());
    let names: Vec<String> = names.collect();
    for _ in 0..=random.below(2) {
        let name = &names[random.below(names.len())];
        let variable = [".len", ".count", ".inputs", ".outputs", ".digest"];
        let bytes = fields.bytes(name);
        if variable.iter().any(|end| name.ends_with(end)) {
            let value = [0, 1, 2, 3, 7, 12, 255, 256, 65_535, 65_536, u64::from(u32::MAX)];
            *bytes = varint(value[random.below(value.len())]);
        } else if !bytes.is_empty() {
            let at = random.below(bytes.len());
            bytes[at] = [0, 0x7f, 0x80, 0xff, random.bits() as u8][random.below(5)];
        }
    }
    fields.realigned().sealed()
}

fn run<C: ContractFamily>(
    bases: &[Vec<u8>],
    seed: u64,
    latent_value: fn(&mut SplitMix64) -> C::Element,
) -> Outcomes {
    let mut random = SplitMix64::new(seed);
    let fields: Vec<Fields> = bases.iter().map(|blob| Fields::of(blob)).collect();
    let mut outcomes = Outcomes::default();
    for _ in 0..MUTATIONS / 2 {
        let base = random.below(bases.len());
        let blob = if random.below(2) == 0 {
            mutate_field(&fields[base], &mut random)
        } else {
            let mut blob = bases[base].clone();
            mutate_bytes(&mut blob, &mut random);
            seal(&mut blob);
            blob
        };
        match exercise::<C>(&blob, &mut random, latent_value) {
            Ok(()) => outcomes.taken += 1,
            Err(error) => *outcomes.errors.entry(error).or_default() += 1,
        }
    }
    outcomes
}

/// The blobs of one contract: whole, encoder, decoder.
fn bases(contract: usize) -> Vec<Vec<u8>> {
    let parts = [PartSelection::Both, PartSelection::Encoder, PartSelection::Decoder];
    parts.map(|parts| small_blobs(parts)[contract].clone()).to_vec()
}

/// Both ends of the loader were reached, not its first check alone.
fn check(contract: &str, outcomes: &Outcomes) {
    println!("{contract}: {} taken, refused {:?}", outcomes.taken, outcomes.errors);
    assert!(outcomes.taken > MUTATIONS / 40, "mutations that are still models");
    for error in ["Layer", "Malformed", "HeaderDisagrees", "TrailingBytes", "TestInputLength"] {
        assert!(outcomes.errors.contains_key(error), "no {error}");
    }
    assert!(!outcomes.errors.contains_key("ChecksumMismatch"), "every mutation is sealed");
}

#[test]
fn mutated_int8_blobs() {
    check("int8", &run::<Int8Contract>(&bases(0), 8, |random| random.bits() as i8));
}

#[test]
fn mutated_f32_blobs() {
    // Any bits: infinities and what is not a number are among them.
    let any = |random: &mut SplitMix64| f32::from_bits(random.bits() as u32);
    check("f32", &run::<F32Contract>(&bases(1), 32, any));
}
