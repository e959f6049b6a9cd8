//! Processes of others: what they say and how long they take is bounded.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::ops::ControlFlow;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use crate::waiting::{Deadline, Waiting};

/// Most bytes of what a process says.
const SAID: u64 = 1 << 20;
/// Most bytes of a line, and most lines of a tool that flashes.
const LINE_BYTES: u64 = 4096;
const LINES: usize = 10_000;
/// How long one has to end that says nothing more.
pub(crate) const ENDING: Duration = Duration::from_secs(30);

/// How the process ended; `None` if it did not within `limit`.
pub(crate) fn ended(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    loop {
        match child.try_wait()? {
            None if Instant::now() < deadline => thread::sleep(Duration::from_millis(2)),
            status => return Ok(status),
        }
    }
}

/// A process that does not outlive this.
#[derive(Debug)]
pub struct Running(pub Child);

impl Running {
    /// How it ended, of which it has said the last.
    ///
    /// # Errors
    /// It cannot be waited for, or does not end.
    pub fn end(mut self) -> io::Result<ExitStatus> {
        ended(&mut self.0, ENDING)?.ok_or_else(|| {
            io::Error::new(ErrorKind::TimedOut, "the program says nothing more and does not end")
        })
    }

    /// All that it says, on standard output and error, and how it ended.
    pub(crate) fn finish(mut self, limit: Duration) -> io::Result<(String, String, ExitStatus)> {
        let pipes = self.0.stdout.take().zip(self.0.stderr.take());
        let (stdout, stderr) = pipes.ok_or_else(|| io::Error::from(ErrorKind::BrokenPipe))?;
        let deadline = Deadline::after(limit);
        let errors = thread::spawn(move || all(stderr, deadline));
        let output = all(stdout, deadline)?;
        let errors = errors.join().map_err(|_| io::Error::from(ErrorKind::BrokenPipe))??;
        Ok((output, errors, self.end()?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// All that comes until the end.
fn all(source: impl Read + Send + 'static, deadline: Deadline) -> io::Result<String> {
    let mut bytes = Vec::new();
    Waiting::on(source, deadline).take(SAID + 1).read_to_end(&mut bytes)?;
    within(&bytes, SAID)
}

fn within(bytes: &[u8], limit: u64) -> io::Result<String> {
    if bytes.len() as u64 > limit {
        let message = format!("more than {limit} bytes");
        return Err(io::Error::new(ErrorKind::FileTooLarge, message));
    }
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

/// The next line, without its end; `None` where no more come.
pub(crate) fn next_line(output: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if io::Read::take(&mut *output, LINE_BYTES + 1).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    let said = within(&bytes, LINE_BYTES)?;
    Ok(Some(said.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Hands each line that a tool says to `line`, until it says no more or `line` has seen enough.
///
/// # Errors
/// It cannot be read, it says something still after `limit`, or it says too much.
pub fn lines(
    source: impl Read + Send + 'static,
    limit: Duration,
    mut line: impl FnMut(&str) -> ControlFlow<()>,
) -> io::Result<()> {
    let mut output = BufReader::new(Waiting::on(source, Deadline::after(limit)));
    for _ in 0..LINES {
        match next_line(&mut output)? {
            Some(said) if line(&said).is_continue() => {}
            _ => return Ok(()),
        }
    }
    Err(io::Error::new(ErrorKind::FileTooLarge, format!("more than {LINES} lines")))
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read, repeat};
    use std::ops::ControlFlow;
    use std::time::Duration;

    use super::{LINE_BYTES, LINES, SAID, all, lines, next_line};
    use crate::waiting::Deadline;

    #[test]
    fn what_a_process_says_is_bounded() {
        let deadline = Deadline::after(Duration::from_secs(60));
        let error = all(repeat(b'x'), deadline).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), format!("more than {SAID} bytes"));
        assert_eq!(all(&b"ok: all"[..], deadline).unwrap(), "ok: all");
    }

    #[test]
    fn a_line_is_bounded() {
        let long = vec![b'x'; LINE_BYTES as usize + 1];
        let error = next_line(&mut &long[..]).unwrap_err();
        assert_eq!(error.to_string(), format!("more than {LINE_BYTES} bytes"));
        let mut said = &b"one\r\n\xfftwo\n\nend"[..];
        for line in [Some("one"), Some("\u{fffd}two"), Some(""), Some("end"), None] {
            assert_eq!(next_line(&mut said).unwrap().as_deref(), line);
        }
    }

    #[test]
    fn so_are_lines_in_time_and_number() {
        let go_on = |_: &str| ControlFlow::Continue(());
        let short = Duration::from_millis(50);
        let (silent, _kept) = std::io::pipe().unwrap();
        let error = lines(silent, short, go_on).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        let error = lines(repeat(b'\n'), Duration::from_secs(60), go_on).unwrap_err();
        assert_eq!(error.to_string(), format!("more than {LINES} lines"));
        let mut seen = 0;
        let until = |_: &str| {
            seen += 1;
            ControlFlow::Break(())
        };
        lines(b"a\nb\n".chain(repeat(b'\n')), Duration::from_secs(60), until).unwrap();
        assert_eq!(seen, 1);
    }
}
