extern crate std;

use std::vec::Vec;

use super::{ESCAPE, FrameError, FrameReader, FrameWriter, LONGEST, START};

type Read<T> = Result<T, FrameError<core::convert::Infallible>>;

/// A frame on the line.
fn frame(number: u8, payload: &[u8]) -> Vec<u8> {
    let mut line = std::vec![0; 2 * payload.len() + 26];
    let whole = line.len();
    let mut rest = &mut line[..];
    let mut frame = FrameWriter::begin(&mut rest, 4, number, payload.len() as u32).unwrap();
    frame.put(payload).unwrap();
    frame.finish().unwrap();
    let len = whole - rest.len();
    line.truncate(len);
    line
}

/// With every byte that is special in it.
fn line() -> Vec<u8> {
    frame(200, &[7, START, ESCAPE, 9])
}

fn next(line: &mut &[u8], mut skipped: impl FnMut(u8)) -> Read<(u8, Vec<u8>)> {
    let mut frame = FrameReader::begin(line, &mut skipped)?;
    let number = frame.number();
    let mut payload = Vec::new();
    // As it comes: a length may be of anything.
    while frame.left() > 0 {
        let mut byte = [0];
        frame.take(&mut byte)?;
        payload.extend(byte);
    }
    frame.finish()?;
    Ok((number, payload))
}

fn read(mut line: &[u8]) -> Read<[u8; 4]> {
    next(&mut line, |_| ()).map(|(_, payload)| payload.try_into().unwrap())
}

/// Number and payload of all frames that are whole.
fn all(mut line: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut found = Vec::new();
    loop {
        match next(&mut line, |_| ()) {
            Ok(frame) => found.push(frame),
            Err(FrameError::End) => return found,
            Err(_) => {}
        }
    }
}

#[test]
fn what_stands_before_a_frame_is_shown_and_passed_over() {
    for noise in [
        &b"hh"[..],
        &[START, 1],
        &[START, START, 1, ESCAPE],
        &[START, START, ESCAPE, START, 7],
        &[ESCAPE, START, START, START],
    ] {
        let bytes = [noise, &line()].concat();
        let mut shown = Vec::new();
        let mut frame = FrameReader::begin(&bytes[..], |byte| shown.push(byte)).unwrap();
        assert_eq!((frame.kind(), frame.number(), frame.left()), (4, 200, 4));
        frame.skip().unwrap();
        frame.finish().unwrap();
        assert_eq!(shown, noise);
    }
    // All of it where no frame comes.
    for byte in [b'h', START, ESCAPE] {
        for len in 0..20 {
            let mut shown = Vec::new();
            let text = [byte; 20];
            assert!(FrameReader::begin(&text[..len], |byte| shown.push(byte)).is_err());
            assert_eq!(shown, text[..len]);
        }
    }
}

#[test]
fn every_flipped_bit_and_every_cut_is_noticed() {
    assert_eq!(read(&line()), Ok([7, START, ESCAPE, 9]));
    // One of the two starts may be lost.
    for bit in 16..8 * line().len() {
        let mut bytes = line();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&bytes).is_err(), "bit {bit}");
    }
    for len in 0..line().len() {
        assert_eq!(read(&line()[..len]), Err(FrameError::End), "{len} bytes");
    }
}

#[test]
fn a_start_is_nowhere_but_at_the_front() {
    for byte in 0..=u8::MAX {
        let line = frame(byte, &[byte; 5]);
        assert_eq!(line.iter().filter(|&&byte| byte == START).count(), 2);
        assert_eq!(line[..2], [START; 2]);
        assert_eq!(all(&line), [(byte, std::vec![byte; 5])]);
    }
}

#[test]
fn a_frame_that_comes_whole_is_read_whatever_came_before() {
    let line = line();
    let whole = (200, std::vec![7, START, ESCAPE, 9]);
    // Whatever is flipped in the one before, or wherever that one ends.
    for bit in 0..8 * line.len() {
        let mut bytes = [&line[..], &line].concat();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(all(&bytes).last(), Some(&whole), "bit {bit}");
    }
    for len in 0..line.len() {
        assert_eq!(all(&[&line[..len], &line].concat()), core::slice::from_ref(&whole));
    }
    // Heads whose payload does not come, of any length that one can announce.
    for len in [1, 784, LONGEST - 1, LONGEST, LONGEST + 1, 1 << 24, u32::MAX] {
        let mut head = [0; 24];
        let _ = FrameWriter::begin(&mut head[..], 5, 1, len).unwrap();
        for kept in 1..head.len() {
            let bytes = [&head[..kept], &line].concat();
            assert_eq!(all(&bytes), core::slice::from_ref(&whole), "{len}, {kept} bytes");
        }
    }
}

#[test]
fn a_head_above_the_longest_message_is_noise_at_once() {
    for (len, is_head) in [(LONGEST, true), (LONGEST + 1, false), (u32::MAX, false)] {
        let mut head = [0; 24];
        let rest = {
            let mut rest = &mut head[..];
            let _ = FrameWriter::begin(&mut rest, 5, 1, len).unwrap();
            rest.len()
        };
        let head = &head[..24 - rest];
        let mut shown = Vec::new();
        let begun = FrameReader::begin(head, |byte| shown.push(byte));
        assert_eq!(begun.is_ok(), is_head, "{len}");
        assert_eq!(shown, if is_head { &[][..] } else { head });
    }
}

#[test]
fn a_frame_that_is_broken_off_says_so_and_the_next_is_there() {
    let long = frame(1, &[7; 300]);
    let bytes = [&long[..200], &line()].concat();
    let mut line = &bytes[..];
    assert_eq!(next(&mut line, |_| ()), Err(FrameError::BrokenOff));
    assert_eq!(next(&mut line, |_| ()), Ok((200, std::vec![7, START, ESCAPE, 9])));
}

#[test]
fn a_payload_of_another_length_is_refused() {
    let bytes = line();
    let mut frame = FrameReader::begin(&bytes[..], |_| ()).unwrap();
    let error = frame.take(&mut [0; 5]).unwrap_err();
    assert_eq!(error, FrameError::Length { expected: 5, found: 4 });
    frame.take(&mut [0; 3]).unwrap();
    assert_eq!(frame.finish(), Err(FrameError::Length { expected: 0, found: 1 }));
}
