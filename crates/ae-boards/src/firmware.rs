//! Programs that were built for a board.

use std::path::{Path, PathBuf};
use std::{env, fs};

use ae_core::{Header, LoadError};

use crate::board::Board;
use crate::elf::{ElfError, Image};
use crate::fit::{DoesNotFit, Needs, fit};

/// The programs of every board.
pub const PROGRAMS: [&str; 4] = ["selftest", "equivalence", "monitor", "bench"];

/// A program built for a board.
#[derive(Debug, Clone)]
pub struct Firmware {
    /// The board.
    pub board: &'static Board,
    /// Which program.
    pub program: String,
    /// The file.
    pub path: PathBuf,
    /// What it links.
    pub image: Image,
}

/// Why there is no firmware to use.
#[derive(Debug, thiserror::Error)]
pub enum FirmwareError {
    /// It was not built, or lies in another folder.
    #[error("the firmware of {board} is not built: there is no {}", path.display())]
    NotBuilt {
        /// The board.
        board: &'static str,
        /// Where it should be.
        path: PathBuf,
    },
    /// The bytes are not a usable model.
    #[error("not a usable model")]
    Load(#[from] LoadError),
    /// The model does not fit.
    #[error(transparent)]
    DoesNotFit(#[from] DoesNotFit),
    /// It is for another kind of core.
    #[error("{} is built for another core than that of {board}", path.display())]
    OtherCore {
        /// The board.
        board: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not firmware.
    #[error("{} is not the firmware of a board: {error}", path.display())]
    Elf {
        /// The file.
        path: PathBuf,
        /// Why.
        error: ElfError,
    },
}

impl Firmware {
    /// The folder that `cargo xtask firmware` fills: `firmware` beside the folder of this
    /// program, such as `target/firmware`.
    #[must_use]
    pub fn default_folder() -> PathBuf {
        let program = env::current_exe().unwrap_or_default();
        // Programs of tests lie one folder deeper than others.
        let folders: Vec<PathBuf> =
            program.ancestors().skip(2).take(2).map(|folder| folder.join("firmware")).collect();
        let built = folders.iter().find(|folder| folder.join(&Board::all()[0].name).is_dir());
        built.or(folders.first()).cloned().unwrap_or_else(|| "target/firmware".into())
    }

    /// Where the program `program` of `board` lies in `folder`.
    #[must_use]
    pub fn path_in(folder: &Path, board: &Board, program: &str) -> PathBuf {
        folder.join(&board.name).join(format!("{program}.elf"))
    }

    /// Checks that a blob with this header fits the firmware's board.
    ///
    /// # Errors
    /// It does not; the error has all sizes.
    pub fn fit(&self, header: &Header) -> Result<Needs, DoesNotFit> {
        fit(header, header.total_len.into(), self.board, &self.image)
    }

    /// The program's ELF file with `file`, a blob or a signed one, in the model's place, once it is
    /// known to fit, and what the model takes.
    ///
    /// # Errors
    /// The blob has no header, or the model does not fit.
    pub fn with_model(&self, file: &[u8]) -> Result<(Vec<u8>, Needs), FirmwareError> {
        let needs = fit(&Header::read(file)?, file.len() as u64, self.board, &self.image)?;
        let path = || self.path.clone();
        let elf = self.image.with_model(file);
        Ok((elf.map_err(|error| FirmwareError::Elf { path: path(), error })?, needs))
    }

    /// The program `program` of `board` in `folder`.
    ///
    /// # Errors
    /// It is not there, or is not firmware.
    pub fn read(
        folder: &Path,
        board: &'static Board,
        program: &str,
    ) -> Result<Self, FirmwareError> {
        let path = Self::path_in(folder, board, program);
        if !path.is_file() {
            return Err(FirmwareError::NotBuilt { board: &board.name, path });
        }
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => return Err(FirmwareError::Read { path, error }),
        };
        match Image::parse(bytes) {
            Ok(image) if image.is_arm() != board.is_arm() => {
                Err(FirmwareError::OtherCore { board: &board.name, path })
            }
            Ok(image) => Ok(Self { board, program: program.to_owned(), path, image }),
            Err(error) => Err(FirmwareError::Elf { path, error }),
        }
    }
}
