//! The program `equivalence`: computes what a host asks for and sends all of it back.

use ae_infer::{Compute, Digests, InferError};
use ae_protocol::{Answer, Request};
use embedded_io::{Read, Write};

use crate::arena::Memory;
use crate::board::Board;
use crate::exchange::{LineLost, Reply, Unknown, begin, finish, identify, receive, refuse_all};
use crate::gate::admit;
use crate::inference;
use crate::last_words;
use crate::model::{Loaded, Program, with_model};
use crate::text::{Line, Reason, words};

/// Answers one request after the other, until the host leaves or the line ends.
pub fn run<B: Board>(mut board: B, memory: Memory) -> ! {
    last_words::tell(&mut board);
    board.watch();
    let admitted = admit(&mut board);
    let served = admitted.and_then(|model| with_model(model, Serve(&mut board), memory));
    let success = match served {
        Ok(success) => success,
        // The host is told what is wrong as often as it asks.
        Err(unusable) => refuse_all(board.port(), Line::new().reason(&unusable)),
    };
    board.exit(success)
}

/// The model cannot do what was asked.
struct NoPart(InferError);

impl Reason for NoPart {
    fn say(&self, line: &mut Line) {
        words(line, &self.0, "the model has no such part");
    }
}

struct Serve<'b, B>(&'b mut B);

impl<B: Board> Program for Serve<'_, B> {
    type Output = bool;

    fn run<A: Compute<'static>>(self, loaded: Loaded<A>, _: Memory) -> bool {
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

struct Session<A: Compute<'static>> {
    loaded: Loaded<A>,
    board: &'static str,
    core: &'static str,
}

impl<A: Compute<'static>> Session<A> {
    /// Serves one request; `false` when the host leaves.
    fn serve<P: Read + Write>(&mut self, port: &mut P) -> Result<bool, LineLost> {
        let frame = begin(port)?;
        let (kind, number) = (frame.kind(), frame.number());
        let Loaded { model, pixels, reconstruction, scratch, .. } = &mut self.loaded;
        let latent_len = model.model().header().latent as usize;
        let (latent, scratch) = scratch.split_at_mut_checked(latent_len).unwrap_or_default();
        let request = Request::from_number(kind);
        let received = match request {
            Some(Request::Encode | Request::Reconstruct) => receive(frame, pixels)?,
            // Every board is little-endian, as the line is.
            Some(Request::Decode) => receive(frame, bytemuck::cast_slice_mut(latent))?,
            Some(Request::Identify | Request::Leave) => receive(frame, &mut [])?,
            // The detector's requests are for the program `monitor`.
            None
            | Some(Request::Detector | Request::Push | Request::Reset | Request::Accompany) => {
                finish(frame)?
            }
        };
        let reply = Reply { port, number };
        if let Err(flawed) = received {
            reply.flawed(&flawed)?;
            return Ok(true);
        }
        match request {
            Some(Request::Leave) => return Ok(false),
            Some(Request::Identify) => identify(reply, model, self.board, self.core)?,
            None
            | Some(Request::Detector | Request::Push | Request::Reset | Request::Accompany) => {
                reply.refuse(&Unknown(kind))?;
            }
            Some(request @ (Request::Encode | Request::Decode | Request::Reconstruct)) => {
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
                    Err(error) => reply.refuse(&NoPart(error))?,
                }
            }
        }
        Ok(true)
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
