//! The only way from the program to standard output and standard error.
//!
//! Names of files, columns and devices get into what is said here. All of it passes the filter of
//! [`ae_files::text`], so that none can send an escape sequence to a terminal.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use ae_files::text;
use anyhow::Context;

/// Prints a result of one line on standard output.
pub(crate) fn print(line: impl Display) -> anyhow::Result<()> {
    print_shown(text::line(line))
}

/// Prints a result of several lines, each as [`print()`] does.
pub(crate) fn print_each(lines: impl IntoIterator<Item = impl Display>) -> anyhow::Result<()> {
    lines.into_iter().try_for_each(print)
}

/// Prints a value as JSON.
pub(crate) fn print_json(value: &serde_json::Value) -> anyhow::Result<()> {
    print_shown(text::json(&serde_json::to_string_pretty(value)?))
}

fn print_shown(shown: impl Display) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{shown}").and_then(|()| stdout.flush()) {
        // A reader that has gone, such as `head`, has read all that it wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output"),
    }
}

/// Says one line on standard error, whether or not somebody listens.
pub(crate) fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", text::line(line));
}

/// Says what is wrong with the arguments, or what they ask for, such as the help.
pub(crate) fn tell_usage(usage: &clap::Error) -> ExitCode {
    let plain = usage.render().to_string();
    // The parser's own colours are lost only where an argument would change them.
    if text::lines(&plain).to_string() == plain {
        let _ = usage.print();
    } else {
        let _ = writeln!(io::stderr(), "{}", text::lines(plain.trim_end()));
    }
    ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2))
}
