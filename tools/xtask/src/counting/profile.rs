//! What the plugin wrote, read back.

use std::collections::HashMap;

use ae_boards::Board;
use anyhow::{Context, Result};
use object::{Object, ObjectSegment};

use super::kind::{Kind, Mix};

/// An instruction of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instruction {
    /// Mnemonic and operands, as far as QEMU's disassembler knows them.
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

/// A block of instructions, how often all of them were executed, and how often what came next was
/// not what stands behind them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Executed {
    block: usize,
    pub(crate) executed: u64,
    pub(crate) jumped: u64,
}

/// The blocks that were executed from one mark to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stretch(Vec<Executed>);

/// All stretches, the first of which ends at the first mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    blocks: Vec<Vec<Instruction>>,
    pub(crate) stretches: Vec<Stretch>,
}

impl Profile {
    /// Reads the plugin's file; `code` is for instructions that the disassembler does not know.
    ///
    /// # Errors
    /// It is not such a file.
    pub(super) fn parse(text: &str, code: &Code, board: &Board) -> Result<Self> {
        let is_arm = board.target.starts_with("thumb");
        let mut known = HashMap::new();
        let mut profile = Self::default();
        for line in text.lines() {
            let mut words = line.splitn(5, ' ');
            let name = words.next();
            let mut number = || words.next()?.parse::<u64>().ok();
            let what = || format!("the plugin wrote `{line}`");
            if name == Some("instruction") {
                let (block, address, len) = (number(), number(), number());
                let (block, address) = block.zip(address).with_context(what)?;
                let len = len.with_context(what)?;
                let text = words.next().unwrap_or_default();
                let instruction = known.entry(address).or_insert_with(|| {
                    let text = mnemonic_first(text, is_arm);
                    let kind = if is_arm {
                        Kind::of_arm(text, code.at(address, len))
                    } else {
                        Kind::of_riscv(text)
                    };
                    Instruction { text: text.to_owned(), kind }
                });
                let block = usize::try_from(block)?;
                if profile.blocks.len() <= block {
                    profile.blocks.resize(block + 1, Vec::new());
                }
                profile.blocks[block].push(instruction.clone());
            } else {
                let (stretch, block) = number().zip(number()).with_context(what)?;
                let (executed, jumped) = number().zip(number()).with_context(what)?;
                let (stretch, block) = (usize::try_from(stretch)?, usize::try_from(block)?);
                if profile.stretches.len() <= stretch {
                    profile.stretches.resize(stretch + 1, Stretch::default());
                }
                profile.stretches[stretch].0.push(Executed { block, executed, jumped });
            }
        }
        Ok(profile)
    }

    /// The blocks of a stretch with their instructions.
    pub(crate) fn blocks<'a>(
        &'a self,
        stretch: &'a Stretch,
    ) -> impl Iterator<Item = (&'a Executed, &'a [Instruction])> {
        let blocks = stretch.0.iter();
        blocks.map(|executed| {
            (executed, self.blocks.get(executed.block).map_or(&[][..], Vec::as_slice))
        })
    }

    /// How many instructions of each kind a stretch executed.
    pub(crate) fn mix(&self, stretch: &Stretch) -> Mix {
        let mut mix = Mix::default();
        for (Executed { executed, .. }, instructions) in self.blocks(stretch) {
            for instruction in instructions {
                mix.add(instruction.kind, *executed);
            }
        }
        mix
    }
}

/// QEMU's disassembler for RISC-V puts the encoding in front.
fn mnemonic_first(text: &str, is_arm: bool) -> &str {
    let text = text.trim();
    match text.split_once(' ') {
        Some((first, rest))
            if !is_arm
                && matches!(first.len(), 4 | 8)
                && first.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            rest.trim_start()
        }
        _ => text,
    }
}

/// The program's bytes by their address.
pub(super) struct Code(Vec<(u64, Vec<u8>)>);

impl Code {
    /// Of an ELF file.
    ///
    /// # Errors
    /// It is not an ELF file.
    pub(super) fn of(elf: &[u8]) -> Result<Self> {
        let file = object::File::parse(elf)?;
        let segments = file.segments().map(|it| anyhow::Ok((it.address(), it.data()?.to_vec())));
        Ok(Self(segments.collect::<Result<_>>()?))
    }

    /// The half-words of an instruction; none where the program has nothing at `address`.
    fn at(&self, address: u64, len: u64) -> &[[u8; 2]] {
        let bytes = self.0.iter().find_map(|(start, bytes)| {
            let from = usize::try_from(address.checked_sub(*start)?).ok()?;
            bytes.get(from..)?.get(..usize::try_from(len).ok()?)
        });
        bytes.unwrap_or_default().as_chunks().0
    }
}

#[cfg(test)]
mod tests {
    use ae_boards::Board;

    use super::super::kind::Kind;
    use super::super::{Timing, cycles};
    use super::{Code, Profile, mnemonic_first};

    /// A loop of three rounds behind a block of two instructions, the second of which only the
    /// program's bytes tell: `vldr s0, [r0]`.
    const TEXT: &str = "instruction 0 16 2 movs r0, #3\ninstruction 0 18 4 \n\
                        instruction 1 22 2 subs r0, #1\ninstruction 1 24 2 bne #0x16\n\
                        count 1 0 1 0\ncount 1 1 3 2\n";

    fn parse(text: &str) -> anyhow::Result<Profile> {
        let code = Code(vec![(0, vec![0xff; 18]), (18, vec![0x90, 0xed, 0x00, 0x0a])]);
        Profile::parse(text, &code, Board::find("mps2-an386").unwrap())
    }

    #[test]
    fn instructions_are_counted_by_kind_and_cycles_by_instruction_and_jump() {
        let profile = parse(TEXT).unwrap();
        assert_eq!(profile.stretches.len(), 2);
        let mix = profile.mix(&profile.stretches[1]);
        assert_eq!(Kind::ALL.map(|kind| mix.of(kind)), [1, 0, 0, 4, 3, 0]);
        assert_eq!(profile.mix(&profile.stretches[0]).total(), 0);
        // 1 + 2, three rounds of 1 + 1, two jumps back.
        let timing = Timing::of("Cortex-M4F").unwrap();
        assert_eq!(timing.cycles(&profile, &profile.stretches[1]), 3 + 6 + 2 * cycles::JUMP);
    }

    #[test]
    fn what_the_plugin_does_not_write_is_refused() {
        for text in ["count 1 0 1", "instruction 0 x 2 nop", "words"] {
            let error = parse(text).unwrap_err().to_string();
            assert_eq!(error, format!("the plugin wrote `{text}`"));
        }
    }

    #[test]
    fn an_encoding_in_front_is_left_out() {
        assert_eq!(mnemonic_first("d452              sw    s4,40(sp)", false), "sw    s4,40(sp)");
        assert_eq!(mnemonic_first("00000013          nop   ", false), "nop");
        assert_eq!(mnemonic_first("add a0,a1,a2", false), "add a0,a1,a2");
        assert_eq!(mnemonic_first("ldr r5, [sp]", true), "ldr r5, [sp]");
    }
}
