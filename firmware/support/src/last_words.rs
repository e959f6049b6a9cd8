//! Why the program ended the last time: kept in RAM that a reset leaves alone, and told once at the
//! next start. Without the feature `last-words` nothing is kept: an emulator is told at once.

#![allow(unsafe_code, reason = "memory that no start clears")]

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::panic::PanicInfo;

use ae_core::crc32c;
use embedded_io::Write;

use crate::board::Board;
use crate::text::Line;

/// Whether anything is kept.
const KEEPS: bool = cfg!(feature = "last-words");

/// What ended a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Code that gave up.
    Panic,
    /// An instruction that the processor could not carry out.
    Fault,
    /// More stack than there is.
    StackOverflow,
    /// The program did not wait for its host for long: it hung, or was over.
    Watchdog,
}

impl Cause {
    const ALL: [Self; 4] = [Self::Panic, Self::Fault, Self::StackOverflow, Self::Watchdog];
}

/// Words for the name of a source file, of which the end is kept.
const FILE_WORDS: usize = 10;

/// The words are these, and the file behind them.
mod word {
    /// CRC-32C of all others: RAM that was never written holds anything.
    pub(super) const CHECKSUM: usize = 0;
    /// The cause's number.
    pub(super) const CAUSE: usize = 1;
    /// A line of the file, or an address.
    pub(super) const PLACE: usize = 2;
    /// How often the program has ended so since power came.
    pub(super) const COUNT: usize = 3;
    /// 1 when it has been told.
    pub(super) const TOLD: usize = 4;
    pub(super) const FILE: usize = 5;
}

type Record = [u32; word::FILE + FILE_WORDS];

struct Place(UnsafeCell<MaybeUninit<Record>>);

// SAFETY: boards run one core, and no interrupt comes here.
unsafe impl Sync for Place {}

#[unsafe(link_section = ".uninit.last_words")]
static KEPT: Place = Place(UnsafeCell::new(MaybeUninit::uninit()));

fn checksum(record: &Record) -> u32 {
    crc32c(bytemuck::cast_slice(&record[word::CAUSE..]))
}

fn read() -> Option<Record> {
    // SAFETY: RAM holds some number in each word, and the compiler cannot know which.
    let record = unsafe { KEPT.0.get().cast::<Record>().read_volatile() };
    (record[word::CHECKSUM] == checksum(&record)).then_some(record)
}

fn write(mut record: Record) {
    record[word::CHECKSUM] = checksum(&record);
    // SAFETY: nothing else refers to it.
    unsafe { KEPT.0.get().cast::<Record>().write_volatile(record) };
}

/// Whether a cause is kept that was not told yet: in a program that has started, its own.
#[must_use]
pub fn is_kept() -> bool {
    KEEPS && read().is_some_and(|record| record[word::TOLD] == 0)
}

/// Keeps a cause for the next start. Where there is one already that one stays: a fault goes on as a
/// panic.
pub fn keep(cause: Cause, place: u32, file: &str) {
    if !KEEPS || is_kept() {
        return;
    }
    let before = read().map_or(0, |record| record[word::COUNT]);
    let mut record = Record::default();
    record[word::CAUSE] = cause as u32;
    record[word::PLACE] = place;
    record[word::COUNT] = before.saturating_add(1);
    let room: &mut [u8] = bytemuck::cast_slice_mut(&mut record[word::FILE..]);
    let end = file.len().saturating_sub(room.len());
    for (byte, from) in room.iter_mut().zip(file.bytes().skip(end)) {
        *byte = from;
    }
    write(record);
}

/// Keeps where a panic was.
pub fn keep_panic(info: &PanicInfo<'_>) {
    match info.location() {
        Some(location) => keep(Cause::Panic, location.line(), location.file()),
        None => keep(Cause::Panic, 0, ""),
    }
}

/// Tells the host, in a line of text, why the program ended the last time, if that was kept and not
/// told before.
pub fn tell<B: Board>(board: &mut B) {
    if !KEEPS {
        return;
    }
    if board.was_bitten() {
        keep(Cause::Watchdog, 0, "");
    }
    let Some(mut record) = read().filter(|record| record[word::TOLD] == 0) else { return };
    record[word::TOLD] = 1;
    write(record);
    let mut line = Line::new();
    line.text("started again after a ");
    match Cause::ALL.into_iter().find(|&cause| cause as u32 == record[word::CAUSE]) {
        Some(Cause::Panic) => {
            let file: &[u8] = bytemuck::cast_slice(&record[word::FILE..]);
            // A letter of several bytes may have been cut.
            let file = file.split(|&byte| byte == 0).next().unwrap_or_default();
            line.text("panic at ").text(core::str::from_utf8(file).unwrap_or("?"));
            line.text(":").number(record[word::PLACE]);
        }
        Some(Cause::StackOverflow) => {
            line.text("stack overflow");
        }
        Some(Cause::Watchdog) => {
            line.text("hang that the watchdog ended");
        }
        Some(Cause::Fault) | None => {
            line.text("fault at ").hex(record[word::PLACE]);
        }
    }
    line.text(", the end number ").number(record[word::COUNT]).text(" since power came\n");
    // Who does not listen misses it. No debugger is told: where there is none, that ends the program.
    let _ = board.port().write_all(line.as_str().as_bytes());
}
