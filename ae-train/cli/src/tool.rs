//! Runs a tool that flashes a board, and looks at what it says.

use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use ae_boards::{Running, Tool, lines};
use anyhow::Context;

use super::terminal::{Lines, print};

/// How long flashing may take, and what the board says behind it.
const LIMIT: Duration = Duration::from_secs(600);

/// Most bytes kept of a tool's standard error: the last ones.
const KEPT: usize = 1 << 16;

/// The verdict in the lines that a board printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Success,
    Failure,
    Nothing,
}

/// Runs the tool. Its standard error is shown as it comes, its standard output too if `show` says
/// so, each line with the tool's name before it. The tool is ended at the line that begins with
/// `success`, or with `FAILED: `: some tools would go on showing what a board says for ever.
///
/// # Errors
/// The tool cannot be started, or fails without such a line.
pub(super) fn run(
    tool: Tool,
    command: &mut Command,
    success: Option<&str>,
    show: bool,
) -> anyhow::Result<Seen> {
    let name = tool.program();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let mut child = Running(child);
    let stdout = child.0.stdout.take().context("the tool's output is piped")?;
    let stderr = child.0.stderr.take().context("the tool's errors are piped")?;
    let errors = thread::spawn(move || shown(stderr, name));
    let (mut seen, mut printed) = (None, Ok(()));
    let heard = lines(stdout, LIMIT, |line| {
        if show {
            printed = print(format_args!("{name}: {line}"));
        }
        if line.contains("FAILED: ") {
            seen = Some(Seen::Failure);
        } else if success.is_some_and(|success| line.contains(success)) {
            seen = Some(Seen::Success);
        }
        if seen.is_some() || printed.is_err() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    heard.with_context(|| format!("cannot read what {name} says"))?;
    printed?;
    if let Some(seen) = seen {
        return Ok(seen);
    }
    let status = child.end().with_context(|| format!("cannot wait for {name}"))?;
    let errors = errors.join().unwrap_or_default();
    if status.success() { Ok(Seen::Nothing) } else { Err(tool.failure(&errors).into()) }
}

/// Shows what comes and keeps the end of it.
fn shown(mut from: impl Read, name: &str) -> String {
    let (mut kept, mut buffer, mut lines) = (Vec::new(), [0; 1024], Lines::of(name));
    while let Ok(len @ 1..) = from.read(&mut buffer) {
        let piece = &buffer[..len];
        // It never fails: who closed standard error does not want to see it.
        let _ = lines.write_all(piece);
        kept.extend_from_slice(piece);
        kept.drain(..kept.len().saturating_sub(KEPT));
    }
    String::from_utf8_lossy(&kept).into_owned()
}
