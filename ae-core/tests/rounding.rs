//! A layer whose sums are rounded twice differs by one number of the blob, which every rewriting keeps. A
//! program that was built without that refuses it.

use ae_core::{Int8Model, Layout, Part, Rounding, arrange, crc32c};
#[cfg(not(feature = "double-rounding"))]
use ae_core::{LayerError, LoadError, PartKind};

const ONCE: &[u8] = include_bytes!("../../tests/golden/tiny.int8.aeb");
/// Where the layouts of the encoder's layers stand; see the dump in `FORMAT.md`.
const LAYOUTS: [usize; 2] = [0x66, 0x9f];

/// The golden blob with these numbers as the layouts of the encoder's layers.
fn with_layouts(numbers: [u8; 2]) -> Vec<u8> {
    let mut blob = ONCE.to_vec();
    for (at, number) in LAYOUTS.into_iter().zip(numbers) {
        assert_eq!(blob[at], 0, "rows");
        blob[at] = number;
    }
    let checksum = crc32c(&blob[20..]).to_le_bytes();
    blob[16..20].copy_from_slice(&checksum);
    blob
}

fn forms(blob: &[u8]) -> Vec<(Layout, Rounding)> {
    let model = Int8Model::parse(blob).expect("a valid blob");
    let parts = [model.encoder(), model.decoder()].into_iter().flatten();
    let forms = parts.flat_map(Part::layers).map(|layer| *layer.arithmetic());
    forms.map(|it| (it.layout(), it.rounding())).collect()
}

#[cfg(feature = "double-rounding")]
#[test]
fn another_layout_keeps_the_rounding() {
    use Rounding::{Once, Twice};

    let rows = with_layouts([0, 3]);
    assert_eq!(forms(&rows), [Once, Twice, Once, Once].map(|it| (Layout::Rows, it)));
    let pairs = arrange(&rows, Layout::RowPairs).unwrap();
    assert_eq!(forms(&pairs), [Once, Twice, Once, Once].map(|it| (Layout::RowPairs, it)));
    assert_eq!(arrange(&pairs, Layout::Rows).unwrap(), rows);
    // The numbers' bytes are those of one rounding.
    let of_once = arrange(ONCE, Layout::RowPairs).unwrap();
    let differing = pairs.iter().zip(&of_once).enumerate().filter(|(_, (a, b))| a != b);
    let differing: Vec<_> = differing.filter(|&(at, _)| !(16..20).contains(&at)).collect();
    assert!(matches!(differing[..], [(_, (4, 1))]), "{differing:?}");
}

#[cfg(feature = "double-rounding")]
#[test]
fn channels_know_the_rounding() {
    let blob = with_layouts([3, 0]);
    let model = Int8Model::parse(&blob).unwrap();
    let layer = model.encoder().unwrap().layers().next().unwrap();
    let channel = layer.channel(&layer.weights(), 0);
    assert_eq!(channel.requant, channel.requant.rounded(Rounding::Twice));
    assert_ne!(channel.requant, channel.requant.rounded(Rounding::Once));
}

#[cfg(not(feature = "double-rounding"))]
#[test]
fn a_program_without_it_refuses_it() {
    assert_eq!(Rounding::ALL, [Rounding::Once]);
    assert!(arrange(&with_layouts([0, 0]), Layout::RowPairs).is_ok());
    assert!(forms(ONCE).iter().all(|&form| form == (Layout::Rows, Rounding::Once)));
    let pairs = arrange(ONCE, Layout::RowPairs).unwrap();
    // The blob's data is longer in pairs; the first layer's number stands where it did.
    for (once, number) in [(ONCE, 3), (&pairs, 4)] {
        let mut blob = once.to_vec();
        blob[LAYOUTS[0]] = number;
        let checksum = crc32c(&blob[20..]).to_le_bytes();
        blob[16..20].copy_from_slice(&checksum);
        let refused = Int8Model::parse(&blob).unwrap_err();
        let error = LayerError::RoundingNotBuilt;
        assert_eq!(refused, LoadError::Layer { part: PartKind::Encoder, index: 0, error });
        assert!(refused.to_string().contains("built without the feature `double-rounding`"));
    }
    let second = Int8Model::parse(&with_layouts([0, 3])).unwrap_err();
    assert!(matches!(second, LoadError::Layer { index: 1, .. }), "{second}");
    // A number of no layout is something else.
    let unknown = Int8Model::parse(&with_layouts([5, 0])).unwrap_err();
    assert!(!matches!(unknown, LoadError::Layer { .. }), "{unknown}");
}
