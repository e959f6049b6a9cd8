//! What a board shows beside its answers, and its emulator on standard error.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Most bytes that are kept: the last ones.
pub(super) const TEXT_LIMIT: usize = 4096;
/// How long to wait for the last words of an emulator that has ended.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// The end of a text that grows.
#[derive(Debug, Default)]
pub(super) struct Text {
    kept: Arc<Mutex<VecDeque<u8>>>,
    /// Closed when the emulator's standard error has ended.
    errors: Option<Receiver<()>>,
}

impl Text {
    /// One that `errors` is read into as well.
    pub(super) fn with(mut errors: impl Read + Send + 'static) -> Self {
        let (open, ended) = mpsc::channel();
        let text = Self { errors: Some(ended), ..Self::default() };
        let kept = Arc::clone(&text.kept);
        thread::spawn(move || {
            let (mut buffer, _open) = ([0; 1024], open);
            while let Ok(len @ 1..) = errors.read(&mut buffer) {
                keep(&kept, &buffer[..len]);
            }
        });
        text
    }

    pub(super) fn push(&self, byte: u8) {
        keep(&self.kept, &[byte]);
    }

    /// The text so far.
    pub(super) fn shown(&self) -> String {
        if let Some(errors) = &self.errors {
            let _ = errors.recv_timeout(LAST_WORDS);
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(kept.make_contiguous()).trim().to_owned()
    }
}

fn keep(kept: &Mutex<VecDeque<u8>>, bytes: &[u8]) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.extend(bytes);
    let more = kept.len().saturating_sub(TEXT_LIMIT);
    kept.drain(..more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_both_are_kept() {
        let text = Text::with(&b"qemu: no such machine\n"[..]);
        (0..TEXT_LIMIT).for_each(|_| text.push(b'x'));
        assert!(text.shown().contains('x'));
        let text = Text::with(&[b'y'; 2 * TEXT_LIMIT][..]);
        assert_eq!(text.shown(), "y".repeat(TEXT_LIMIT));
    }
}
