//! Hands the model's place to the linker; the memory map is the HAL's.

use std::path::PathBuf;
use std::{env, fs};

/// Its programs.
const PROGRAMS: [&str; 4] = ["selftest", "equivalence", "monitor", "bench"];

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::copy("model.x", out.join("model.x")).expect("the model's place");
    println!("cargo::rerun-if-changed=model.x");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=-Tlinkall.x");
    println!("cargo::rustc-link-arg-bins=-Tmodel.x");
    // For `cargo xtask test panic-paths`; flash holds nothing of it.
    println!("cargo::rustc-link-arg-bins=--emit-relocs");
    for program in PROGRAMS {
        let map = out.join(format!("{program}.map"));
        println!("cargo::rustc-link-arg-bin={program}=-Map={}", map.display());
    }
}
