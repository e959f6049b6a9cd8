//! A host's session with a board that sends whatever it likes: it ends, soon, with an answer or a
//! reason.
#![no_main]

use std::io::{self, Read};
use std::time::{Duration, Instant};

use ae_boards::{Session, SessionError};
use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::seeds::{self, Line};
use ae_protocol::{Answer, DetectorInfo, FrameWriter, Identity, Request};
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

/// What an answer may take, and how often it is asked for.
const ATTEMPT: Duration = Duration::from_millis(10);
const ATTEMPTS: u32 = 2;
/// What all of a session may take: a dozen requests with both attempts, on a busy machine.
const SESSION: Duration = Duration::from_secs(15);
/// Most characters of an error: the text of a board is cut.
const LONGEST_ERROR: usize = 20_000;

/// A board that says its bytes once, or again and again.
struct Board {
    bytes: Vec<u8>,
    at: usize,
    for_ever: bool,
}

impl Read for Board {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.for_ever && self.at == self.bytes.len() {
            self.at = 0;
        }
        let len = (&self.bytes[self.at..]).read(buffer)?;
        self.at += len;
        Ok(len)
    }
}

/// Answers to the requests of [`talk`], in their order, and what may follow.
fn seeds() -> Vec<Vec<u8>> {
    let mut line = Line(Vec::new());
    let mut number = 0_u8;
    let mut answer = |kind: Answer, payload: &[u8]| {
        number += 1;
        let mut frame = FrameWriter::begin(&mut line, kind as u8, number, payload.len() as u32)
            .expect("memory");
        frame.put(payload).expect("memory");
        frame.finish().expect("memory");
    };
    let (board, core, kernel) = ("mps2", "Cortex-M4", "dsp");
    let identity = Identity { board, core, kernel, bytes: 579, checksum: 7, model_id: [1; 16] };
    answer(Answer::Identity, identity.to_bytes(&mut [0; Identity::MAX_LEN]).expect("it fits"));
    answer(Answer::Computed, &[1; 20]);
    // i16 values of 2 channels, in windows of 4 samples that do not overlap.
    let info =
        DetectorInfo::from_bytes(&[1, 2, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0]).expect("a detector");
    // Once for `detector`, and once more for `reset`.
    answer(Answer::Detector, &info.to_bytes());
    answer(Answer::Detector, &info.to_bytes());
    answer(Answer::Decided, b"");
    answer(Answer::Decided, b"");
    answer(Answer::Refused, b"no \x1b[31m");
    answer(Answer::Damaged, b"");
    let mut all = vec![[&[1][..], &line.0].concat(), [&[0][..], b"panicked at"].concat()];
    all.extend(seeds::frame().into_iter().map(|frame| [&[1][..], &frame].concat()));
    all
}

fuzz_target!(init: begin::begin(seeds), |input: &[u8]| {
    tally::EXECUTED.add();
    let Some((&kind, bytes)) = input.split_first() else { return };
    // Waiting for deadlines is what takes long.
    let for_ever = kind % 64 == 0 && !bytes.is_empty();
    let board = Board { bytes: bytes.to_vec(), at: 0, for_ever };
    let start = Instant::now();
    let mut session = Session::over(io::sink(), board, ATTEMPT, ATTEMPTS);
    for error in talk(&mut session).into_iter().flatten() {
        let text = error.to_string();
        assert!(!text.is_empty() && text.chars().count() < LONGEST_ERROR, "{}", text.len());
    }
    let _ = session.leave();
    assert!(start.elapsed() < SESSION, "{:?}", start.elapsed());
});

/// One request of each kind, and the errors that come of them.
fn talk(session: &mut Session) -> [Option<SessionError>; 5] {
    let identity = session.identify();
    if identity.is_ok() {
        tally::ACCEPTED.add();
    }
    let computed = session.compute(Request::Reconstruct, &[7; 4]);
    let detector = session.detector();
    let reset = session.reset();
    let pushed = match &detector {
        Ok(info) => session.push(&vec![0; 3 * info.sample_bytes().min(1 << 16)]),
        Err(_) => session.push(&[0; 12]),
    };
    [identity.err(), computed.err(), detector.err(), reset.err(), pushed.err()]
}
