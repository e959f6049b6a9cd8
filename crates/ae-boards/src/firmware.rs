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
    /// It was not built, or lies elsewhere.
    #[error("the firmware of {board} is not built: it is {}", missing(.looked))]
    NotBuilt {
        /// The board.
        board: &'static str,
        /// Where it was looked for.
        looked: Vec<PathBuf>,
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

fn missing(looked: &[PathBuf]) -> String {
    match looked {
        [] => "looked for nowhere, because this program lies in no checkout of its own".to_owned(),
        places => {
            let places: Vec<String> = places.iter().map(|it| it.display().to_string()).collect();
            format!("not at {}", places.join(", nor at "))
        }
    }
}

/// The environment variable that names the folder with the firmware of all boards.
const FOLDER: &str = "AE_FIRMWARE";

impl Firmware {
    /// The folders in which firmware is looked for: the one that `AE_FIRMWARE` names, and no other; or
    /// those that `cargo xtask firmware` fills, in the folder where cargo has built this program and
    /// in the checkout that it was built from. It is looked for in no other, such as beside a
    /// program that was installed, where other files lie.
    fn folders() -> Vec<PathBuf> {
        if let Some(folder) = env::var_os(FOLDER).filter(|folder| !folder.is_empty()) {
            return vec![folder.into()];
        }
        let program = env::current_exe().unwrap_or_default();
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        folders_of(&program, &checkout)
    }

    /// The first of the folders in which firmware is looked for that holds firmware, or the first.
    #[must_use]
    pub fn default_folder() -> PathBuf {
        let folders = Self::folders();
        let is_filled = |folder: &&PathBuf| folder.join(&Board::all()[0].name).is_dir();
        let filled = folders.iter().find(is_filled).or(folders.first());
        filled.cloned().unwrap_or_else(|| "target/firmware".into())
    }

    /// The program `program` of `board`: `named` is its file, or a folder with those of all boards.
    /// Without it, it is looked for in the folder that `AE_FIRMWARE` names, or in cargo's and the
    /// checkout's.
    ///
    /// # Errors
    /// It is not there, or is not firmware.
    pub fn find(
        named: Option<&Path>,
        board: &'static Board,
        program: &str,
    ) -> Result<Self, FirmwareError> {
        let places = match named {
            Some(file) if file.is_file() => vec![file.to_owned()],
            Some(folder) => vec![Self::path_in(folder, board, program)],
            None => {
                let folders = Self::folders();
                folders.iter().map(|folder| Self::path_in(folder, board, program)).collect()
            }
        };
        match places.iter().find(|place| place.is_file()) {
            Some(place) => Self::read_file(place.clone(), board, program),
            None => Err(FirmwareError::NotBuilt { board: &board.name, looked: places }),
        }
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
        Self::find(Some(folder), board, program)
    }

    fn read_file(
        path: PathBuf,
        board: &'static Board,
        program: &str,
    ) -> Result<Self, FirmwareError> {
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

/// See [`Firmware::folders`].
fn folders_of(program: &Path, checkout: &Path) -> Vec<PathBuf> {
    // Cargo marks the folder that it builds in. Programs of tests lie one folder deeper than others.
    let is_cargos = |folder: &&Path| folder.join("CACHEDIR.TAG").is_file();
    let built = program.ancestors().skip(2).take(2).find(is_cargos).map(Path::to_owned);
    // The checkout may have moved since, or be on another machine.
    let is_there = checkout.join("firmware").join("boards.toml").is_file();
    let own = checkout.canonicalize().ok().filter(|_| is_there).map(|root| root.join("target"));
    let mut folders: Vec<PathBuf> =
        built.into_iter().chain(own).map(|folder| folder.join("firmware")).collect();
    folders.dedup();
    folders
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Firmware, FirmwareError, folders_of};
    use crate::Board;

    #[test]
    fn firmware_is_looked_for_in_cargos_folder_and_in_the_checkout_and_never_beside_files() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        let place = |path: &str| home.join(path);
        // Installed, with the checkout gone: a user's folder of this name is none of ours.
        fs::create_dir_all(place("firmware/microbit")).unwrap();
        let program = place("bin/ae-train");
        assert!(folders_of(&program, &place("gone")).is_empty());
        // Installed, with the checkout there.
        fs::create_dir_all(place("checkout/firmware")).unwrap();
        fs::write(place("checkout/firmware/boards.toml"), "").unwrap();
        let own = place("checkout/target/firmware");
        assert_eq!(folders_of(&program, &place("checkout")), std::slice::from_ref(&own));
        // Built by cargo, elsewhere and in the checkout.
        for (target, folders) in [
            ("built", vec![place("built/firmware"), own.clone()]),
            ("checkout/target", vec![own.clone()]),
        ] {
            fs::create_dir_all(place(target)).unwrap();
            fs::write(place(target).join("CACHEDIR.TAG"), "").unwrap();
            for program in ["release/ae-train", "release/deps/test"] {
                let program = place(target).join(program);
                assert_eq!(folders_of(&program, &place("checkout")), folders);
            }
        }
    }

    #[test]
    fn what_is_not_there_is_told_with_every_place_and_a_file_may_be_named() {
        let board = Board::find("microbit").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let error = Firmware::find(Some(folder.path()), board, "bench").unwrap_err().to_string();
        let place = folder.path().join("microbit").join("bench.elf");
        let expected =
            format!("the firmware of microbit is not built: it is not at {}", place.display());
        assert_eq!(error, expected);
        let file = folder.path().join("mine.elf");
        fs::write(&file, "no ELF").unwrap();
        let error = Firmware::find(Some(&file), board, "bench").unwrap_err();
        assert!(matches!(error, FirmwareError::Elf { path, .. } if path == file));
        let nowhere = FirmwareError::NotBuilt { board: "microbit", looked: Vec::new() };
        assert!(nowhere.to_string().contains("looked for nowhere"), "{nowhere}");
    }
}
