//! A new model for a board that runs already, over its line.

use ae_core::{Header, LoadError, crc32c};
use ae_protocol::{RunningModel, UpdateGate, Verdict, VerdictReason};
use ae_signature::{KeyId, Purpose, SignatureError, Unverified};

use crate::board::Board;
use crate::{BoardModels, Session, SessionError};

/// Most bytes of a file in one request, whatever a board offers: what is damaged on its way is sent
/// again whole.
const MOST_CHUNK: u32 = 4096;
/// Most answers one after the other by which the transfer does not go on. A board that starts anew in
/// the middle is behind where it was, once each time.
const MOST_WITHOUT_PROGRESS: u32 = 20;

/// Why a board does not have the new model.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The board does not answer, or refuses.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Another board answers.
    #[error("the board is {found}, not {expected}")]
    OtherBoard {
        /// What the firmware should call itself.
        expected: String,
        /// What it calls itself.
        found: String,
    },
    /// The file does not begin with a blob.
    #[error("not a usable model")]
    Load(#[from] LoadError),
    /// The board takes signed models, and would not take this one.
    #[error("the board would refuse the model")]
    Gate(#[from] SignatureError),
    /// It is larger than a slot.
    #[error("the model has {needed} bytes, and a slot of the board {room}")]
    TooLarge {
        /// Bytes of the file.
        needed: u64,
        /// Bytes of a slot.
        room: u32,
    },
    /// Another model is on trial.
    #[error(
        "model version {version} is on trial on the board, and has to be confirmed or given up first"
    )]
    OnTrial {
        /// Its version.
        version: u32,
    },
    /// The board has checked the file, and does not take it.
    #[error("the board refused the model: {0}")]
    Refused(Verdict),
    /// The board does not run it, though it took it.
    #[error(
        "the board took model version {version}, and runs {} again: the new one did not start",
        running(.found)
    )]
    NotRunning {
        /// The version that it should run.
        version: u32,
        /// What it runs.
        found: Option<RunningModel>,
    },
    /// The transfer does not go on.
    #[error("the board has {received} of {len} bytes, and takes no more of them")]
    NoProgress {
        /// Bytes that it has.
        received: u32,
        /// Bytes of the file.
        len: u32,
    },
}

fn running(found: &Option<RunningModel>) -> String {
    found.map_or_else(|| "none".to_owned(), |model| format!("model version {}", model.version))
}

/// What happens meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The board has so many bytes of the file; more of them than 0 at first where an earlier transfer
    /// was cut.
    There {
        /// Bytes that it has.
        received: u32,
        /// Bytes of the file.
        len: u32,
    },
    /// All of it is there, and the board checks it.
    Checking,
    /// The board runs it on trial.
    Trying,
    /// It runs, and is confirmed.
    Confirming,
}

/// What an update came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// What the board says now.
    pub models: BoardModels,
    /// Bytes that were there when the transfer began; all of them where the board ran the model
    /// already.
    pub resumed: u32,
    /// Whether nothing had to be done.
    pub was_there: bool,
}

/// A model's file as a board sees it.
struct Wanted<'f> {
    file: &'f [u8],
    len: u32,
    tag: u32,
    version: u32,
    checksum: u32,
}

impl<'f> Wanted<'f> {
    /// Checks what can be known before the first byte is sent.
    fn check(file: &'f [u8], models: &BoardModels) -> Result<Self, UpdateError> {
        let header = Header::read(file)?;
        let version = match models.gate {
            None => 0,
            Some(gate) => admitted(file, gate, models.least)?,
        };
        let room = models.capacity;
        let needed = file.len() as u64;
        let len = u32::try_from(needed).ok().filter(|len| *len <= room);
        let len = len.ok_or(UpdateError::TooLarge { needed, room })?;
        Ok(Self { file, len, tag: crc32c(file), version, checksum: header.checksum })
    }

    fn is(&self, running: &RunningModel) -> bool {
        (running.version, running.checksum) == (self.version, self.checksum)
    }
}

/// The version of a file that the board would take, as far as it says what it takes: it has told the
/// ids of its keys, and checks the signature itself.
fn admitted(file: &[u8], gate: UpdateGate, least: u32) -> Result<u32, SignatureError> {
    let signed = Unverified::read(file)?;
    let found = signed.key_id();
    let known = gate.keys.map(|key| key.map(KeyId::from_bytes));
    if !known.contains(&Some(found)) {
        return Err(SignatureError::OtherKey { found, known });
    }
    let no_purpose = SignatureError::NoPurpose { found: gate.purpose };
    let expected = Purpose::from_bytes(gate.purpose).ok_or(no_purpose)?;
    if signed.purpose() != expected {
        return Err(SignatureError::OtherPurpose { expected, found: signed.purpose() });
    }
    if signed.version() < least {
        return Err(SignatureError::TooOld { least, found: signed.version() });
    }
    Ok(signed.version())
}

/// Brings `file`, a signed model, to the board at the other end of `session`: sends what the board does
/// not have, has it checked, tried and confirmed. Where an earlier call was cut, by a cable or a power
/// cut, this one goes on. `board` is whose name it must have, if one is expected.
///
/// # Errors
/// The board does not answer, would refuse the model or refuses it, or does not run it.
pub fn update(
    session: &mut Session,
    file: &[u8],
    board: Option<&Board>,
    mut observe: impl FnMut(Event),
) -> Result<Updated, UpdateError> {
    let models = session.models()?;
    if let Some(expected) = board.map(Board::firmware_name).filter(|name| *name != models.board) {
        let (expected, found) = (expected.to_owned(), models.board);
        return Err(UpdateError::OtherBoard { expected, found });
    }
    let wanted = Wanted::check(file, &models)?;
    match models.running {
        Some(running) if wanted.is(&running) => {
            let (resumed, was_there) = (wanted.len, !running.is_trial);
            let models = if was_there { models } else { confirm(session, &wanted, &mut observe)? };
            return Ok(Updated { models, resumed, was_there });
        }
        Some(RunningModel { version, is_trial: true, .. }) => {
            return Err(UpdateError::OnTrial { version });
        }
        _ => {}
    }
    let resumed = send(session, &wanted, models.chunk, &mut observe)?;
    observe(Event::Checking);
    let verdict = session.finish_update(wanted.tag)?;
    if verdict.reason != VerdictReason::Candidate {
        return Err(UpdateError::Refused(verdict));
    }
    observe(Event::Trying);
    let models = session.try_update(wanted.version)?;
    check_running(&wanted, &models)?;
    let models = confirm(session, &wanted, &mut observe)?;
    Ok(Updated { models, resumed, was_there: false })
}

/// Sends what is not there; how much was there before.
fn send(
    session: &mut Session,
    wanted: &Wanted<'_>,
    chunk: u32,
    observe: &mut impl FnMut(Event),
) -> Result<u32, UpdateError> {
    let Wanted { file, len, tag, .. } = *wanted;
    let resumed = session.begin_update(len, tag)?;
    let (mut there, mut most, mut without) = (resumed, resumed, 0);
    while there < len {
        observe(Event::There { received: there, len });
        let rest = file.get(there as usize..).unwrap_or_default();
        let piece = rest.get(..chunk.clamp(1, MOST_CHUNK) as usize).unwrap_or(rest);
        there = session.write_update(tag, there, piece)?;
        without = if there > most { 0 } else { without + 1 };
        most = most.max(there);
        if without > MOST_WITHOUT_PROGRESS || there > len {
            return Err(UpdateError::NoProgress { received: there, len });
        }
    }
    observe(Event::There { received: len, len });
    Ok(resumed)
}

fn confirm(
    session: &mut Session,
    wanted: &Wanted<'_>,
    observe: &mut impl FnMut(Event),
) -> Result<BoardModels, UpdateError> {
    observe(Event::Confirming);
    let models = session.confirm_update(wanted.version)?;
    check_running(wanted, &models)?;
    Ok(models)
}

fn check_running(wanted: &Wanted<'_>, models: &BoardModels) -> Result<(), UpdateError> {
    match &models.running {
        Some(running) if wanted.is(running) => Ok(()),
        found => Err(UpdateError::NotRunning { version: wanted.version, found: *found }),
    }
}
