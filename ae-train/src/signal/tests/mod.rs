//! What tests of signals share, and tests of the whole way from bytes.

use super::{Recording, Signals};

/// One channel, a recording of each slice.
pub(super) fn signals(recordings: &[&[f32]]) -> Signals {
    let recording = |samples: &&[f32]| Recording {
        samples: samples.to_vec(),
        label: None,
        group: None,
        origin: "here".into(),
    };
    Signals { channels: vec!["a".into()], recordings: recordings.iter().map(recording).collect() }
}

/// An NPY file of version 1.0, put together by hand after NumPy's description (numpy.lib.format).
pub(super) fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let header = format!("{header:<117}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(data);
    file
}
