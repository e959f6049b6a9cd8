//! Boards at the other end of a pseudo-terminal that do not behave.

use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ae_protocol::{Answer, FrameReader, FrameWriter, Request};
use embedded_io_adapters::std::FromStd;
use serialport::{SerialPort, TTYPort};

use super::{Patience, Session, SessionError};

const SHORT: Patience = Patience { attempt: Duration::from_millis(200), attempts: 2 };

/// Something that is connected by a serial port until this is dropped.
struct Fake {
    session: Option<Session>,
    over: Arc<AtomicBool>,
    board: Option<JoinHandle<()>>,
}

impl Fake {
    /// A board that does `turn` again and again.
    fn new(mut turn: impl FnMut(&mut TTYPort) + Send + 'static) -> Self {
        let (mut board, mut host) = TTYPort::pair().unwrap();
        host.set_exclusive(false).unwrap();
        host.set_timeout(Duration::from_millis(50)).unwrap();
        board.set_timeout(Duration::from_millis(50)).unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&over);
        let board = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                turn(&mut board);
            }
        });
        let output = host.try_clone_native().unwrap();
        let session = Session::new(host, output, SHORT);
        Self { session: Some(session), over, board: Some(board) }
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().unwrap()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(board) = self.board.take() {
            board.join().unwrap();
        }
    }
}

/// How a request ends, which it does within a few seconds.
fn asked(fake: &mut Fake) -> Result<Vec<u8>, SessionError> {
    let start = Instant::now();
    let result = fake.session().compute(Request::Encode, &[7; 1 << 16]);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    result
}

#[track_caller]
fn assert_given_up(fake: &mut Fake) -> String {
    match asked(fake) {
        Err(SessionError::Line { error, text }) => {
            assert_eq!(error, "it took longer than 0.4 s");
            text
        }
        other => panic!("{other:?}"),
    }
}

/// Reads what there is and forgets it.
fn drain(port: &mut TTYPort) {
    if let Err(error) = std::io::copy(&mut port.take(4096), &mut std::io::sink()) {
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}

fn answer(port: &mut TTYPort, number: u8, payload: &[u8]) {
    let line = FromStd::new(port);
    let kind = Answer::Computed as u8;
    let mut frame = FrameWriter::begin(line, kind, number, payload.len() as u32).unwrap();
    frame.put(payload).unwrap();
    frame.finish().unwrap();
}

#[test]
fn a_board_that_never_stops_talking_keeps_nobody_waiting() {
    let mut fake = Fake::new(|port| {
        drain(port);
        let _ = port.write_all(b"still here, line after line\r\n");
    });
    let text = assert_given_up(&mut fake);
    assert!(text.contains("still here") && text.len() <= super::TEXT_LIMIT, "{text}");
}

#[test]
fn nor_does_one_that_answers_other_requests() {
    let mut fake = Fake::new(|port| {
        drain(port);
        answer(port, 200, &[1, 2, 3]);
    });
    assert_given_up(&mut fake);
}

#[test]
fn nor_does_one_that_begins_answers_and_ends_none() {
    let mut fake = Fake::new(|port| {
        drain(port);
        let _ = FrameWriter::begin(FromStd::new(port), Answer::Computed as u8, 1, 9000).unwrap();
    });
    assert_given_up(&mut fake);
}

#[test]
fn nor_does_one_that_takes_nothing() {
    let mut fake = Fake::new(|_| thread::sleep(Duration::from_millis(10)));
    assert_given_up(&mut fake);
}

#[test]
fn an_answer_is_found_among_heads_whose_payload_never_comes() {
    let mut fake = Fake::new(|port| {
        // It is read as a board reads it.
        let Ok(mut frame) = FrameReader::begin(FromStd::new(&mut *port), |_| ()) else { return };
        let number = frame.number();
        let mut payload = vec![0; frame.left() as usize];
        if frame.take(&mut payload).is_err() || frame.finish().is_err() {
            return;
        }
        for announced in [u32::MAX, ae_protocol::frame::LONGEST, 7] {
            let line = FromStd::new(&mut *port);
            let kind = Answer::Computed as u8;
            let _ = FrameWriter::begin(line, kind, number, announced).unwrap();
        }
        answer(port, number, &payload[..9]);
    });
    fake.session().patience = Patience { attempt: Duration::from_secs(10), attempts: 1 };
    assert_eq!(asked(&mut fake).unwrap(), [7; 9]);
}
