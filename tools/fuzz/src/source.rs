//! A fuzzer's input, read as numbers.

/// The bytes that are left of an input. Behind its end there are zeros.
#[derive(Clone)]
pub struct Source<'i>(&'i [u8]);

impl<'i> Source<'i> {
    /// All of `input`.
    #[must_use]
    pub fn new(input: &'i [u8]) -> Self {
        Self(input)
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let [byte] = self.bytes();
        byte
    }

    /// The next byte, brought below `limit`, which is at least 1.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    /// The next two bytes.
    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.bytes())
    }

    /// The next four bytes.
    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.bytes())
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        let len = N.min(self.0.len());
        let (head, rest) = self.0.split_at(len);
        bytes[..len].copy_from_slice(head);
        self.0 = rest;
        bytes
    }
}
