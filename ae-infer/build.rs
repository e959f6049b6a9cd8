//! Chooses the kernels for the core that is built for: the configurations `ae_kernel` and `vfp`. Says
//! with `bulk` whether many samples can be taken at a time.
//!
//! It goes by the target and by the features that the compiler states or is told of. What is given as
//! `--cfg ae_kernel="NAME"` goes before that, unless the core cannot run it.

#[path = "build/built_for.rs"]
mod built_for;

use std::env;

use built_for::BuiltFor;

/// Every kernel, the first of which runs everywhere.
const KERNELS: [&str; 9] =
    ["portable", "host", "avx2", "avx-vnni", "thumbv6m", "thumbv7m", "dsp", "mve", "rv32"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    let names = KERNELS.map(|name| format!("\"{name}\"")).join(", ");
    println!("cargo:rustc-check-cfg=cfg(ae_kernel, values({names}))");
    let of = |name| env::var(name).unwrap_or_default();
    let target = of("TARGET");
    let built_for = BuiltFor::new(
        &target,
        &of("CARGO_CFG_TARGET_ABI"),
        &of("CARGO_CFG_TARGET_FEATURE"),
        &of("CARGO_ENCODED_RUSTFLAGS"),
    );
    // The assembler does not know of the DSP option of Armv8-M but by the name of a core.
    let dsp_cpu = if target.starts_with("thumbv8m") { "cortex-m33" } else { "cortex-m4" };
    println!("cargo:rustc-env=AE_INFER_DSP_CPU={dsp_cpu}");
    let forced = env::var("CARGO_CFG_AE_KERNEL").ok();
    println!("cargo:rustc-check-cfg=cfg(vfp)");
    if built_for.has_vfp() && forced.as_deref() != Some("portable") {
        println!("cargo:rustc-cfg=vfp");
    }
    println!("cargo:rustc-check-cfg=cfg(soft_float)");
    if built_for.has_soft_float() {
        println!("cargo:rustc-cfg=soft_float");
    }
    let kernel = match forced {
        Some(forced) => {
            assert!(
                KERNELS.contains(&&*forced),
                "--cfg ae_kernel=\"{forced}\": there is no such kernel, only {names}"
            );
            if let Some(reason) = built_for.excludes(&forced) {
                panic!(
                    "--cfg ae_kernel=\"{forced}\": {reason}; leave it out and the kernel \"{}\" is \
                     chosen",
                    built_for.kernel()
                );
            }
            forced
        }
        None => {
            let kernel = built_for.kernel();
            println!("cargo:rustc-cfg=ae_kernel=\"{kernel}\"");
            kernel.to_owned()
        }
    };
    // The kernel for hosts, which then does not ask whether the processor has more than AVX2.
    let is_host = ["host", "avx2", "avx-vnni"].contains(&&*kernel);
    if is_host && kernel != "host" {
        println!("cargo:rustc-cfg=ae_kernel=\"host\"");
    }
    // Firmware has no samples to take together, and need not compile what would.
    println!("cargo:rustc-check-cfg=cfg(bulk)");
    if is_host || env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os != "none") {
        println!("cargo:rustc-cfg=bulk");
    }
}
