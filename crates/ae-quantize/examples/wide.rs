//! How long quantising takes for square images of this side, with the README's layers:
//! `cargo run --release -p ae-quantize --example wide -- 90`.

use std::ops::ControlFlow;
use std::time::Instant;

use ae_core::{PartSelection, Provenance};
use ae_data::Images;
use ae_model::{Activation, AutoencoderConfig, Code, Network};
use ae_quantize::{Seal, int8_blob, memory_bytes};

fn main() {
    let sides: Vec<usize> = std::env::args().skip(1).filter_map(|side| side.parse().ok()).collect();
    for side in sides {
        let samples = 10_000;
        let pixels =
            (0..samples).flat_map(|sample| (0..side * side).map(move |at| pixel(sample, at, side)));
        let images = Images::new(pixels.collect(), side, side).expect("whole images");
        let config = AutoencoderConfig {
            input: side * side,
            hidden: vec![256, 128],
            latent: 20,
            activation: Activation::Gelu,
            code: Code::Linear,
            architecture: None,
        };
        let network = Network::initial(&config, 1).expect("a network");
        let seal = Seal {
            parts: PartSelection::Both,
            latent_map: &[],
            provenance: Provenance { tool: "wide", config: &[], data: &[] },
            test_image: images.image(0),
        };
        let (start, mut last, mut longest) = (Instant::now(), Instant::now(), 0.0_f64);
        let watch = &mut |_: f64| {
            longest = longest.max(last.elapsed().as_secs_f64());
            last = Instant::now();
            ControlFlow::Continue(())
        };
        let blob = int8_blob(&network, &images, &seal, watch).expect("a blob").bytes;
        println!(
            "{side}×{side}: {:.1} s, at most {longest:.2} s between two looks at the watch, {} MB announced, {} bytes, digest {:08x}",
            start.elapsed().as_secs_f64(),
            memory_bytes(&network, samples) / 1_000_000,
            blob.len(),
            ae_core::crc32c(&blob),
        );
    }
}

/// Two waves and some noise.
fn pixel(sample: usize, at: usize, side: usize) -> u8 {
    let (x, y) = ((at % side) as f64 / side as f64, (at / side) as f64 / side as f64);
    let phase = sample as f64 * 0.37;
    let wave = (9.0 * x + phase).sin() + (7.0 * y - 1.7 * phase).cos();
    let noise = (sample * 7919 + at * 104_729).wrapping_mul(2_654_435_761) >> 16 & 31;
    (110.0 + 48.0 * wave + noise as f64) as u8
}
