//! The two places for models.

use crate::error::GeometryError;
use crate::flash::{BLOCK, MappedFlash, check_region, erase_step};
use crate::state::Slot;

/// Steps of a transfer at most, after each of which the state is saved.
const MOST_STEPS: u32 = 32;

/// Two places for models in a flash that is read in place.
///
/// A model that was booted borrows them, so nothing is written to either while it lives:
///
/// ```compile_fail
/// use ae_store::{Boot, MappedFlash, Slots, Store, Verify};
/// use embedded_storage::nor_flash::NorFlash;
///
/// fn update<V: for<'f> Verify<Model<'f> = &'f [u8]>>(
///     store: &mut Store<impl NorFlash, 0>,
///     slots: &mut Slots<impl MappedFlash>,
///     verify: &mut V,
/// ) {
///     let Ok(boot) = store.boot(slots, verify) else { return };
///     let _ = store.update(slots).write(&[0; 4]);
///     let _runs_on = boot.model; // Without this line it compiles.
/// }
/// ```
///
/// ```
/// # use ae_store::{Boot, MappedFlash, Slots, Store, Verify};
/// # use embedded_storage::nor_flash::NorFlash;
/// #
/// # fn update<V: for<'f> Verify<Model<'f> = &'f [u8]>>(
/// #     store: &mut Store<impl NorFlash, 0>,
/// #     slots: &mut Slots<impl MappedFlash>,
/// #     verify: &mut V,
/// # ) {
/// let Ok(boot) = store.boot(slots, verify) else { return };
/// let _ = store.update(slots).write(&[0; 4]);
/// # }
/// ```
///
/// The state has a flash of its own, or a handle of its own for the same one, so it can be saved while
/// a model runs.
pub struct Slots<F> {
    pub(crate) flash: F,
    starts: [u32; 2],
    len: u32,
    /// Bytes of a step of a transfer: what is erased before it is written.
    pub(crate) step: u32,
}

impl<F: MappedFlash> Slots<F> {
    /// Slots of `len` bytes, which begin at `starts`.
    ///
    /// # Errors
    /// They overlap, are no whole number of what the flash erases at once, lie beyond the flash, or
    /// cannot be read in place on a multiple of 16 bytes.
    pub fn new(flash: F, starts: [u32; 2], len: u32) -> Result<Self, GeometryError> {
        let [a, b] = starts;
        for first in starts {
            check_region(&flash, first, len)?;
            let place = flash.map(first, len).ok_or(GeometryError::NotMapped { first })?;
            if place.as_ptr().align_offset(16) != 0 || place.len() != len as usize {
                return Err(GeometryError::NotMapped { first });
            }
        }
        if a.abs_diff(b) < len {
            return Err(GeometryError::Overlap);
        }
        let once = erase_step::<F>().max(BLOCK);
        let step = len.div_ceil(MOST_STEPS).div_ceil(once).max(1).saturating_mul(once);
        Ok(Self { flash, starts, len, step })
    }

    /// Bytes of a slot.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.len
    }

    /// Bytes that are erased and written again where a transfer goes on after a power cut; fewer are
    /// never lost, and more never.
    #[must_use]
    pub fn step(&self) -> u32 {
        self.step
    }

    /// The first `len` bytes of a slot.
    #[must_use]
    pub fn bytes(&self, slot: Slot, len: u32) -> &[u8] {
        self.flash.map(self.start(slot), len.min(self.len)).unwrap_or_default()
    }

    /// The flash, and no longer the slots.
    #[must_use]
    pub fn into_flash(self) -> F {
        self.flash
    }

    pub(crate) fn start(&self, slot: Slot) -> u32 {
        let [a, b] = self.starts;
        match slot {
            Slot::A => a,
            Slot::B => b,
        }
    }
}
