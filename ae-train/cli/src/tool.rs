//! Runs a tool that flashes a board, and looks at what it says.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;

use ae_boards::Tool;
use anyhow::Context;

use super::print;

/// The verdict in the lines that a board printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Success,
    Failure,
    Nothing,
}

/// Runs the tool. Its standard error is shown as it comes, its standard output too if `show` says
/// so. The tool is ended at the line that begins with `success`, or with `FAILED: `: some tools
/// would go on showing what a board says for ever.
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
    let mut child = Ended(child);
    let stdout = child.0.stdout.take().context("the tool's output is piped")?;
    let stderr = child.0.stderr.take().context("the tool's errors are piped")?;
    let errors = thread::spawn(move || shown(stderr));
    for line in BufReader::new(stdout).lines() {
        let line = line.with_context(|| format!("cannot read what {name} says"))?;
        if show {
            print(&line)?;
        }
        if line.contains("FAILED: ") {
            return Ok(Seen::Failure);
        }
        if success.is_some_and(|success| line.contains(success)) {
            return Ok(Seen::Success);
        }
    }
    let status = child.0.wait().with_context(|| format!("cannot wait for {name}"))?;
    let errors = errors.join().unwrap_or_default();
    if status.success() { Ok(Seen::Nothing) } else { Err(tool.failure(&errors).into()) }
}

/// Shows what comes and keeps it.
fn shown(mut from: impl Read) -> String {
    let (mut kept, mut buffer) = (Vec::new(), [0; 1024]);
    while let Ok(len @ 1..) = from.read(&mut buffer) {
        let piece = &buffer[..len];
        // Who closed standard error does not want to see it.
        let _ = std::io::stderr().write_all(piece);
        kept.extend_from_slice(piece);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// A process that is over when this is.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
