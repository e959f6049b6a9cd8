//! A model of 5 frames of 128 mel levels in decibels, as those are that listen to machines: recordings go in,
//! and boards decide as the host does.
//!
//! These need QEMU, and firmware that `cargo xtask firmware` has built.

use ae_features::machines::{State, recording_at, wav};
use serde_json::json;

use crate::npy_bytes::join;
use crate::workshop::Workshop;

/// Samples a second of the recordings.
const RATE: u32 = 16_000;
const INPUTS: usize = 640;
const LATENT: usize = 8;

/// Numbers from −1 to 1 that look like noise.
fn noise(count: usize, step: usize) -> impl Iterator<Item = f32> {
    (0..count).map(move |at| (at * step % 1999) as f32 / 999.5 - 1.0)
}

fn bytes(numbers: impl Iterator<Item = f32>) -> Vec<u8> {
    numbers.flat_map(f32::to_le_bytes).collect()
}

/// Weights of 640-8-640, as a file of safetensors.
fn weights() -> Vec<u8> {
    let tensors = [
        (
            "0.weight",
            json!([LATENT, INPUTS]),
            bytes(noise(LATENT * INPUTS, 7919).map(|it| 0.05 * it)),
        ),
        ("0.bias", json!([LATENT]), bytes(noise(LATENT, 601))),
        (
            "2.weight",
            json!([INPUTS, LATENT]),
            bytes(noise(LATENT * INPUTS, 3571).map(|it| 0.5 * it)),
        ),
        ("2.bias", json!([INPUTS]), bytes(noise(INPUTS, 947).map(|it| 10.0 * it - 40.0))),
    ];
    let (mut head, mut data) = (json!({}), Vec::new());
    for (name, shape, bytes) in tensors {
        let start = data.len();
        data.extend(bytes);
        head[name] = json!({"dtype": "F32", "shape": shape, "data_offsets": [start, data.len()]});
    }
    let head = head.to_string();
    [&(head.len() as u64).to_le_bytes()[..], head.as_bytes(), &data].concat()
}

#[test]
fn boards_decide_about_recordings_as_this_machine_does() {
    let workshop = Workshop::new();
    workshop.write("ears.safetensors", &weights());
    // Decibels from -90 to 10.
    let levels = bytes(noise(24 * INPUTS, 7907).map(|it| 50.0 * it - 40.0));
    workshop.write("levels.npy", &join("<f4", false, &format!("(24, {INPUTS})"), &levels));
    let channels = "--calibrate levels.npy --channels 128";
    workshop.ok(&format!("import ears.safetensors --activation relu --latent {LATENT} {channels}"));

    let recording = |seconds, state| recording_at(RATE.into(), seconds, 1, 1, state);
    workshop.write("normal.wav", &wav(RATE, &recording(8.0, State::Normal)));
    let silent = recording(1.5, State::Fault(1)).into_iter().map(|it| it / 1000);
    let today: Vec<i16> = recording(1.5, State::Normal).into_iter().chain(silent).collect();
    workshop.write("today.wav", &wav(RATE, &today));
    let features = "--features mel:128,fft=1024,hop=512,frames=5";
    let line = format!("detect --model ears.int8.aeb --data normal.wav --alpha 0.05 {features}");
    let made = workshop.ok(&line);
    assert!(made.text().contains("windows of 5 frames of ch0"), "{}", made.text());

    // A window is 4 · 512 + 1,024 samples, and the next begins 512 later.
    let expected = (today.len() - 3072) / 512 + 1;
    for board in ["mps2-an386", "rv32"] {
        let line =
            format!("monitor ears.detector.int8.aeb --data today.wav --board {board} --json");
        let board = &workshop.ok(&line).json()["board"];
        assert_eq!(board["equal"], true, "{board}");
        assert_eq!(board["windows"]["of"], expected, "{board}");
        let alarms = board["alarms"].as_u64().unwrap();
        assert!(alarms > 0 && alarms < expected as u64, "{board}");
    }
}
