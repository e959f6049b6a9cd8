//! What is built for, and the kernels that it runs.

mod arm;

use arm::{Arm, Has};

/// What is built for.
pub(crate) struct BuiltFor {
    target: String,
    /// The first word of the target's name.
    architecture: String,
    /// Functions take real values in registers of a floating-point unit, so it is there and on.
    hard_float: bool,
    /// Half of the registers of RISC-V.
    is_rv32e: bool,
    features: Vec<String>,
    /// A flag adds the floating point of RISC-V.
    adds_riscv_floats: bool,
    /// What an Arm core has.
    arm: Arm,
}

impl BuiltFor {
    /// By cargo's variables `TARGET`, `CARGO_CFG_TARGET_ABI`, `CARGO_CFG_TARGET_FEATURE` and
    /// `CARGO_ENCODED_RUSTFLAGS`.
    pub(crate) fn new(target: &str, abi: &str, features: &str, flags: &str) -> Self {
        let architecture = target.split('-').next().unwrap_or_default().to_owned();
        let hard_float = abi == "eabihf";
        let stated: Vec<&str> = features.split(',').collect();
        let flags: Vec<&str> = flags.split('\x1f').collect();
        let arm = Arm::new(&architecture, hard_float, &stated, &flags);
        let adds_riscv_floats = flags.iter().any(|flag| flag.contains("+f") || flag.contains("+d"));
        let features = stated.into_iter().map(str::to_owned).collect();
        let (target, is_rv32e) = (target.to_owned(), abi == "ilp32e");
        Self { target, architecture, hard_float, is_rv32e, features, adds_riscv_floats, arm }
    }

    fn has_feature(&self, feature: &str) -> bool {
        self.features.iter().any(|it| it == feature)
    }

    /// Whether it is a Cortex-M that has a floating-point unit.
    pub(crate) fn has_vfp(&self) -> bool {
        let is_m_profile = ["thumbv7em", "thumbv8m.main"].contains(&&*self.architecture);
        is_m_profile && self.hard_float && self.arm.fp != Has::No
    }

    /// Whether the core has no instructions for floating point, so that functions compute it, which
    /// no setting changes.
    pub(crate) fn has_soft_float(&self) -> bool {
        match &*self.architecture {
            "thumbv6m" | "thumbv7m" | "thumbv8m.base" => true,
            // The compiler states no feature `f`: the letters of the target do, or a flag.
            riscv if riscv.starts_with("riscv") => {
                let letters =
                    riscv.trim_start_matches("riscv").trim_start_matches(char::is_numeric);
                !letters.contains(['f', 'g']) && !self.adds_riscv_floats
            }
            _ => false,
        }
    }

    /// The kernel that is chosen.
    pub(crate) fn kernel(&self) -> &'static str {
        match &*self.architecture {
            "thumbv6m" | "thumbv8m.base" => "thumbv6m",
            "thumbv7em" if self.arm.dsp == Has::Yes => "dsp",
            // The vectors' registers are those of the floating-point unit, which nobody turns on for
            // a program that passes real values elsewhere.
            "thumbv8m.main" if self.arm.mve == Has::Yes && self.hard_float => "mve",
            // DSP instructions are an option of this architecture.
            "thumbv8m.main" if self.arm.dsp == Has::Yes => "dsp",
            "thumbv7m" | "thumbv7em" | "thumbv8m.main" => "thumbv7m",
            _ if self.runs_rv32() => "rv32",
            // What such processors have is found out when the program runs; see `bulk`.
            "x86_64" => "host",
            "aarch64" if self.has_feature("neon") => "host",
            _ => "portable",
        }
    }

    /// Not those without multiplication, or with half of the registers.
    fn runs_rv32(&self) -> bool {
        self.architecture.starts_with("riscv32") && self.has_feature("m") && !self.is_rv32e
    }

    /// Why no core that is built for can run the kernel's instructions, if so. A target that does not
    /// say which core it is excludes no option of its architecture.
    pub(crate) fn excludes(&self, kernel: &str) -> Option<String> {
        let is = |names: &[&str]| names.contains(&&*self.architecture);
        let no = |feature: &str| {
            Some(format!("the target {} or its flags say that there is no {feature}", self.target))
        };
        let fits = match kernel {
            "thumbv6m" => self.architecture.starts_with("thumb"),
            "thumbv7m" => is(&["thumbv7m", "thumbv7em", "thumbv8m.main"]),
            "dsp" => is(&["thumbv7em", "thumbv8m.main"]),
            "mve" => is(&["thumbv8m.main"]),
            "rv32" => self.runs_rv32(),
            "avx2" | "avx-vnni" => is(&["x86_64"]),
            "host" => is(&["x86_64"]) || is(&["aarch64"]) && self.has_feature("neon"),
            _ => true,
        };
        match kernel {
            _ if !fits => Some(format!("the target {} has other instructions", self.target)),
            "dsp" if self.arm.dsp == Has::No => no("dsp"),
            "mve" if self.arm.mve == Has::No => no("mve"),
            // A program that turns the registers on by itself says so by naming core or feature.
            "mve" if !self.hard_float && self.arm.mve != Has::Yes => no("mve"),
            _ => None,
        }
    }
}
