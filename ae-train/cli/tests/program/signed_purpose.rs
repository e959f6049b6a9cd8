//! What a model is signed for, which signed file it replaces, and trailers of the first version.

use ae_signature::host::SecretKey;
use ae_signature::{Purpose, TRAILER_LEN};

use crate::workshop::Workshop;

/// A run, two pairs of keys, and `run/model.int8.signed.aeb` for pumps.
fn signed() -> Workshop {
    let workshop = Workshop::with_run();
    workshop.ok("keygen --out a");
    workshop.ok("keygen --out b");
    let said = workshop.ok(&sign("a", 7, "--purpose pump"));
    assert!(said.text().contains("model version 7, purpose pump, "), "{}", said.text());
    workshop
}

fn sign(key: &str, version: u32, more: &str) -> String {
    format!("sign run/model.int8.aeb --key {key}.key --model-version {version} {more}")
}

fn purpose(workshop: &Workshop, model: &str) -> String {
    let signature = workshop.ok(&format!("info {model} --json")).json()["signature"].clone();
    signature["purpose"].to_string()
}

#[test]
fn a_purpose_is_signed_and_kept() {
    let workshop = signed();
    assert_eq!(purpose(&workshop, "run/model.int8.signed.aeb"), "\"pump\"");
    let said = workshop.ok("info run/model.int8.signed.aeb --key a.pub");
    assert!(said.text().contains("model version 7, purpose pump, right by"), "{}", said.text());
    let again = "sign run/model.int8.signed.aeb --again --key b.key --model-version 8 --out";
    workshop.ok(&format!("{again} kept.aeb"));
    assert_eq!(purpose(&workshop, "kept.aeb"), "\"pump\"");
    workshop.ok(&format!("{again} fan.aeb --purpose fan"));
    assert_eq!(purpose(&workshop, "fan.aeb"), "\"fan\"");
    workshop.ok(&sign("a", 1, "--out none.aeb"));
    assert_eq!(purpose(&workshop, "none.aeb"), "null");
    for name in ["pümp", "seventeen-letters"] {
        let finished = workshop.run(&sign("a", 8, &format!("--purpose {name} --out x.aeb")));
        assert_eq!(finished.code, Some(2));
        let words =
            finished.stderr.contains("--purpose") && finished.stderr.contains("a purpose has");
        assert!(words, "{}", finished.stderr);
    }
    assert!(!workshop.exists("x.aeb"));
}

#[test]
fn each_purpose_counts_its_own_versions() {
    let workshop = signed();
    let words = ["no file in run for purpose fan", "from 0", "--allow-jump"];
    workshop.refused(&sign("a", 1001, "--purpose fan --out run/fan.aeb"), &words);
    workshop.ok(&sign("a", 1007, "--purpose pump --out run/b.aeb"));
    workshop.ok(&sign("a", 2007, "--purpose pump --out run/c.aeb"));
}

#[test]
fn a_version_follows_that_of_the_file_it_replaces() {
    let workshop = signed();
    workshop.ok(&sign("a", 5000, "--purpose pump --allow-jump --out old.aeb"));
    let after = |version, more: &str| {
        sign("b", version, &format!("--purpose pump --out new.aeb --after {more}"))
    };
    for version in [0, 4999, 5000] {
        let words = ["not above 5000", "old.aeb", "expected 5001 or more"];
        workshop.refused(&after(version, "old.aeb"), &words);
        workshop.refused(&after(version, "old.aeb --allow-jump"), &words);
    }
    workshop.refused(&after(6001, "old.aeb"), &["1001 above 5000", "old.aeb", "--allow-jump"]);
    workshop.refused(&after(1, "run/model.int8.aeb"), &["not signed"]);
    let other = sign("a", 5001, "--purpose fan --out new.aeb --after old.aeb");
    workshop.refused(&other, &["old.aeb is signed for purpose pump", "purpose fan", "--purpose"]);
    assert!(!workshop.exists("new.aeb"));
    // With another key, which has signed nothing so far.
    workshop.ok(&after(6000, "old.aeb"));
    workshop.ok(&after(1_000_000, "old.aeb --allow-jump"));
}

#[test]
fn a_trailer_of_the_first_version_is_refused_by_name_and_signed_again() {
    let workshop = signed();
    let blob = workshop.read("run/model.int8.aeb");
    let first = [&blob[..], b"\x89AES\r\n\x1a\n", &7_u32.to_le_bytes(), &[0x55; 64]].concat();
    workshop.write("first.aeb", &first);
    let sign = "sign first.aeb --key a.key --model-version 8 --purpose pump --out second.aeb";
    for line in ["info first.aeb", "verify first.aeb", "flash first.aeb --board stm32f405 --check"]
    {
        let words = ["trailer of version 1", "version 2 is read", "sign first.aeb --again"];
        workshop.refused(line, &words);
    }
    workshop.refused(sign, &["signed already", "first version", "--again"]);
    workshop.ok(&format!("{sign} --again"));
    let second = workshop.read("second.aeb");
    assert!(second[..blob.len()] == blob && second.len() == blob.len() + TRAILER_LEN);
    workshop.ok("info second.aeb --key a.pub");
    let mut later = second;
    later[blob.len() + 8] = 3;
    workshop.write("later.aeb", &later);
    workshop.refused("info later.aeb", &["trailer of version 3", "later ae-train"]);
}

/// As tools/xtask/src/gate.rs builds the firmware for tests: two keys, a purpose, a least version.
#[test]
fn flash_and_verify_say_what_the_board_would() {
    let workshop = signed();
    let firmware = ae_boards::Firmware::default_folder().with_file_name("firmware-signed");
    let blob = workshop.read("run/model.int8.aeb");
    let keys = [*b"a trial key, known to everybody!", *b"the next trial key, known to all"];
    let [now, next] = keys.map(|key| SecretKey::from_bytes(&key));
    let trial = Purpose::new("trial").unwrap();
    let line = format!(
        "verify model.aeb --data data --board mps2-an386 --report report.md --firmware {}",
        firmware.display()
    );
    for (file, words) in [
        (
            now.sign(&blob, 3, Purpose::NONE),
            ["for no purpose, expected purpose trial", "--purpose trial"],
        ),
        (next.sign(&blob, 2, trial), ["version 2 is too old: 3", "--model-version 3"]),
        (
            SecretKey::from_bytes(&[9; 32]).sign(&blob, 3, trial),
            ["with another key", "AE_NEXT_PUBLIC_KEY"],
        ),
    ] {
        workshop.write("model.aeb", &file);
        workshop.refused(&line, &words);
    }
    workshop.write("model.aeb", &next.sign(&blob, 3, trial));
    workshop.ok(&line);
}
