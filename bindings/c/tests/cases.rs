//! The file of cases, read in Rust: by `ae_infer` itself, and by the functions for C.

#[path = "cases/direct.rs"]
mod direct;
#[path = "cases/memory.rs"]
mod memory;
#[path = "cases/reader.rs"]
mod reader;
#[path = "cases/through_c.rs"]
mod through_c;

use std::fs;
use std::path::Path;

use ae_testkit::cases::{Amount, File, write};
use direct::Direct;
use reader::check;
use through_c::ThroughC;

const AMOUNT: Amount = Amount { images: 40, samples: 300, scores: 40 };

fn file() -> File {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<_> =
        names.filter(|it| it.extension().is_some_and(|it| it == "aeb")).collect();
    names.sort();
    let blobs: Vec<Vec<u8>> = names.iter().map(|name| fs::read(name).unwrap()).collect();
    write(&blobs, AMOUNT, 20)
}

#[test]
fn the_engine_and_the_functions_for_c_give_what_the_oracle_gives() {
    let File { bytes, totals, .. } = file();
    assert!(totals.models >= 13 && totals.decisions > 600, "{totals:?}");
    assert!(totals.scores > 4000, "{totals:?}");
    assert_eq!(check(&bytes, &Direct), Ok(totals));
    assert_eq!(check(&bytes, &ThroughC), Ok(totals));
}

#[test]
fn a_wrong_byte_is_found() {
    let File { bytes, results, .. } = file();
    for place in results {
        let mut wrong = bytes.clone();
        wrong[place] ^= 1;
        assert!(check(&wrong, &Direct).is_err(), "byte {place}");
        assert!(check(&wrong, &ThroughC).is_err(), "byte {place} through C");
    }
}
