//! The tools that flash real boards, and what to do when they cannot.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::board::{Board, Probe, Tool};
use crate::process::Running;

/// How long a tool may take to list what is connected.
const LISTING: Duration = Duration::from_secs(60);

/// Why a board cannot be flashed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// It is an emulated one.
    #[error("{board} is emulated: there is nothing to flash")]
    Emulated {
        /// The board.
        board: &'static str,
    },
    /// The tool is not there.
    #[error("{tool} is not installed; `{install}` installs it")]
    Missing {
        /// The tool.
        tool: &'static str,
        /// The command.
        install: &'static str,
    },
    /// There is no probe, or no port.
    #[error(
        "{tool} finds no {what}: connect the board by USB and see that `{list}` lists it; if it does not on Linux, `{permit}` permits it"
    )]
    NotConnected {
        /// The tool.
        tool: &'static str,
        /// What it looks for.
        what: &'static str,
        /// The command that shows what there is.
        list: &'static str,
        /// The command that permits to use it.
        permit: &'static str,
    },
    /// The user may not use it.
    #[error("{tool} may not use the {what}; on Linux, `{command}` permits it")]
    NotPermitted {
        /// The tool.
        tool: &'static str,
        /// What it may not use.
        what: &'static str,
        /// The command that mends it.
        command: &'static str,
    },
    /// Anything else.
    #[error("{tool} failed: {message}")]
    Failed {
        /// The tool.
        tool: &'static str,
        /// What it said.
        message: String,
    },
}

impl Tool {
    /// The program.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::ProbeRs => "probe-rs",
            Self::Espflash => "espflash",
        }
    }

    fn install(self) -> &'static str {
        match self {
            Self::ProbeRs => "cargo install --locked probe-rs-tools",
            Self::Espflash => "cargo install --locked espflash",
        }
    }

    /// The arguments that list what is connected.
    fn list(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::ProbeRs => ("probe-rs list", &["list"]),
            Self::Espflash => ("espflash list-ports", &["list-ports"]),
        }
    }

    fn device(self) -> &'static str {
        match self {
            Self::ProbeRs => "debug probe",
            Self::Espflash => "serial port",
        }
    }

    /// How the user gets the right to use it.
    fn permit(self) -> &'static str {
        match self {
            Self::ProbeRs => {
                "sudo curl -o /etc/udev/rules.d/69-probe-rs.rules https://probe.rs/files/69-probe-rs.rules && sudo udevadm control --reload && sudo udevadm trigger"
            }
            Self::Espflash => "sudo usermod -aG dialout $USER && newgrp dialout",
        }
    }
}

impl Board {
    /// How the board is flashed.
    ///
    /// # Errors
    /// It is emulated.
    pub fn flasher(&'static self) -> Result<&'static Probe, ProbeError> {
        self.probe.as_ref().ok_or(ProbeError::Emulated { board: &self.name })
    }
}

/// The tool for `board`, once it is there and sees a board.
fn tool_for(board: &'static Board) -> Result<&'static Probe, ProbeError> {
    let probe = board.flasher()?;
    let tool = probe.tool;
    let (_, arguments) = tool.list();
    let mut command = Command::new(tool.program());
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let listed = command.spawn().and_then(|child| Running(child).finish(LISTING));
    let (output, errors, status) = listed.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            ProbeError::Missing { tool: tool.program(), install: tool.install() }
        }
        _ => ProbeError::Failed { tool: tool.program(), message: error.to_string() },
    })?;
    let text = output + &errors;
    if status.success() && !text.trim().is_empty() && !says_none(&text) {
        return Ok(probe);
    }
    Err(tool.failure(&text))
}

/// Whether a list is one of nothing.
fn says_none(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("no debug probes") || text.contains("no serial ports")
}

impl Tool {
    /// Why the tool failed, from what it said.
    #[must_use]
    pub fn failure(self, said: &str) -> ProbeError {
        let (tool, (list, _)) = (self.program(), self.list());
        let lower = said.to_lowercase();
        let denied = ["permission", "access denied", "not permitted", "insufficient rights"];
        if denied.iter().any(|word| lower.contains(word)) {
            return ProbeError::NotPermitted { tool, what: self.device(), command: self.permit() };
        }
        if said.trim().is_empty() || says_none(said) || lower.contains("no probe was found") {
            let (what, permit) = (self.device(), self.permit());
            return ProbeError::NotConnected { tool, what, list, permit };
        }
        ProbeError::Failed { tool, message: said.trim().to_owned() }
    }
}

/// What to do with a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Flash it, start it, and show what it says until it ends.
    Watch,
    /// Flash it and start it.
    Leave,
}

/// The commands, one after the other, that flash the program `elf` to the real `board`. `port` is
/// the serial port of a board that is flashed over it.
///
/// # Errors
/// The board is emulated, the tool is missing, or it sees no board.
pub fn probe_commands(
    board: &'static Board,
    elf: &Path,
    then: Then,
    port: Option<&Path>,
) -> Result<Vec<Command>, ProbeError> {
    let probe = tool_for(board)?;
    let command = |words: &[&str]| {
        let mut command = Command::new(probe.tool.program());
        command.args(words).args(["--chip", &probe.chip]);
        command
    };
    Ok(match probe.tool {
        Tool::ProbeRs => {
            let mut flash = command(&[if then == Then::Watch { "run" } else { "download" }]);
            flash.arg(elf);
            let reset = (then == Then::Leave).then(|| command(&["reset"]));
            [flash].into_iter().chain(reset).collect()
        }
        Tool::Espflash => {
            let mut flash = command(&["flash", "--non-interactive"]);
            if let Some(port) = port {
                flash.arg("--port").arg(port);
            }
            if then == Then::Watch {
                flash.arg("--monitor");
            }
            flash.arg(elf);
            vec![flash]
        }
    })
}
