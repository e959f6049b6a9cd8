//! A board in this process: the code of a real one, on a flash in memory, at the other end of pipes.

use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ae_boards::Session;
use ae_protocol::{Answer, FrameError, FrameReader, FrameWriter, Request};
use ae_signature::host::SecretKey;
use ae_signature::{Purpose, Trust};
use ae_store::{MappedFlash, Pages, Slots, Store};
use ae_update::{Admission, Installed, Next, Reply, Updates};
use embedded_io_adapters::std::FromStd;
use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};

/// Bytes of a slot, and of what is erased at once.
pub(crate) const SLOT: u32 = 4096;
const SECTOR: usize = 512;
const PAGES: Pages = Pages { first: 0, len: SECTOR as u32, count: 3 };
/// Bytes of a file in one request.
pub(crate) const CHUNK: u32 = 64;

/// A flash whose bytes outlive the board's power.
#[derive(Clone)]
pub(crate) struct Flash {
    /// Whole blocks, so that a slot begins on a multiple of 16 bytes.
    blocks: Arc<Mutex<Vec<u128>>>,
    /// As it was when it was last written to by this handle: what is mapped.
    shown: Vec<u128>,
}

impl Flash {
    pub(crate) fn erased(len: usize) -> Self {
        let blocks = vec![u128::MAX; len / 16];
        Self { blocks: Arc::new(Mutex::new(blocks.clone())), shown: blocks }
    }

    /// As a board finds it when its power comes.
    fn as_it_is(&self) -> Self {
        let shown = self.blocks.lock().unwrap().clone();
        Self { blocks: self.blocks.clone(), shown }
    }

    fn change(&mut self, at: u32, new: impl Iterator<Item = u8>, keep: bool) {
        let mut blocks = self.blocks.lock().unwrap();
        for (at, byte) in (at as usize..).zip(new) {
            let block = &mut blocks[at / 16];
            let mut bytes = block.to_ne_bytes();
            bytes[at % 16] = if keep { bytes[at % 16] & byte } else { byte };
            *block = u128::from_ne_bytes(bytes);
        }
        self.shown.clone_from(&blocks);
    }

    pub(crate) fn put(&mut self, at: u32, bytes: &[u8]) {
        self.change(at, bytes.iter().copied(), false);
    }

    fn bytes(&self) -> Vec<u8> {
        self.shown.iter().flat_map(|block| block.to_ne_bytes()).collect()
    }
}

impl ErrorType for Flash {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        bytes.copy_from_slice(&self.bytes()[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        16 * self.shown.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = SECTOR;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        self.change(from, (from..to).map(|_| 0xff), false);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        self.change(offset, bytes.iter().copied(), true);
        Ok(())
    }
}

impl MappedFlash for Flash {
    fn map(&self, offset: u32, len: u32) -> Option<&[u8]> {
        let bytes: &[u8] = bytemuck::cast_slice(&self.shown);
        bytes.get(offset as usize..)?.get(..len as usize)
    }
}

/// What survives a board's power.
#[derive(Clone)]
pub(crate) struct Flashes {
    pub(crate) state: Flash,
    pub(crate) models: Flash,
}

impl Flashes {
    /// Of a board that has just been made, with its first model.
    pub(crate) fn with(model: &[u8]) -> Self {
        let state = Flash::erased(PAGES.count as usize * SECTOR);
        let mut models = Flash::erased(2 * SLOT as usize);
        models.put(0, model);
        Self { state, models }
    }
}

/// The board's own key, its next one, and that of somebody else.
pub(crate) fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; 32])
}

pub(crate) fn purpose(name: &str) -> Purpose {
    Purpose::new(name).unwrap()
}

/// A board under power. Its cable can be plugged in and out; when this is dropped, the power is off.
pub(crate) struct Board {
    cables: std::sync::mpsc::Sender<(PipeReader, PipeWriter)>,
    running: Option<JoinHandle<()>>,
}

impl Board {
    pub(crate) fn power_on(flashes: &Flashes) -> Self {
        let [state, models] = [&flashes.state, &flashes.models].map(Flash::as_it_is);
        let flashes = Flashes { state, models };
        let (cables, plugged) = std::sync::mpsc::channel();
        let running = thread::spawn(move || run(flashes, &plugged));
        Self { cables, running: Some(running) }
    }

    /// Both ends of a cable to it, for a host.
    pub(crate) fn plug(&self) -> (PipeWriter, PipeReader) {
        let (requests, to_board) = pipe().unwrap();
        let (from_board, answers) = pipe().unwrap();
        self.cables.send((requests, answers)).unwrap();
        (to_board, from_board)
    }

    pub(crate) fn session(&self) -> Session {
        let (input, output) = self.plug();
        over(input, output)
    }
}

/// A session that soon gives up waiting.
pub(crate) fn over(
    input: impl Write + Send + 'static,
    output: impl Read + Send + 'static,
) -> Session {
    Session::over(input, output, Duration::from_secs(20), 3)
}

impl Drop for Board {
    fn drop(&mut self) {
        // No cable comes any more.
        self.cables = std::sync::mpsc::channel().0;
        if let Some(running) = self.running.take() {
            running.join().unwrap();
        }
    }
}

/// The program of the board, from power on to power off.
fn run(flashes: Flashes, cables: &std::sync::mpsc::Receiver<(PipeReader, PipeWriter)>) {
    let Flashes { state, models } = flashes;
    let mut slots = Slots::new(models, [0, SLOT], SLOT).unwrap();
    let mut store = Store::<_, 0>::provision(state, PAGES, SLOT, 0).unwrap();
    let keys = [key(1).public().to_bytes(), key(2).public().to_bytes()];
    let (mut pixels, mut scratch) = ([0; 64], [0; 256]);
    let trust = Trust { keys: &keys, purpose: purpose("pump") };
    let mut admission = Admission::new(Some(trust), 3, &mut pixels, &mut scratch);
    let mut updates = Updates::new("simulated", SLOT, CHUNK, admission.gate());
    let mut reply = Reply::new();
    let boot = |store: &mut Store<_, 0>, slots: &Slots<Flash>, admission: &mut Admission<'_>| {
        store.boot(slots, admission).ok().as_ref().map(Installed::of)
    };
    updates.booted(boot(&mut store, &slots, &mut admission));
    while let Ok((mut requests, mut answers)) = cables.recv() {
        loop {
            let received = receive(&mut requests);
            let (kind, number, payload) = match received {
                Ok(received) => received,
                Err(FrameError::BrokenOff | FrameError::Length { .. }) => continue,
                // As the firmware answers: the host sends it again.
                Err(FrameError::Checksum) => {
                    let _ = send(&mut answers, Answer::Damaged, 0, &[]);
                    continue;
                }
                Err(_) => break,
            };
            let Some(request) = Request::from_number(kind) else { continue };
            let next = updates.answer(
                request,
                &payload,
                &mut store,
                &mut slots,
                &mut admission,
                &mut reply,
            );
            if next == Next::Boot {
                updates.booted(boot(&mut store, &slots, &mut admission));
                updates.status(&store, &mut reply);
            }
            if send(&mut answers, reply.answer(), number, reply.payload()).is_err() {
                break;
            }
        }
    }
}

type Received = (u8, u8, Vec<u8>);

fn receive(requests: &mut PipeReader) -> Result<Received, FrameError<std::io::Error>> {
    let mut frame = FrameReader::begin(FromStd::new(requests), |_| ())?;
    let (kind, number) = (frame.kind(), frame.number());
    let mut payload = vec![0; frame.left() as usize];
    frame.take(&mut payload)?;
    frame.finish()?;
    Ok((kind, number, payload))
}

fn send(
    answers: &mut PipeWriter,
    answer: Answer,
    number: u8,
    payload: &[u8],
) -> std::io::Result<()> {
    // In one piece, so that noise takes or leaves it whole.
    let mut bytes = Vec::new();
    let line = FromStd::new(&mut bytes);
    let mut frame = FrameWriter::begin(line, answer as u8, number, payload.len() as u32)?;
    frame.put(payload)?;
    frame.finish()?;
    answers.write_all(&bytes)
}
