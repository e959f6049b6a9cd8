//! Unsigned integers of seven bits a byte (`FORMAT.md`, "Layout").

/// `value` in as few bytes as it takes: the lowest bits first, the high bit set where more follow.
#[must_use]
pub fn varint(value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_varint(value, 0, &mut bytes);
    bytes
}

/// Adds `value` in as few bytes as it takes, and so many superfluous ones.
pub fn push_varint(mut value: u64, superfluous: usize, to: &mut Vec<u8>) {
    while value > 0x7f {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    for _ in 0..superfluous {
        to.push(value as u8 | 0x80);
        value = 0;
    }
    to.push(value as u8);
}

/// The integer at the front of `bytes`, and how many it takes: at most ten.
#[must_use]
pub fn read_varint(bytes: &[u8]) -> (u64, usize) {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return (value, index + 1);
        }
    }
    (value, bytes.len().min(10))
}

#[cfg(test)]
mod tests {
    use super::{push_varint, read_varint, varint};

    #[test]
    fn varints_are_those_of_the_postcard_specification() {
        assert_eq!(varint(0), [0]);
        assert_eq!(varint(127), [0x7f]);
        assert_eq!(varint(128), [0x80, 0x01]);
        assert_eq!(varint(65_535), [0xff, 0xff, 0x03]);
        assert_eq!(varint(u64::from(u32::MAX)), [0xff, 0xff, 0xff, 0xff, 0x0f]);
    }

    #[test]
    fn varints_are_read_as_they_were_written() {
        for value in [0, 127, 128, 1 << 40, u64::MAX] {
            assert_eq!(read_varint(&varint(value)), (value, varint(value).len()));
        }
        let mut longer = Vec::new();
        push_varint(5, 2, &mut longer);
        assert_eq!(longer, [0x85, 0x80, 0x00]);
        assert_eq!(read_varint(&longer), (5, 3));
    }
}
