//! The counts.

use std::fmt::{self, Display, Formatter};

/// Blocks, and how often each ran in each stretch.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    mark: u64,
    blocks: Vec<Block>,
    /// By block, of the stretch that is going on.
    current: Vec<Count>,
    /// Of the stretches before: counts that are not zero, with their blocks.
    stretches: Vec<Vec<(usize, Count)>>,
    last: Option<usize>,
}

/// Instructions that are executed one after the other.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) instructions: Vec<Instruction>,
}

/// One instruction.
#[derive(Debug)]
pub(crate) struct Instruction {
    pub(crate) address: u64,
    pub(crate) len_bytes: u64,
    pub(crate) text: String,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    executed: u64,
    jumped: u64,
}

impl Block {
    fn start(&self) -> Option<u64> {
        self.instructions.first().map(|first| first.address)
    }

    fn end(&self) -> Option<u64> {
        self.instructions.last().map(|last| last.address + last.len_bytes)
    }
}

impl Counts {
    /// Nothing yet. A stretch ends where the block at `mark` begins; that block counts nowhere.
    pub(crate) fn new(mark: u64) -> Self {
        Self { mark, ..Self::default() }
    }

    /// The number of a new block.
    pub(crate) fn add(&mut self, block: Block) -> usize {
        self.blocks.push(block);
        self.current.push(Count::default());
        self.blocks.len() - 1
    }

    /// The program is about to execute a block.
    pub(crate) fn execute(&mut self, index: usize) {
        let start = self.blocks[index].start();
        if let Some(last) = self.last
            && self.blocks[last].end() != start
        {
            self.current[last].jumped += 1;
        }
        if start == Some(self.mark) {
            self.last = None;
            self.end_stretch();
        } else {
            self.last = Some(index);
            self.current[index].executed += 1;
        }
    }

    fn end_stretch(&mut self) {
        let counts = self.current.iter_mut().map(std::mem::take).enumerate();
        self.stretches.push(counts.filter(|(_, count)| count.executed > 0).collect());
    }
}

/// The lines of the file. What comes behind the last mark is left out.
impl Display for Counts {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, block) in self.blocks.iter().enumerate() {
            for Instruction { address, len_bytes, text } in &block.instructions {
                writeln!(f, "instruction {index} {address} {len_bytes} {text}")?;
            }
        }
        for (stretch, counts) in self.stretches.iter().enumerate() {
            for (block, Count { executed, jumped }) in counts {
                writeln!(f, "count {stretch} {block} {executed} {jumped}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, Counts, Instruction};

    fn block(address: u64, lens: &[u64]) -> Block {
        let mut at = address;
        let instructions = lens.iter().map(|&len_bytes| {
            at += len_bytes;
            Instruction { address: at - len_bytes, len_bytes, text: "nop".to_owned() }
        });
        Block { instructions: instructions.collect() }
    }

    #[test]
    fn stretches_end_at_marks_and_jumps_are_told_from_going_on() {
        let mut counts = Counts::new(100);
        let (start, body) = (counts.add(block(0, &[2, 4])), counts.add(block(6, &[2])));
        let mark = counts.add(block(100, &[2, 2]));
        // Before the first mark; then a loop of three rounds, a mark, and something behind it.
        for index in [start, mark, start, body, body, body, mark, start] {
            counts.execute(index);
        }
        let expected = "instruction 0 0 2 nop\ninstruction 0 2 4 nop\ninstruction 1 6 2 nop\n\
                        instruction 2 100 2 nop\ninstruction 2 102 2 nop\n\
                        count 0 0 1 1\ncount 1 0 1 0\ncount 1 1 3 3\n";
        assert_eq!(counts.to_string(), expected);
    }
}
