//! What a host sends to a board, and a board to its host.
#![no_main]

use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::seeds::{self, Line};
use ae_protocol::{
    Answer, DecisionRecord, DetectorInfo, FrameReader, FrameWriter, Identity, Request,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: begin::begin(seeds::frame), |line: &[u8]| {
    tally::EXECUTED.add();
    let mut rest = line;
    loop {
        let before = rest;
        let mut skipped = 0;
        let Ok(mut frame) = FrameReader::begin(&mut rest, |_| skipped += 1) else {
            assert_eq!(skipped, before.len(), "all that is no frame was shown");
            break;
        };
        let (kind, number, left) = (frame.kind(), frame.number(), frame.left());
        let _ = (Request::from_number(kind), Answer::from_number(kind));
        // Never more memory than there are bytes.
        let Some(len) = usize::try_from(left).ok().filter(|&len| len <= before.len()) else {
            assert!(frame.skip().is_err(), "a payload that is not there");
            break;
        };
        let mut payload = vec![0; len];
        if frame.take(&mut payload).is_err() {
            break;
        }
        if frame.finish().is_ok() {
            tally::ACCEPTED.add();
            let mut again = Line(Vec::new());
            let mut writer = FrameWriter::begin(&mut again, kind, number, left).expect("memory");
            writer.put(&payload).expect("memory");
            writer.finish().expect("memory");
            let taken = &before[skipped..before.len() - rest.len()];
            assert_eq!(again.0, taken, "written again");
        }
    }
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
