//! Asks a board for every sample.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ae_core::{Header, LoadError};

use super::agreement::Agreement;
use super::expected::Expected;
use crate::{Board, BoardIdentity, Session, SessionError};

/// Why a board could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// It gives no answer.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The blob has no header.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// There is nothing to ask.
    #[error("there are no images to run the model on")]
    NoSample,
    /// It is another board.
    #[error("this is a board `{found}`, expected `{expected}`")]
    OtherBoard {
        /// What the board calls itself.
        found: String,
        /// What it should.
        expected: String,
    },
    /// Another model is on it.
    #[error(
        "the board holds another model: {} bytes with checksum {:08x}, expected {expected_bytes} bytes with checksum {expected_checksum:08x}; flash this one first",
        .found.bytes, .found.checksum
    )]
    OtherModel {
        /// What is on the board.
        found: BoardIdentity,
        /// Length of what should be.
        expected_bytes: u32,
        /// Its checksum.
        expected_checksum: u32,
    },
}

/// Something that can start talking to a board.
pub trait Connect: Sync {
    /// The board.
    fn board(&self) -> &'static Board;

    /// How many boards can be asked at once.
    fn boards(&self) -> usize;

    /// A new session.
    ///
    /// # Errors
    /// The board does not start.
    fn connect(&self) -> Result<Session, SessionError>;
}

/// As many emulators as this machine has cores.
pub struct Emulators<'a> {
    /// The board.
    pub board: &'static Board,
    /// The program with the model in its place: `equivalence`, or `monitor` to watch a signal.
    pub elf: &'a [u8],
}

impl Connect for Emulators<'_> {
    fn board(&self) -> &'static Board {
        self.board
    }

    fn boards(&self) -> usize {
        thread::available_parallelism().map_or(1, usize::from)
    }

    fn connect(&self) -> Result<Session, SessionError> {
        Session::emulate(self.board, self.elf)
    }
}

/// A real board, which runs the program already.
pub struct SerialBoard<'a> {
    /// The board.
    pub board: &'static Board,
    /// Its serial port.
    pub port: &'a Path,
}

impl Connect for SerialBoard<'_> {
    fn board(&self) -> &'static Board {
        self.board
    }

    fn boards(&self) -> usize {
        1
    }

    fn connect(&self) -> Result<Session, SessionError> {
        Session::serial(self.port)
    }
}

/// Asks for every sample and counts what agrees. `blob` is what must be on the board. `done` is
/// told the number of samples as they are answered.
///
/// # Errors
/// A board does not answer, or holds another model.
pub fn compare_on_board(
    boards: &impl Connect,
    blob: &[u8],
    expected: &Expected,
    done: &(impl Fn(usize) + Sync),
) -> Result<(BoardIdentity, Agreement), BoardError> {
    let header = Header::read(blob)?;
    let count = expected.samples.len();
    let share = count.div_ceil(boards.boards().max(1)).max(1);
    let failed = AtomicBool::new(false);
    let ask = |range| {
        let result = ask(boards, &header, expected, range, &failed, done);
        // The other boards need not go on.
        failed.fetch_or(result.is_err(), Ordering::Relaxed);
        result
    };
    let results: Vec<Result<_, BoardError>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..count)
            .step_by(share)
            .map(|first| {
                let range = first..count.min(first + share);
                scope.spawn(|| ask(range))
            })
            .collect();
        let join = |worker: thread::ScopedJoinHandle<'_, _>| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        workers.into_iter().map(join).collect()
    });
    let mut identity = None;
    let mut agreement = Agreement::new(expected);
    for result in results {
        let (of_board, part) = result?;
        identity = Some(of_board);
        agreement = agreement.and(part);
    }
    match identity {
        Some(identity) => Ok((identity, agreement)),
        None => Err(BoardError::NoSample),
    }
}

fn ask(
    boards: &impl Connect,
    header: &Header,
    expected: &Expected,
    range: std::ops::Range<usize>,
    failed: &AtomicBool,
    done: &impl Fn(usize),
) -> Result<(BoardIdentity, Agreement), BoardError> {
    let mut session = boards.connect()?;
    let identity = check_identity(&mut session, boards.board(), header)?;
    let mut agreement = Agreement::new(expected);
    for index in range {
        if failed.load(Ordering::Relaxed) {
            break;
        }
        let answer = session.compute(expected.request, &expected.samples[index].input)?;
        agreement.add(expected, index, &answer);
        done(1);
    }
    session.leave()?;
    Ok((identity, agreement))
}

/// Asks a board who it is, and whether the model with this header is on it.
pub(crate) fn check_identity(
    session: &mut Session,
    board: &Board,
    header: &Header,
) -> Result<BoardIdentity, BoardError> {
    let identity = session.identify()?;
    let name = board.firmware_name();
    if identity.board != name {
        return Err(BoardError::OtherBoard { found: identity.board, expected: name.to_owned() });
    }
    if (identity.bytes, identity.checksum) != (header.total_len, header.checksum) {
        return Err(BoardError::OtherModel {
            found: identity,
            expected_bytes: header.total_len,
            expected_checksum: header.checksum,
        });
    }
    Ok(identity)
}
