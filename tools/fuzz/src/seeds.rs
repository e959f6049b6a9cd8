//! What the fuzzer begins with: written by the targets themselves, the same every time.

use std::path::PathBuf;
use std::{env, fs, process};

use ae_testkit::random::SplitMix64;

use crate::c::CALLS;
use crate::compose::Composer;
use crate::tally;

/// The environment variable that names the folder for a target's seeds.
const FOLDER: &str = "AE_FUZZ_SEEDS";

/// What every target does first. Where [`FOLDER`] names a folder, the target writes its seeds there
/// and ends; the tool that runs it asks for this before it fuzzes.
///
/// # Panics
/// If the seeds cannot be written.
pub fn begin(seeds: fn() -> Vec<Vec<u8>>) {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
        tally::begin();
        return;
    };
    fs::create_dir_all(&folder).expect("the folder of seeds");
    for (index, seed) in seeds().into_iter().enumerate() {
        fs::write(folder.join(format!("seed-{index:03}")), seed).expect("a seed");
    }
    process::exit(0);
}

/// Whole blobs.
#[must_use]
pub fn loader() -> Vec<Vec<u8>> {
    Composer::default().bases().iter().map(|base| base.blob.clone()).collect()
}

/// Every base as it is, and with edits of every kind.
#[must_use]
pub fn sealed() -> Vec<Vec<u8>> {
    let random = &mut SplitMix64::new(2);
    let bases = Composer::default().bases().len() as u8;
    let mut seeds = Vec::new();
    for base in 0..bases {
        for edits in 0..8 {
            let mut seed = vec![base, 0];
            seed.extend((0..8 * edits).map(|_| random.bits() as u8));
            seeds.push(seed);
        }
    }
    seeds
}

/// Steps at random.
#[must_use]
pub fn store() -> Vec<Vec<u8>> {
    let random = &mut SplitMix64::new(4);
    (0..64).map(|_| (0..512).map(|_| random.bits() as u8).collect()).collect()
}

/// Shapes at random.
#[must_use]
pub fn kernels() -> Vec<Vec<u8>> {
    let random = &mut SplitMix64::new(3);
    (0..64).map(|_| (0..17).map(|_| random.bits() as u8).collect()).collect()
}

/// Every base with spoilt pointers.
#[must_use]
pub fn c() -> Vec<Vec<u8>> {
    let random = &mut SplitMix64::new(5);
    let bases = Composer::default().bases().len() as u8;
    let seed = |base| [vec![base, 0], (0..CALLS).map(|_| random.bits() as u8).collect()].concat();
    (0..bases).map(seed).collect()
}
