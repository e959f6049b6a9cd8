//! Keys, signed models, and the verbs that take them.

use std::fs;
use std::process::Command;

use ae_signature::host::read_public;
use ae_signature::{Purpose, TRAILER_LEN, Trust, open};

use crate::workshop::Workshop;

const SIGN: &str = "sign run/model.int8.aeb --key a.key --model-version 7";

/// A run, two pairs of keys, and `run/model.int8.signed.aeb`.
fn signed() -> Workshop {
    let workshop = Workshop::with_run();
    workshop.ok("keygen --out a");
    workshop.ok("keygen --out b");
    workshop.ok(SIGN);
    workshop
}

#[test]
fn keygen_writes_a_pair_that_only_its_owner_may_read() {
    let workshop = Workshop::new();
    let said = workshop.ok("keygen --out a");
    let public = read_public(&workshop.read_text("a.pub")).unwrap();
    let digits: String = public.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(said.text().contains(&digits), "{}", said.text());
    assert!(said.text().contains("a.key") && said.text().contains("a.pub"));
    assert!(workshop.read_text("a.key").starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert!(!said.text().contains("PRIVATE"), "{}", said.text());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        let mode = |name: &str| fs::metadata(workshop.path(name)).unwrap().permissions().mode();
        assert_eq!([mode("a.key") & 0o777, mode("a.pub") & 0o777], [0o600, 0o644]);
    }
    // Another time, other keys.
    workshop.ok("keygen --out b");
    assert_ne!(workshop.read("a.key"), workshop.read("b.key"));
    assert_eq!(workshop.names("."), ["a.key", "a.pub", "b.key", "b.pub", "data"]);
}

#[test]
fn keygen_overwrites_nothing_and_leaves_no_half() {
    let workshop = Workshop::new();
    for there in ["a.key", "a.pub"] {
        workshop.write(there, b"dear");
        workshop.refused("keygen --out a", &[there, "--out"]);
        assert_eq!(workshop.read(there), b"dear");
        assert_eq!(workshop.names("."), [there, "data"]);
        fs::remove_file(workshop.path(there)).unwrap();
    }
    // A link that leads nowhere is there too.
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", workshop.path("a.pub")).unwrap();
        workshop.refused("keygen --out a", &["a.pub", "--out"]);
        assert_eq!(workshop.names("."), ["a.pub", "data"]);
    }
    workshop.refused("keygen --out nowhere/c", &["cannot write nowhere/c.key"]);
    for name in ["c.key", "c.pub", ".."] {
        workshop.refused(&format!("keygen --out {name}"), &["--out", "name alone"]);
    }
    assert!(!workshop.exists("c.key") && !workshop.exists("c.pub"));
}

#[test]
fn openssl_reads_both_keys_and_its_own_keys_sign() {
    let workshop = signed();
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        command.args(arguments.split(' ')).current_dir(workshop.path(".")).output()
    };
    // It is on every machine that builds this; where it is not, there is nothing to compare with.
    if openssl("version").is_err() {
        return;
    }
    let text = |arguments: &str| {
        let output = openssl(arguments).unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments}: {error}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(text("pkey -in a.key -text -noout").contains("ED25519 Private-Key"));
    assert!(text("pkey -pubin -in a.pub -text -noout").contains("ED25519 Public-Key"));
    assert_eq!(text("pkey -in a.key -pubout"), workshop.read_text("a.pub"));
    // It finds the signature right too.
    let file = workshop.read("run/model.int8.signed.aeb");
    let (message, signature) = file.split_at(file.len() - 64);
    workshop.write("message", message);
    workshop.write("signature", signature);
    let verify = "pkeyutl -verify -pubin -inkey a.pub -rawin -in message -sigfile signature";
    assert!(text(verify).contains("Verified Successfully"));
    // And a key of its making.
    text("genpkey -algorithm ed25519 -out o.key");
    text("pkey -in o.key -pubout -out o.pub");
    workshop.ok("sign run/model.int8.aeb --key o.key --model-version 1 --out o.aeb");
    workshop.ok("info o.aeb --key o.pub");
    // Keys that cannot sign.
    text("genpkey -algorithm X25519 -out x.key");
    text("pkey -in x.key -pubout -out x.pub");
    text("genpkey -algorithm ed25519 -aes256 -pass pass:word -out e.key");
    for (key, words) in [
        ("x.key", ["x.key", "1.3.101.110", "expected Ed25519"]),
        ("e.key", ["e.key", "ENCRYPTED PRIVATE KEY", "openssl pkey"]),
    ] {
        let line = format!("sign run/model.int8.aeb --key {key} --model-version 1 --out x.aeb");
        workshop.refused(&line, &words);
    }
    workshop.refused("info o.aeb --key x.pub", &["x.pub", "1.3.101.110", "keygen"]);
    assert!(!workshop.exists("x.aeb"));
}

#[test]
fn a_signed_file_is_the_blob_and_a_trailer() {
    let workshop = signed();
    let blob = workshop.read("run/model.int8.aeb");
    let file = workshop.read("run/model.int8.signed.aeb");
    assert_eq!(file.len(), blob.len() + TRAILER_LEN);
    let [a, b] =
        ["a.pub", "b.pub"].map(|name| read_public(&workshop.read_text(name)).unwrap().to_bytes());
    let signed = open(&file, &Trust { keys: &[a], purpose: Purpose::NONE }).unwrap();
    assert_eq!((signed.blob(), signed.version()), (&*blob, 7));
    assert!(open(&file, &Trust { keys: &[b], purpose: Purpose::NONE }).is_err());
    // Signing has no chance in it.
    workshop.ok(&format!("{SIGN} --out again.aeb"));
    assert_eq!(workshop.read("again.aeb"), file);
}

#[test]
fn info_tells_version_and_signature() {
    let workshop = signed();
    let signed = "info run/model.int8.signed.aeb";
    let plain = workshop.ok("info run/model.int8.aeb");
    assert!(!plain.text().contains("signed"), "{}", plain.text());
    let said = workshop.ok(signed);
    let id: String = read_public(&workshop.read_text("a.pub")).unwrap().id().to_string();
    let words = format!("model version 7, key {id}; --key");
    assert!(said.text().contains(&words), "{}", said.text());
    // But for that line, the same.
    let rest: Vec<&str> = said.text().lines().filter(|line| !line.starts_with("signed")).collect();
    assert_eq!(rest, plain.text().lines().collect::<Vec<_>>());
    let said = workshop.ok(&format!("{signed} --key a.pub"));
    assert!(said.text().contains("model version 7, right by a.pub"), "{}", said.text());

    let of = |line: &str| {
        let finished = workshop.run(&format!("{line} --json"));
        let signature = finished.json()["signature"].clone();
        let fields =
            ["signed", "model_version", "verified"].map(|name| signature[name].to_string());
        (finished.code.unwrap(), fields.join(" "))
    };
    assert_eq!(of("info run/model.int8.aeb"), (0, "false null null".to_owned()));
    assert_eq!(of("info run/model.int8.aeb --key a.pub"), (1, "false null false".to_owned()));
    assert_eq!(of(signed), (0, "true 7 null".to_owned()));
    assert_eq!(of(&format!("{signed} --key a.pub")), (0, "true 7 true".to_owned()));
    assert_eq!(of(&format!("{signed} --key b.pub")), (1, "true 7 false".to_owned()));
}

#[test]
fn a_wrong_signature_is_a_mismatch() {
    let workshop = signed();
    let finished = workshop.run("info run/model.int8.signed.aeb --key b.pub");
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    assert!(finished.text().contains("WRONG: says model version 7"), "{}", finished.text());
    let finished = workshop.run("info run/model.int8.aeb --key a.pub");
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    assert!(finished.text().contains("without a signature"), "{}", finished.text());
    // Another version, and another signature, than was signed.
    let good = workshop.read("run/model.int8.signed.aeb");
    for at in [good.len() - 65, good.len() - 64, good.len() - 1] {
        let mut file = good.clone();
        file[at] ^= 1;
        workshop.write("bad.aeb", &file);
        workshop.ok("info bad.aeb");
        assert_eq!(workshop.run("info bad.aeb --key a.pub").code, Some(1), "{at}");
    }
    // The trailer of another model.
    workshop.ok("sign run/model.f32.aeb --key a.key --model-version 7");
    let other = workshop.read("run/model.f32.signed.aeb");
    let blob = workshop.read("run/model.int8.aeb");
    let swapped = [&blob[..], &other[other.len() - TRAILER_LEN..]].concat();
    workshop.write("swapped.aeb", &swapped);
    assert_eq!(workshop.run("info swapped.aeb --key a.pub").code, Some(1));
}

#[test]
fn a_damaged_signed_file_is_no_model() {
    let workshop = signed();
    let good = workshop.read("run/model.int8.signed.aeb");
    let blob_len = good.len() - TRAILER_LEN;
    let mut in_blob = good.clone();
    in_blob[blob_len / 2] ^= 1;
    workshop.write("bad.aeb", &in_blob);
    workshop.refused("info bad.aeb", &["bad.aeb is not a usable model", "checksum"]);
    let mut in_magic = good.clone();
    in_magic[blob_len] ^= 1;
    for bytes in [&good[..good.len() - 1], &good[..blob_len + 8], &in_magic] {
        workshop.write("bad.aeb", bytes);
        let more = format!("{} bytes that are not a signature", bytes.len() - blob_len);
        for line in ["info bad.aeb", "sign bad.aeb --key a.key --model-version 8 --out x.aeb"] {
            workshop.refused(line, &["bad.aeb is not a usable model", &more, "cut or extended"]);
        }
    }
    assert!(!workshop.exists("x.aeb"));
}

#[test]
fn every_verb_takes_a_signed_file_for_its_blob() {
    let workshop = signed();
    for (line, output) in [
        ("evaluate MODEL --data data", None),
        ("verify MODEL", None),
        ("encode MODEL --data data --out latents.npy", Some("latents.npy")),
        ("decode MODEL --in latents.npy --out pixels.npy", Some("pixels.npy")),
        ("reconstruct MODEL --data data --out all.npy", Some("all.npy")),
        ("verify MODEL --board mps2-an386 --report report.md", None),
    ] {
        let run = |model: &str| {
            let finished = workshop.ok(&line.replace("MODEL", model));
            (finished.stdout, output.map(|name| workshop.read(name)))
        };
        assert_eq!(run("run/model.int8.aeb"), run("run/model.int8.signed.aeb"), "{line}");
    }
    let line = "flash run/model.int8.signed.aeb --board stm32f405 --check";
    let finished = workshop.ok(line);
    assert!(finished.stderr.contains("built without a key"), "{}", finished.stderr);
    let flash = workshop.read("run/model.int8.signed.aeb").len();
    assert!(finished.text().contains(&format!("flash: {flash} of")), "{}", finished.text());
}

#[test]
fn signing_refuses_what_is_signed_or_no_model() {
    let workshop = signed();
    let again = "sign run/model.int8.signed.aeb --key b.key --model-version 8";
    workshop.refused(again, &["signed already, as model version 7", "--again"]);
    let said = workshop.ok(&format!("{again} --again"));
    // The same name: it takes the place of the other one.
    assert!(said.text().starts_with("run/model.int8.signed.aeb"), "{}", said.text());
    workshop.ok("info run/model.int8.signed.aeb --key b.pub");
    let file = workshop.read("run/model.int8.signed.aeb");
    assert_eq!(file.len(), workshop.read("run/model.int8.aeb").len() + TRAILER_LEN);

    let mut damaged = workshop.read("run/model.int8.aeb");
    damaged[300] ^= 1;
    workshop.write("damaged.aeb", &damaged);
    for (model, words) in [
        ("damaged.aeb", ["damaged.aeb is not a usable model", "checksum"]),
        ("run/summary.json", ["not a usable model", "not a blob"]),
        ("run", ["run is a folder", "run/model.int8.aeb"]),
        ("missing.aeb", ["cannot read missing.aeb", ""]),
    ] {
        let line = format!("sign {model} --key a.key --model-version 1 --out x.aeb");
        workshop.refused(&line, &words);
    }
    assert!(!workshop.exists("x.aeb"));
}

#[test]
fn the_wrong_key_is_refused_with_the_remedy() {
    let workshop = signed();
    workshop.write("noise.key", &[0xff; 40]);
    let sign =
        |key: &str| format!("sign run/model.int8.aeb --key {key} --model-version 1 --out x.aeb");
    let info = |key: &str| format!("info run/model.int8.signed.aeb --key {key}");
    workshop.refused(&sign("a.pub"), &["a.pub", "the public key, which cannot sign", "NAME.key"]);
    workshop.refused(&info("a.key"), &["a.key", "secret key", "NAME.pub"]);
    for line in [sign("noise.key"), info("noise.key")] {
        workshop.refused(&line, &["noise.key", "not a key file", "-----BEGIN "]);
    }
    for line in [sign("missing.key"), info("missing.key")] {
        workshop.refused(&line, &["cannot read missing.key"]);
    }
    for line in [sign("run"), info("run")] {
        workshop.refused(&line, &["run is a folder", "key"]);
    }
    assert!(!workshop.exists("x.aeb"));
}

#[test]
fn neither_the_key_nor_the_model_is_overwritten() {
    let workshop = signed();
    let before = [workshop.read("a.key"), workshop.read("run/model.int8.aeb")];
    for (out, words) in [
        ("a.key", "is the key"),
        ("run/../a.key", "is the key"),
        ("run/model.int8.aeb", "is the model"),
    ] {
        workshop.refused(&format!("{SIGN} --out {out}"), &[words, "--out"]);
    }
    workshop.refused(&format!("{SIGN} --out nowhere/x.aeb"), &["there is no folder nowhere"]);
    assert_eq!([workshop.read("a.key"), workshop.read("run/model.int8.aeb")], before);
}

#[test]
fn a_model_version_is_a_number_of_32_bits() {
    let workshop = signed();
    for version in ["-1", "4294967296", "1.0", "x"] {
        let line = format!("sign run/model.int8.aeb --key a.key --model-version={version}");
        let finished = workshop.run(&line);
        assert_eq!(finished.code, Some(2));
        assert!(finished.stderr.contains("--model-version"), "{}", finished.stderr);
    }
    assert_eq!(workshop.run("sign run/model.int8.aeb --key a.key").code, Some(2));
    workshop.ok("sign run/model.int8.aeb --key a.key --model-version 4294967295 --allow-jump");
    let info = workshop.ok("info run/model.int8.signed.aeb --json").json();
    assert_eq!(info["signature"]["model_version"], 4_294_967_295_u64);
}

#[test]
fn a_version_far_above_the_latest_one_is_asked_for_twice() {
    let workshop = signed();
    let sign = |key: &str, version: u32, more: &str| {
        format!("sign run/model.int8.aeb --key {key}.key --model-version {version} {more}")
    };
    // The latest of key a is 7, whatever other files of its lie elsewhere.
    workshop.ok(&sign("a", 5000, "--allow-jump --out elsewhere.aeb"));
    for version in [1008, 20_261_129, u32::MAX] {
        let words = ["run is 7", &version.to_string(), "earlier version again", "--allow-jump"];
        workshop.refused(&sign("a", version, ""), &words);
    }
    workshop.ok(&sign("a", 1007, "--out run/a.aeb"));
    workshop.ok(&sign("a", 2007, "--out run/b.aeb"));
    workshop.ok(&sign("a", 1, "--out run/c.aeb"));
    workshop.refused(&sign("a", 3008, ""), &["run is 2007"]);
    // Another key counts its own, and one that has signed nothing there counts from 0.
    workshop.refused(&sign("b", 1001, ""), &["no file in run", "from 0", "--allow-jump"]);
    workshop.ok(&sign("b", 1000, "--out run/d.aeb"));
    // A forged version says nothing.
    let mut forged = workshop.read("run/b.aeb");
    let at = forged.len() - 92;
    forged[at..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
    workshop.write("run/forged.aeb", &forged);
    workshop.refused(&sign("a", u32::MAX, ""), &["run is 2007"]);
}

#[cfg(unix)]
#[test]
fn a_secret_key_that_others_may_read_is_told() {
    use std::os::unix::fs::PermissionsExt;

    let workshop = signed();
    assert!(!workshop.ok(SIGN).stderr.contains("note"));
    let open_to_all = fs::Permissions::from_mode(0o644);
    fs::set_permissions(workshop.path("a.key"), open_to_all).unwrap();
    let finished = workshop.ok(SIGN);
    assert!(finished.stderr.contains("chmod 600 a.key"), "{}", finished.stderr);
}

#[test]
fn firmware_with_a_key_is_flashed_with_signed_models_alone() {
    let workshop = signed();
    // What `cargo xtask test` builds, whose key is not one of these.
    let firmware = ae_boards::Firmware::default_folder().with_file_name("firmware-signed");
    let firmware = firmware.display();
    for (model, why) in
        [("run/model.int8.aeb", "not signed"), ("run/model.int8.signed.aeb", "with another key")]
    {
        for board in ["mps2-an386", "netduinoplus2"] {
            let line = format!("verify {model} --board {board} --firmware {firmware}");
            workshop.refused(&line, &["signed models only", why, "ae-train sign"]);
        }
    }
}
