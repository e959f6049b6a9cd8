//! The kinds of instructions.

/// What an instruction does, as far as costs go by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Loads to any registers, those of FPU and vector unit too; `POP`.
    Load,
    /// Stores from any registers; `PUSH`.
    Store,
    /// Multiplies of the integer core, those that add too, and those of two products.
    Multiply,
    /// Everything else in the integer core: sums, moves, shifts, comparisons, `IT`, divisions.
    Alu,
    /// Branches, calls and returns, but for those that load the program counter; hardware loops.
    Branch,
    /// Everything else in the FPU and the vector unit.
    Vector,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Load, Self::Store, Self::Multiply, Self::Alu, Self::Branch, Self::Vector];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Store => "store",
            Self::Multiply => "multiply",
            Self::Alu => "alu",
            Self::Branch => "branch",
            Self::Vector => "vector",
        }
    }

    /// Of an instruction of Thumb: by its half-words where it is one of a coprocessor, or a
    /// hardware loop's, which not every disassembler knows; else by its name.
    pub(super) fn of_arm(text: &str, halfwords: &[[u8; 2]]) -> Self {
        if let [first, second] = halfwords {
            let (first, second) = (u16::from_le_bytes(*first), u16::from_le_bytes(*second));
            // Encodings from the Armv8.1-M reference manual, Arm DDI 0553: coprocessors, among them
            // FPU and MVE, have 111x11 in front.
            if first & 0xec00 == 0xec00 {
                let moves_two_registers = first & 0xffe0 == 0xec40;
                return match (first & 0xee00 == 0xec00 && !moves_two_registers, first & 0x10) {
                    (true, 0) => Self::Store,
                    (true, _) => Self::Load,
                    (false, _) => Self::Vector,
                };
            }
            // LE, LETP, DLS, DLSTP, WLS, WLSTP.
            if first & 0xff80 == 0xf000 && second & 0xc001 == 0xc001 {
                return Self::Branch;
            }
        }
        let name = name(text);
        let starts = |with: &[&str]| with.iter().any(|with| name.starts_with(with));
        if starts(&["ld", "pop"]) {
            Self::Load
        } else if starts(&["st", "push"]) {
            Self::Store
        } else if starts(&[
            "mul", "mla", "mls", "smul", "smla", "smls", "smml", "smmul", "smua", "smus", "umul",
            "umla", "umaa",
        ]) {
            Self::Multiply
        } else if starts(&["b", "cb", "tb"]) && !starts(&["bic", "bfc", "bfi", "bkpt"]) {
            Self::Branch
        } else {
            Self::Alu
        }
    }

    /// Of an instruction of RISC-V, by its name.
    pub(super) fn of_riscv(text: &str) -> Self {
        match name(text) {
            "lb" | "lbu" | "lh" | "lhu" | "lw" | "flw" | "lr" => Self::Load,
            "sb" | "sh" | "sw" | "fsw" | "sc" => Self::Store,
            "mul" | "mulh" | "mulhu" | "mulhsu" => Self::Multiply,
            "j" | "jal" | "jr" | "jalr" | "ret" | "call" | "tail" => Self::Branch,
            name if name.starts_with('b') && !name.starts_with("bset") => Self::Branch,
            name if name.starts_with('f') && !name.starts_with("fence") => Self::Vector,
            _ => Self::Alu,
        }
    }
}

/// The mnemonic without what stands behind a full stop.
pub(super) fn name(text: &str) -> &str {
    text.split(|c: char| c.is_whitespace() || c == '.').next().unwrap_or_default()
}

/// How many instructions of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mix([u64; Kind::ALL.len()]);

impl Mix {
    pub(crate) fn add(&mut self, kind: Kind, count: u64) {
        self.0[kind as usize] += count;
    }

    pub(crate) fn of(&self, kind: Kind) -> u64 {
        self.0[kind as usize]
    }

    /// Instructions of all kinds.
    pub(crate) fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The part of all instructions that is of this kind, 0 to 1.
    pub(crate) fn share(&self, kind: Kind) -> f64 {
        self.of(kind) as f64 / self.total().max(1) as f64
    }
}

impl std::ops::AddAssign for Mix {
    fn add_assign(&mut self, more: Self) {
        for kind in Kind::ALL {
            self.add(kind, more.of(kind));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind::{Alu, Branch, Load, Multiply, Store, Vector};
    use super::{Kind, Mix};

    #[test]
    fn names_of_arm() {
        for (text, kind) in [
            ("ldrsb.w r3, [r0], #1", Load),
            ("ldm r0!, {r4, r5}", Load),
            ("pop.w {r7, lr}", Load),
            ("strb r2, [r0]", Store),
            ("push {r4, lr}", Store),
            ("smlad r0, r1, r2, r3", Multiply),
            ("smmlar r0, r1, r2, r3", Multiply),
            ("mlaeq r0, r1, r2, r3", Multiply),
            ("umull r0, r1, r2, r3", Multiply),
            ("sxtb16 r0, r1, ror #8", Alu),
            ("bics r0, r1", Alu),
            ("bfi r0, r1, #2, #3", Alu),
            ("ssat r0, #8, r1", Alu),
            ("ite eq", Alu),
            ("bne #0x120", Branch),
            ("bl #0x120", Branch),
            ("cbnz r0, #0x12", Branch),
            ("tbb [pc, r0]", Branch),
        ] {
            assert_eq!(Kind::of_arm(text, &[[0; 2]]), kind, "{text}");
        }
    }

    #[test]
    fn encodings_of_fpu_vector_unit_and_hardware_loops() {
        for (first, second, kind) in [
            (0xed90_u16, 0x0a00_u16, Load), // vldr s0, [r0]
            (0xed2d, 0x8b02, Store),        // vpush {d8}
            (0xee00, 0x0a00, Vector),       // vmla.f32 s0, s0, s0
            (0xec41, 0x0b10, Vector),       // vmov d0, r0, r1
            (0xec90, 0x1e80, Load),         // vldrb.u8 q0, [r0], #0, as MVE's loads are
            (0xeef0, 0x0e00, Vector),       // vmladava, as MVE's
            (0xf00f, 0xc001, Branch),       // le
            (0xf040, 0xe001, Branch),       // dls lr, r0
            (0xfb10, 0x0000, Alu),          // not of a coprocessor; no name
        ] {
            let halfwords = [first.to_le_bytes(), second.to_le_bytes()];
            assert_eq!(Kind::of_arm("", &halfwords), kind, "{first:04x} {second:04x}");
        }
    }

    #[test]
    fn names_of_riscv() {
        for (text, kind) in [
            ("lbu  a0,0(a1)", Load),
            ("lui  a0,4096", Alu),
            ("sw   a0,4(sp)", Store),
            ("slli a0,a0,2", Alu),
            ("mulh a0,a1,a2", Multiply),
            ("bnez a0,16", Branch),
            ("ret", Branch),
            ("fence", Alu),
        ] {
            assert_eq!(Kind::of_riscv(text), kind, "{text}");
        }
    }

    #[test]
    fn shares_add_up() {
        let mut mix = Mix::default();
        mix.add(Load, 3);
        mix.add(Alu, 1);
        assert_eq!((mix.total(), mix.of(Load)), (4, 3));
        assert_eq!(Kind::ALL.map(|kind| mix.share(kind)), [0.75, 0.0, 0.0, 0.25, 0.0, 0.0]);
    }
}
