//! Links each program from its one function on, and nothing that the function does not reach.

use std::env;
use std::path::PathBuf;

/// Its programs.
const PROGRAMS: [&str; 7] =
    ["forward", "loader", "float", "detector", "detector-values", "store", "planted"];

fn main() {
    println!("cargo::rustc-link-arg-bins=--entry=inference");
    println!("cargo::rustc-link-arg-bins=--gc-sections");
    // For `cargo xtask test panic-paths`; flash holds nothing of it.
    println!("cargo::rustc-link-arg-bins=--emit-relocs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for program in PROGRAMS {
        let map = out.join(format!("{program}.map"));
        println!("cargo::rustc-link-arg-bin={program}=-Map={}", map.display());
    }
}
