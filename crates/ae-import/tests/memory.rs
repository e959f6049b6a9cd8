//! Importing a large file takes no more memory than four times the file and 64 MB, the file included.

#[path = "common/peak.rs"]
mod peak;

use ae_import::{Function, OutputPixels, ReadOptions, Rounding, Settings, open};
use ae_quantize::unwatched;
use peak::peak_kilobytes;

const SPARE_KILOBYTES: usize = 64 << 10;

/// Outputs and inputs of the layers: 16 million weights.
const LAYERS: [(usize, usize); 2] = [(2048, 4096), (4096, 2048)];

/// A state dict of these layers, its numbers of so many bytes.
fn safetensors(dtype: &str, bytes: usize) -> Vec<u8> {
    let (mut header, mut end) = (Vec::new(), 0);
    for (layer, (outputs, inputs)) in LAYERS.into_iter().enumerate() {
        let start = end;
        end += outputs * inputs * bytes;
        header.push(format!(
            "\"{}.weight\":{{\"dtype\":\"{dtype}\",\"shape\":[{outputs},{inputs}],\
             \"data_offsets\":[{start},{end}]}}",
            2 * layer
        ));
    }
    let header = format!("{{{}}}", header.join(","));
    let mut file = Vec::with_capacity(8 + header.len() + end);
    file.extend((header.len() as u64).to_le_bytes());
    file.extend(header.as_bytes());
    // Small numbers in either type, and not all the same.
    file.extend((0..end).map(|at| if at % bytes + 1 == bytes { 0x20 } else { (at / bytes) as u8 }));
    file
}

fn import(file: Vec<u8>) -> usize {
    let settings = Settings {
        tool: "test",
        read: ReadOptions { activation: Some(Function::Relu), ..ReadOptions::default() },
        latent_layer: None,
        channels: None,
        output: OutputPixels::OfInput,
        rounding: Rounding::Once,
    };
    let opened = open(&file, &settings).unwrap();
    drop(file);
    opened.make(None, &mut unwatched).unwrap().float.unwrap().len()
}

#[test]
fn a_large_file_takes_few_times_its_size() {
    for (dtype, bytes) in [("F16", 2), ("F32", 4)] {
        // The reserved memory counts no less than the taken.
        let before = peak_kilobytes();
        let file = safetensors(dtype, bytes);
        let most = SPARE_KILOBYTES + file.len() * 4 / 1024;
        let blob = import(file);
        assert!(blob > 64 << 20, "{blob} bytes");
        for (before, peak) in before.into_iter().zip(peak_kilobytes()) {
            let taken = peak - before;
            eprintln!("{dtype}: {taken} kB were taken; {most} kB are allowed");
            assert!(taken <= most, "{dtype}: {taken} kB were taken; {most} kB are allowed");
        }
    }
}
