//! What the compiler was told of an Arm core.
//!
//! rustc's stable channel does not tell a crate which instructions an Arm core without an operating
//! system has. So this reads the flags that it gets, and follows them as LLVM does: a core has
//! features, a feature that is turned on brings those that it needs, and one that is turned off takes
//! along those that need it.

/// Whether a core has a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Has {
    /// A flag or the target says so.
    Yes,
    /// A flag says that it has not.
    No,
    /// Nothing says anything.
    Unstated,
}

/// The features that kernels need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arm {
    /// Multiplications of 16-bit lanes.
    pub(crate) dsp: Has,
    /// Vectors of integers, of which the registers are those of the floating-point unit.
    pub(crate) mve: Has,
    /// Floating-point arithmetic of single precision.
    pub(crate) fp: Has,
}

impl Arm {
    /// By the target's architecture, whether its name ends in `eabihf`, what the compiler states of
    /// features, and its flags.
    pub(crate) fn new(
        architecture: &str,
        hard_float: bool,
        stated: &[&str],
        flags: &[&str],
    ) -> Self {
        let options = options(flags);
        let last_of = |key: &str| options.iter().rev().find(|(it, _)| it == key);
        let cpu = last_of("target-cpu").map_or("generic", |(_, cpu)| *cpu);
        let mut arm = Self::of_cpu(cpu);
        if architecture == "thumbv7em" && arm.dsp == Has::Unstated {
            arm.dsp = Has::Yes;
        }
        if hard_float && arm.fp == Has::Unstated {
            arm.fp = Has::Yes;
        }
        let features = options.iter().filter(|(key, _)| key == "target-feature");
        for feature in features.flat_map(|(_, features)| features.split(',')) {
            match feature.split_at_checked(1) {
                Some(("+", name)) => arm.turn_on(name),
                Some(("-", name)) => arm.turn_off(name),
                _ => {}
            }
        }
        // Where the compiler states any features of Arm cores, it states this one too.
        if stated.contains(&"mclass") {
            let dsp = stated.contains(&"dsp") && arm.dsp != Has::No;
            arm.dsp = if dsp { Has::Yes } else { Has::No };
        }
        if arm.dsp == Has::No {
            arm.mve = Has::No;
        }
        arm
    }

    fn of_cpu(cpu: &str) -> Self {
        use Has::{No, Unstated, Yes};
        let (dsp, mve, fp) = match cpu {
            "cortex-m0" | "cortex-m0plus" | "cortex-m1" | "cortex-m23" | "cortex-m3" | "sc000"
            | "sc300" => (No, No, No),
            "cortex-m4" | "cortex-m7" | "cortex-m33" | "cortex-m35p" | "star-mc1" => (Yes, No, Yes),
            "cortex-m52" | "cortex-m55" | "cortex-m85" => (Yes, Yes, Yes),
            _ => (Unstated, Unstated, Unstated),
        };
        Self { dsp, mve, fp }
    }

    fn turn_on(&mut self, name: &str) {
        match name {
            "dsp" => self.dsp = Has::Yes,
            "mve" => (self.mve, self.dsp) = (Has::Yes, Has::Yes),
            "mve.fp" => *self = Self { dsp: Has::Yes, mve: Has::Yes, fp: Has::Yes },
            "soft-float" => self.fp = Has::No,
            name if name.starts_with("vfp") || name.starts_with("fp-armv8") => self.fp = Has::Yes,
            _ => {}
        }
    }

    fn turn_off(&mut self, name: &str) {
        match name {
            "dsp" => (self.dsp, self.mve) = (Has::No, Has::No),
            "mve" | "fpregs16" | "fpregs64" | "v8.1m.main" => self.mve = Has::No,
            "fpregs" => (self.mve, self.fp) = (Has::No, Has::No),
            // Without what is larger a core may still have this.
            "vfp2sp" | "vfp2" => self.fp = Has::No,
            _ => {}
        }
    }
}

/// The options of `-C`, in each of the ways to write them, with `-` in their names.
fn options<'f>(flags: &[&'f str]) -> Vec<(String, &'f str)> {
    let mut flags = flags.iter();
    let mut options = Vec::new();
    while let Some(flag) = flags.next() {
        let option = match *flag {
            "-C" | "--codegen" => flags.next().copied(),
            flag => flag.strip_prefix("--codegen=").or_else(|| flag.strip_prefix("-C")),
        };
        if let Some((key, value)) = option.and_then(|option| option.trim().split_once('=')) {
            options.push((key.replace('_', "-"), value));
        }
    }
    options
}
