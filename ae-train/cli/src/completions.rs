//! `ae-train completions`.

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::{Cli, Outcome, print_lines};

/// Print a completion script for a shell.
///
/// For bash: `ae-train completions bash > ~/.local/share/bash-completion/completions/ae-train`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "ae-train", &mut script);
    print_lines(String::from_utf8(script)?.trim_end())?;
    Ok(Outcome::Success)
}
