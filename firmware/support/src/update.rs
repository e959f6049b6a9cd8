//! The program `update`: runs the model that the board's store says, and takes a new one over the
//! line.
//!
//! It boots, then serves a host: it says which models there are, computes what a host asks for, and
//! takes what `ae-train update` brings. The model is loaded anew for each request, from where it lies:
//! so nothing borrows the slots while they are written to. A program with a detector does so once and
//! stops while a new model comes; the documentation of [`ae_update`] shows it.

use ae_core::Header;
use ae_infer::{Digests, InferError, Int8Autoencoder, squared_error};
use ae_protocol::{Answer, Request};
use ae_store::{Boot, MappedFlash, Pages, Slots, Store, StoreError};
use ae_update::{Admission, Installed, Next, Reply as Said, Updates};
use embedded_io::{Read, Write};
use embedded_storage::nor_flash::NorFlash;

use crate::arena::Memory;
use crate::exchange::{Flawed, LineLost, Reply, Unknown, begin, finish, receive, refuse_all};
use crate::gate;
use crate::text::{Line, Reason, words};

/// Bytes of a file that a host is asked to send in one request.
const CHUNK: usize = 1024;
/// Most pixels of a model, and most bytes of a request.
const PIXELS: usize = 16 << 10;
/// Most elements that a model computes in.
const SCRATCH: usize = 256 << 10;
/// What this program has remembered beside the state: nothing.
const REMEMBERED: usize = 0;

/// What the program needs of a board: a line, and a flash.
pub struct Parts<P, S, F> {
    /// The board's name.
    pub name: &'static str,
    /// The line to the host.
    pub port: P,
    /// The flash of the state.
    pub state: S,
    /// Where the state lies in it.
    pub pages: Pages,
    /// The two places for models.
    pub slots: Slots<F>,
}

/// Serves a host until it leaves, which is success, or the line ends.
pub fn run<P, S, F>(parts: Parts<P, S, F>, mut memory: Memory) -> bool
where
    P: Read + Write,
    S: NorFlash,
    F: MappedFlash,
{
    let buffers = (|| {
        let (input, reconstruction) = (memory.buffer(PIXELS)?, memory.buffer(PIXELS)?);
        Ok::<_, crate::TooLittle>((input, reconstruction, memory.buffer(SCRATCH)?))
    })();
    let Ok((input, reconstruction, scratch)) = buffers else { return false };
    let Parts { name, port, state, pages, slots } = parts;
    // The board's flash is what it was made with: its first model was put there, and no state.
    let store = Store::provision(state, pages, slots.capacity(), 0);
    let mut session = Session { name, port, input };
    match store {
        Ok(store) => {
            let (trust, least) = (gate::trust(), gate::least());
            let admission = Admission::new(trust, least, reconstruction, scratch);
            session.serve(store, slots, admission).unwrap_or(false)
        }
        Err(error) => session.refuse_all(&error),
    }
}

/// One conversation with a host.
struct Session<P> {
    name: &'static str,
    port: P,
    /// For what a request brings: pixels, or bytes of a file.
    input: &'static mut [u8],
}

/// A request has more bytes than one may.
struct TooLong {
    most: usize,
    found: u32,
}

/// There is nothing that could compute, or it cannot.
enum NoAnswer {
    NoModel,
    Length { expected: usize, found: u32 },
    Infer(InferError),
}

impl Reason for TooLong {
    fn say(&self, line: &mut Line) {
        line.text("the request has ").number(self.found).text(" bytes, and ");
        line.size(self.most).text(" are the most");
    }
}

impl Reason for NoAnswer {
    fn say(&self, line: &mut Line) {
        match self {
            Self::NoModel => {
                line.text("no model runs");
            }
            Self::Length { expected, found } => {
                let (expected, found) = (*expected, *found);
                Flawed::Length { expected, found }.say(line);
            }
            Self::Infer(error) => words(line, error, "the model does not compute that"),
        }
    }
}

impl<P: Read + Write> Session<P> {
    /// Boots, and serves the host until it leaves.
    fn serve<S: NorFlash, F: MappedFlash>(
        &mut self,
        mut store: Store<S, REMEMBERED>,
        mut slots: Slots<F>,
        mut admission: Admission<'_>,
    ) -> Result<bool, LineLost> {
        let chunk = u32::try_from(CHUNK).unwrap_or(u32::MAX);
        let mut updates = Updates::new(self.name, slots.capacity(), chunk, admission.gate());
        let mut said = Said::new();
        // The number of the request that had the board boot: it is answered by what runs then.
        let mut owed = None;
        loop {
            let booted = store.boot(&slots, &mut admission);
            updates.booted(booted.as_ref().ok().map(Installed::of));
            let slot = booted.ok().map(|Boot { slot, .. }| slot);
            if let Some(number) = owed.take() {
                updates.status(&store, &mut said);
                self.send(number, &said)?;
            }
            owed = loop {
                let (request, number, len) = match self.receive()? {
                    Some((Request::Leave, ..)) => return Ok(true),
                    Some(received) => received,
                    None => continue,
                };
                if request == Request::Reconstruct {
                    let place = slot.map(|slot| slots.bytes(slot, slots.capacity()));
                    let computed = self.compute(number, len, place, admission.buffers())?;
                    if let Err(why) = computed {
                        Reply { port: &mut self.port, number }.refuse(&why)?;
                    }
                    continue;
                }
                let payload = self.input.get(..len).unwrap_or_default();
                let next = updates.answer(
                    request,
                    payload,
                    &mut store,
                    &mut slots,
                    &mut admission,
                    &mut said,
                );
                match next {
                    Next::Boot => break Some(number),
                    Next::Send => self.send(number, &said)?,
                }
            };
        }
    }

    fn send(&mut self, number: u8, said: &Said) -> Result<(), LineLost> {
        Ok(Reply { port: &mut self.port, number }.send(said.answer(), &[said.payload()])?)
    }

    /// Waits for a request that comes whole, and has its payload at the front of `input`: what is asked
    /// for, the request's number, and the payload's length. One that does not is answered here.
    fn receive(&mut self) -> Result<Option<(Request, u8, usize)>, LineLost> {
        let frame = begin(&mut self.port)?;
        let (kind, number, found) = (frame.kind(), frame.number(), frame.left());
        let most = self.input.len();
        let place = usize::try_from(found).ok().and_then(|len| self.input.get_mut(..len));
        let received = match place {
            Some(place) => {
                let len = place.len();
                receive(frame, place)?.map(|()| Some(len))
            }
            None => finish(frame)?.map(|()| None),
        };
        let reply = Reply { port: &mut self.port, number };
        match (received, Request::from_number(kind)) {
            (Err(flawed), _) => reply.flawed(&flawed)?,
            (Ok(None), _) => reply.refuse(&TooLong { most, found })?,
            (Ok(Some(_)), None) => reply.refuse(&Unknown(kind))?,
            (Ok(Some(len)), Some(request)) => return Ok(Some((request, number, len))),
        }
        Ok(None)
    }

    /// What the model in `place` makes of the pixels in `input`, as [`Answer::Computed`] lists it.
    fn compute(
        &mut self,
        number: u8,
        len: usize,
        place: Option<&[u8]>,
        (reconstruction, scratch): (&mut [u8], &mut [i8]),
    ) -> Result<Result<(), NoAnswer>, LineLost> {
        let blob = place.and_then(|place| {
            let len = Header::total_len(place).ok()?;
            place.get(..usize::try_from(len).ok()?)
        });
        let Some(model) = blob.and_then(|blob| Int8Autoencoder::load(blob).ok()) else {
            return Ok(Err(NoAnswer::NoModel));
        };
        let header = model.model().header();
        let features = header.features as usize;
        if len != features {
            let found = u32::try_from(len).unwrap_or(u32::MAX);
            return Ok(Err(NoAnswer::Length { expected: features, found }));
        }
        let pixels = self.input.get(..len).unwrap_or_default();
        let reconstruction = reconstruction.get_mut(..features).unwrap_or_default();
        let latent_len = header.latent as usize;
        let scratch = scratch.get_mut(..header.scratch_len()).unwrap_or_default();
        let (latent, rest) = scratch.split_at_mut_checked(latent_len).unwrap_or_default();
        let mut digests = Digests::default();
        let computed = model
            .encode_traced(pixels, latent, rest, &mut digests)
            .and_then(|()| model.decode_traced(latent, reconstruction, rest, &mut digests));
        if let Err(error) = computed {
            return Ok(Err(NoAnswer::Infer(error)));
        }
        let score = squared_error(pixels, reconstruction).to_le_bytes();
        let digests = bytemuck::cast_slice(digests.as_slice());
        let pieces = [bytemuck::cast_slice(latent), reconstruction, &score, digests];
        Ok(Ok(Reply { port: &mut self.port, number }.send(Answer::Computed, &pieces)?))
    }

    /// Answers every request by what is wrong with the store; `true` when the host leaves.
    fn refuse_all(&mut self, why: &StoreError) -> bool {
        let mut said = Line::new();
        said.text(match why {
            StoreError::Lost => "the board's state is lost: it has to be provisioned anew",
            StoreError::Geometry(_) => "the board's state and slots do not fit its flash",
            _ => "the board's state cannot be read",
        });
        refuse_all(&mut self.port, &said)
    }
}
