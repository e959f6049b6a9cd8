//! An estimate of cycles, from the timing of instructions that Arm publishes for some cores.
//!
//! Sources: the tables of instructions with their cycles in the technical reference manuals of
//! Cortex-M0 (DDI 0432C, section 3.3), Cortex-M3 (DDI 0337I, section 3.3) and Cortex-M4 (100166_0001,
//! sections 3.3 and 7.2.3). `docs/benchmarks.md` has the rule in words.

use super::kind::{Kind, name};
use super::profile::{Executed, Instruction, Profile, Stretch};

/// A core whose timing is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timing {
    M0,
    M3,
    M4,
}

impl Timing {
    /// The timing of a board's core. Cortex-M7, M55 and RISC-V have none that is published, or
    /// start two instructions at once; Cortex-M33's manual has no table.
    pub(crate) fn of(core: &str) -> Option<Self> {
        match core {
            "Cortex-M0" => Some(Self::M0),
            "Cortex-M3" => Some(Self::M3),
            "Cortex-M4" | "Cortex-M4F" => Some(Self::M4),
            _ => None,
        }
    }

    /// The rule, in a line.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::M0 => {
                "estimated by Arm's Cortex-M0 manual, DDI 0432C: no wait states, multiplier of one \
                 cycle"
            }
            Self::M3 => {
                "estimated by Arm's Cortex-M3 manual, DDI 0337I: no wait states, 2 cycles to refill \
                 after a jump, long multiplies 4 and 5, loads behind a load 1"
            }
            Self::M4 => {
                "estimated by Arm's Cortex-M4 manual, 100166: no wait states, 2 cycles to refill \
                 after a jump, loads behind a load 1"
            }
        }
    }

    /// Cycles of a stretch.
    pub(crate) fn cycles(self, profile: &Profile, stretch: &Stretch) -> u64 {
        let blocks = profile.blocks(stretch).map(|(Executed { executed, jumped, .. }, block)| {
            let before = std::iter::once(None).chain(block.iter().map(Some));
            let straight: u64 =
                before.zip(block).map(|(before, it)| self.cycles_of(it, before)).sum();
            executed * straight + jumped * JUMP
        });
        blocks.sum()
    }

    /// Cycles of an instruction behind another, without what a jump adds.
    fn cycles_of(self, it: &Instruction, before: Option<&Instruction>) -> u64 {
        let name = name(&it.text);
        if let Some(registers) = registers(&it.text, name) {
            let returns = self == Self::M0 && it.text.contains("pc}");
            return 1 + registers + u64::from(returns);
        }
        let pipelined = self != Self::M0 && before.is_some_and(is_single_load);
        match it.kind {
            Kind::Load if pipelined && is_single_load(it) => 1,
            Kind::Store if pipelined => 1,
            // The write buffer takes the second cycle.
            Kind::Store if self != Self::M0 && name.starts_with("str") && !has_index(&it.text) => 1,
            Kind::Load | Kind::Store => 2,
            Kind::Multiply if self == Self::M3 => match name {
                "mla" | "mls" => 2,
                "smull" | "umull" => 4,
                "smlal" | "umlal" => 5,
                _ => 1,
            },
            Kind::Vector if starts(name, &["vdiv", "vsqrt"]) => 14,
            Kind::Vector if starts(name, &["vmla", "vmls", "vnml", "vfma", "vfms", "vfnm"]) => 3,
            // Two registers of the core and one or two of the FPU.
            Kind::Vector if name == "vmov" && it.text.split(',').count() > 2 => 2,
            Kind::Alu if starts(name, &["sdiv", "udiv"]) => 7,
            Kind::Alu if self == Self::M0 && starts(name, &["mrs", "msr", "dsb", "dmb", "isb"]) => {
                4
            }
            // A call takes one cycle more than another branch, where there is no prediction.
            Kind::Branch if self == Self::M0 && name == "bl" => 2,
            _ => 1,
        }
    }
}

/// Cycles that a jump adds: to refill the pipeline. Cortex-M3 and M4 take 1 to 3.
pub(super) const JUMP: u64 = 2;

fn starts(name: &str, with: &[&str]) -> bool {
    with.iter().any(|with| name.starts_with(with))
}

/// Registers of an instruction that loads or stores several.
fn registers(text: &str, name: &str) -> Option<u64> {
    let operand = text.split_whitespace().nth(1).unwrap_or_default();
    if starts(name, &["ldrd", "strd"])
        || starts(name, &["vldr", "vstr"]) && operand.starts_with('d')
    {
        return Some(2);
    }
    if !starts(name, &["ldm", "stm", "push", "pop", "vldm", "vstm", "vpush", "vpop"]) {
        return None;
    }
    let list = text.split_once('{')?.1.split(',').map(str::trim);
    // A register of 64 bits counts twice.
    Some(list.map(|it| if it.starts_with('d') { 2 } else { 1 }).sum())
}

fn is_single_load(it: &Instruction) -> bool {
    it.kind == Kind::Load && registers(&it.text, name(&it.text)).is_none()
}

/// Whether the address is the sum of two registers.
fn has_index(text: &str) -> bool {
    let inside = text.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let second = inside.and_then(|(inside, _)| inside.split(',').nth(1));
    second.is_some_and(|second| !second.trim().starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::super::kind::Kind;
    use super::super::profile::Instruction;
    use super::Timing::{self, M0, M3, M4};

    fn cycles(timing: Timing, texts: &[&str]) -> Vec<u64> {
        let it: Vec<Instruction> = texts
            .iter()
            .map(|text| {
                let vector = text.starts_with('v') && !text.starts_with("vldr");
                let kind = if vector { Kind::Vector } else { Kind::of_arm(text, &[]) };
                let kind = if text.starts_with("vldr") { Kind::Load } else { kind };
                Instruction { text: (*text).to_owned(), kind }
            })
            .collect();
        let before = std::iter::once(None).chain(it.iter().map(Some));
        before.zip(&it).map(|(before, it)| timing.cycles_of(it, before)).collect()
    }

    #[test]
    fn single_and_multiple_loads_and_stores() {
        let texts = [
            "ldrb r0, [r1]",
            "ldr r2, [r3, #4]",
            "str r2, [r3, r4]",
            "str r2, [r3, #4]",
            "strb r2, [r3, r4]",
            "ldm r0!, {r4, r5, r6, r7}",
            "ldrd r0, r1, [r2]",
            "pop {r4, pc}",
        ];
        assert_eq!(cycles(M4, &texts), [2, 1, 1, 1, 2, 5, 3, 3]);
        assert_eq!(cycles(M0, &texts), [2, 2, 2, 2, 2, 5, 3, 4]);
    }

    #[test]
    fn multiplies_divisions_and_floats() {
        let texts = ["mla r0, r1, r2, r3", "smull r0, r1, r2, r3", "mul r0, r1, r2"];
        assert_eq!(cycles(M3, &texts), [2, 4, 1]);
        assert_eq!(cycles(M4, &texts), [1, 1, 1]);
        assert_eq!(
            cycles(M4, &["vmla.f32 s0, s1, s2", "vadd.f32 s0, s1, s2", "vdiv.f32 s0, s1, s2"]),
            [3, 1, 14]
        );
        assert_eq!(cycles(M4, &["vldr s0, [r0]", "udiv r0, r1, r2"]), [2, 7]);
    }

    #[test]
    fn only_cores_with_published_timing_have_an_estimate() {
        assert_eq!(Timing::of("Cortex-M4F"), Some(M4));
        assert_eq!(
            ["Cortex-M7", "Cortex-M33", "Cortex-M55", "RV32IMAC"].map(Timing::of),
            [None; 4]
        );
    }
}
