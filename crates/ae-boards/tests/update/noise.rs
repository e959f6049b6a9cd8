//! A line that loses frames, sends them twice or late, and damages them.

use std::io::{self, Read, Write};

/// Draws the same line for the same seed.
pub(crate) struct Noise {
    state: u64,
    /// A frame that comes behind the next.
    late: Option<Vec<u8>>,
}

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(2).wrapping_add(1), late: None }
    }

    fn below(&mut self, bound: u64) -> u64 {
        // A linear congruence, of which the upper bits are good enough.
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_041);
        (self.state >> 33) % bound
    }

    /// What becomes of a piece.
    fn of(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut sent = piece.to_vec();
        match self.below(10) {
            0 => sent.clear(),
            1 => sent.extend(piece),
            2 if !piece.is_empty() => {
                let at = self.below(piece.len() as u64) as usize;
                sent[at] ^= 1 << self.below(8);
            }
            3 => sent = b"\xae\xae noise \xae".iter().chain(piece).copied().collect(),
            4 if self.late.is_none() => self.late = Some(std::mem::take(&mut sent)),
            _ => {}
        }
        if !sent.is_empty() {
            sent.extend(self.late.take().unwrap_or_default());
        }
        sent
    }
}

/// Noise on what is sent.
pub(crate) struct NoisyWriter<W>(pub(crate) W, pub(crate) Noise);

impl<W: Write> Write for NoisyWriter<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.write_all(&self.1.of(piece))?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Noise on what is received, as the other end wrote it.
pub(crate) struct NoisyReader<R>(pub(crate) R, pub(crate) Noise);

impl<R: Read> Read for NoisyReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Room for a piece that comes twice, with another behind it.
        let mut piece = vec![0; buffer.len() / 4];
        loop {
            let count = self.0.read(&mut piece)?;
            let sent = self.1.of(&piece[..count]);
            if count == 0 || !sent.is_empty() {
                let sent = if count == 0 { &[][..] } else { &sent };
                let len = sent.len().min(buffer.len());
                buffer[..len].copy_from_slice(&sent[..len]);
                return Ok(len);
            }
        }
    }
}
