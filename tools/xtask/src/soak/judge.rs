//! Whether what a board says in a soak is as it should be.

use std::collections::HashMap;
use std::time::Duration;

use ae_conformance::soak::Plan;
use anyhow::{Context, Result, bail, ensure};

use super::Soaked;

/// Hears what the program `soak` prints, line by line, and computes what it should have found.
pub(super) struct Judge<E> {
    plan: Plan,
    /// The digest of the next block.
    expected: E,
    /// From the first line; empty before it.
    kernel: String,
    /// Blocks heard.
    blocks: u32,
    /// After the first block, and after each since.
    stack_bytes: u32,
}

impl<E: FnMut() -> Result<u32>> Judge<E> {
    pub(super) fn new(plan: Plan, expected: E) -> Self {
        Self { plan, expected, kernel: String::new(), blocks: 0, stack_bytes: 0 }
    }

    /// Blocks that were as they should be.
    pub(super) fn blocks(&self) -> u32 {
        self.blocks
    }

    /// Takes the next line.
    ///
    /// # Errors
    /// It is not as it should be.
    pub(super) fn hear(&mut self, line: &str) -> Result<()> {
        match line.strip_prefix("soak: ") {
            Some(first) if self.kernel.is_empty() => self.begin(&Values::of(first)),
            None if line.starts_with("block=") && !self.kernel.is_empty() => {
                self.block(&Values::of(line))
            }
            _ => bail!("the board says: {line}"),
        }
    }

    fn begin(&mut self, values: &Values<'_>) -> Result<()> {
        let Plan { seed, blocks, inferences } = self.plan;
        for (name, expected) in [("seed", seed), ("blocks", blocks), ("inferences", inferences)] {
            let found = values.number(name)?;
            ensure!(
                found == expected,
                "the board was asked for {name} = {expected}, heard {found}"
            );
        }
        values.text("kernel")?.clone_into(&mut self.kernel);
        Ok(())
    }

    fn block(&mut self, values: &Values<'_>) -> Result<()> {
        let number = values.number("block")?;
        ensure!(number == self.blocks + 1, "block {number} comes behind block {}", self.blocks);
        let found = values.text("digest")?;
        let expected = format!("{:08x}", (self.expected)()?);
        if found != expected {
            let per_block = u64::from(self.plan.inferences);
            let last = u64::from(number) * per_block;
            bail!(
                "block {number}: the board's results have the digest {found}, the host's \
                 {expected}; one of the inferences {} to {last} differs",
                last + 1 - per_block
            );
        }
        let stack_bytes = values.number("stack_bytes")?;
        if number == 1 {
            self.stack_bytes = stack_bytes;
        }
        ensure!(
            stack_bytes == self.stack_bytes,
            "the stack grows: {} bytes after block 1, {stack_bytes} after block {number}",
            self.stack_bytes
        );
        self.blocks = number;
        Ok(())
    }

    /// What was found when the board has ended.
    ///
    /// # Errors
    /// It has not done all that it was asked for.
    pub(super) fn verdict(self, time: Duration) -> Result<Soaked> {
        let Self { plan, kernel, blocks, stack_bytes, .. } = self;
        ensure!(blocks == plan.blocks, "the board ended after {blocks} of {} blocks", plan.blocks);
        ensure!(blocks > 0 && plan.inferences > 0, "no inference was asked for");
        Ok(Soaked { plan, kernel, stack_bytes, time })
    }
}

/// A line of `name=value` pairs.
struct Values<'l> {
    line: &'l str,
    values: HashMap<&'l str, &'l str>,
}

impl<'l> Values<'l> {
    fn of(line: &'l str) -> Self {
        let values = line.split_whitespace().filter_map(|word| word.split_once('=')).collect();
        Self { line, values }
    }

    fn text(&self, name: &str) -> Result<&'l str> {
        let value = self.values.get(name).copied();
        value.with_context(|| format!("the board tells no {name}: {}", self.line))
    }

    fn number(&self, name: &str) -> Result<u32> {
        let text = self.text(name)?;
        text.parse().with_context(|| format!("{name}={text} is no number: {}", self.line))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ae_conformance::soak::Plan;
    use anyhow::Result;

    use super::Judge;
    use crate::soak::Soaked;

    const PLAN: Plan = Plan { seed: 5, blocks: 2, inferences: 1000 };
    const FIRST: &str = "soak: board=mps2 core=Cortex-M4 kernel=dsp contract=int8 seed=5 blocks=2 \
                         inferences=1000";
    const BLOCKS: [&str; 2] =
        ["block=1 digest=0000beef stack_bytes=544", "block=2 digest=89abcdef stack_bytes=544"];

    fn judged(plan: Plan, lines: &[&str]) -> Result<Soaked> {
        let mut digests = [0xbeef, 0x89ab_cdef].into_iter();
        let mut judge = Judge::new(plan, || Ok(digests.next().expect("two blocks")));
        lines.iter().try_for_each(|line| judge.hear(line))?;
        judge.verdict(Duration::from_secs(9))
    }

    fn error(lines: &[&str]) -> String {
        judged(PLAN, lines).unwrap_err().to_string()
    }

    #[test]
    fn equal_blocks_on_the_same_stack_pass() {
        let soaked = judged(PLAN, &[FIRST, BLOCKS[0], BLOCKS[1]]).unwrap();
        assert_eq!((soaked.inferences(), soaked.stack_bytes), (2000, 544));
        assert_eq!(soaked.kernel, "dsp");
    }

    #[test]
    fn one_wrong_bit_of_a_digest_is_found() {
        let wrong = "block=2 digest=89abcdee stack_bytes=544";
        assert_eq!(
            error(&[FIRST, BLOCKS[0], wrong]),
            "block 2: the board's results have the digest 89abcdee, the host's 89abcdef; one of \
             the inferences 1001 to 2000 differs"
        );
    }

    #[test]
    fn a_stack_that_grows_or_shrinks_or_is_not_known_is_found() {
        let grows = "block=2 digest=89abcdef stack_bytes=548";
        assert_eq!(
            error(&[FIRST, BLOCKS[0], grows]),
            "the stack grows: 544 bytes after block 1, 548 after block 2"
        );
        let unknown = "block=1 digest=0000beef stack_bytes=too-many";
        assert!(error(&[FIRST, unknown]).contains("too-many is no number"));
    }

    #[test]
    fn too_few_blocks_others_and_other_plans_are_found() {
        assert_eq!(error(&[FIRST, BLOCKS[0]]), "the board ended after 1 of 2 blocks");
        assert_eq!(error(&[]), "the board ended after 0 of 2 blocks");
        assert_eq!(error(&[FIRST, BLOCKS[1]]), "block 2 comes behind block 0");
        assert_eq!(error(&[FIRST, BLOCKS[0], BLOCKS[0]]), "block 1 comes behind block 1");
        assert_eq!(error(&[BLOCKS[0]]), format!("the board says: {}", BLOCKS[0]));
        assert_eq!(error(&[FIRST, FIRST]), format!("the board says: {FIRST}"));
        let failed = "FAILED: the host sent no plan";
        assert_eq!(error(&[failed]), format!("the board says: {failed}"));
        let other = FIRST.replace("seed=5", "seed=6");
        assert_eq!(error(&[&other]), "the board was asked for seed = 5, heard 6");
        let nothing = Plan { blocks: 0, ..PLAN };
        let first = FIRST.replace("blocks=2", "blocks=0");
        let error = judged(nothing, &[&first]).unwrap_err().to_string();
        assert_eq!(error, "no inference was asked for");
    }
}
