//! Puts the model that is linked into the firmware where the crate finds it: the file that the
//! environment variable `AE_MODEL` names, or else the smallest model of the repository.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-env-changed=AE_MODEL");
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let smallest = folder.join("../../tests/golden/tiny.int8.aeb");
    let model = env::var_os("AE_MODEL").map_or(smallest, PathBuf::from);
    println!("cargo::rerun-if-changed={}", model.display());
    let bytes = match fs::read(&model) {
        Ok(bytes) => bytes,
        Err(error) => {
            let model = model.display();
            println!("cargo::error=cannot read {model}: {error}; AE_MODEL takes a full path");
            return;
        }
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("model.aeb"), bytes).expect("cargo's folder for output can be written");
}
