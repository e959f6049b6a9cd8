//! What the header says of layers, from bytes that may break any rule.

use ae_testkit::varint::read_varint;

/// Fields of a layer's kind and sizes.
pub(crate) const NUMBERS: usize = 1 + 2 + 2 * 8;
/// Their bytes.
const BYTES: usize = 1 + 2 * (NUMBERS - 1);

/// What the header has of a layer. All numbers wrap.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) inputs: u64,
    pub(crate) outputs: u64,
    /// Elements that it takes between its inputs and its outputs.
    room: u64,
}

/// Kind and sizes of a spatial layer.
pub(crate) struct Map {
    kind: u8,
    channels: [u64; 2],
    height: [u64; 8],
    width: [u64; 8],
}

impl Map {
    /// Of its bytes in a blob, if they are as many as there must be.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let (&kind, numbers) = bytes.split_first().filter(|_| bytes.len() == BYTES)?;
        let number =
            |at: usize| u64::from(u16::from_le_bytes([numbers[2 * at], numbers[2 * at + 1]]));
        let axis = |from: usize| std::array::from_fn(|at| number(from + at));
        Some(Self { kind, channels: [number(0), number(1)], height: axis(2), width: axis(10) })
    }

    /// Values that go in and come out.
    pub(crate) fn values(&self) -> [u64; 2] {
        [0, 1].map(|way| self.channels[way] * self.height[way] * self.width[way])
    }

    /// Elements that it takes between them.
    fn room(&self, storage: Storage) -> u64 {
        if self.kind != 1 {
            return 0;
        }
        let both = |at: usize| self.height[at].wrapping_mul(self.width[at]);
        let (kernel, interleave) = (both(2), both(6));
        let reads = kernel.wrapping_mul(self.channels[0]);
        let gives = interleave.wrapping_mul(self.channels[1]);
        let scattered = if interleave == 1 { 0 } else { gives.wrapping_mul(2) };
        match storage {
            Storage::F32 => reads.wrapping_add(gives),
            Storage::Rows => reads.div_ceil(16).wrapping_mul(32).wrapping_add(scattered),
            Storage::RowPairs => {
                let bytes = reads.div_ceil(4).wrapping_mul(16).wrapping_add(scattered);
                bytes.wrapping_add(3).div_ceil(4).wrapping_mul(4)
            }
        }
    }
}

/// How the numbers of a layer are stored.
#[derive(Clone, Copy)]
enum Storage {
    Rows,
    RowPairs,
    F32,
}

impl Sizes {
    /// Of a layer's bytes.
    pub(crate) fn of_layer(mut bytes: &[u8], is_int8: bool) -> Self {
        let number = |bytes: &mut &[u8]| {
            let (value, len) = read_varint(bytes);
            *bytes = &bytes[len..];
            value & 0xffff_ffff
        };
        let [inputs, outputs, len] = [(); 3].map(|()| number(&mut bytes));
        let (spatial, rest) = bytes.split_at(bytes.len().min(len as usize));
        bytes = rest;
        let [_digest, layout] = [(); 2].map(|()| number(&mut bytes));
        let storage = match layout {
            _ if !is_int8 => Storage::F32,
            1 | 4 => Storage::RowPairs,
            _ => Storage::Rows,
        };
        let room = match (Map::of(spatial), storage) {
            (Some(map), _) => map.room(storage),
            (None, Storage::RowPairs) => inputs.div_ceil(4) * 8 + 3,
            (None, Storage::Rows | Storage::F32) => 0,
        };
        Self { inputs, outputs, room }
    }
}

/// Most elements that a part holds between its layers at once: what goes in and what comes out of
/// a layer, where that is not the part's own, and what the layer takes beside them.
pub(crate) fn scratch(layers: impl Iterator<Item = Sizes>) -> u64 {
    let mut layers = layers.enumerate().peekable();
    let mut most = 0;
    while let Some((index, Sizes { inputs, outputs, room })) = layers.next() {
        let read = if index > 0 { inputs } else { 0 };
        let written = if layers.peek().is_some() { outputs } else { 0 };
        most = most.max(read.wrapping_add(room).wrapping_add(written));
    }
    most
}
