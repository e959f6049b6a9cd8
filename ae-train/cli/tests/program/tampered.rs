//! Blobs that load and compute something else: `verify` names the first layer that differs.

use ae_core::{Arithmetic, F32Model, Int8Model, Model};

use crate::workshop::{TEST_IMAGES, Workshop};

/// Where `part` of `whole` begins.
fn offset(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}

/// Where the data of each layer begins, and how many weights it has, the encoder's first.
fn layers<'a, A: Arithmetic<'a>>(blob: &[u8], model: &Model<'a, A>) -> Vec<(usize, usize)> {
    let parts = [model.encoder(), model.decoder()].into_iter().flatten();
    parts
        .flat_map(|part| part.layers())
        .map(|layer| (offset(blob, layer.data()), layer.inputs() * layer.outputs()))
        .collect()
}

/// Puts the true checksum into the header.
fn seal(blob: &mut [u8]) {
    let checksum = ae_core::crc32c(&blob[20..]);
    blob[16..20].copy_from_slice(&checksum.to_le_bytes());
}

/// The part and index of the layers of 20-12-6-3 and back.
const PLACES: [(&str, usize); 6] = [
    ("encoder", 0),
    ("encoder", 1),
    ("encoder", 2),
    ("decoder", 0),
    ("decoder", 1),
    ("decoder", 2),
];

fn verify_names(workshop: &Workshop, blob: &[u8], (part, layer): (&str, usize)) {
    workshop.write("tampered.aeb", blob);
    workshop.ok("info tampered.aeb");
    let finished = workshop.run("verify tampered.aeb --run run --json");
    assert_eq!(finished.code, Some(1), "{part} {layer}: {}", finished.stderr);
    let report = finished.json();
    assert_eq!(report["equal"], false);
    let first = &report["first_divergence"];
    assert_eq!((&first["part"], &first["layer"]), (&part.into(), &layer.into()), "{first}");
    let images = first["images"].as_u64().unwrap();
    assert!((1..=TEST_IMAGES as u64).contains(&images), "{first}");
    assert!(first["image"].as_u64().unwrap() < TEST_IMAGES as u64, "{first}");
    let finished = workshop.run("verify tampered.aeb --run run");
    assert_eq!(finished.code, Some(1));
    assert!(finished.text().contains(&format!("{part} layer {layer}")), "{}", finished.text());
}

#[test]
fn changed_weights_of_an_int8_model() {
    let workshop = Workshop::with_run();
    let good = workshop.read("run/model.int8.aeb");
    let layers = layers(&good, &Int8Model::parse(&good).unwrap());
    for (place, (at, weights)) in PLACES.into_iter().zip(layers) {
        let mut blob = good.clone();
        // The largest weight of the layer turns its sign: within the range, and felt.
        let largest = (at..at + weights).max_by_key(|&i| good[i].cast_signed().unsigned_abs());
        let largest = largest.unwrap();
        blob[largest] = blob[largest].wrapping_neg();
        seal(&mut blob);
        verify_names(&workshop, &blob, place);
    }
}

#[test]
fn changed_weights_of_an_f32_model() {
    let workshop = Workshop::with_run();
    let good = workshop.read("run/model.f32.aeb");
    let layers = layers(&good, &F32Model::parse(&good).unwrap());
    for (place, (at, weights)) in PLACES.into_iter().zip(layers) {
        let mut blob = good.clone();
        // The last layer's output is taken as pixels, so it takes a change of a weight's size to
        // be seen in each; before it, the last bit of the weights is enough.
        let (byte, bit) = if place == ("decoder", 2) { (3, 0x80) } else { (0, 1) };
        (0..weights).for_each(|weight| blob[at + 4 * weight + byte] ^= bit);
        seal(&mut blob);
        verify_names(&workshop, &blob, place);
    }
}

#[test]
fn a_changed_test_vector_is_found_although_all_images_agree() {
    let workshop = Workshop::with_run();
    let good = workshop.read("run/model.int8.aeb");
    let model = Int8Model::parse(&good).unwrap();
    for (name, part) in [("encoder", model.encoder()), ("decoder", model.decoder())] {
        let input = part.unwrap().test_input();
        let at = offset(&good, input);
        let mut blob = good.clone();
        blob[at..at + input.len()].iter_mut().for_each(|byte| *byte ^= 0x7f);
        seal(&mut blob);
        workshop.write("tampered.aeb", &blob);
        let finished = workshop.run("verify tampered.aeb --run run --json");
        assert_eq!(finished.code, Some(1), "{}", finished.stderr);
        let first = &finished.json()["first_divergence"];
        assert_eq!((&first["part"], &first["layer"]), (&name.into(), &0.into()));
        assert!(first["image"].is_null(), "{first}");
    }
}

#[test]
fn a_changed_meaning_of_the_latents_is_found_although_all_integers_agree() {
    let workshop = Workshop::with_run();
    let good = workshop.read("run/model.int8.aeb");
    let model = Int8Model::parse(&good).unwrap();
    let map = model.latent_map().flat_map(|(scale, offset)| [scale, offset]);
    let map: Vec<u8> = map.flat_map(f32::to_le_bytes).collect();
    let at = good.windows(map.len()).position(|bytes| bytes == map).unwrap();
    let mut blob = good.clone();
    blob[at] ^= 1;
    seal(&mut blob);
    workshop.write("tampered.aeb", &blob);
    let finished = workshop.run("verify tampered.aeb --run run --json");
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    assert_eq!(finished.json()["first_divergence"]["part"], "latent map");
}

#[test]
fn a_tampered_part_alone_is_found_too() {
    let workshop = Workshop::with_run();
    for (part, place) in [("encoder", PLACES[1]), ("decoder", PLACES[4])] {
        workshop.ok(&format!("quantize run --part {part} --out part.aeb"));
        let mut blob = workshop.read("part.aeb");
        let (at, weights) = layers(&blob, &Int8Model::parse(&blob).unwrap())[1];
        blob[at..at + weights].iter_mut().for_each(|weight| *weight = weight.wrapping_neg());
        seal(&mut blob);
        verify_names(&workshop, &blob, place);
    }
}

#[test]
fn a_damaged_blob_is_an_error_and_no_mismatch() {
    let workshop = Workshop::with_run();
    let mut blob = workshop.read("run/model.int8.aeb");
    let (at, _) = layers(&blob, &Int8Model::parse(&blob).unwrap())[3];
    blob[at] ^= 1;
    workshop.write("damaged.aeb", &blob);
    workshop.refused("verify damaged.aeb --run run", &["damaged.aeb", "checksum"]);
}
