//! Whether a model fits a board.

use ae_core::{Contract, Header};

use crate::board::Board;
use crate::elf::Image;

/// Stack that the firmware's programs want free. The most that is measured, `bench` loading a model,
/// is under 2 KiB, by `cargo xtask bench --boards`.
const STACK_BYTES: u64 = 4096;
/// The same of programs that check signatures, which takes under 8.5 KiB; `cargo xtask bench
/// --signature` has the figure.
const SIGNED_STACK_BYTES: u64 = 9216;

/// The firmware's buffers begin on a multiple of this number of bytes.
const BUFFER_ALIGNMENT: u64 = 8;

/// What a model needs of a board, and what the board's firmware has, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// The blob, or the signed file.
    pub flash: u64,
    /// Flash that is free for it.
    pub flash_room: u64,
    /// Pixels in and out, and scratch.
    pub buffers: u64,
    /// RAM that is free for them.
    pub buffer_room: u64,
    /// Stack.
    pub stack: u64,
    /// RAM that is free for it.
    pub stack_room: u64,
}

/// A model does not fit a board.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DoesNotFit {
    /// Something is too small.
    #[error("the model does not fit {board}: {}", lines(needs).join("; "))]
    Size {
        /// The board.
        board: String,
        /// Everything with its size.
        needs: Needs,
    },
    /// The firmware has no f32 arithmetic.
    #[error("the firmware of {board} runs int8 models only, and this is an f32 model")]
    Contract {
        /// The board.
        board: String,
    },
}

impl Needs {
    /// What a blob with this header needs of this firmware.
    #[must_use]
    pub fn of(header: &Header, firmware: &Image) -> Self {
        let sizes = firmware.sizes();
        Self {
            flash: header.total_len.into(),
            flash_room: sizes.model_room,
            buffers: header.buffers().total_bytes(BUFFER_ALIGNMENT),
            buffer_room: sizes.buffer_room,
            stack: match firmware.gate() {
                Some(_) => SIGNED_STACK_BYTES,
                None => STACK_BYTES,
            },
            stack_room: sizes.stack_room,
        }
    }

    fn all(&self) -> [(&'static str, u64, u64); 3] {
        [
            ("flash", self.flash, self.flash_room),
            ("RAM for buffers", self.buffers, self.buffer_room),
            ("RAM for the stack", self.stack, self.stack_room),
        ]
    }

    fn fit(&self) -> bool {
        self.all().iter().all(|(_, needed, room)| needed <= room)
    }
}

impl std::fmt::Display for Needs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&lines(self).join("; "))
    }
}

fn lines(needs: &Needs) -> Vec<String> {
    let lines = needs.all().into_iter().map(|(what, needed, room)| {
        if needed <= room {
            format!("{what}: {needed} of {room} bytes")
        } else {
            format!("{what}: {needed} bytes needed, {room} free")
        }
    });
    lines.collect()
}

/// Checks that a file of `bytes` bytes, which begins with a blob with this header, fits the firmware
/// of a board.
///
/// # Errors
/// It does not; the error has all sizes.
pub(crate) fn fit(
    header: &Header,
    bytes: u64,
    board: &Board,
    firmware: &Image,
) -> Result<Needs, DoesNotFit> {
    let name = board.name.clone();
    if header.contract == Contract::F32 && !board.f32 {
        return Err(DoesNotFit::Contract { board: name });
    }
    let needs = Needs { flash: bytes, ..Needs::of(header, firmware) };
    if needs.fit() { Ok(needs) } else { Err(DoesNotFit::Size { board: name, needs }) }
}
