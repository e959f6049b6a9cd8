//! What a board keeps in its flash: which model runs, the model that comes next, and what its
//! detector remembers. No power cut leaves it without a model.
//!
//! Two *slots* hold models, which run where they lie. The *state* is in three or more pages beside
//! them. It says which slot is confirmed and its model's version, what is in the other slot, and up
//! to `N` bytes that the program wants remembered: a calibration, a threshold, counters.
//!
//! ```
//! use ae_core::Header;
//! use ae_infer::Int8Autoencoder;
//! use ae_store::{MappedFlash, Pages, Slots, Store, Verify};
//! use embedded_storage::nor_flash::NorFlash;
//!
//! /// A model may run that loads and passes its self-test. With signatures, `open_in_place` and
//! /// `not_older_than(least)` of `ae-signature` come first, and the version is the signed one.
//! struct Check<'b> {
//!     reconstruction: &'b mut [u8],
//!     scratch: &'b mut [i8],
//! }
//!
//! impl Verify for Check<'_> {
//!     type Model<'f> = Int8Autoencoder<'f>;
//!     type Error = &'static str;
//!
//!     fn verify<'f>(
//!         &mut self,
//!         file: &'f [u8],
//!         _least: u32,
//!     ) -> Result<(u32, Int8Autoencoder<'f>), &'static str> {
//!         let len = Header::total_len(file).map_err(|_| "there is no blob")?;
//!         let blob = file.get(..len as usize).ok_or("the blob is cut")?;
//!         let model = Int8Autoencoder::load(blob).map_err(|_| "it does not load")?;
//!         let tested = model.self_test(self.reconstruction, self.scratch);
//!         tested.map_err(|_| "it computes something else")?;
//!         Ok((0, model))
//!     }
//! }
//!
//! fn run(
//!     state: impl NorFlash,
//!     flash: impl MappedFlash,
//!     mut next: impl FnMut() -> Option<(u32, u32, &'static [u8])>,
//! ) -> Result<(), Box<dyn std::error::Error>> {
//!     let mut slots = Slots::new(flash, [0x4_0000, 0x6_0000], 0x2_0000)?;
//!     let pages = Pages { first: 0x7_d000, len: 0x1000, count: 3 };
//!     let mut store = Store::<_, 128>::provision(state, pages, slots.capacity(), 0)?;
//!     let (mut reconstruction, mut scratch) = ([0; 784], [0; 1024]);
//!     loop {
//!         let mut check = Check { reconstruction: &mut reconstruction, scratch: &mut scratch };
//!         let boot = store.boot(&slots, &mut check)?;
//!         // Windows are judged by `boot.model`. What is to survive a restart:
//!         store.remember(&[1, 2, 3])?;
//!         if boot.is_trial {
//!             // After as many healthy windows as the product demands.
//!             store.confirm()?;
//!         }
//!         // The model is gone from here on, or this would not compile.
//!         let Some((len, tag, file)) = next() else { return Ok(()) };
//!         let mut update = store.update(&mut slots);
//!         let there = update.begin(len, tag)?;
//!         update.write(&file[there as usize..])?;
//!         update.finish(&mut check)?;
//!     }
//! }
//! ```
//!
//! # An update
//!
//! 1. [`Update::begin`] notes in the state what comes. From now on nothing in the other slot counts.
//! 2. [`Update::write`] takes the file in pieces of any length, and after a power cut goes on where
//!    the state says. A *step*, at most 32 of which make a slot, is erased before its first byte is
//!    written, and counts once its last is. So no word is written over what a cut has left.
//! 3. [`Update::finish`] gives the whole file, where it lies, to the program's [`Verify`]. If it is
//!    good, the state says that it is a candidate.
//! 4. [`Store::boot`] notes that the candidate was tried, then checks it again and runs it.
//! 5. [`Store::confirm`] makes it the confirmed one. One save says all: the slot, its version, and
//!    what is remembered. Without it the next boot returns to the model before, with all that was
//!    remembered for that one.
//!
//! The least version that may run is the confirmed model's. There is no other counter, so slot and
//! counter cannot disagree, and a model that fails its trial does not shut out the one before it.
//! This takes the place of `ae_signature::VersionCounter` on boards that have two slots.
//!
//! # The state
//!
//! A save writes one entry with the whole state, the entry of the highest number counts, and the
//! entries before it stay on their page. There is nothing to collect and nothing to be kept in step:
//! a new model and the end of the old one's calibration are one entry. An entry is a body of 32
//! bytes and the `N`, a cell with its CRC-32C, which commits it, and a cell that seals it. A cell has
//! 4 bytes, or a word of the flash if that is longer.
//!
//! Flash is a hard place to be certain in. A word whose writing was cut may read as the old one now
//! and as the new one later. The store does not believe what may change its mind:
//!
//! - A seal tells that the commit before it was whole, a commit that the body was. An entry that may
//!   be gone the next time, or may come back, makes the next life write the state anew, with a higher
//!   number, before anything is done.
//! - What was torn may read as erased. So a life writes only to pages that it has erased itself.
//! - The page with the newest entry and the one with the newest sealed entry are not erased. With
//!   three pages there is always another.
//!
//! So any number of cuts, one after the other, leaves the last state that a save has kept, or the
//! one that a save has begun.
//!
//! A flash that erases to ones, bytes that stay as they are once they were written whole, and a cut
//! that damages nothing but the words being written or the pages being erased: this is what the
//! flash must promise. Damage beyond that is found by the checksum, and the entry before it counts.
//! Where none is left, [`Store::open`] says [`StoreError::Lost`] or [`StoreError::Virgin`], and no
//! model should run. One who erases the pages on purpose can bring back an old model that was signed:
//! products protect them as they protect their program.
//!
//! # Wear
//!
//! | what | erased |
//! | --- | --- |
//! | the first save of a life | one page of the state |
//! | each further number of saves for which a page has room | one page of the state |
//! | an update | each erase unit of one slot once, and once more a step for each power cut |
//! | and its saves | 36 at most |
//!
//! The pages take turns. A page of 4 KiB has room for 23 entries with 128 remembered bytes. With three
//! such pages and a flash of 10,000 cycles a board may begin 30,000 lives that save, or keep 690,000
//! windows. One that wakes from deep sleep by a restart, and saves each time, needs more pages, or a
//! RAM that is kept.
#![no_std]
#![forbid(unsafe_code)]
// No input may bring this code down; `clippy.toml` has the rest. The same in all crates for boards.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_underscore,
        clippy::disallowed_methods,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::missing_panics_doc,
        clippy::multiple_unsafe_ops_per_block,
        clippy::panic,
        clippy::panic_in_result_fn,
        clippy::string_slice,
        clippy::todo,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_in_result,
        clippy::unwrap_used,
    )
)]

#[cfg(test)]
extern crate std;

mod error;
mod flash;
mod journal;
mod slots;
mod state;
mod store;
mod update;
mod verify;

pub use error::{BootError, FinishError, GeometryError, StoreError, UpdateError};
pub use flash::{MappedFlash, Pages};
pub use slots::Slots;
pub use state::{Confirmed, Pending, Slot, State, Transfer};
pub use store::{Boot, Store};
pub use update::Update;
pub use verify::Verify;

#[cfg(test)]
mod tests;
