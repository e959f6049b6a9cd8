//! The structs that C sees, and what lies in them.
//!
//! Their sizes are a sum of words and pointers, so that they fit on cores of 32 and of 64 bits alike.

#![allow(unsafe_code, reason = "structs that C hands over")]

use core::mem::offset_of;
use core::ptr;

use ae_infer::{Autoencoder, CompanionPlan, CompanionsIn, Detector, F32, Int8, Judge};

use crate::error::{Error, Result};
use crate::memory::Region;
use crate::watcher::Watcher;

/// A loaded int8 model. It need not be initialised before `ae_int8_load`. It holds pointers into the
/// blob, and may be copied.
#[derive(Debug)]
#[repr(C)]
pub struct Int8Model {
    /// Not for the caller.
    private_words: [u64; 8],
    /// Not for the caller.
    private_pointers: [usize; 32],
}

/// A loaded f32 model. It need not be initialised before `ae_f32_load`. It holds pointers into the
/// blob, and may be copied.
#[derive(Debug)]
#[repr(C)]
pub struct F32Model {
    /// Not for the caller.
    private_words: [u64; 8],
    /// Not for the caller.
    private_pointers: [usize; 32],
}

/// A detector with an int8 model. It need not be initialised before `ae_int8_detector_begin`. It holds
/// pointers into the blob and into its buffers, and must not be copied.
#[derive(Debug)]
#[repr(C)]
pub struct Int8Detector {
    /// Not for the caller.
    private_words: [u64; 16],
    /// Not for the caller.
    private_pointers: [usize; 96],
}

/// A detector with an f32 model. It need not be initialised before `ae_f32_detector_begin`. It holds
/// pointers into the blob and into its buffers, and must not be copied.
#[derive(Debug)]
#[repr(C)]
pub struct F32Detector {
    /// Not for the caller.
    private_words: [u64; 16],
    /// Not for the caller.
    private_pointers: [usize; 96],
}

/// A half of a detector that decides with an int8 model. It need not be initialised before
/// `ae_int8_judge_begin`. It holds pointers into the blob and into its buffers, and must not be copied.
#[derive(Debug)]
#[repr(C)]
pub struct Int8Judge {
    /// Not for the caller.
    private_words: [u64; 16],
    /// Not for the caller.
    private_pointers: [usize; 72],
}

/// A half of a detector that decides with an f32 model. It need not be initialised before
/// `ae_f32_judge_begin`. It holds pointers into the blob and into its buffers, and must not be copied.
#[derive(Debug)]
#[repr(C)]
pub struct F32Judge {
    /// Not for the caller.
    private_words: [u64; 16],
    /// Not for the caller.
    private_pointers: [usize; 72],
}

/// A half of a detector that takes samples. It need not be initialised before `ae_int8_judge_begin` or
/// `ae_f32_judge_begin`. It holds pointers into the blob and into its buffers, and must not be copied.
#[derive(Debug)]
#[repr(C)]
pub struct Sampler {
    /// Not for the caller.
    private_words: [u64; 4],
    /// Not for the caller.
    private_pointers: [usize; 40],
}

/// What goes along with a detector. It need not be initialised before `ae_companions_begin`. It holds
/// pointers into its buffers, and must not be copied.
#[derive(Debug)]
#[repr(C)]
pub struct Companions {
    /// Not for the caller.
    private_words: [u64; 32],
    /// Not for the caller.
    private_pointers: [usize; 32],
}

/// What lies in such a struct.
#[repr(C)]
pub(crate) struct Slot<T, const READ: usize> {
    /// Tells a struct that was filled from any other bytes, as far as bytes can.
    tag: u64,
    /// Memory that the value reads from or writes to, which nothing that C hands over later may lie
    /// over.
    pub(crate) held: [Region; READ],
    pub(crate) value: T,
}

/// The blob.
pub(crate) type ModelSlot<A> = Slot<Autoencoder<'static, A>, 1>;
/// The blob, the window, the reconstruction and the scratch.
pub(crate) type DetectorSlot<A> = Slot<Watcher<Detector<'static, 'static, A>>, 4>;

/// The same.
pub(crate) type JudgeSlot<A> = Slot<Watcher<Judge<'static, 'static, A>>, 4>;
/// The window.
pub(crate) type SamplerSlot = Slot<ae_infer::Sampler<'static, 'static>, 1>;
/// The scores that are kept at both ends, and what is known of channels.
pub(crate) type CompanionsSlot = Slot<Company, 3>;
/// Companions, and what they were begun with.
#[derive(Debug)]
pub(crate) struct Company {
    pub(crate) plan: CompanionPlan,
    pub(crate) all: InMemory,
    /// Where the detector or judge is that they were last found to lie over nothing of.
    pub(crate) with: usize,
}
/// Companions in memory of C.
pub(crate) type InMemory = CompanionsIn<&'static mut [u64], &'static mut [u16], EDGES>;
/// Edges of a drift: those that `ae_infer` advises.
pub(crate) const EDGES: usize = 11;

/// A struct of C that holds a value.
pub(crate) trait Storage: Sized {
    /// What it holds.
    type Slot: Tagged;
}

/// What [`Storage`] needs to know of a slot.
pub(crate) trait Tagged {
    /// Where the tag lies.
    const TAG_AT: usize;
}

impl<T, const READ: usize> Tagged for Slot<T, READ> {
    const TAG_AT: usize = offset_of!(Self, tag);
}

/// Says what a struct holds, and that it has room for it.
macro_rules! holds {
    ($storage:ty, $slot:ty) => {
        impl Storage for $storage {
            type Slot = $slot;
        }
        const _: () = assert!(
            size_of::<$slot>() <= size_of::<$storage>()
                && align_of::<$slot>() <= align_of::<$storage>()
        );
    };
}

holds!(Int8Model, ModelSlot<Int8<'static>>);
holds!(F32Model, ModelSlot<F32>);
holds!(Int8Detector, DetectorSlot<Int8<'static>>);
holds!(F32Detector, DetectorSlot<F32>);
holds!(Int8Judge, JudgeSlot<Int8<'static>>);
holds!(F32Judge, JudgeSlot<F32>);
holds!(Sampler, SamplerSlot);
holds!(Companions, CompanionsSlot);

/// The tag of a struct. Text of eight letters, and a number for each kind, so that a model is taken
/// for no detector and int8 for no f32.
const fn tag<S: Storage + Kind>() -> u64 {
    u64::from_le_bytes(*b"ae-c\x89\r\n\0").wrapping_add(S::NUMBER << 56)
}

/// The number of a struct.
pub(crate) trait Kind {
    const NUMBER: u64;
}

impl Kind for Int8Model {
    const NUMBER: u64 = 1;
}
impl Kind for F32Model {
    const NUMBER: u64 = 2;
}
impl Kind for Int8Detector {
    const NUMBER: u64 = 3;
}
impl Kind for F32Detector {
    const NUMBER: u64 = 4;
}
impl Kind for Int8Judge {
    const NUMBER: u64 = 5;
}
impl Kind for F32Judge {
    const NUMBER: u64 = 6;
}
impl Kind for Sampler {
    const NUMBER: u64 = 7;
}
impl Kind for Companions {
    const NUMBER: u64 = 8;
}

/// Empties a struct, so that one whose filling fails is not taken for the one that it was before.
///
/// # Safety
/// [`Region::one`] found nothing, and the memory is there and nobody else's.
pub(crate) unsafe fn empty<S: Storage + Kind>(storage: *mut S) {
    let tag = storage.wrapping_byte_add(S::Slot::TAG_AT).cast::<u64>();
    // SAFETY: within the struct, which has room for a slot; the rest is the caller's word.
    unsafe { ptr::write(tag, 0) };
}

/// Fills a struct.
///
/// # Safety
/// As [`empty`].
pub(crate) unsafe fn fill<T, const READ: usize, S>(storage: *mut S, held: [Region; READ], value: T)
where
    S: Storage<Slot = Slot<T, READ>> + Kind,
{
    let slot = Slot { tag: tag::<S>(), held, value };
    // SAFETY: the struct has room and a boundary for it; the rest is the caller's word.
    unsafe { ptr::write(storage.cast(), slot) };
}

/// What lies in a struct that was filled.
///
/// # Safety
/// [`Region::one`] found nothing, the memory is there, and nobody else writes to it for `'c`. Where it
/// has the tag, [`fill`] wrote it.
pub(crate) unsafe fn read<'c, S: Storage + Kind>(storage: *const S) -> Result<&'c S::Slot> {
    // SAFETY: the caller's word.
    unsafe { check(storage)? };
    // SAFETY: it has the tag, so `fill` wrote it.
    Ok(unsafe { &*storage.cast() })
}

/// As [`read`], to change it.
///
/// # Safety
/// As [`read`], and nobody else reads it for `'c`.
pub(crate) unsafe fn change<'c, S: Storage + Kind>(storage: *mut S) -> Result<&'c mut S::Slot> {
    // SAFETY: the caller's word.
    unsafe { check(storage)? };
    // SAFETY: it has the tag, so `fill` wrote it.
    Ok(unsafe { &mut *storage.cast() })
}

/// # Safety
/// As [`read`].
unsafe fn check<S: Storage + Kind>(storage: *const S) -> Result<()> {
    let place = storage.wrapping_byte_add(S::Slot::TAG_AT).cast::<u64>();
    // SAFETY: within the struct; of a number any bits are a value.
    let found = unsafe { ptr::read(place) };
    if found == tag::<S>() { Ok(()) } else { Err(Error::NotLoaded) }
}
