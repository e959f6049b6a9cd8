//! The program `equivalence`: computes what a host asks for and sends all of it back.

use ae_infer::{Compute, Digests, InferError};
use ae_protocol::{Answer, FrameError, FrameReader, FrameWriter, Identity, Request};
use bytemuck::Pod;
use embedded_io::{Read, Write};

use crate::arena::Memory;
use crate::board::Board;
use crate::inference;
use crate::model::{Loaded, Program, with_model};
use crate::text::{Line, Reason, words};

/// Answers one request after the other, until the host leaves or the line ends.
pub fn run<B: Board>(mut board: B, memory: Memory) -> ! {
    let success = match with_model(Serve(&mut board), memory) {
        Ok(success) => success,
        // The host is told what is wrong as often as it asks.
        Err(unusable) => refuse_all(board.port(), Line::new().reason(&unusable)),
    };
    board.exit(success)
}

/// The line failed or ended.
struct LineLost;

impl<E> From<E> for LineLost
where
    E: embedded_io::Error,
{
    fn from(_: E) -> Self {
        Self
    }
}

/// A request that could not be carried out.
enum Refusal {
    Damaged,
    Length { expected: usize, found: u32 },
    Infer(InferError),
    Unknown(u8),
}

impl Reason for Refusal {
    fn say(&self, line: &mut Line) {
        match self {
            Self::Damaged => {
                line.text("damaged on its way");
            }
            Self::Length { expected, found } => {
                line.number(*found).text(" bytes of input, but the model takes ").size(*expected);
            }
            Self::Infer(error) => words(line, error, "the model has no such part"),
            Self::Unknown(number) => {
                line.text("unknown request ").number((*number).into());
            }
        }
    }
}

struct Serve<'b, B>(&'b mut B);

impl<B: Board> Program for Serve<'_, B> {
    type Output = bool;

    fn run<A: Compute<'static, Element: Pod>>(self, loaded: Loaded<A>, _: Memory) -> bool {
        let core = self.0.core();
        let mut session = Session { loaded, board: B::NAME, core };
        loop {
            match session.serve(self.0.port()) {
                Ok(true) => {}
                Ok(false) => return true,
                Err(LineLost) => return false,
            }
        }
    }
}

struct Session<A: Compute<'static, Element: Pod>> {
    loaded: Loaded<A>,
    board: &'static str,
    core: &'static str,
}

impl<A: Compute<'static, Element: Pod>> Session<A> {
    /// Serves one request; `false` when the host leaves.
    fn serve<P: Read + Write>(&mut self, port: &mut P) -> Result<bool, LineLost> {
        let mut frame = begin(port)?;
        let (kind, number) = (frame.kind(), frame.number());
        let Some(request) = Request::from_number(kind) else {
            frame.skip().map_err(|_| LineLost)?;
            Reply { port, number }.refuse(&Refusal::Unknown(kind))?;
            return Ok(true);
        };
        let Loaded { model, pixels, reconstruction, scratch, .. } = &mut self.loaded;
        let latent_len = model.model().header().latent as usize;
        let (latent, scratch) = scratch.split_at_mut_checked(latent_len).unwrap_or_default();
        let received = match request {
            Request::Encode | Request::Reconstruct => receive(frame, pixels)?,
            // Every board is little-endian, as the line is.
            Request::Decode => receive(frame, bytemuck::cast_slice_mut(latent))?,
            Request::Identify | Request::Leave => receive(frame, &mut [])?,
        };
        let reply = Reply { port, number };
        if let Err(refusal) = received {
            reply.refuse(&refusal)?;
            return Ok(true);
        }
        match request {
            Request::Leave => return Ok(false),
            Request::Identify => self.identify(reply)?,
            Request::Encode | Request::Decode | Request::Reconstruct => {
                let mut digests = Digests::default();
                let computed = (|| {
                    if request.encodes() {
                        inference::encode(model, pixels, latent, scratch, &mut digests)?;
                    }
                    if request.decodes() {
                        inference::decode(model, latent, reconstruction, scratch, &mut digests)?;
                    }
                    Ok(())
                })();
                match computed {
                    Ok(()) => self.answer(reply, request, &digests)?,
                    Err(error) => reply.refuse(&Refusal::Infer(error))?,
                }
            }
        }
        Ok(true)
    }

    fn identify<P: Write>(&self, reply: Reply<'_, P>) -> Result<(), LineLost> {
        let header = self.loaded.model.model().header();
        let identity = Identity {
            board: self.board,
            core: self.core,
            kernel: self.loaded.model.kernel(),
            bytes: header.total_len,
            checksum: header.checksum,
            model_id: header.model_id,
        };
        let mut buffer = [0; Identity::MAX_LEN];
        let payload = identity.to_bytes(&mut buffer).unwrap_or_default();
        Ok(reply.send(Answer::Identity, &[payload])?)
    }

    /// Sends what [`Answer::Computed`] lists.
    fn answer<P: Write>(
        &self,
        reply: Reply<'_, P>,
        request: Request,
        digests: &Digests,
    ) -> Result<(), LineLost> {
        let Loaded { model, pixels, reconstruction, scratch, .. } = &self.loaded;
        let latent_len = model.model().header().latent as usize;
        let latent = scratch.get(..latent_len).unwrap_or_default();
        let latent: &[u8] = if request.encodes() { bytemuck::cast_slice(latent) } else { &[] };
        let decoded: &[u8] = if request.decodes() { reconstruction } else { &[] };
        let digests: &[u8] = bytemuck::cast_slice(digests.as_slice());
        let score = match request {
            Request::Reconstruct => Some(inference::score(pixels, reconstruction).to_le_bytes()),
            _ => None,
        };
        let score = score.as_ref().map_or(&[][..], |score| &score[..]);
        Ok(reply.send(Answer::Computed, &[latent, decoded, score, digests])?)
    }
}

fn begin<P: Read>(port: &mut P) -> Result<FrameReader<&mut P>, LineLost> {
    FrameReader::begin(port, |_| ()).map_err(|_| LineLost)
}

/// Takes the whole payload into `buffer`, which it must fill.
fn receive<P: Read>(
    mut frame: FrameReader<P>,
    buffer: &mut [u8],
) -> Result<Result<(), Refusal>, LineLost> {
    let (expected, found) = (buffer.len(), frame.left());
    let fits = usize::try_from(found) == Ok(expected);
    let taken = if fits { frame.take(buffer) } else { frame.skip() };
    match taken.and_then(|()| frame.finish()) {
        Ok(()) if fits => Ok(Ok(())),
        Ok(()) => Ok(Err(Refusal::Length { expected, found })),
        Err(FrameError::Checksum) => Ok(Err(Refusal::Damaged)),
        Err(_) => Err(LineLost),
    }
}

/// The way back to the host for one answer.
struct Reply<'p, P> {
    port: &'p mut P,
    number: u8,
}

impl<P: Write> Reply<'_, P> {
    fn send(self, answer: Answer, pieces: &[&[u8]]) -> Result<(), P::Error> {
        let len = pieces.iter().fold(0_usize, |len, piece| len.saturating_add(piece.len()));
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        let mut frame = FrameWriter::begin(self.port, answer as u8, self.number, len)?;
        for piece in pieces {
            frame.put(piece)?;
        }
        frame.finish()
    }

    fn refuse(self, why: &Refusal) -> Result<(), P::Error> {
        match why {
            Refusal::Damaged => self.send(Answer::Damaged, &[]),
            why => self.send(Answer::Refused, &[Line::new().reason(why).as_str().as_bytes()]),
        }
    }
}

/// Answers every request with the same refusal; `true` when the host leaves.
fn refuse_all<P: Read + Write>(port: &mut P, why: &Line) -> bool {
    loop {
        let Ok(mut frame) = begin(port) else { return false };
        let (kind, number) = (frame.kind(), frame.number());
        if frame.skip().is_err() {
            return false;
        }
        let whole = frame.finish();
        if whole.is_ok() && kind == Request::Leave as u8 {
            return true;
        }
        let reply = Reply { port, number };
        let sent = match whole {
            Ok(()) => reply.send(Answer::Refused, &[why.as_str().as_bytes()]),
            Err(FrameError::Checksum) => reply.refuse(&Refusal::Damaged),
            Err(_) => return false,
        };
        if sent.is_err() {
            return false;
        }
    }
}
