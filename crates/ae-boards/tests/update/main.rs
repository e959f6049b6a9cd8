//! A new model for a board over a line that is cut, noisy or slow to say so.

mod board;
mod noise;

use std::io::{self, Write};
use std::time::Duration;

use ae_boards::update::{Event, UpdateError, update};
use ae_boards::{Session, SessionError};
use ae_protocol::{PendingModel, VerdictReason};
use ae_signature::{Purpose, SignatureError};

use board::{Board, CHUNK, Flashes, SLOT, key, over, purpose};
use noise::{Noise, NoisyReader, NoisyWriter};

const OLD: &[u8] = include_bytes!("../../../../tests/golden/tiny.int8.aeb");
const NEW: &[u8] = include_bytes!("../../../../tests/golden/tiny.spatial.int8.aeb");

fn signed(blob: &[u8], version: u32) -> Vec<u8> {
    key(1).sign(blob, version, purpose("pump"))
}

fn flashes() -> Flashes {
    Flashes::with(&signed(OLD, 4))
}

fn version(session: &mut Session) -> u32 {
    session.models().unwrap().running.unwrap().version
}

#[test]
fn a_new_model_is_sent_checked_tried_and_confirmed() {
    let flashes = flashes();
    let board = Board::power_on(&flashes);
    let mut session = board.session();
    let before = session.models().unwrap();
    assert_eq!((before.running.unwrap().version, before.least, before.capacity), (4, 4, SLOT));
    let file = key(2).sign(NEW, 5, purpose("pump"));
    let mut events = Vec::new();
    let updated = update(&mut session, &file, None, |event| events.push(event)).unwrap();
    assert!(!updated.was_there && updated.resumed == 0);
    let running = updated.models.running.unwrap();
    assert_eq!((running.version, running.slot, running.is_trial), (5, 1, false));
    assert_eq!((updated.models.least, updated.models.pending), (5, PendingModel::Nothing));
    let len = file.len() as u32;
    let pieces = events.iter().filter(|it| matches!(it, Event::There { .. })).count();
    assert_eq!(pieces as u32, len.div_ceil(CHUNK) + 1);
    let last = [Event::There { received: len, len }, Event::Checking, Event::Trying];
    assert_eq!(events[events.len() - 4..], [&last[..], &[Event::Confirming]].concat());
    // Once more: nothing is to be done. And it survives the power.
    assert!(update(&mut session, &file, None, |_| panic!("an event")).unwrap().was_there);
    drop((session, board));
    let board = Board::power_on(&flashes);
    assert_eq!(version(&mut board.session()), 5);
}

/// What can be known before the first byte is sent is told then, with what is expected and found.
#[test]
fn what_the_board_would_refuse_is_not_sent() {
    let flashes = flashes();
    let board = Board::power_on(&flashes);
    let mut session = board.session();
    let mut refused = |file: &[u8]| {
        let error = update(&mut session, file, None, |_| panic!("an event")).unwrap_err();
        assert_eq!(session.models().unwrap().pending, PendingModel::Nothing);
        error
    };
    let gate = |error: UpdateError| match error {
        UpdateError::Gate(error) => error,
        other => panic!("{other}"),
    };
    assert_eq!(gate(refused(NEW)), SignatureError::NothingBehind);
    let [found, one, other] = [9, 1, 2].map(|number| key(number).public().id());
    let expected = SignatureError::OtherKey { found, known: [Some(one), Some(other)] };
    assert_eq!(gate(refused(&key(9).sign(NEW, 5, purpose("pump")))), expected);
    for other in [purpose("fan"), Purpose::NONE] {
        let expected = SignatureError::OtherPurpose { expected: purpose("pump"), found: other };
        assert_eq!(gate(refused(&key(1).sign(NEW, 5, other))), expected);
    }
    let expected = SignatureError::TooOld { least: 4, found: 3 };
    assert_eq!(gate(refused(&signed(NEW, 3))), expected);
    let mut long = OLD.to_vec();
    long.resize(SLOT as usize, 0);
    long[12..16].copy_from_slice(&SLOT.to_le_bytes());
    let error = refused(&signed(&long, 5)).to_string();
    assert_eq!(
        error,
        format!("the model has {} bytes, and a slot of the board {SLOT}", SLOT + 104)
    );
    assert!(matches!(refused(b"no model"), UpdateError::Load(_)));
}

/// The board looks for itself, whatever a host has looked at.
#[test]
fn what_only_the_board_can_know_it_says() {
    let flashes = flashes();
    let board = Board::power_on(&flashes);
    let mut session = board.session();
    let mut bad_signature = signed(NEW, 5);
    *bad_signature.last_mut().unwrap() ^= 1;
    let mut no_blob = NEW.to_vec();
    no_blob[200] ^= 1;
    for (file, expected) in [
        (bad_signature, VerdictReason::BadSignature),
        (signed(&no_blob, 5), VerdictReason::NotUsable),
    ] {
        let error = update(&mut session, &file, None, |_| ()).unwrap_err();
        assert!(matches!(&error, UpdateError::Refused(it) if it.reason == expected), "{error}");
        let models = session.models().unwrap();
        assert_eq!((models.pending, models.least), (PendingModel::Nothing, 4));
    }
    // The old model runs on, and a good one is taken.
    assert_eq!(version(&mut session), 4);
    update(&mut session, &signed(NEW, 5), None, |_| ()).unwrap();
    assert_eq!(version(&mut session), 5);
}

/// A cable that is cut after so many frames.
struct Cut<W>(W, usize);

impl<W: Write> Write for Cut<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.1 = self.1.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
        self.0.write(piece)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_cable_that_is_cut_anywhere_is_gone_on_with_where_it_was() {
    let file = signed(NEW, 5);
    let frames = file.len().div_ceil(CHUNK as usize) + 5;
    for cut in 0..=frames {
        let flashes = flashes();
        let board = Board::power_on(&flashes);
        let (input, output) = board.plug();
        let mut session = over(Cut(input, cut), output);
        let first = update(&mut session, &file, None, |_| ());
        assert_eq!(first.is_ok(), cut == frames, "{cut}");
        if let Err(error) = first {
            assert!(matches!(error, UpdateError::Session(SessionError::Line { .. })), "{error}");
        }
        drop(session);
        let updated = update(&mut board.session(), &file, None, |_| ()).unwrap();
        assert_eq!(updated.models.running.unwrap().version, 5);
        // Status and beginning come first: each frame behind them brings a piece.
        let sent = cut.saturating_sub(2) * CHUNK as usize;
        assert_eq!(updated.resumed as usize, sent.min(file.len()), "{cut}");
    }
}

#[test]
fn a_power_cut_anywhere_loses_no_model() {
    let file = signed(NEW, 5);
    let frames = file.len().div_ceil(CHUNK as usize) + 5;
    for cut in 0..=frames {
        let flashes = flashes();
        let board = Board::power_on(&flashes);
        let (input, output) = board.plug();
        let mut session = over(Cut(input, cut), output);
        let _ = update(&mut session, &file, None, |_| ());
        drop((session, board));
        let board = Board::power_on(&flashes);
        let mut session = board.session();
        let expected = if cut == frames { 5 } else { 4 };
        let models = session.models().unwrap();
        let running = models.running.unwrap();
        // A candidate is tried by the start, and returned from by the next.
        let is_candidate = cut == frames - 2;
        assert_eq!(running.is_trial, is_candidate, "{cut}");
        assert_eq!(running.version, if is_candidate { 5 } else { expected }, "{cut}");
        assert_eq!(models.least, expected, "{cut}");
        let updated = update(&mut session, &file, None, |_| ()).unwrap();
        assert_eq!((updated.models.running.unwrap().version, updated.models.least), (5, 5));
    }
}

/// Frames that are lost, damaged, repeated, late, or behind noise: the model that comes is the one that
/// was sent.
#[test]
fn noise_on_either_way_delays_and_no_more() {
    let file = signed(NEW, 5);
    for seed in 0..6 {
        let flashes = flashes();
        let board = Board::power_on(&flashes);
        let (input, output) = board.plug();
        let input = NoisyWriter(input, Noise::new(seed));
        let output = NoisyReader(output, Noise::new(seed + 1000));
        let mut session = Session::over(input, output, Duration::from_millis(100), 100);
        let updated = update(&mut session, &file, None, |_| ()).unwrap();
        assert_eq!(updated.models.running.unwrap().version, 5, "{seed}");
        drop((session, board));
        let board = Board::power_on(&flashes);
        assert_eq!(version(&mut board.session()), 5, "{seed}");
    }
}

#[test]
fn another_model_on_trial_is_not_overwritten() {
    let flashes = flashes();
    let board = Board::power_on(&flashes);
    let mut session = board.session();
    let (trial, other) = (signed(NEW, 5), signed(OLD, 6));
    let (len, tag) = (trial.len() as u32, ae_core::crc32c(&trial));
    assert_eq!(session.begin_update(len, tag).unwrap(), 0);
    // A piece that lies beyond is not taken, one that is there already is passed over.
    assert_eq!(session.write_update(tag, 64, &trial[64..128]).unwrap(), 0);
    assert_eq!(session.write_update(tag, 0, &trial[..100]).unwrap(), 100);
    assert_eq!(session.write_update(tag, 0, &trial[..50]).unwrap(), 100);
    assert_eq!(session.write_update(tag, 50, &trial[50..]).unwrap(), len);
    let refusal = session.write_update(tag ^ 1, 0, &trial).unwrap_err();
    assert!(matches!(refusal, SessionError::Refused(_)), "{refusal}");
    for _ in 0..2 {
        // The answer may be lost, and is given again.
        let verdict = session.finish_update(tag).unwrap();
        assert_eq!((verdict.reason, verdict.found), (VerdictReason::Candidate, 5));
    }
    for _ in 0..2 {
        assert!(session.try_update(5).unwrap().running.unwrap().is_trial);
    }
    let error = update(&mut session, &other, None, |_| ()).unwrap_err();
    assert!(matches!(error, UpdateError::OnTrial { version: 5 }), "{error}");
    let refusal = session.confirm_update(6).unwrap_err().to_string();
    assert!(refusal.contains("version 5 runs, and 6"), "{refusal}");
    // The same one only needs its confirmation.
    let updated = update(&mut session, &trial, None, |_| ()).unwrap();
    assert_eq!((updated.resumed, updated.models.least), (len, 5));
    update(&mut session, &other, None, |_| ()).unwrap();
    assert_eq!(version(&mut session), 6);
}
