//! The flags that rustc's pages on its targets give for the options of a core.

/// Flags, and a machine that runs what is built with them.
pub(super) struct Flags {
    /// A board with the same firmware.
    pub(super) like: &'static str,
    /// The machine in QEMU.
    pub(super) machine: &'static str,
    /// What rustc builds for.
    pub(super) target: &'static str,
    /// The flags, between blanks.
    pub(super) flags: &'static str,
}

/// The target for Armv8-M whose functions pass no real values in registers, which no board has.
pub(crate) const SOFT_FLOAT: &str = "thumbv8m.main-none-eabi";

/// Those whose kernel would fault if it were chosen by the core's name.
pub(super) const RUN: &[Flags] = &[
    // The first core of this image has neither DSP instructions nor a floating-point unit.
    Flags {
        like: "mps2-an505",
        machine: "mps2-an521",
        target: SOFT_FLOAT,
        flags: "-Ctarget-cpu=cortex-m33 -Ctarget-feature=-fpregs,-dsp",
    },
    // Nobody turns on the vectors' registers. Without these features the compiler uses none itself.
    Flags {
        like: "mps3-an547",
        machine: "mps3-an547",
        target: SOFT_FLOAT,
        flags: "-Ctarget-cpu=cortex-m55 -Ctarget-feature=-fpregs,-mve",
    },
];

#[cfg(test)]
#[path = "../../../../ae-infer/build/built_for.rs"]
mod built_for;

#[cfg(test)]
mod tests {
    use super::built_for::BuiltFor;

    fn built_for(target: &str, flags: &str) -> BuiltFor {
        let abi = if target.ends_with("hf") { "eabihf" } else { "eabi" };
        BuiltFor::new(target, abi, "", &flags.replace(' ', "\x1f"))
    }

    /// The kernels for int8 and f32.
    fn kernels(target: &str, flags: &str) -> (&'static str, bool) {
        let built_for = built_for(target, flags);
        (built_for.kernel(), built_for.has_vfp())
    }

    #[test]
    fn floats_are_computed_by_functions_where_no_instruction_does() {
        for (target, flags, soft) in [
            ("thumbv6m-none-eabi", "", true),
            ("thumbv7m-none-eabi", "", true),
            ("thumbv7em-none-eabihf", "", false),
            ("thumbv8m.main-none-eabi", "", false),
            ("riscv32imac-unknown-none-elf", "", true),
            ("riscv32imac-unknown-none-elf", "-Ctarget-feature=+f", false),
            ("riscv32imafc-unknown-none-elf", "", false),
            ("riscv64gc-unknown-linux-gnu", "", false),
            ("x86_64-unknown-linux-gnu", "", false),
        ] {
            assert_eq!(built_for(target, flags).has_soft_float(), soft, "{target} {flags}");
        }
    }

    #[test]
    fn every_combination_that_rustc_documents_gets_a_kernel_that_it_runs() {
        let (soft, hard) = ("thumbv8m.main-none-eabi", "thumbv8m.main-none-eabihf");
        let (soft_v7, hard_v7) = ("thumbv7em-none-eabi", "thumbv7em-none-eabihf");
        for (target, cpu, features, int8, vfp) in [
            ("thumbv6m-none-eabi", "cortex-m0plus", "", "thumbv6m", false),
            ("thumbv7m-none-eabi", "cortex-m3", "", "thumbv7m", false),
            ("thumbv8m.base-none-eabi", "cortex-m23", "", "thumbv6m", false),
            (soft_v7, "", "", "dsp", false),
            (soft_v7, "cortex-m4", "-fpregs", "dsp", false),
            (soft_v7, "cortex-m7", "-fp64", "dsp", false),
            (hard_v7, "", "", "dsp", true),
            (hard_v7, "cortex-m4", "", "dsp", true),
            (hard_v7, "cortex-m7", "-fp64", "dsp", true),
            (soft, "", "", "thumbv7m", false),
            (soft, "cortex-m33", "", "dsp", false),
            (soft, "cortex-m33", "-fpregs", "dsp", false),
            (soft, "cortex-m33", "-fpregs,-dsp", "thumbv7m", false),
            (soft, "cortex-m35p", "-dsp", "thumbv7m", false),
            (soft, "cortex-m55", "", "dsp", false),
            (soft, "cortex-m55", "-fpregs,-mve", "dsp", false),
            (soft, "cortex-m55", "-fpregs,-mve.fp,+mve", "dsp", false),
            (soft, "cortex-m85", "-mve", "dsp", false),
            (hard, "", "", "thumbv7m", true),
            (hard, "cortex-m33", "", "dsp", true),
            (hard, "cortex-m33", "-dsp", "thumbv7m", true),
            (hard, "cortex-m55", "", "mve", true),
            (hard, "cortex-m55", "-mve.fp", "mve", true),
            (hard, "cortex-m55", "-mve", "dsp", true),
            (hard, "cortex-m55", "-dsp", "thumbv7m", true),
            (hard, "cortex-m85", "-mve", "dsp", true),
            (hard, "cortex-m99", "", "thumbv7m", true),
        ] {
            let cpu = if cpu.is_empty() { "generic" } else { cpu };
            let flags = format!("-Ctarget-cpu={cpu} -Ctarget-feature={features}");
            assert_eq!(kernels(target, &flags), (int8, vfp), "{target} {flags}");
        }
    }

    #[test]
    fn flags_are_read_in_each_way_to_write_them() {
        let hard = "thumbv8m.main-none-eabihf";
        for flags in [
            "-C target-cpu=cortex-m55 -C target-feature=-mve",
            "--codegen target_cpu=cortex-m55 --codegen=target-feature=-mve",
            "-Ctarget-cpu=cortex-m4 -Ctarget-cpu=cortex-m55 -Ctarget-feature=+fp64,-mve",
            "-Ctarget-cpu=cortex-m55 -Ctarget-feature=-mve -Ctarget-feature=-fp64",
        ] {
            assert_eq!(kernels(hard, flags), ("dsp", true), "{flags}");
        }
    }

    #[test]
    fn what_the_compiler_states_goes_before_the_core() {
        let nightly = |features| {
            let flags = "-Ctarget-cpu=cortex-m33";
            BuiltFor::new("thumbv8m.main-none-eabihf", "eabihf", features, flags).kernel()
        };
        assert_eq!((nightly("mclass,thumb2,dsp"), nightly("mclass,thumb2")), ("dsp", "thumbv7m"));
    }

    #[test]
    fn a_forced_kernel_that_the_flags_exclude_is_refused() {
        let excluded = |target, flags, kernel| built_for(target, flags).excludes(kernel).is_some();
        let (soft, hard) = ("thumbv8m.main-none-eabi", "thumbv8m.main-none-eabihf");
        assert!(!excluded(hard, "", "dsp") && !excluded(hard, "", "mve"));
        assert!(excluded(hard, "-Ctarget-cpu=cortex-m33", "mve"));
        assert!(excluded(hard, "-Ctarget-feature=-dsp", "dsp"));
        assert!(excluded(hard, "-Ctarget-cpu=cortex-m55 -Ctarget-feature=-dsp", "mve"));
        assert!(excluded(soft, "", "mve"));
        assert!(!excluded(soft, "-Ctarget-cpu=cortex-m55", "mve"));
        assert!(excluded("thumbv7em-none-eabi", "", "mve"));
        assert!(excluded("thumbv6m-none-eabi", "", "thumbv7m"));
        let riscv = |features| {
            BuiltFor::new("riscv32imc-unknown-none-elf", "", features, "").excludes("rv32")
        };
        assert!(riscv("c,m").is_none() && riscv("c").is_some());
    }
}
