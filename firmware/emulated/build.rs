//! Chooses the memory map of the machine that the target, or a feature beside it, stands for.

use std::path::PathBuf;
use std::{env, fs};

/// Its programs.
const PROGRAMS: [&str; 4] = ["selftest", "equivalence", "bench", "conformance"];

fn main() {
    let target = env::var("TARGET").expect("cargo sets it");
    let machine = match target.as_str() {
        "thumbv6m-none-eabi" if env::var_os("CARGO_FEATURE_MPS2").is_some() => "mps2",
        "thumbv6m-none-eabi" => "microbit",
        "thumbv7m-none-eabi" | "thumbv7em-none-eabihf" => "mps2",
        "thumbv8m.main-none-eabihf" if env::var_os("CARGO_FEATURE_MPS3_AN547").is_some() => {
            "mps3-an547"
        }
        "thumbv8m.main-none-eabihf" => "mps2-an505",
        "riscv32imac-unknown-none-elf" => "rv32",
        other => panic!("no emulated board has the target {other}; firmware/boards.toml lists all"),
    };
    println!("cargo::rustc-env=AE_BOARD={machine}");

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let map = format!("memory/{machine}.x");
    fs::copy(&map, out.join("memory.x")).expect("the machine's memory map");
    fs::copy("../model.x", out.join("model.x")).expect("the model's place");
    println!("cargo::rerun-if-changed={map}");
    println!("cargo::rerun-if-changed=../model.x");
    println!("cargo::rustc-link-search={}", out.display());
    if target.starts_with("riscv") {
        println!("cargo::rustc-link-arg-bins=-Tmemory.x");
    }
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
