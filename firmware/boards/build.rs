//! Hands the board's memory map to the linker.

use std::path::PathBuf;
use std::{env, fs};

/// Its programs.
const PROGRAMS: [&str; 4] = ["selftest", "equivalence", "monitor", "bench"];

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::copy("memory.x", out.join("memory.x")).expect("the board's memory map");
    fs::copy("../../model.x", out.join("model.x")).expect("the model's place");
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rerun-if-changed=../../model.x");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    println!("cargo::rustc-link-arg-bins=-Tmodel.x");
    println!("cargo::rustc-link-arg-bins=--nmagic");
    // For `cargo xtask test panic-paths`; flash holds nothing of it.
    println!("cargo::rustc-link-arg-bins=--emit-relocs");
    for program in PROGRAMS {
        let map = out.join(format!("{program}.map"));
        println!("cargo::rustc-link-arg-bin={program}=-Map={}", map.display());
    }
}
