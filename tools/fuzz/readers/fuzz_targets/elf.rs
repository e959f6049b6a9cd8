//! Firmware files of boards, and models that are put into them.
#![no_main]

use ae_boards::Image;
use ae_fuzz::source::Source;
use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::edits::edited;
use ae_fuzz_readers::elf::firmware;
use ae_fuzz_readers::limited::Limited;
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

/// Lengths of models: none, a small one, all of a place, and what is too much for most.
const LENGTHS: [usize; 6] = [0, 1, 40, 48, 256, 257];

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> =
        [true, false].map(|alone| [&[0][..], &firmware(alone)].concat()).into();
    seeds.extend((1..7).map(|kind| vec![kind; 8]));
    seeds
}

fuzz_target!(init: begin::begin(seeds), |input: &[u8]| {
    tally::EXECUTED.add();
    let Some((kind, rest)) = input.split_first() else { return };
    match kind % 3 {
        0 => read(rest.to_vec()),
        alone => read(edited(&firmware(alone == 1), &mut Source::new(rest))),
    }
});

fn read(file: Vec<u8>) {
    let image = match Image::parse(file.clone()) {
        Ok(image) => image,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    tally::ACCEPTED.add();
    let _ = image.symbols();
    for len in LENGTHS {
        let model = vec![0x5a; len];
        let with_model = match image.with_model(&model) {
            Ok(bytes) => bytes,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                continue;
            }
        };
        assert!(len as u64 <= image.sizes().model_room, "a model larger than its place");
        assert!(with_model.len() <= file.len() + 16 + len, "a file that grew");
        let appended = with_model.len() > file.len();
        let pairs = file.iter().zip(&with_model).enumerate();
        let changed: Vec<usize> =
            pairs.filter(|(_, (old, new))| old != new).map(|(at, _)| at).collect();
        if len == 0 && changed.len() <= 5 * 4 {
            // No bytes are appended without a trace but in the headers.
            continue;
        }
        // Five numbers of its headers, or its place and what was left of an older model.
        if appended {
            assert!(with_model.ends_with(&model), "the model is behind the file");
            assert!(changed.len() <= 5 * 4, "{} bytes changed", changed.len());
        } else {
            assert!(with_model.windows(len.max(1)).any(|found| found == model || len == 0));
            let [first, last] =
                [changed.first(), changed.last()].map(|at| at.copied().unwrap_or(0));
            assert!((last - first) as u64 <= image.sizes().model_room, "changes beyond the place");
        }
    }
}
