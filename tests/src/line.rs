//! Requests as their bytes on a board's line.

use ae_protocol::FrameWriter;

/// A whole frame.
///
/// # Panics
/// Never: there is memory for all of it.
#[must_use]
pub fn frame(kind: u8, number: u8, payload: &[u8]) -> Vec<u8> {
    written(payload.len(), |line| {
        let mut frame = FrameWriter::begin(line, kind, number, payload.len() as u32).unwrap();
        frame.put(payload).unwrap();
        frame.finish().unwrap();
    })
}

/// The head of a frame, whose payload never comes.
///
/// # Panics
/// Never: there is memory for all of it.
#[must_use]
pub fn head(kind: u8, number: u8, announced: u32) -> Vec<u8> {
    written(0, |line| {
        let _ = FrameWriter::begin(line, kind, number, announced).unwrap();
    })
}

/// What is written of a frame with so many bytes of payload, each of which may take two.
fn written(payload: usize, write: impl FnOnce(&mut &mut [u8])) -> Vec<u8> {
    let mut line = vec![0; 2 * payload + 26];
    let mut rest = &mut line[..];
    write(&mut rest);
    let left = rest.len();
    line.truncate(line.len() - left);
    line
}
