//! New models for an emulated board over its line. Its firmware is that for tests, with a key that
//! everybody knows.

use ae_signature::Purpose;
use ae_signature::host::SecretKey;

use crate::workshop::Workshop;

/// Signed by the trial key of tools/xtask/src/gate.rs.
fn sign(blob: &[u8], version: u32, purpose: &str) -> Vec<u8> {
    let key = SecretKey::from_bytes(b"a trial key, known to everybody!");
    key.sign(blob, version, Purpose::new(purpose).unwrap())
}

#[test]
fn a_board_gets_its_first_model_and_then_the_next_over_its_line() {
    let workshop = Workshop::with_run();
    let firmware = ae_boards::Firmware::default_folder().with_file_name("firmware-signed");
    let blob = workshop.read("run/model.int8.aeb");
    for (name, version, purpose) in
        [("first", 3, "trial"), ("next", 4, "trial"), ("fan", 5, "fan"), ("older", 2, "trial")]
    {
        workshop.write(&format!("{name}.aeb"), &sign(&blob, version, purpose));
    }
    let line = |model: &str| {
        let firmware = firmware.display();
        format!("update {model}.aeb --board rv32 --flash rv32.flash --firmware {firmware}")
    };
    workshop.refused(&line("older"), &["first model", "version 2 is too old: 3"]);
    assert!(!workshop.exists("rv32.flash"));
    let said = workshop.ok(&line("first"));
    assert!(said.stderr.contains("rv32.flash: a new flash"), "{}", said.stderr);
    assert!(said.text().contains("rv32 runs model version 3 already"), "{}", said.text());
    let said = workshop.ok(&line("next"));
    assert!(said.stderr.contains("the board checks the model"), "{}", said.stderr);
    let words = "rv32 runs model version 4, and takes none below 4";
    assert!(said.text().contains(words), "{}", said.text());
    let would = "the board would refuse the model";
    workshop.refused(&line("first"), &[would, "version 3 is too old: 4", "--model-version 4"]);
    workshop
        .refused(&line("fan"), &[would, "purpose fan, expected purpose trial", "--purpose trial"]);
    workshop.refused(&line("run/model.int8"), &[would, "not signed"]);
    let said = workshop.ok(&line("next"));
    assert!(said.text().contains("runs model version 4 already"), "{}", said.text());
}

#[test]
fn a_board_is_named_with_what_it_has() {
    let workshop = Workshop::with_run();
    let line = "update run/model.int8.aeb --board";
    workshop.refused(&format!("{line} rv32"), &["--flash names the file"]);
    workshop.refused(&format!("{line} rv32 --flash x --port y"), &["no --port"]);
    workshop.refused(&format!("{line} microbit --flash x"), &["microbit has no flash", "rv32 has"]);
    workshop.refused(&format!("{line} stm32f405 --flash x"), &["leave out --flash"]);
    assert!(!workshop.exists("x"));
}
