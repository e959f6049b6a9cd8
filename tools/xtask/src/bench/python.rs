//! Pythons that have what a script needs.

use std::path::{self, Path, PathBuf};

use crate::command;

pub(super) struct Python {
    pub(super) program: PathBuf,
    /// What the question printed.
    pub(super) answer: String,
}

impl Python {
    /// `program`, if it can run the line `question`, which imports what is needed.
    pub(super) fn with(program: &Path, question: &str) -> Option<Self> {
        // A bare name is looked for in PATH. Links are kept: they are what makes a virtual
        // environment.
        let is_name = program.components().count() == 1;
        let program = if is_name { program.into() } else { path::absolute(program).ok()? };
        let answer = command::read_quietly(command::program(&program).args(["-c", question]))?;
        Some(Self { program, answer: answer.trim().into() })
    }
}
