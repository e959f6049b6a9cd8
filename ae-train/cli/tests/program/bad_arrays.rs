//! NPY files that `decode` cannot take.

use crate::npy_bytes::join;
use crate::workshop::Workshop;

/// Latent values of the models here.
const LATENT: usize = 3;

#[test]
fn latents_of_another_type_shape_or_width_are_refused() {
    let workshop = Workshop::with_run();
    let floats: Vec<u8> = [0.5_f32; 2 * LATENT].iter().flat_map(|x| x.to_le_bytes()).collect();
    let good = join("|i1", false, "(2, 3)", &[1; 6]);
    for (bytes, words) in [
        (join("<f4", false, "(2, 3)", &floats), &["type int8, found float32"][..]),
        (join("|u1", false, "(2, 3)", &[1; 6]), &["type int8, found uint8"]),
        (
            join("<i2", false, "(2, 3)", &[1; 12]),
            &["type int8, found int16", "x.astype(numpy.int8)"],
        ),
        (join("|i1", false, "(2, 4)", &[1; 8]), &["4 values", "3 latents"]),
        (join("|i1", false, "(6,)", &[1; 6]), &["(samples, values)", "[6]"]),
        (join("|i1", false, "(1, 2, 3)", &[1; 6]), &["(samples, values)", "[1, 2, 3]"]),
        (join("|i1", true, "(2, 3)", &[1; 6]), &["C order"]),
        (join("|i1", false, "(3, 3)", &[1; 6]), &[]),
        (join("|i1", false, "(99999999999, 3)", &[1; 6]), &[]),
        (good[..good.len() - 1].to_vec(), &[]),
        (good[..20].to_vec(), &[]),
        (b"1,2,3\n".to_vec(), &["NPY"]),
        (Vec::new(), &["NPY"]),
    ] {
        workshop.write("latents.npy", &bytes);
        let line = "decode run/model.int8.aeb --in latents.npy --out images.npy";
        let message = workshop.refused(line, words);
        assert!(message.contains("latents.npy"), "{message}");
        assert!(!workshop.exists("images.npy"));
    }
    // The one that all of these were made of is taken.
    workshop.write("latents.npy", &good);
    workshop.ok("decode run/model.int8.aeb --in latents.npy --out images.npy");
    // But not by a model of the other contract.
    let line = "decode run/model.f32.aeb --in latents.npy --out other.npy";
    workshop.refused(line, &["latents.npy", "type float32, found int8"]);
    workshop.refused(
        "decode run/model.int8.aeb --in missing.npy --out other.npy",
        &["cannot read missing.npy"],
    );
}

#[test]
fn no_latents_give_no_images() {
    let workshop = Workshop::with_run();
    workshop.write("latents.npy", &join("|i1", false, "(0, 3)", &[]));
    workshop.ok("decode run/model.int8.aeb --in latents.npy --out images.npy");
    let images = workshop.read("images.npy");
    let (header, data) = crate::npy_bytes::split(&images);
    assert!(header.contains("'|u1'") && header.contains("(0, "), "{header}");
    assert!(data.is_empty());
}

#[test]
fn latents_that_are_not_numbers_do_no_harm() {
    let workshop = Workshop::with_run();
    let extremes = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 0.0];
    let bytes: Vec<u8> = extremes.iter().flat_map(|x| x.to_le_bytes()).collect();
    workshop.write("latents.npy", &join("<f4", false, "(2, 3)", &bytes));
    workshop.ok("decode run/model.f32.aeb --in latents.npy --out images.npy");
}
