//! Bytes from a board that may stop talking.

use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// A reader that gives up when nothing comes for some time.
///
/// Pipes have no time limit of their own, so a thread reads and hands on.
pub(crate) struct Waiting {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    taken: usize,
    limit: Duration,
}

impl Waiting {
    pub(crate) fn on(mut source: impl Read + Send + 'static, limit: Duration) -> Self {
        let (sender, pieces) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            loop {
                let piece = match source.read(&mut buffer) {
                    // Dropping the sender says that this is the end.
                    Ok(0) => return,
                    Ok(len) => Ok(buffer[..len].to_vec()),
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    // A source with a limit of its own, such as a serial port, has nothing yet. The
                    // empty piece shows whether somebody still listens.
                    Err(error) if error.kind() == ErrorKind::TimedOut => Ok(Vec::new()),
                    Err(error) => Err(error),
                };
                let failed = piece.is_err();
                if sender.send(piece).is_err() || failed {
                    return;
                }
            }
        });
        Self { pieces, piece: Vec::new(), taken: 0, limit }
    }
}

impl Waiting {
    /// Gives up after `limit` from now on.
    pub(crate) fn set_limit(&mut self, limit: Duration) {
        self.limit = limit;
    }
}

impl Read for Waiting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let deadline = Instant::now() + self.limit;
        while self.taken == self.piece.len() {
            let left = deadline.saturating_duration_since(Instant::now());
            self.piece = match self.pieces.recv_timeout(left) {
                Ok(piece) => piece?,
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                Err(RecvTimeoutError::Timeout) => {
                    let seconds = self.limit.as_secs();
                    let message = format!("the board sent nothing for {seconds} s");
                    return Err(io::Error::new(ErrorKind::TimedOut, message));
                }
            };
            self.taken = 0;
        }
        let len = buffer.len().min(self.piece.len() - self.taken);
        buffer[..len].copy_from_slice(&self.piece[self.taken..][..len]);
        self.taken += len;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::time::Duration;

    use super::Waiting;

    #[test]
    fn bytes_come_through_and_then_the_end() {
        let mut waiting = Waiting::on(&b"some bytes"[..], Duration::from_secs(60));
        let mut bytes = Vec::new();
        waiting.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"some bytes");
    }

    #[test]
    fn silence_is_an_error() {
        let (reader, _writer) = std::io::pipe().unwrap();
        let mut waiting = Waiting::on(reader, Duration::from_millis(20));
        let error = waiting.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    }
}
