//! What board and host share in a soak.

use ae_conformance::soak::{Inputs, Plan, Room, block};
use ae_core::crc32c;
use ae_infer::Int8Autoencoder;

const MODEL: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/tiny.int8.aeb"));

#[test]
fn a_plan_is_read_as_it_was_sent() {
    let plan = Plan { seed: 0x0102_0304, blocks: 5, inferences: 1_000_000 };
    assert_eq!(plan.to_bytes()[..5], [4, 3, 2, 1, 5]);
    assert_eq!(Plan::from_bytes(plan.to_bytes()), plan);
}

#[test]
fn inputs_are_of_all_kinds_and_decided_by_the_seed() {
    let images = |seed| {
        let mut inputs = Inputs::new(seed);
        let mut next = move || {
            let mut pixels = [0; 101];
            inputs.fill(&mut pixels);
            pixels
        };
        (0..1000).map(|_| next()).collect::<Vec<_>>()
    };
    let of_seed = images(7);
    assert_eq!(of_seed, images(7));
    for (seed, other) in [(0, images(0)), (8, images(8))] {
        assert!(of_seed.iter().zip(&other).all(|(one, other)| one != other), "seed {seed}");
    }
    let ranges =
        of_seed.iter().map(|image| image.iter().max().unwrap() - image.iter().min().unwrap());
    let (narrow, wide) =
        (ranges.clone().filter(|&range| range < 32), ranges.filter(|&it| it == 255));
    assert!(narrow.count() > 50 && (150..350).contains(&wide.count()));
    let mut levels = of_seed.concat();
    levels.sort_unstable();
    levels.dedup();
    assert_eq!(levels.len(), 256);
}

#[test]
fn the_number_of_a_block_is_of_all_bytes_of_all_results() {
    let model = Int8Autoencoder::load(MODEL).unwrap();
    let (mut pixels, mut reconstruction) = ([0; 4], [0; 4]);
    let mut scratch = vec![0; model.model().header().scratch_len()];
    let mut inputs = Inputs::new(3);
    let mut results = Vec::new();
    for _ in 0..50 {
        inputs.fill(&mut pixels);
        let mut latent = [0; 2];
        model.encode(&pixels, &mut latent, &mut scratch).unwrap();
        let score = model.score(&pixels, &mut reconstruction, &mut scratch).unwrap();
        results.extend(latent.map(|value| value as u8));
        results.extend(reconstruction);
        results.extend(score.to_le_bytes());
    }
    let mut inputs = Inputs::new(3);
    let mut room =
        Room { pixels: &mut pixels, reconstruction: &mut reconstruction, scratch: &mut scratch };
    // Two blocks: the second goes on where the first has ended.
    for half in results.chunks(results.len() / 2) {
        assert_eq!(block(&model, &mut inputs, 25, &mut room), Ok(crc32c(half)));
    }
    room.scratch = &mut [];
    assert!(block(&model, &mut inputs, 1, &mut room).is_err());
}
