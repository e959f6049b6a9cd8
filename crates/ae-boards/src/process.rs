//! Processes of others: what they say and how long they take is bounded.

use std::io::{self, ErrorKind, Read};
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use crate::waiting::{Deadline, Waiting};

/// Most bytes of what a process says.
const SAID: u64 = 1 << 20;
/// How long one has to end that says nothing more.
const ENDING: Duration = Duration::from_secs(30);

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
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// How it ended, of which it has said the last.
    pub(crate) fn end(mut self) -> io::Result<ExitStatus> {
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

pub(crate) fn within(bytes: &[u8], limit: u64) -> io::Result<String> {
    if bytes.len() as u64 > limit {
        let message = format!("more than {limit} bytes");
        return Err(io::Error::new(ErrorKind::FileTooLarge, message));
    }
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, repeat};
    use std::time::Duration;

    use super::{SAID, all};
    use crate::waiting::Deadline;

    #[test]
    fn what_a_process_says_is_bounded() {
        let deadline = Deadline::after(Duration::from_secs(60));
        let error = all(repeat(b'x'), deadline).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), format!("more than {SAID} bytes"));
        assert_eq!(all(&b"ok: all"[..], deadline).unwrap(), "ok: all");
    }
}
