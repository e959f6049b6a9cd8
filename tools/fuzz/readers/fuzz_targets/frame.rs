//! What a host sends to a board, and a board to its host.
#![no_main]

use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::seeds::{self, Line};
use ae_protocol::frame::{ESCAPE, LONGEST, START};
use ae_protocol::{
    Answer, DecisionRecord, DetectorInfo, FrameError, FrameReader, FrameWriter, Identity, Request,
};
use libfuzzer_sys::fuzz_target;

/// A request that is good, with every byte in it that a frame has a use for.
const GOOD: [u8; 5] = [START, ESCAPE, 0, START ^ 0x20, 0xff];

fuzz_target!(init: begin::begin(seeds::frame), |noise: &[u8]| {
    tally::EXECUTED.add();
    // Behind noise of at most one message's length comes a good request.
    let noise = &noise[..noise.len().min(LONGEST as usize)];
    let mut line = Line(noise.to_vec());
    let mut writer =
        FrameWriter::begin(&mut line, Request::Push as u8, 77, GOOD.len() as u32).expect("memory");
    writer.put(&GOOD).expect("memory");
    writer.finish().expect("memory");
    let mut rest = &line.0[..];
    let mut last = None;
    loop {
        let before = rest;
        let mut skipped = 0;
        let Ok(mut frame) = FrameReader::begin(&mut rest, |_| skipped += 1) else {
            assert_eq!(skipped, before.len(), "all that is no frame was shown");
            break;
        };
        let (kind, number, left) = (frame.kind(), frame.number(), frame.left());
        assert!(left <= LONGEST, "a length above that of every message");
        let _ = (Request::from_number(kind), Answer::from_number(kind));
        let mut payload = vec![0; left as usize];
        let whole = frame.take(&mut payload).and_then(|()| frame.finish());
        match whole {
            Ok(()) => {
                let mut again = Line(Vec::new());
                let mut writer =
                    FrameWriter::begin(&mut again, kind, number, left).expect("memory");
                writer.put(&payload).expect("memory");
                writer.finish().expect("memory");
                let taken = &before[skipped..before.len() - rest.len()];
                // One of the two starts may have been lost.
                assert!(again.0 == taken || again.0[1..] == *taken, "written again");
                if last.replace((kind, number, payload)).is_some() {
                    // One of those in the noise.
                    tally::ACCEPTED.add();
                }
            }
            Err(FrameError::End) => break,
            Err(FrameError::Checksum | FrameError::BrokenOff) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(last, Some((Request::Push as u8, 77, GOOD.to_vec())), "the good request is read");
    let line = noise;
    if let Some(info) = DetectorInfo::from_bytes(line) {
        assert_eq!(info.to_bytes(), line);
    }
    if let Some(records) = DecisionRecord::read_all(line) {
        let again: Vec<u8> = records.flat_map(|record| record.to_bytes()).collect();
        assert_eq!(again, line);
    }
    if let Some(identity) = Identity::from_bytes(line) {
        let mut buffer = vec![0; line.len()];
        let written = identity.to_bytes(&mut buffer).expect("no longer than what was read");
        assert_eq!(Identity::from_bytes(written), Some(identity));
    }
});
