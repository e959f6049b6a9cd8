//! The only way from the program to standard output and standard error.
//!
//! Names, messages and texts of files, boards and other programs get into what is said here. They
//! all pass the filter of [`ae_files::text`], so that none of them can send an escape sequence. The
//! unit is a line: a line break in it is shown, and begins no line. Where a text has several lines,
//! it says so with [`print_lines`] or [`tell_lines`], and names in it are made lines before.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use ae_files::text;
use anyhow::Context;
use indicatif::ProgressBar;

/// Longest line of another program that is shown in one piece, in bytes.
const LONGEST_LINE: usize = 1 << 12;

/// Prints a result of one line on standard output.
pub(crate) fn print(line: impl Display) -> anyhow::Result<()> {
    print_shown(text::line(line))
}

/// Prints a result of several lines, each as [`print`] does.
pub(crate) fn print_each(lines: impl IntoIterator<Item = impl Display>) -> anyhow::Result<()> {
    lines.into_iter().try_for_each(print)
}

/// Prints a result of several lines, in which every name is made a line already.
pub(crate) fn print_lines(lines: impl Display) -> anyhow::Result<()> {
    print_shown(text::lines(lines))
}

/// Prints a value as one JSON object.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    // No line of it is too long.
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

/// What `tell!` does: says one line on standard error, whether or not somebody listens.
pub(crate) fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", text::line(line));
}

/// Says several lines, in which every name is made a line already.
pub(crate) fn tell_lines(lines: impl Display) {
    let _ = writeln!(io::stderr(), "{}", text::lines(lines));
}

/// Says one line above a bar.
pub(crate) fn tell_above(bar: &ProgressBar, line: impl Display) {
    if bar.is_hidden() { tell(line) } else { bar.println(text::line(line).to_string()) }
}

/// Says what is wrong with the arguments, or what they ask for, such as the help.
pub(crate) fn tell_usage(usage: &clap::Error) -> ExitCode {
    let plain = usage.render().to_string();
    // The parser's own colours are lost only where an argument would change them.
    if text::lines(&plain).to_string() == plain {
        let _ = usage.print();
    } else {
        tell_lines(plain.trim_end());
    }
    ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2))
}

/// From now on a panic is told as everything else is.
pub(crate) fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        tell_lines(panic);
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            tell_lines(backtrace);
        }
    }));
}

/// Takes what somebody else says, and says it line by line. Each begins with `from`, so that it is
/// not taken for a line of this program.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    from: String,
    line: Vec<u8>,
    /// Whether the last byte was a return that ended a line.
    is_ended_by_return: bool,
}

impl Lines {
    /// Those of the program `name`.
    pub(crate) fn of(name: &str) -> Self {
        Self { from: format!("{name}: "), line: Vec::new(), is_ended_by_return: false }
    }

    fn end_line(&mut self) {
        tell(format_args!("{}{}", self.from, String::from_utf8_lossy(&self.line)));
        self.line.clear();
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for &byte in bytes {
            let ends = byte == b'\r' && !self.line.is_empty();
            let was_ended_by_return = std::mem::replace(&mut self.is_ended_by_return, ends);
            match byte {
                // A bar that is drawn again is a line of its own.
                b'\r' if self.line.is_empty() => {}
                // The end of a line in two bytes.
                b'\n' if was_ended_by_return => {}
                b'\n' | b'\r' => self.end_line(),
                _ => self.line.push(byte),
            }
            if self.line.len() == LONGEST_LINE {
                self.end_line();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.end_line();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    /// What reaches a terminal past the filter.
    const WAYS: [&str; 9] = [
        "io::stdout",
        "io::stderr",
        "stdout()",
        "stderr().lock",
        "println!",
        "print!(",
        "dbg!",
        ".println(",
        "Stdio::inherit",
    ];

    fn other_ways(source: &str) -> Vec<&str> {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default().lines();
        let code = code.map(str::trim).filter(|line| !line.starts_with("//"));
        code.filter(|line| WAYS.iter().any(|way| line.contains(way))).collect()
    }

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                // An example shows how something else might write.
                true if path.ends_with("tests") || path.ends_with("examples") => {}
                true => sources(&path, found),
                false if path.ends_with("tests.rs") => {}
                false => found.push(path),
            }
        }
    }

    #[test]
    fn nothing_else_writes_to_a_terminal() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let mut files = Vec::new();
        // Those that only xtask starts are told nothing.
        for folder in ["ae-train/cli/src", "ae-train/src", "crates"] {
            sources(&root.join(folder), &mut files);
        }
        files.retain(|file| file.extension().is_some_and(|it| it == "rs"));
        assert!(files.len() > 200, "{} files", files.len());
        for file in files.iter().filter(|file| !file.ends_with("ae-train/cli/src/terminal.rs")) {
            let source = fs::read_to_string(file).unwrap();
            assert_eq!(other_ways(&source), [""; 0], "{}", file.display());
        }
    }

    #[test]
    fn another_way_would_be_found() {
        assert_eq!(other_ways("// println!\nprintln!(\"{x}\");"), ["println!(\"{x}\");"]);
        assert_eq!(other_ways("#[cfg(test)]\nmod tests { println!() }"), [""; 0]);
    }
}
