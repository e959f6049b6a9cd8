//! How much is made of a file.

use super::{Refusal, Understood};

/// What a file may make of memory: a number in it may be named by many operators.
#[derive(Debug)]
pub(crate) struct Limits {
    values: usize,
}

impl Limits {
    /// Operators, tensors and the like that are looked at.
    pub(crate) const MOST_PARTS: usize = 20_000;

    pub(crate) fn new(file_bytes: usize) -> Self {
        Self { values: file_bytes.saturating_add(4 << 20) }
    }

    /// Takes so many numbers for the model.
    pub(crate) fn take(&mut self, values: usize) -> Understood<()> {
        match self.values.checked_sub(values) {
            Some(left) => {
                self.values = left;
                Ok(())
            }
            None => Err(Refusal::new(
                "its weights are shared with so many other operators that they outgrow the file",
                "give each layer weights of its own",
            )),
        }
    }

    /// Checks how many parts there are.
    pub(crate) fn parts(count: usize, what: &str) -> Understood<()> {
        if count <= Self::MOST_PARTS {
            return Ok(());
        }
        Err(Refusal::new(
            format!("the file has {count} {what}; at most {} are read", Self::MOST_PARTS),
            "a model for a microcontroller has fewer",
        ))
    }
}
