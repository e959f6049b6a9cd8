//! New models for an emulated board, over its UART, while its power is cut at random moments. It keeps
//! its flash in a file, as the machine's own flash is kept.
//!
//! These need QEMU, and firmware that `cargo xtask test` builds with a key that everybody knows.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use ae_boards::equivalence::{Expected, expected_answers};
use ae_boards::update::{UpdateError, update};
use ae_boards::{Board, BoardModels, Firmware, FlashFile, Session};
use ae_core::PartSelection;
use ae_protocol::{PendingModel, Request, RunningModel};
use ae_signature::host::SecretKey;
use ae_signature::{Purpose, SignatureError};
use ae_testkit::draw::Weights;
use ae_testkit::random::SplitMix64;
use ae_tests::integers::{integer_blob, random_layers};
use ae_tests::models::noise;
use tempfile::TempDir;

/// As `tools/xtask/src/gate.rs` has them.
const KEY: &[u8; 32] = b"a trial key, known to everybody!";
const PURPOSE: &str = "trial";
const LEAST: u32 = 3;

/// Power cuts, and how many with `AE_TEST_ALL`.
const CUTS: usize = 5;
const ALL_CUTS: usize = 200;

/// A model as it is sent, and what it answers.
struct Model {
    file: Vec<u8>,
    version: u32,
    expected: Expected,
}

impl Model {
    fn new(blob: &[u8], version: u32) -> Self {
        let purpose = Purpose::new(PURPOSE).unwrap();
        let file = SecretKey::from_bytes(KEY).sign(blob, version, purpose);
        let expected = expected_answers(blob, PartSelection::Both, &image()).unwrap();
        Self { file, version, expected }
    }
}

fn image() -> ae_data::Images {
    noise(64, 1, 5)
}

/// Small: the emulator brings a byte after the other.
fn model(hidden: usize, version: u32) -> Model {
    let mut random = SplitMix64::new(7);
    let layers = random_layers(&[64, hidden, 4], Weights::Any, &mut random);
    Model::new(&integer_blob(&layers, &random.pixels(64), PartSelection::Both), version)
}

fn old() -> Model {
    model(8, LEAST)
}

/// A board whose flash outlives its power.
struct Machine {
    board: &'static Board,
    elf: Vec<u8>,
    flash: FlashFile,
    _folder: TempDir,
}

impl Machine {
    fn with(model: &Model) -> Self {
        let board = Board::find("rv32").unwrap();
        let folder = Firmware::default_folder().with_file_name("firmware-signed");
        let program = Firmware::read(&folder, board, "update").unwrap();
        let folder = tempfile::tempdir().unwrap();
        // A name that QEMU would take for two options.
        let path = folder.path().join("flash,of=rv32");
        let flash = FlashFile::make(board, &path, &model.file).unwrap();
        let elf = std::fs::read(&program.path).unwrap();
        Self { board, elf, flash, _folder: folder }
    }

    fn power_on(&self) -> Session {
        Session::emulate_with_flash(self.board, &self.elf, &self.flash).unwrap()
    }

    /// Cuts the power after `delay` of an update; how far that came.
    fn cut(&self, delay: Duration, model: &Model) -> Result<(), UpdateError> {
        let mut session = self.power_on();
        let process = session.process().unwrap().to_string();
        let killer = thread::spawn(move || {
            thread::sleep(delay);
            // It may have ended before.
            Command::new("kill").args(["-KILL", &process]).status().unwrap();
        });
        let result = update(&mut session, &model.file, None, |_| ());
        killer.join().unwrap();
        result.map(|_| ())
    }
}

/// The model that runs computes what one of these does, bit for bit; which.
fn answers<'m>(session: &mut Session, models: &[&'m Model]) -> (&'m Model, BoardModels) {
    let said = session.models().unwrap();
    let running = said.running.expect("a model runs");
    let model = models.iter().find(|model| model.version == running.version).unwrap();
    let found = session.compute(Request::Reconstruct, image().image(0)).unwrap();
    assert!(found == model.expected.samples[0].answer, "version {} computes", model.version);
    (model, said)
}

#[test]
fn an_update_survives_power_cuts_at_any_moment() {
    let (old, new) = (old(), model(16, LEAST + 1));
    let all = [&old, &new];
    // Undisturbed.
    let machine = Machine::with(&old);
    let begin = Instant::now();
    let mut session = machine.power_on();
    update(&mut session, &new.file, Some(machine.board), |_| ()).unwrap();
    let whole = begin.elapsed();
    assert_eq!(answers(&mut session, &all).1.least, new.version);
    session.leave().unwrap();

    let mut machine = Machine::with(&old);
    assert_eq!(answers(&mut machine.power_on(), &all).0.version, old.version);
    let cuts = if std::env::var_os("AE_TEST_ALL").is_some() { ALL_CUTS } else { CUTS };
    let mut random = SplitMix64::new(11);
    let (mut least, mut on_their_way, mut done) = (old.version, 0, 0);
    for cut in 0..cuts {
        let delay = whole.mul_f64(random.below(1000) as f64 / 1000.0);
        done += usize::from(machine.cut(delay, &new).is_ok());
        let (model, said) = answers(&mut machine.power_on(), &all);
        assert!(said.least >= least, "cut {cut}: the least version fell from {least}");
        assert!(model.version >= said.least || model.version == old.version, "cut {cut}");
        on_their_way += usize::from(said.pending != PendingModel::Nothing);
        least = said.least;
        if least == new.version {
            // Another board.
            (machine, least) = (Machine::with(&old), old.version);
        }
    }
    println!("{cuts} cuts within {whole:?}: {done} came too late, {on_their_way} in a transfer");
    let mut session = machine.power_on();
    let updated = update(&mut session, &new.file, None, |_| ()).unwrap();
    assert_eq!(updated.models.least, new.version);
    session.leave().unwrap();
    let (model, said) = answers(&mut machine.power_on(), &all);
    assert_eq!((model.version, said.least), (new.version, new.version));
    assert!(!said.running.unwrap().is_trial);
}

#[test]
fn a_model_that_the_board_would_refuse_stays_outside() {
    let old = old();
    let machine = Machine::with(&old);
    let mut session = machine.power_on();
    let blob = &old.file[..old.file.len() - ae_signature::TRAILER_LEN];
    let (purpose, key) = (Purpose::new(PURPOSE).unwrap(), SecretKey::from_bytes(KEY));
    let mut bad = key.sign(blob, LEAST + 1, purpose);
    *bad.last_mut().unwrap() ^= 1;
    let fan = key.sign(blob, LEAST + 1, Purpose::new("fan").unwrap());
    let error = update(&mut session, &fan, None, |_| ()).unwrap_err();
    assert!(matches!(error, UpdateError::Gate(SignatureError::OtherPurpose { .. })), "{error}");
    let error = update(&mut session, &bad, None, |_| ()).unwrap_err();
    assert!(matches!(error, UpdateError::Refused(_)), "{error}");
    let said = answers(&mut session, &[&old]).1;
    assert!(matches!(said.running, Some(RunningModel { is_trial: false, slot: 0, .. })));
    session.leave().unwrap();
    assert!(Path::new(machine.flash.path()).exists());
}
