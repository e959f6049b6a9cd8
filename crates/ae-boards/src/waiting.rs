//! A line to a board that may stop listening, or talk for ever.
//!
//! Pipes have no time limit of their own, so threads read and write them.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError};
use std::thread;
use std::time::{Duration, Instant};

/// Pieces that are read ahead: a board that floods the line waits for its host.
const AHEAD: usize = 64;

/// When waiting ends, whatever comes until then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    limit: Duration,
    end: Instant,
}

impl Deadline {
    pub(crate) fn after(limit: Duration) -> Self {
        Self { limit, end: Instant::now() + limit }
    }

    /// The time that is left.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn left(self) -> io::Result<Duration> {
        match self.end.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(io::Error::new(ErrorKind::TimedOut, took_longer(self.limit))),
            left => Ok(left),
        }
    }
}

/// How a missed deadline is told.
pub(crate) fn took_longer(limit: Duration) -> String {
    format!("it took longer than {} s", limit.as_secs_f32())
}

/// A reader that gives up at a deadline, even while something comes.
pub(crate) struct Waiting {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    taken: usize,
    deadline: Deadline,
}

impl Waiting {
    pub(crate) fn on(source: impl Read + Send + 'static, deadline: Deadline) -> Self {
        let (sender, pieces) = mpsc::sync_channel(AHEAD);
        thread::spawn(move || hand_on(source, &sender));
        Self { pieces, piece: Vec::new(), taken: 0, deadline }
    }

    pub(crate) fn set_deadline(&mut self, deadline: Deadline) {
        self.deadline = deadline;
    }
}

/// Reads until the end, or until nobody listens.
fn hand_on(mut source: impl Read, sender: &SyncSender<io::Result<Vec<u8>>>) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let piece = match source.read(&mut buffer) {
            // Dropping the sender says that this is the end.
            Ok(0) => return,
            Ok(len) => Ok(buffer[..len].to_vec()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // A source with a limit of its own, such as a serial port, has nothing yet. The empty
            // piece shows whether somebody still listens.
            Err(error) if error.kind() == ErrorKind::TimedOut => {
                match sender.try_send(Ok(Vec::new())) {
                    Err(TrySendError::Disconnected(_)) => return,
                    Ok(()) | Err(TrySendError::Full(_)) => continue,
                }
            }
            Err(error) => Err(error),
        };
        let failed = piece.is_err();
        if sender.send(piece).is_err() || failed {
            return;
        }
    }
}

impl Read for Waiting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut left = self.deadline.left()?;
        while self.taken == self.piece.len() {
            self.piece = match self.pieces.recv_timeout(left) {
                Ok(piece) => piece?,
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                Err(RecvTimeoutError::Timeout) => Vec::new(),
            };
            self.taken = 0;
            if self.piece.is_empty() {
                left = self.deadline.left()?;
            }
        }
        let len = buffer.len().min(self.piece.len() - self.taken);
        buffer[..len].copy_from_slice(&self.piece[self.taken..][..len]);
        self.taken += len;
        Ok(len)
    }
}

/// A writer that gives up at a deadline. What is written is sent with [`flush`](Write::flush).
pub(crate) struct Sending {
    pieces: Sender<Vec<u8>>,
    sent: Receiver<io::Result<()>>,
    piece: Vec<u8>,
    deadline: Deadline,
}

impl Sending {
    pub(crate) fn to(mut sink: impl Write + Send + 'static, deadline: Deadline) -> Self {
        let (pieces, written) = mpsc::channel::<Vec<u8>>();
        let (told, sent) = mpsc::channel();
        thread::spawn(move || {
            for piece in written {
                let result = sink.write_all(&piece).and_then(|()| sink.flush());
                if told.send(result).is_err() {
                    return;
                }
            }
        });
        Self { pieces, sent, piece: Vec::new(), deadline }
    }

    pub(crate) fn set_deadline(&mut self, deadline: Deadline) {
        self.deadline = deadline;
    }
}

impl Write for Sending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // What was given up before may be told now.
        let _ = self.sent.try_iter().count();
        let gone = || io::Error::from(ErrorKind::BrokenPipe);
        self.pieces.send(std::mem::take(&mut self.piece)).map_err(|_| gone())?;
        match self.sent.recv_timeout(self.deadline.left()?) {
            Ok(result) => result,
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
            Err(RecvTimeoutError::Timeout) => self.deadline.left().map(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read, Write};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{Deadline, Sending, Waiting};

    const SHORT: Duration = Duration::from_millis(50);

    #[test]
    fn bytes_come_through_and_then_the_end() {
        let mut waiting = Waiting::on(&b"some bytes"[..], Deadline::after(Duration::from_secs(60)));
        let mut bytes = Vec::new();
        waiting.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"some bytes");
    }

    #[test]
    fn silence_is_an_error() {
        let (reader, _writer) = std::io::pipe().unwrap();
        let mut waiting = Waiting::on(reader, Deadline::after(SHORT));
        let error = waiting.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(error.to_string(), "it took longer than 0.05 s");
    }

    #[test]
    fn so_is_talk_without_end() {
        let start = Instant::now();
        let mut waiting = Waiting::on(std::io::repeat(b'x'), Deadline::after(SHORT));
        let error = std::io::copy(&mut waiting, &mut std::io::sink()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(start.elapsed() < Duration::from_secs(10));
        // A deadline is for one thing.
        waiting.set_deadline(Deadline::after(Duration::from_secs(60)));
        waiting.read_exact(&mut [0; 1000]).unwrap();
    }

    #[test]
    fn so_is_a_board_that_takes_nothing() {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut sending = Sending::to(writer, Deadline::after(SHORT));
        sending.write_all(&vec![7; 1 << 22]).unwrap();
        assert_eq!(sending.flush().unwrap_err().kind(), ErrorKind::TimedOut);
        // And one that takes it is none.
        thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
        sending.set_deadline(Deadline::after(Duration::from_secs(60)));
        sending.write_all(b"more").unwrap();
        sending.flush().unwrap();
    }
}
