//! Chooses the kernels for the core that is built for: the configurations `ae_kernel` and `vfp`. Says
//! with `bulk` whether many samples can be taken at a time.
//!
//! rustc's stable channel does not tell a crate which instructions an Arm core without an
//! operating system has, so this goes by the name of the target and by `-C target-cpu`. What is
//! given as `--cfg ae_kernel="NAME"` goes before it.

use std::env;

/// Every kernel, the first of which runs everywhere.
const KERNELS: [&str; 7] = ["portable", "host", "thumbv6m", "thumbv7m", "dsp", "mve", "rv32"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let names = KERNELS.map(|name| format!("\"{name}\"")).join(", ");
    println!("cargo:rustc-check-cfg=cfg(ae_kernel, values({names}))");
    let target = env::var("TARGET").unwrap_or_default();
    // The assembler, too, does not know of the DSP option of Armv8-M but by the name of a core.
    let dsp_cpu = if target.starts_with("thumbv8m") { "cortex-m33" } else { "cortex-m4" };
    println!("cargo:rustc-env=AE_INFER_DSP_CPU={dsp_cpu}");
    let forced = env::var("CARGO_CFG_AE_KERNEL").ok();
    println!("cargo:rustc-check-cfg=cfg(vfp)");
    if has_fpu(&target) && forced.as_deref() != Some("portable") {
        println!("cargo:rustc-cfg=vfp");
    }
    let kernel = match forced {
        Some(forced) => {
            assert!(
                KERNELS.contains(&&*forced),
                "--cfg ae_kernel=\"{forced}\": there is no such kernel, only {names}"
            );
            assert!(
                can_run(&forced, &target),
                "--cfg ae_kernel=\"{forced}\": the target {target} has other instructions; \
                 \"portable\" runs everywhere"
            );
            forced
        }
        None => {
            let kernel = of_target(&target);
            println!("cargo:rustc-cfg=ae_kernel=\"{kernel}\"");
            kernel.to_owned()
        }
    };
    // Firmware has no samples to take together, and need not compile what would.
    println!("cargo:rustc-check-cfg=cfg(bulk)");
    if kernel == "host" || env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os != "none") {
        println!("cargo:rustc-cfg=bulk");
    }
}

/// Whether cores of the target may have the kernel's instructions.
fn can_run(kernel: &str, target: &str) -> bool {
    let begins = |names: &[&str]| names.iter().any(|name| target.starts_with(name));
    match kernel {
        "portable" => true,
        "host" => begins(&["x86_64-", "aarch64-"]),
        "thumbv6m" => begins(&["thumb"]),
        "thumbv7m" => begins(&["thumbv7", "thumbv8m.main-"]),
        "dsp" => begins(&["thumbv7em-", "thumbv8m.main-"]),
        "mve" => begins(&["thumbv8m.main-"]),
        "rv32" => begins(&["riscv32"]),
        _ => false,
    }
}

/// Whether the target is a Cortex-M that has a floating-point unit.
fn has_fpu(target: &str) -> bool {
    let is_m_profile =
        target.starts_with("thumbv7em-none") || target.starts_with("thumbv8m.main-none");
    is_m_profile && target.ends_with("eabihf")
}

fn of_target(target: &str) -> &'static str {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let has_feature = |feature: &str| features.split(',').any(|it| it == feature);
    let is_rv32e = env::var("CARGO_CFG_TARGET_ABI").is_ok_and(|abi| abi == "ilp32e");
    let cpu_is = |cpu: &str| flags.contains(&format!("target-cpu={cpu}"));
    match target.split('-').next().unwrap_or_default() {
        "thumbv6m" | "thumbv8m.base" => "thumbv6m",
        "thumbv7m" => "thumbv7m",
        "thumbv7em" => "dsp",
        "thumbv8m.main" if cpu_is("cortex-m55") || cpu_is("cortex-m85") => "mve",
        "thumbv8m.main" if cpu_is("cortex-m33") || cpu_is("cortex-m35p") => "dsp",
        // DSP instructions are an option of this architecture.
        "thumbv8m.main" => "thumbv7m",
        // Not those without multiplication, or with half of the registers.
        architecture if architecture.starts_with("riscv32") && has_feature("m") && !is_rv32e => {
            "rv32"
        }
        // What such processors have is found out when the program runs; see `bulk`.
        "x86_64" => "host",
        "aarch64" if has_feature("neon") => "host",
        _ => "portable",
    }
}
