//! Emulated boards compute what the host computes, and a board that does not is found out.
//!
//! These need QEMU, and firmware that `cargo xtask firmware` has built.

use std::io::Write;
use std::iter;
use std::path::Path;
use std::process::Stdio;

use ae_boards::equivalence::{Agreement, Emulators, compare_on_board, expected_answers};
use ae_boards::{Board, Firmware, Session, SessionError, icount_run};
use ae_core::{Int8Model, Layout, PartSelection, arrange, select_parts};
use ae_data::Images;
use ae_engine::compare::self_test;
use ae_model::Activation;
use ae_protocol::frame::LONGEST;
use ae_protocol::{Answer, FrameReader, Request};
use ae_testkit::seal::with_bit_flipped;
use ae_tests::line::{frame, head};
use ae_tests::models::{Output, float, network, noise, quantised, small_blobs};
use object::{Object, ObjectSection, ObjectSegment, ObjectSymbol};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

fn elf(board: &'static Board, program: &str, blob: &[u8]) -> Vec<u8> {
    let firmware = Firmware::read(&Firmware::default_folder(), board, program).unwrap();
    firmware.image.with_model(blob).unwrap()
}

/// What a board answers that holds `on_board`, compared with `blob` on the host.
fn compare(
    name: &str,
    on_board: &[u8],
    blob: &[u8],
    parts: PartSelection,
    images: &Images,
) -> Agreement {
    let board = Board::find(name).unwrap();
    let expected = expected_answers(blob, parts, images).unwrap();
    let emulators = Emulators { board, elf: &elf(board, "equivalence", on_board) };
    compare_on_board(&emulators, on_board, &expected, &|_| ()).unwrap().1
}

/// The whole model, and a part alone: the encoder and the decoder in turn, and both with
/// `AE_TEST_ALL=1`.
fn parts(turn: usize) -> impl Iterator<Item = PartSelection> {
    let alone = [PartSelection::Encoder, PartSelection::Decoder];
    let takes = if std::env::var_os("AE_TEST_ALL").is_some() { 2 } else { 1 };
    iter::once(PartSelection::Both).chain(alone.into_iter().cycle().skip(turn % 2).take(takes))
}

fn assert_equal_on(
    name: &str,
    blob: &[u8],
    parts: impl Iterator<Item = PartSelection>,
    images: &Images,
) {
    for parts in parts {
        let on_board = select_parts(blob, parts).unwrap();
        let agreement = compare(name, &on_board, blob, parts, images);
        assert_eq!(agreement.samples.of, images.len());
        assert!(agreement.is_complete(), "{name}, {parts:?}: {agreement:?}");
    }
}

/// Widths that are no multiple of anything, one layer or many, wide and narrow, and every
/// activation of the f32 contract.
fn shapes() -> Vec<(Vec<usize>, Activation, Output)> {
    vec![
        (vec![1, 1], Activation::Relu, Output::Sigmoid),
        (vec![13, 2], Activation::Relu, Output::Linear),
        (vec![17, 11, 5], Activation::Gelu, Output::Sigmoid),
        (vec![37, 33, 31, 3], Activation::Silu, Output::Sigmoid),
        (vec![49, 9, 9, 9, 9, 60], Activation::Gelu, Output::Sigmoid),
        (vec![515, 19, 70], Activation::Relu, Output::Sigmoid),
    ]
}

#[test]
fn every_emulated_core_equals_the_host_on_many_shapes() {
    for (seed, (widths, activation, output)) in shapes().into_iter().enumerate() {
        let network = network(&widths, activation, output, seed as u64);
        let images = noise(widths[0], 12, seed as u64);
        let int8 = quantised(&network, &images, PartSelection::Both);
        let f32 = float(&network, &images, PartSelection::Both);
        // Side by side, for no other test takes so long.
        Board::all().par_iter().filter(|board| board.emulator.is_some()).for_each(|board| {
            // In every layout: what no kernel is made for runs by the portable one.
            for (turn, layout) in Layout::ALL.into_iter().enumerate() {
                let blob = arrange(&int8, layout).unwrap();
                assert_equal_on(&board.name, &blob, parts(seed + turn), &images);
            }
            if board.f32 {
                assert_equal_on(&board.name, &f32, parts(seed), &images);
            }
        });
    }
}

/// Which bit of a blob is the lowest of the first weight of a layer.
fn bit_of_a_weight(blob: &[u8], layer: usize) -> usize {
    let model = Int8Model::parse(blob).unwrap();
    let data = model.encoder().unwrap().layers().nth(layer).unwrap().data();
    8 * (data.as_ptr().addr() - blob.as_ptr().addr())
}

#[test]
fn a_flipped_bit_of_a_weight_on_the_board_is_found_and_its_layer_named() {
    let [blob, _] = small_blobs(PartSelection::Both);
    let images = noise(12, 64, 14);
    for layer in 0..2 {
        // The lowest bit changes too little to be seen in every output; this one does not.
        let flipped = with_bit_flipped(&blob, bit_of_a_weight(&blob, layer) + 5);
        let agreement = compare("mps2-an386", &flipped, &blob, PartSelection::Both, &images);
        assert!(!agreement.is_complete());
        let named = agreement.first_layer();
        assert_eq!(named, Some(&*format!("encoder.{layer}")), "{agreement:?}");
        for of_layer in &agreement.layers {
            let name = &of_layer.layer;
            let before = name < &format!("encoder.{layer}") && name.starts_with("encoder");
            assert_eq!(of_layer.count.all(), before, "{name}: {agreement:?}");
        }
    }
}

#[test]
fn the_self_test_on_the_board_names_the_first_layer_that_differs() {
    let board = Board::find("rv32").unwrap();
    let run = |blob: &[u8]| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("selftest.elf");
        std::fs::write(&path, elf(board, "selftest", blob)).unwrap();
        let run = icount_run(board, &path, &[]).unwrap();
        (run.status.code(), run.output)
    };
    for blob in small_blobs(PartSelection::Both) {
        let (code, output) = run(&blob);
        assert_eq!(code, Some(0), "{output}");
        assert!(output.starts_with("ok: rv32 (RV32IMAC, kernel "), "{output}");
        assert!(output.contains("12 pixels, 3 latent values: all of 4 layers"), "{output}");
    }
    let [blob, _] = small_blobs(PartSelection::Both);
    for layer in 0..2 {
        // Not every weight matters for the one test vector.
        let first = bit_of_a_weight(&blob, layer);
        let flipped = (0..).map(|weight| with_bit_flipped(&blob, first + 8 * weight + 6));
        let noticed = |blob: &Vec<u8>| self_test(blob).is_ok_and(|found| found.is_some());
        let (code, output) = run(&flipped.take(20).find(noticed).unwrap());
        assert_eq!(code, Some(1), "{output}");
        let named = format!("encoder layer {layer} differs first: digest ");
        assert!(output.starts_with("FAILED: rv32") && output.contains(&named), "{output}");
    }
    let mut damaged = blob;
    damaged[200] ^= 1;
    let (code, output) = run(&damaged);
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("the model is refused: the checksum is "), "{output}");
}

#[test]
fn a_damaged_model_and_a_wrong_request_are_refused_by_the_board() {
    let [blob, _] = small_blobs(PartSelection::Both);
    for name in ["mps2-an505", "netduinoplus2"] {
        let board = Board::find(name).unwrap();
        let mut damaged = blob.clone();
        damaged[200] ^= 1;
        let mut session = Session::emulate(board, &elf(board, "equivalence", &damaged)).unwrap();
        let error = session.identify().unwrap_err();
        assert!(
            matches!(&error, SessionError::Refused(why) if why.contains("checksum")),
            "{error}"
        );
        session.leave().unwrap();

        let mut session = Session::emulate(board, &elf(board, "equivalence", &blob)).unwrap();
        let identity = session.identify().unwrap();
        assert_eq!(identity.bytes as usize, blob.len());
        for (request, wrong) in [(Request::Encode, 11), (Request::Decode, 4)] {
            let error = session.compute(request, &vec![0; wrong]).unwrap_err().to_string();
            assert!(error.contains(&format!("{wrong} bytes of input")), "{error}");
        }
        // It goes on all the same.
        assert!(session.compute(Request::Reconstruct, &[7; 12]).is_ok());
        session.leave().unwrap();

        let encoder = select_parts(&blob, PartSelection::Encoder).unwrap();
        let mut session = Session::emulate(board, &elf(board, "equivalence", &encoder)).unwrap();
        session.identify().unwrap();
        let error = session.compute(Request::Decode, &[0; 3]).unwrap_err().to_string();
        assert!(error.contains("no decoder"), "{error}");
        session.leave().unwrap();
    }
}

#[test]
fn a_board_goes_on_after_noise_and_damaged_requests() {
    let [blob, _] = small_blobs(PartSelection::Both);
    let image = frame(Request::Reconstruct as u8, 9, &[7; 12]);
    let mut flipped = image.clone();
    flipped[20] ^= 4;
    let mut wrong_length = image.clone();
    wrong_length[7] = 0xff;
    let unknown = frame(77, 3, &[]);
    // Noise with a start in it, a damaged payload, a damaged length, an unknown request, a request
    // whose last byte is lost, and one that is whole. Then heads whose payload never comes, of every
    // length that one can announce, and a request behind each.
    let cut = &image[..image.len() - 1];
    let heads = [1, 12, 784, LONGEST, LONGEST + 1, u32::MAX]
        .map(|announced| [head(Request::Encode as u8, 1, announced), image.clone()].concat());
    let line = [
        &b"noise\xae\xae\x04"[..],
        &flipped,
        &wrong_length,
        &unknown,
        cut,
        &image,
        &heads.concat(),
        &frame(Request::Leave as u8, 10, &[]),
    ]
    .concat();
    for name in ["microbit", "mps2-an500", "rv32"] {
        let board = Board::find(name).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("equivalence.elf");
        std::fs::write(&path, elf(board, "equivalence", &blob)).unwrap();
        let mut command = board.emulator.as_ref().unwrap().command(&path, false);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("QEMU is there");
        child.stdin.take().unwrap().write_all(&line).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{name}");
        let mut rest = &output.stdout[..];
        let mut answers = Vec::new();
        while let Ok(mut frame) = FrameReader::begin(&mut rest, |_| ()) {
            answers.push((frame.kind(), frame.number()));
            frame.skip().unwrap();
            frame.finish().unwrap();
        }
        let kind = |answer: Answer| answer as u8;
        let first = [(kind(Answer::Damaged), 9), (kind(Answer::Refused), 3)];
        // Each that is whole is answered, and what is broken off is not.
        let expected = [&first[..], &[(kind(Answer::Computed), 9); 7]].concat();
        assert_eq!(answers, expected, "{name}");
    }
}

#[test]
fn a_board_that_holds_another_model_is_not_compared() {
    let [blob, _] = small_blobs(PartSelection::Both);
    let other = with_bit_flipped(&blob, bit_of_a_weight(&blob, 0));
    let board = Board::find("mps2-an385").unwrap();
    let expected = expected_answers(&blob, PartSelection::Both, &noise(12, 1, 1)).unwrap();
    let emulators = Emulators { board, elf: &elf(board, "equivalence", &other) };
    let error = compare_on_board(&emulators, &blob, &expected, &|_| ()).unwrap_err();
    assert!(error.to_string().contains("holds another model"), "{error}");
}

/// What the segments of a program put into flash from `address` on.
fn flash_at(elf: &[u8], address: u64) -> &[u8] {
    let file = object::File::parse(elf).unwrap();
    let segment = file
        .segments()
        .find(|segment| (segment.address()..segment.address() + segment.size()).contains(&address));
    let segment = segment.expect("a segment with the model");
    &segment.data().unwrap()[(address - segment.address()) as usize..]
}

#[test]
fn a_model_of_exactly_the_room_fits_and_one_byte_more_does_not() {
    for board in Board::all() {
        let firmware = Firmware::read(&Firmware::default_folder(), board, "selftest").unwrap();
        let room = firmware.image.sizes().model_room as usize;
        let model: Vec<u8> = (0..room).map(|index| (index % 251) as u8).collect();
        for model in [&model[..], &model[..100]] {
            let elf = firmware.image.with_model(model).unwrap();
            assert!(flash_at(&elf, firmware.image.sizes().model_address).starts_with(model));
        }
        let error = firmware.image.with_model(&vec![0x5a; room + 1]).unwrap_err().to_string();
        assert!(error.contains(&format!("{} bytes does not fit the {room}", room + 1)), "{error}");
    }
}

/// The program with an instruction that no core knows where `selftest` begins.
fn with_a_fault(elf: &[u8]) -> Vec<u8> {
    let file = object::File::parse(elf).unwrap();
    let named = |symbol: &object::Symbol<'_, '_>| {
        symbol.name().is_ok_and(|name| name.contains("selftest") && name.contains("run"))
    };
    // The lowest bit of a Thumb function's address says that it is one.
    let address = file.symbols().find(named).unwrap().address() & !1;
    let section = file.sections().find(|section| section.name() == Ok(".text")).unwrap();
    let offset = section.file_range().unwrap().0 + address - section.address();
    let mut elf = elf.to_vec();
    // `udf #0` twice on Arm; a word of zeros is illegal on RISC-V.
    let arm = file.architecture() == object::Architecture::Arm;
    let illegal = if arm { [0x00, 0xde, 0x00, 0xde] } else { [0; 4] };
    elf[offset as usize..][..4].copy_from_slice(&illegal);
    elf
}

#[test]
fn a_fault_ends_the_program_with_failure_and_says_where() {
    let [blob, _] = small_blobs(PartSelection::Both);
    for (name, word) in [("mps2-an386", "fault at 0x"), ("rv32", "trap 2 at 0x"), ("microbit", "")]
    {
        let board = Board::find(name).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("selftest.elf");
        std::fs::write(&path, with_a_fault(&elf(board, "selftest", &blob))).unwrap();
        let run = icount_run(board, &path, &[]).unwrap();
        assert_eq!(run.status.code(), Some(101), "{name}: {}", run.output);
        assert!(run.output.contains(word), "{name}: {}", run.output);
    }
}

#[test]
fn instructions_are_the_same_in_every_run() {
    let [blob, _] = small_blobs(PartSelection::Both);
    for name in ["microbit", "rv32"] {
        let board = Board::find(name).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bench.elf");
        std::fs::write(&path, elf(board, "bench", &blob)).unwrap();
        let run = |path: &Path| icount_run(board, path, &[]).unwrap();
        let (first, second) = (run(&path), run(&path));
        assert!(first.status.success(), "{}", first.output);
        assert!(
            first.output.starts_with(&format!("bench: board={name} core=")),
            "{}",
            first.output
        );
        assert_eq!(first.output, second.output);
    }
}
