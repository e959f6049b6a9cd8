//! The board's flash, and its models.

use ae_core::{Header, features, scratch_len};
use ae_infer::Int8Autoencoder;
use ae_store::{MappedFlash, Pages, Verify};
use ae_testkit::nor::{Nor, PowerOff, Supply};
use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};

/// Bytes that are remembered at most.
pub(super) const REMEMBERED: usize = 20;
/// Bytes of a slot, of which 256 are erased at once.
pub(super) const SLOT: u32 = 1024;
/// Where the slots begin.
pub(super) const STARTS: [u32; 2] = [0, SLOT];
/// The state's pages, with room for seven entries each.
pub(super) const PAGES: Pages = Pages { first: 0, len: 512, count: 3 };

/// The flash of the state.
pub(super) type StateFlash = Nor<8, 512>;

/// The flash of the slots.
pub(super) struct Flash(pub(super) Nor<8, 256>);

impl Flash {
    /// With the first model in the first slot.
    pub(super) fn new(supply: &Supply) -> Self {
        let mut flash = Nor::new(8, supply);
        flash.put(0, &file(1));
        Self(flash)
    }
}

impl ErrorType for Flash {
    type Error = PowerOff;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;
    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), PowerOff> {
        self.0.read(offset, bytes)
    }
    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 256;
    fn erase(&mut self, from: u32, to: u32) -> Result<(), PowerOff> {
        self.0.erase(from, to)
    }
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), PowerOff> {
        self.0.write(offset, bytes)
    }
}

impl MappedFlash for Flash {
    fn map(&self, offset: u32, len: u32) -> Option<&[u8]> {
        self.0.mapped(offset, len)
    }
}

const BLOBS: [&[u8]; 2] = [
    include_bytes!("../../../../tests/golden/tiny.int8.aeb"),
    include_bytes!("../../../../tests/golden/tiny.prototypes.int8.aeb"),
];

/// The file of a version: a blob, and the version behind it in place of a signature.
pub(super) fn file(version: u32) -> Vec<u8> {
    let blob = BLOBS[version as usize % BLOBS.len()];
    [blob, &version.to_le_bytes()].concat()
}

/// Loads a model and runs its self-test; gives the file.
pub(super) struct Check;

impl Verify for Check {
    type Model<'f> = &'f [u8];
    type Error = &'static str;

    fn verify<'f>(
        &mut self,
        place: &'f [u8],
        _least: u32,
    ) -> Result<(u32, &'f [u8]), &'static str> {
        let len = Header::total_len(place).map_err(|_| "no blob")? as usize;
        let file = place.get(..len + 4).ok_or("cut")?;
        let (blob, version) = file.split_last_chunk().ok_or("cut")?;
        let model = Int8Autoencoder::load(blob).map_err(|_| "does not load")?;
        let sizes = features(blob).zip(scratch_len(blob)).ok_or("no sizes")?;
        let (mut pixels, mut scratch) = (vec![0; sizes.0], vec![0; sizes.1]);
        model.self_test(&mut pixels, &mut scratch).map_err(|_| "computes something else")?;
        Ok((u32::from_le_bytes(*version), file))
    }
}
