//! Chooses the memory map of the machine that the target, or a feature beside it, stands for.

use std::path::PathBuf;
use std::{env, fs};

/// Its programs.
const PROGRAMS: [&str; 13] = [
    "selftest",
    "equivalence",
    "monitor",
    "bench",
    "conformance",
    "calls",
    "frame",
    "store",
    "soak",
    "soak-deepens",
    "planted",
    "update",
    "monitor-kept",
];
/// Those with a detector, or with what one computes of a signal.
const WATCHING: [&str; 3] = ["monitor", "bench", "frame"];

fn main() {
    let target = env::var("TARGET").expect("cargo sets it");
    let machine = match target.as_str() {
        "thumbv6m-none-eabi" if env::var_os("CARGO_FEATURE_MPS2").is_some() => "mps2",
        "thumbv6m-none-eabi" => "microbit",
        "thumbv7m-none-eabi" | "thumbv7em-none-eabihf" => "mps2",
        "thumbv8m.main-none-eabi" | "thumbv8m.main-none-eabihf"
            if env::var_os("CARGO_FEATURE_MPS3_AN547").is_some() =>
        {
            "mps3-an547"
        }
        "thumbv8m.main-none-eabi" | "thumbv8m.main-none-eabihf" => "mps2-an505",
        "riscv32imac-unknown-none-elf" => "rv32",
        other => panic!("no emulated board has the target {other}; firmware/boards.toml lists all"),
    };
    println!("cargo::rustc-env=AE_BOARD={machine}");

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    // The linker takes the first map that it finds: no folder that it looks into for one program has
    // that of another.
    let shared = out.join("shared");
    fs::create_dir_all(&shared).expect("cargo's folder for output can be written");
    fs::copy("../model.x", shared.join("model.x")).expect("the model's place");
    println!("cargo::rerun-if-changed=memory");
    println!("cargo::rerun-if-changed=../model.x");
    println!("cargo::rustc-link-search={}", shared.display());
    if target.starts_with("riscv") {
        println!("cargo::rustc-link-arg-bins=-Tmemory.x");
    }
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    println!("cargo::rustc-link-arg-bins=-Tmodel.x");
    println!("cargo::rustc-link-arg-bins=--nmagic");
    // For `cargo xtask test panic-paths`; flash holds nothing of it.
    println!("cargo::rustc-link-arg-bins=--emit-relocs");
    for program in PROGRAMS {
        let folder = out.join(program);
        fs::create_dir_all(&folder).expect("cargo's folder for output can be written");
        fs::copy(memory(machine, program), folder.join("memory.x")).expect("the memory map");
        println!("cargo::rustc-link-arg-bin={program}=-L{}", folder.display());
        let map = out.join(format!("{program}.map"));
        println!("cargo::rustc-link-arg-bin={program}=-Map={}", map.display());
    }
}

/// The memory map of a program. Some have more code than a machine's map gives the others: the check
/// of a signature, and the detector.
fn memory(machine: &str, program: &str) -> PathBuf {
    let signed = if env::var_os("CARGO_FEATURE_SIGNED").is_some() { "-signed" } else { "" };
    let watching = if WATCHING.contains(&program) { "-detector" } else { "" };
    let maps = [format!("{machine}{watching}{signed}"), format!("{machine}{signed}")];
    let maps = maps.map(|name| PathBuf::from(format!("memory/{name}.x")));
    let own = maps.into_iter().find(|map| map.exists());
    own.unwrap_or_else(|| format!("memory/{machine}.x").into())
}
