//! The table of boards.

use std::sync::LazyLock;

use ae_core::Layout;
use serde::Deserialize;

/// A board that there is firmware for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// As it is given to `--board`.
    pub name: String,
    /// What the firmware calls itself, where that is not the name; see [`Board::firmware_name`].
    pub firmware: Option<String>,
    /// What it is.
    pub about: String,
    /// Its core.
    pub core: String,
    /// The int8 kernel for this core: a value of the configuration `ae_kernel`.
    pub kernel: String,
    /// The firmware's package.
    pub package: String,
    /// The package's folder in `firmware`, if it is a workspace of its own.
    pub workspace: Option<String>,
    /// What rustc builds for.
    pub target: String,
    /// Features of the package.
    pub features: Vec<String>,
    /// Whether the firmware runs f32 models.
    pub f32: bool,
    /// How QEMU emulates it, if it does.
    pub emulator: Option<Emulator>,
    /// How it is flashed, if there is a real one.
    pub probe: Option<Probe>,
}

/// An emulated board.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emulator {
    /// QEMU's program.
    pub program: String,
    /// Its machine.
    pub machine: String,
    /// How the host talks to it.
    pub line: Line,
    /// Ticks of the board's timer in a second of virtual time.
    pub tick_hz: u64,
    /// The flash that QEMU keeps in a file, for boards that run the program `update`.
    pub flash: Option<FlashMap>,
}

/// A flash that QEMU keeps in a file, as the board's program divides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlashMap {
    /// Bytes of the file.
    pub bytes: u64,
    /// Where its first slot begins, in which the first model is put.
    pub first_slot: u32,
    /// Bytes of a slot.
    pub slot_bytes: u32,
}

impl Emulator {
    /// Instructions that `ticks` of the board's timer stand for when QEMU counts one a
    /// nanosecond.
    #[must_use]
    pub fn instructions(&self, ticks: u64) -> u64 {
        (u128::from(ticks) * 1_000_000_000 / u128::from(self.tick_hz)) as u64
    }
}

/// How the host talks to an emulated board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// By the emulator's own console.
    Semihosting,
    /// By the board's first UART.
    Uart,
}

/// How a real board is flashed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// The program that flashes.
    pub tool: Tool,
    /// Its name for the chip.
    pub chip: String,
}

/// A program that flashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// For Arm boards, over a debug probe.
    ProbeRs,
    /// For Espressif's boards, over their serial port.
    Espflash,
}

/// No board has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no board `{name}`; {}", known())]
pub struct UnknownBoard {
    /// The name.
    pub name: String,
}

impl Board {
    /// What the board's firmware calls itself.
    #[must_use]
    pub fn firmware_name(&self) -> &str {
        self.firmware.as_deref().unwrap_or(&self.name)
    }

    /// The flash that its emulator keeps in a file, if it has one; then there is a program `update`.
    #[must_use]
    pub fn flash(&self) -> Option<FlashMap> {
        self.emulator.as_ref().and_then(|emulator| emulator.flash)
    }

    /// The layout of int8 layers that its kernel is fast with.
    #[must_use]
    pub fn layout(&self) -> Layout {
        match &*self.kernel {
            "dsp" => Layout::RowPairs,
            _ => Layout::Rows,
        }
    }

    /// The core as it is typed, such as `cortex-m4`: whether it has an FPU decides no layout.
    fn core_name(&self) -> String {
        self.core.trim_end_matches('F').to_lowercase()
    }

    /// Whether its core is an Arm, not a RISC-V.
    pub(crate) fn is_arm(&self) -> bool {
        self.target.starts_with("thumb")
    }

    /// All boards.
    ///
    /// # Panics
    /// Never: a test reads the table.
    #[must_use]
    pub fn all() -> &'static [Self] {
        #[derive(Deserialize)]
        struct Table {
            board: Vec<Board>,
        }
        static BOARDS: LazyLock<Vec<Board>> = LazyLock::new(|| {
            let text = include_str!("../../../firmware/boards.toml");
            toml::from_str::<Table>(text).expect("a valid table").board
        });
        &BOARDS
    }

    /// The board of this name.
    ///
    /// # Errors
    /// There is no board of this name; the error lists all names.
    ///
    /// ```
    /// assert_eq!(ae_boards::Board::find("mps2-an386").unwrap().core, "Cortex-M4F");
    /// assert!(ae_boards::Board::find("toaster").unwrap_err().to_string().contains("microbit"));
    /// ```
    pub fn find(name: &str) -> Result<&'static Self, UnknownBoard> {
        let board = Self::all().iter().find(|board| board.name == name);
        board.ok_or_else(|| UnknownBoard { name: name.to_owned() })
    }
}

/// The layout for a board, or for a core such as `cortex-m4`.
///
/// # Errors
/// No board and no core has this name; the error lists them.
///
/// ```
/// use ae_core::Layout;
///
/// assert_eq!(ae_boards::layout_for("cortex-m4").unwrap(), Layout::RowPairs);
/// assert_eq!(ae_boards::layout_for("microbit").unwrap(), Layout::Rows);
/// assert_eq!(ae_boards::layout_for("Cortex-M35P").unwrap(), Layout::RowPairs);
/// assert!(ae_boards::layout_for("z80").unwrap_err().to_string().contains("cortex-m0"));
/// ```
pub fn layout_for(name: &str) -> Result<Layout, UnknownCore> {
    let asked = name.to_lowercase();
    // Cores without a board here, by one with the same kernel.
    let asked = match &*asked {
        "cortex-m0+" | "cortex-m0plus" | "cortex-m23" => "cortex-m0",
        "cortex-m35p" => "cortex-m33",
        "cortex-m85" => "cortex-m55",
        other => other,
    };
    let board = Board::all().iter().find(|board| board.name == asked || board.core_name() == asked);
    board.map(Board::layout).ok_or_else(|| UnknownCore { name: name.to_owned() })
}

/// No board and no core has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no core or board `{name}`; cores: {}; boards: {}", cores().join(", "), boards())]
pub struct UnknownCore {
    /// The name.
    pub name: String,
}

fn cores() -> Vec<String> {
    let mut cores: Vec<String> = Board::all().iter().map(Board::core_name).collect();
    cores.sort();
    cores.dedup();
    cores
}

fn boards() -> String {
    Board::all().iter().map(|board| board.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn known() -> String {
    let names = |emulated: bool| {
        let boards = Board::all().iter().filter(|board| board.emulator.is_some() == emulated);
        boards.map(|board| board.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    format!("emulated ones: {}; real ones: {}", names(true), names(false))
}

#[cfg(test)]
mod tests {
    use super::{Board, Line};

    #[test]
    fn every_board_can_be_run_in_one_way() {
        for board in Board::all() {
            let ways = usize::from(board.emulator.is_some()) + usize::from(board.probe.is_some());
            assert_eq!(ways, 1, "{}", board.name);
            assert_eq!(Board::find(&board.name).unwrap(), board);
        }
    }

    #[test]
    fn a_tick_of_25_mhz_is_40_instructions() {
        let emulator = Board::find("mps2-an386").unwrap().emulator.as_ref().unwrap();
        assert_eq!((emulator.line, emulator.instructions(1000)), (Line::Semihosting, 40_000));
    }
}
