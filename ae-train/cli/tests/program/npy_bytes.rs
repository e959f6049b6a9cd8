//! NPY files of version 1.0 taken apart and put together by hand, after NumPy's description
//! (numpy.lib.format), so that the program's own reader and writer have a judge.

/// Header text and data.
pub(crate) fn split(file: &[u8]) -> (&str, &[u8]) {
    assert_eq!(file[..8], *b"\x93NUMPY\x01\x00");
    let len = usize::from(u16::from_le_bytes([file[8], file[9]]));
    assert_eq!((10 + len) % 64, 0, "NumPy aligns the data to 64 bytes");
    let header = std::str::from_utf8(&file[10..10 + len]).unwrap();
    assert!(header.ends_with('\n'));
    (header, &file[10 + len..])
}

/// A file with this header.
pub(crate) fn join(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    let header = format!("{header:<117}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(data);
    file
}
