//! What the programs that answer a host share: a request is taken, an answer is sent.

use ae_infer::{Autoencoder, Compute};
use ae_protocol::{Answer, FrameError, FrameReader, FrameWriter, Identity, Request};
use embedded_io::{Read, Write};

use crate::text::{Line, Reason};

/// The line failed or ended.
pub(crate) struct LineLost;

impl<E> From<E> for LineLost
where
    E: embedded_io::Error,
{
    fn from(_: E) -> Self {
        Self
    }
}

/// A request that cannot be used.
pub(crate) enum Flawed {
    /// It was damaged on its way.
    Damaged,
    /// Another one began before its end. It gets no answer: the host sends, and does not listen.
    BrokenOff,
    /// Its payload has another length than what is asked for takes.
    Length { expected: usize, found: u32 },
}

impl Reason for Flawed {
    fn say(&self, line: &mut Line) {
        match self {
            Self::Damaged | Self::BrokenOff => {
                line.text("the request was damaged on its way");
            }
            Self::Length { expected, found } => {
                line.text("the request has ").number(*found);
                line.text(" bytes of input, but the model takes ").size(*expected);
            }
        }
    }
}

/// A request that the program does not know.
pub(crate) struct Unknown(pub(crate) u8);

impl Reason for Unknown {
    fn say(&self, line: &mut Line) {
        line.text("unknown request ").number(self.0.into());
    }
}

/// Waits for a request.
pub(crate) fn begin<P: Read>(port: &mut P) -> Result<FrameReader<&mut P>, LineLost> {
    FrameReader::begin(port, |_| ()).map_err(|_| LineLost)
}

/// What is wrong with the request, where it is not the line that failed.
pub(crate) fn told<E>(result: Result<(), FrameError<E>>) -> Result<Result<(), Flawed>, LineLost> {
    match result {
        Ok(()) => Ok(Ok(())),
        Err(FrameError::Checksum) => Ok(Err(Flawed::Damaged)),
        Err(FrameError::BrokenOff) => Ok(Err(Flawed::BrokenOff)),
        Err(_) => Err(LineLost),
    }
}

/// Takes the whole payload into `buffer`, which it must fill.
pub(crate) fn receive<P: Read>(
    mut frame: FrameReader<P>,
    buffer: &mut [u8],
) -> Result<Result<(), Flawed>, LineLost> {
    let (expected, found) = (buffer.len(), frame.left());
    if usize::try_from(found) == Ok(expected) {
        return told(frame.take(buffer).and_then(|()| frame.finish()));
    }
    Ok(finish(frame)?.and(Err(Flawed::Length { expected, found })))
}

/// Passes over what is left of a request and compares its checksum.
pub(crate) fn finish<P: Read>(mut frame: FrameReader<P>) -> Result<Result<(), Flawed>, LineLost> {
    told(frame.skip().and_then(|()| frame.finish()))
}

/// The way back to the host for one answer.
pub(crate) struct Reply<'p, P> {
    pub(crate) port: &'p mut P,
    pub(crate) number: u8,
}

impl<P: Write> Reply<'_, P> {
    pub(crate) fn send(self, answer: Answer, pieces: &[&[u8]]) -> Result<(), P::Error> {
        let len = pieces.iter().fold(0_usize, |len, piece| len.saturating_add(piece.len()));
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        let mut frame = FrameWriter::begin(self.port, answer as u8, self.number, len)?;
        for piece in pieces {
            frame.put(piece)?;
        }
        frame.finish()
    }

    pub(crate) fn refuse(self, why: &impl Reason) -> Result<(), P::Error> {
        self.send(Answer::Refused, &[Line::new().reason(why).as_str().as_bytes()])
    }

    /// To a request that cannot be used.
    pub(crate) fn flawed(self, why: &Flawed) -> Result<(), P::Error> {
        match why {
            Flawed::Damaged => self.send(Answer::Damaged, &[]),
            Flawed::BrokenOff => Ok(()),
            Flawed::Length { .. } => self.refuse(why),
        }
    }
}

/// Says which board this is, and which model it holds.
pub(crate) fn identify<P: Write, A: Compute<'static>>(
    reply: Reply<'_, P>,
    model: &Autoencoder<'static, A>,
    board: &str,
    core: &str,
) -> Result<(), P::Error> {
    let header = model.model().header();
    let identity = Identity {
        board,
        core,
        kernel: model.kernel(),
        bytes: header.total_len,
        checksum: header.checksum,
        model_id: header.model_id,
    };
    let mut buffer = [0; Identity::MAX_LEN];
    reply.send(Answer::Identity, &[identity.to_bytes(&mut buffer).unwrap_or_default()])
}

/// Answers every request with the same refusal; `true` when the host leaves.
pub(crate) fn refuse_all<P: Read + Write>(port: &mut P, why: &Line) -> bool {
    loop {
        let Ok(frame) = begin(port) else { return false };
        let (kind, number) = (frame.kind(), frame.number());
        let Ok(whole) = finish(frame) else { return false };
        if whole.is_ok() && kind == Request::Leave as u8 {
            return true;
        }
        let reply = Reply { port, number };
        let sent = match whole {
            Ok(()) => reply.send(Answer::Refused, &[why.as_str().as_bytes()]),
            Err(flawed) => reply.flawed(&flawed),
        };
        if sent.is_err() {
            return false;
        }
    }
}
