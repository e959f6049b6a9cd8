use super::*;

fn small() -> Vec<u8> {
    write(&[2, 3, 4], &(0..24).collect::<Vec<u8>>()).unwrap()
}

fn with_header(rank: u8, dims: &[u32], elements: usize) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, rank];
    for size in dims {
        bytes.extend(size.to_be_bytes());
    }
    bytes.resize(bytes.len() + elements, 7);
    bytes
}

/// Gives one byte at a call, as a slow pipe may.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.0.len()).min(1);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn what_was_written_is_read_back() {
    for dims in [&[24][..], &[4, 6], &[2, 3, 4]] {
        let elements: Vec<u8> = (0..24).map(|i| i * 10).collect();
        let plain = write(dims, &elements).unwrap();
        assert_eq!(plain.len(), 4 + 4 * dims.len() + 24);
        for file in [gzip(&plain), plain.clone()] {
            let idx = read(&file[..]).unwrap();
            assert_eq!(idx.dims, dims);
            assert_eq!(idx.elements, elements);
            assert_eq!(idx.content_sha256(), hex(&Sha256::digest(&plain)));
            let slowly = read(io::BufReader::with_capacity(1, Trickle(&file))).unwrap();
            assert_eq!(slowly, idx);
        }
    }
}

#[test]
fn every_truncation_of_a_plain_file_is_named() {
    let whole = small();
    for length in 0..whole.len() {
        let error = read(&whole[..length]).unwrap_err();
        match length {
            0..4 => assert!(
                matches!(error, IdxError::HeaderTooShort { expected: 4, found } if found == length)
            ),
            4..16 => assert!(
                matches!(error, IdxError::HeaderTooShort { expected: 16, found } if found == length)
            ),
            _ => assert!(
                matches!(error, IdxError::TooShort { expected: 24, found } if found == length as u64 - 16)
            ),
        }
    }
}

#[test]
fn every_truncation_of_a_compressed_file_is_named() {
    let whole = gzip(&small());
    for length in 0..whole.len() {
        let error = read(&whole[..length]).unwrap_err();
        if length < 2 {
            assert!(matches!(error, IdxError::HeaderTooShort { found, .. } if found == length));
        } else {
            assert!(
                matches!(error, IdxError::GzipTooShort { decompressed } if decompressed <= 40),
                "{length}: {error}"
            );
        }
    }
}

#[test]
fn no_bit_flip_of_a_compressed_file_changes_what_is_read() {
    let whole = gzip(&small());
    let expected = read(&whole[..]).unwrap();
    let mut refused = 0;
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match read(&flipped[..]) {
            Ok(idx) => assert_eq!(idx, expected, "bit {bit}"),
            Err(_) => refused += 1,
        }
    }
    // What may pass is the time, the system and hints in the gzip header: under 8 bytes of it.
    assert!(refused > (whole.len() - 8) * 8, "{refused}");
}

#[test]
fn trailing_bytes_are_refused() {
    let mut plain = small();
    plain.push(0);
    assert!(matches!(read(&plain[..]), Err(IdxError::TooLong { expected: 24 })));
    // Inside the compressed data, and after it.
    assert!(matches!(read(&gzip(&plain)[..]), Err(IdxError::TooLong { expected: 24 })));
    for tail in [&b"x"[..], b"rubbish that is long enough"] {
        let mut file = gzip(&small());
        file.extend(tail);
        assert!(matches!(read(&file[..]), Err(IdxError::Gzip(_) | IdxError::GzipTooShort { .. })));
    }
}

#[test]
fn a_wrong_start_is_named() {
    for (at, value) in [(0, 1), (1, 1), (0, b'<')] {
        let mut file = small();
        file[at] = value;
        let expected = [file[0], file[1]];
        assert!(matches!(read(&file[..]), Err(IdxError::Magic { found }) if found == expected));
    }
    for code in [0x09, 0x0b, 0x0c, 0x0d, 0x0e, 0x00] {
        let mut file = small();
        file[2] = code;
        assert!(matches!(read(&file[..]), Err(IdxError::ElementType { code: c }) if c == code));
    }
    for rank in [0, 4, 255] {
        let mut file = small();
        file[3] = rank;
        assert!(matches!(read(&file[..]), Err(IdxError::Rank { rank: r }) if r == rank as usize));
    }
}

#[test]
fn zero_dimensions_are_refused() {
    for axis in 0..3 {
        let mut dims = [2, 3, 4];
        dims[axis] = 0;
        let file = with_header(3, &dims, 0);
        assert!(matches!(read(&file[..]), Err(IdxError::ZeroDimension { axis: a }) if a == axis));
    }
}

#[test]
fn huge_dimensions_are_refused_before_memory_is_taken() {
    let max = u32::MAX;
    for dims in [&[max, max, max][..], &[max, max, 1], &[max], &[1 << 16, 1 << 14, 2]] {
        for file in
            [with_header(dims.len() as u8, dims, 9), gzip(&with_header(dims.len() as u8, dims, 9))]
        {
            assert!(matches!(read(&file[..]), Err(IdxError::TooLarge { .. })));
        }
    }
    // Just at the limit the header passes, and the missing elements are what is wrong.
    let file = with_header(2, &[1 << 16, 1 << 14], 9);
    assert!(matches!(
        read(&file[..]),
        Err(IdxError::TooShort { expected, found: 9 }) if expected == MAX_ELEMENTS
    ));
    assert!(read_at_most(24, &small()[..]).is_ok());
    assert!(matches!(read_at_most(23, &small()[..]), Err(IdxError::TooLarge { limit: 23, .. })));
}

#[test]
fn of_a_bomb_no_more_is_unpacked_than_announced() {
    // 64 MB of zeros behind a header that announces 24 bytes.
    let file = gzip(&with_header(3, &[2, 3, 4], 64 << 20));
    assert!(file.len() < 100_000);
    let mut rest = &file[..];
    assert!(matches!(read(&mut rest), Err(IdxError::TooLong { expected: 24 })));
    assert!(rest.len() > file.len() / 2, "stopped long before the end");
}

#[test]
fn the_writer_refuses_what_the_reader_would() {
    assert!(matches!(write(&[], &[1]), Err(IdxError::Rank { rank: 0 })));
    assert!(matches!(write(&[1, 1, 1, 1], &[1]), Err(IdxError::Rank { rank: 4 })));
    assert!(matches!(write(&[0, 3], &[]), Err(IdxError::ZeroDimension { axis: 0 })));
    assert!(matches!(write(&[2, 3], &[0; 5]), Err(IdxError::Shape { found: 5, .. })));
}

#[test]
fn compression_is_repeatable_and_bears_no_time() {
    let file = gzip(&small());
    assert_eq!(file, gzip(&small()));
    assert_eq!(file[4..8], [0; 4], "the time");
    assert_eq!(file[3], 0, "no flags: no name, no comment");
}
