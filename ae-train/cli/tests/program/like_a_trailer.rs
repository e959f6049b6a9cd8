//! A blob whose last bytes look like a signature's trailer. They are weights, and every command
//! takes them for that.

use ae_signature::{MAGIC, TRAILER_LEN};

use crate::workshop::Workshop;

#[test]
fn every_command_takes_a_blob_that_ends_like_a_signed_one() {
    let workshop = Workshop::with_run();
    let mut blob = workshop.read("run/model.f32.aeb");
    let at = blob.len() - TRAILER_LEN;
    blob[at..][..MAGIC.len()].copy_from_slice(&MAGIC);
    assert!(ae_testkit::seal::seal(&mut blob));
    workshop.write("run/like.aeb", &blob);
    workshop.ok("keygen --out a");
    for line in [
        "info run/like.aeb",
        "evaluate run/like.aeb --data data",
        "encode run/like.aeb --data data --out latents.npy",
        "decode run/like.aeb --in latents.npy --out pixels.npy",
        "reconstruct run/like.aeb --data data --out all.npy",
        "flash run/like.aeb --board stm32f405 --check",
        "sign run/like.aeb --key a.key --model-version 1",
        "info run/like.signed.aeb --key a.pub",
    ] {
        let finished = workshop.ok(line);
        assert!(!finished.stderr.contains("signature"), "{line}: {}", finished.stderr);
    }
    let said = workshop.ok("info run/like.aeb --json").json();
    assert_eq!((&said["signature"]["signed"], &said["bytes"]), (&false.into(), &blob.len().into()));
    // It differs from the run's own, and that is all that is found.
    let finished = workshop.run("verify run/like.aeb");
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    // A signed file holds it whole.
    let signed = workshop.read("run/like.signed.aeb");
    assert!(signed[..blob.len()] == blob && signed.len() == blob.len() + TRAILER_LEN);
}
