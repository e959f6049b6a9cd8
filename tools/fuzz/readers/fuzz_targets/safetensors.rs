//! Files of weights and checkpoints: as they come, or whole ones of which something is changed.
#![no_main]

use ae_fuzz::source::Source;
use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::seeds;
use ae_fuzz_readers::tensors::File;
use ae_model::{read_weights, write_weights};
use ae_run::Checkpoint;
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

thread_local! {
    static FILES: Vec<File> = {
        let files = std::iter::once(seeds::weights()).chain(seeds::checkpoints());
        files.map(|file| File::of(&file)).collect()
    };
}

fuzz_target!(init: begin::begin(seeds::safetensors), |input: &[u8]| {
    tally::EXECUTED.add();
    let Some((&kind, rest)) = input.split_first() else { return };
    FILES.with(|files| match usize::from(kind).checked_sub(1) {
        None => read(rest),
        Some(file) => read(&files[file % files.len()].changed(&mut Source::new(rest))),
    });
});

fn read(file: &[u8]) {
    match read_weights(file) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok((config, network)) => {
            tally::ACCEPTED.add();
            let written = write_weights(&config, &network).expect("what was read can be written");
            let (again, network_again) =
                read_weights(&written).expect("what was written can be read");
            assert_eq!(again, config);
            assert!(network == network_again, "the same weights");
            assert_eq!(write_weights(&again, &network_again).expect("as before"), written);
        }
    }
    match Checkpoint::from_bytes(file) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(checkpoint) => {
            tally::ACCEPTED.add();
            let written = checkpoint.to_bytes().expect("what was read can be written");
            let again = Checkpoint::from_bytes(&written).expect("what was written can be read");
            assert_eq!(again.to_bytes().expect("as before"), written);
            assert_eq!(again.config, checkpoint.config);
        }
    }
}
