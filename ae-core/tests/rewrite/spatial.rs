//! A model with a layer of every kind, in another layout and back.

use ae_core::{Int8Model, Layout, Part, PartSelection, SpatialKind, arrange, select_parts};

const ROWS: &[u8] = include_bytes!("../../../tests/golden/tiny.spatial.int8.aeb");
const ROW_PAIRS: &[u8] = include_bytes!("../../../tests/golden/tiny.spatial.row-pairs.int8.aeb");
const FLOAT: &[u8] = include_bytes!("../../../tests/golden/tiny.spatial.f32.aeb");

#[test]
fn convolutions_and_dense_layers_are_arranged_and_others_stay() {
    assert_eq!(arrange(ROWS, Layout::RowPairs).unwrap(), ROW_PAIRS);
    assert_eq!(arrange(ROW_PAIRS, Layout::Rows).unwrap(), ROWS);
    assert_eq!(arrange(ROWS, Layout::Rows).unwrap(), ROWS);
    assert_eq!(arrange(ROW_PAIRS, Layout::RowPairs).unwrap(), ROW_PAIRS);
    for layout in Layout::ALL {
        assert_eq!(arrange(FLOAT, layout).unwrap(), FLOAT);
    }
    let (rows, pairs) = (Int8Model::parse(ROWS).unwrap(), Int8Model::parse(ROW_PAIRS).unwrap());
    let layers = |model: &Int8Model<'static>| -> Vec<_> {
        [model.encoder(), model.decoder()].into_iter().flatten().flat_map(Part::layers).collect()
    };
    for (old, new) in layers(&rows).into_iter().zip(layers(&pairs)) {
        assert_eq!((old.geometry(), old.digest()), (new.geometry(), new.digest()));
        let (before, after) = (old.arithmetic(), new.arithmetic());
        assert_eq!((before.zero_point(), before.padding()), (after.zero_point(), after.padding()));
        assert_eq!(before.tables(), after.tables());
        let kind = old.spatial().map(|spatial| spatial.kind);
        if matches!(kind, None | Some(SpatialKind::Convolution)) {
            assert_eq!((before.layout(), after.layout()), (Layout::Rows, Layout::RowPairs));
            assert_ne!(old.data(), new.data());
        } else {
            assert_eq!((before.layout(), after.layout()), (Layout::Rows, Layout::Rows));
            assert_eq!(old.data(), new.data());
        }
        // One layer by itself, into memory that held something else.
        for (from, to) in [(old, new), (new, old)] {
            let mut data = vec![0xaa; to.data().len()];
            from.arrange(to.arithmetic().layout(), &mut data);
            assert_eq!(data, to.data(), "{kind:?}");
        }
    }
}

#[test]
fn parts_are_taken_out_and_arranged() {
    for selection in [PartSelection::Encoder, PartSelection::Decoder] {
        let rows = select_parts(ROWS, selection).unwrap();
        let pairs = select_parts(ROW_PAIRS, selection).unwrap();
        assert_eq!(arrange(&rows, Layout::RowPairs).unwrap(), pairs);
        assert_eq!(arrange(&pairs, Layout::Rows).unwrap(), rows);
        assert!(rows.len() < ROWS.len());
    }
}
