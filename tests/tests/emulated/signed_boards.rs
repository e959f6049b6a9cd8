//! Firmware that was built with a public key runs what was signed with the secret one, and nothing
//! else: on emulated boards, by the programs that run on real ones.
//!
//! These need QEMU, and firmware that `cargo xtask test` builds with a key that everybody knows.

use ae_boards::equivalence::{Emulators, compare_on_board, expected_answers};
use ae_boards::{Board, Firmware, Session, SessionError, icount_run};
use ae_core::{PartSelection, select_parts};
use ae_protocol::Request;
use ae_signature::host::SecretKey;
use ae_signature::{KeyId, Purpose, TRAILER_LEN};
use ae_tests::models::{noise, small_blobs};

/// As `tools/xtask/src/gate.rs` has them.
const KEY: &[u8; 32] = b"a trial key, known to everybody!";
const NEXT_KEY: &[u8; 32] = b"the next trial key, known to all";
const PURPOSE: &str = "trial";
const LEAST: u32 = 3;

/// With messages in full, by either way to the host and on either kind of core.
const BOARDS: [&str; 3] = ["mps2-an386", "netduinoplus2", "rv32"];
/// Without room for them.
const SMALL: &str = "microbit";

fn purpose() -> Purpose {
    Purpose::new(PURPOSE).unwrap()
}

fn sign(blob: &[u8], version: u32) -> Vec<u8> {
    SecretKey::from_bytes(KEY).sign(blob, version, purpose())
}

fn elf(board: &str, program: &str, file: &[u8]) -> Vec<u8> {
    let folder = Firmware::default_folder().with_file_name("firmware-signed");
    let firmware = Firmware::read(&folder, Board::find(board).unwrap(), program).unwrap();
    firmware.with_model(file).unwrap().0
}

/// Exit code and output of a program that asks nothing of the host.
fn run(board: &str, program: &str, file: &[u8]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program.elf");
    std::fs::write(&path, elf(board, program, file)).unwrap();
    let run = icount_run(Board::find(board).unwrap(), &path, &[]).unwrap();
    (run.status.code(), run.output)
}

/// The board refuses the file with these words, in every one of its programs, and speaks of nothing
/// that it could only have read in the blob.
fn assert_refused(board: &str, file: &[u8], words: &str) {
    for program in ["selftest", "bench"] {
        let (code, output) = run(board, program, file);
        assert_eq!(code, Some(1), "{board}, {program}: {output}");
        let expected = output.starts_with("FAILED: ") && output.contains(words);
        assert!(expected, "{board}, {program}: no `{words}` in: {output}");
        assert!(!output.contains("checksum") && !output.contains("ok: "), "{output}");
    }
    for program in ["equivalence", "monitor"] {
        let elf = elf(board, program, file);
        let mut session = Session::emulate(Board::find(board).unwrap(), &elf).unwrap();
        let error = session.identify().unwrap_err();
        assert!(
            matches!(&error, SessionError::Refused(why) if why.contains(words)),
            "{board}, {program}: {error}"
        );
        let error = session.compute(Request::Reconstruct, &[7; 12]).unwrap_err();
        assert!(matches!(error, SessionError::Refused(_)), "{board}: {error}");
        session.leave().unwrap();
    }
}

#[test]
fn a_signed_model_is_run() {
    let blobs = small_blobs(PartSelection::Both);
    for board in BOARDS {
        for blob in &blobs {
            for version in [LEAST, LEAST + 1, u32::MAX] {
                let (code, output) = run(board, "selftest", &sign(blob, version));
                assert_eq!(code, Some(0), "{board}: {output}");
                assert!(output.starts_with("ok: "), "{board}: {output}");
            }
        }
        let (code, output) = run(board, "bench", &sign(&blobs[0], LEAST));
        assert_eq!(code, Some(0), "{board}: {output}");
        assert!(output.contains(" verify_stack_bytes="), "{board}: {output}");
    }
    // Either key's.
    for board in BOARDS.into_iter().chain([SMALL]) {
        for key in [KEY, NEXT_KEY] {
            let file = SecretKey::from_bytes(key).sign(&blobs[0], LEAST, purpose());
            let (code, output) = run(board, "selftest", &file);
            assert_eq!(code, Some(0), "{board}: {output}");
        }
    }
}

#[test]
fn a_signed_model_gives_the_hosts_bytes() {
    let [blob, _] = small_blobs(PartSelection::Both);
    let images = noise(12, 12, 3);
    for board in BOARDS.into_iter().chain([SMALL]) {
        for parts in [PartSelection::Both, PartSelection::Encoder, PartSelection::Decoder] {
            let on_board = select_parts(&blob, parts).unwrap();
            let expected = expected_answers(&blob, parts, &images).unwrap();
            let elf = &elf(board, "equivalence", &sign(&on_board, LEAST));
            let emulators = Emulators { board: Board::find(board).unwrap(), elf };
            let found = compare_on_board(&emulators, &on_board, &expected, &|_| ()).unwrap();
            assert!(found.1.is_complete(), "{board}, {parts:?}: {:?}", found.1);
        }
    }
}

#[test]
fn an_unsigned_model_is_refused() {
    let [blob, f32] = small_blobs(PartSelection::Both);
    for board in BOARDS {
        for blob in [&blob, &f32] {
            assert_refused(board, blob, "the model is refused: ");
        }
        // Its trailer is wiped, or the next thing in flash.
        let erased = [&blob[..], &[0xff; TRAILER_LEN]].concat();
        assert_refused(board, &erased, "not signed: ");
        assert_refused(board, &[&blob[..], &blob[..]].concat(), "not signed: ");
    }
    assert_refused(SMALL, &[&blob[..], &[0xff; 100]].concat(), "it is not signed");
}

#[test]
fn a_flipped_bit_in_blob_version_or_signature_is_refused() {
    let [blob, _] = small_blobs(PartSelection::Both);
    let good = sign(&blob, LEAST);
    let (front, end) = (blob.len(), good.len());
    // Beginning, middle and end of the body; the model's version; a letter of the purpose; both halves
    // of the signature.
    let places = [
        56,
        front / 2,
        front - 1,
        front + 12,
        front + 15,
        front + 16,
        front + 40,
        front + 72,
        end - 1,
    ];
    for board in BOARDS {
        for at in places {
            let mut file = good.clone();
            file[at] ^= 1;
            assert_refused(board, &file, "the signature is wrong");
        }
        let mut file = good.clone();
        file[front] ^= 1;
        assert_refused(board, &file, "not signed: ");
        // The trailer's version, and the key's name.
        for (at, words) in [(front + 8, "a trailer of version 3"), (front + 32, "with another key")]
        {
            let mut file = good.clone();
            file[at] ^= 1;
            assert_refused(board, &file, words);
        }
    }
    for at in places {
        let mut file = good.clone();
        file[at] ^= 1;
        assert_refused(SMALL, &file, "its signature is wrong");
    }
}

/// Magic, version, length, checksum, contract, parts and sizes: whatever the header says, there is no
/// model without its signature.
#[test]
fn a_flipped_bit_anywhere_in_the_header_is_refused() {
    let [blob, _] = small_blobs(PartSelection::Both);
    let good = sign(&blob, LEAST);
    for at in (0..56).step_by(3) {
        let mut file = good.clone();
        file[at] ^= 1 << (at % 8);
        assert_refused_by_selftest("mps2-an386", &file);
    }
}

fn assert_refused_by_selftest(board: &str, file: &[u8]) {
    // As whoever writes to flash would, who does not ask whether it fits.
    let folder = Firmware::default_folder().with_file_name("firmware-signed");
    let board = Board::find(board).unwrap();
    let elf = Firmware::read(&folder, board, "selftest").unwrap().image.with_model(file).unwrap();
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("program.elf");
    std::fs::write(&path, elf).unwrap();
    let run = icount_run(board, &path, &[]).unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", run.output);
    assert!(run.output.contains("the model is refused: "), "{}", run.output);
    assert!(!run.output.contains("checksum"), "{}", run.output);
}

#[test]
fn another_ones_signature_is_refused() {
    let [blob, _] = small_blobs(PartSelection::Both);
    let other = SecretKey::from_bytes(&[9; 32]);
    let mut file = other.sign(&blob, LEAST, purpose());
    for board in BOARDS {
        assert_refused(board, &file, "signed with another key, ");
    }
    assert_refused(SMALL, &file, "another key signed it");
    // Under the name of the board's key.
    let name = KeyId::of(&SecretKey::from_bytes(KEY).public().to_bytes());
    file[blob.len() + 32..][..KeyId::LEN].copy_from_slice(&name.to_bytes());
    for board in BOARDS {
        assert_refused(board, &file, "the signature is wrong");
    }
}

#[test]
fn the_trailer_of_another_model_is_refused() {
    let [blob, f32] = small_blobs(PartSelection::Both);
    let other = sign(&f32, LEAST);
    let swapped = [&blob[..], &other[other.len() - TRAILER_LEN..]].concat();
    for board in BOARDS {
        assert_refused(board, &swapped, "the signature is wrong");
    }
}

#[test]
fn a_model_that_is_too_old_is_refused() {
    let [blob, _] = small_blobs(PartSelection::Both);
    for board in BOARDS {
        let words = "model version 2 is too old: 3 is the least that may run";
        assert_refused(board, &sign(&blob, LEAST - 1), words);
        assert_refused(board, &sign(&blob, 0), "model version 0 is too old");
    }
    assert_refused(SMALL, &sign(&blob, LEAST - 1), "it is too old");
}

/// The same key signs for every product of its holder.
#[test]
fn a_model_for_another_purpose_is_refused() {
    let [blob, _] = small_blobs(PartSelection::Both);
    let key = SecretKey::from_bytes(KEY);
    for (other, name) in
        [(Purpose::new("trial2").unwrap(), "purpose trial2"), (Purpose::NONE, "no purpose")]
    {
        let file = key.sign(&blob, LEAST, other);
        for board in BOARDS {
            let words = format!("the model is signed for {name}, expected purpose trial");
            assert_refused(board, &file, &words);
        }
        assert_refused(SMALL, &file, "it is for another purpose");
    }
}

#[test]
fn a_trailer_of_the_first_version_is_refused_by_name() {
    let [blob, _] = small_blobs(PartSelection::Both);
    let file = [&blob[..], b"\x89AES\r\n\x1a\n", &LEAST.to_le_bytes(), &[0x55; 64]].concat();
    for board in BOARDS {
        assert_refused(board, &file, "a trailer of version 1");
    }
}

/// A signature says who made the file, not that it can be run: that is for the loader to find.
#[test]
fn a_signed_file_that_is_no_model_is_refused_by_the_loader() {
    let [mut blob, _] = small_blobs(PartSelection::Both);
    blob[200] ^= 1;
    for board in BOARDS {
        let (code, output) = run(board, "selftest", &sign(&blob, LEAST));
        assert_eq!(code, Some(1), "{board}: {output}");
        assert!(output.contains("the model is refused: the checksum is "), "{board}: {output}");
    }
}

#[test]
fn firmware_tells_which_models_it_runs() {
    let folder = Firmware::default_folder();
    let board = Board::find("mps2-an386").unwrap();
    let plain = Firmware::read(&folder, board, "selftest").unwrap();
    assert_eq!(plain.image.gate(), None);
    let gated = folder.with_file_name("firmware-signed");
    let gated = Firmware::read(&gated, board, "selftest").unwrap();
    let gate = gated.image.gate().unwrap();
    let keys = [KEY, NEXT_KEY].map(|key| SecretKey::from_bytes(key).public().to_bytes());
    assert_eq!(gate.public_keys, keys);
    assert_eq!(gate.purpose, purpose().to_bytes());
    assert_eq!(gate.least_version, LEAST);
    // It checks with the stack in mind that the check of a signature takes.
    let [blob, _] = small_blobs(PartSelection::Both);
    let file = sign(&blob, LEAST);
    let (_, needs) = gated.with_model(&file).unwrap();
    assert_eq!(needs.flash as usize, file.len());
    assert!(needs.stack > plain.with_model(&blob).unwrap().1.stack);
}
