//! The flash of an emulated board, which its emulator keeps in a file.

use std::io;
use std::path::{Path, PathBuf};

use ae_files::write_new;

use crate::board::{Board, FlashMap};

/// What flash holds where nothing was written.
const ERASED: u8 = 0xff;
/// The file is written by its owner alone.
const READABLE: u32 = 0o644;

/// A file with all bytes of an emulated board's flash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlashFile {
    path: PathBuf,
}

/// Why there is no flash in a file.
#[derive(Debug, thiserror::Error)]
pub enum FlashFileError {
    /// The board keeps none.
    #[error("{board} has no flash that an emulator keeps in a file; {} has", having())]
    None {
        /// The board.
        board: &'static str,
    },
    /// The file has another size.
    #[error("{} has {found} bytes, and the flash {expected}", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// Bytes of the flash.
        expected: u64,
        /// Bytes of the file.
        found: u64,
    },
    /// The first model is too large.
    #[error("the model has {needed} bytes, and a slot of the board {room}")]
    TooLarge {
        /// Bytes of the model.
        needed: u64,
        /// Bytes of a slot.
        room: u32,
    },
    /// It cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

fn having() -> String {
    let boards = Board::all().iter().filter(|board| board.flash().is_some());
    boards.map(|board| board.name.as_str()).collect::<Vec<_>>().join(", ")
}

impl FlashFile {
    /// The flash of `board` in the file at `path`, which is there.
    ///
    /// # Errors
    /// The board has none, or the file is not there or of another size.
    pub fn open(board: &'static Board, path: &Path) -> Result<Self, FlashFileError> {
        let FlashMap { bytes: expected, .. } = map_of(board)?;
        let path = path.to_owned();
        match path.metadata() {
            Ok(found) if found.len() == expected => Ok(Self { path }),
            Ok(found) => Err(FlashFileError::Length { path, expected, found: found.len() }),
            Err(error) => Err(FlashFileError::File { path, error }),
        }
    }

    /// The flash of a board that has just been made, in a new file: `model` is in its first slot, as a
    /// probe would put it there, and all else is erased.
    ///
    /// # Errors
    /// The board has none, the model is larger than a slot, or there is such a file, or it cannot be
    /// written.
    pub fn make(board: &'static Board, path: &Path, model: &[u8]) -> Result<Self, FlashFileError> {
        let map = map_of(board)?;
        let needed = model.len() as u64;
        if needed > map.slot_bytes.into() {
            return Err(FlashFileError::TooLarge { needed, room: map.slot_bytes });
        }
        let mut bytes = vec![ERASED; map.bytes as usize];
        let slot = bytes.iter_mut().skip(map.first_slot as usize);
        slot.zip(model).for_each(|(place, byte)| *place = *byte);
        write_new(path, &bytes, READABLE)
            .map_err(|error| FlashFileError::File { path: path.to_owned(), error })?;
        Ok(Self { path: path.to_owned() })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn map_of(board: &'static Board) -> Result<FlashMap, FlashFileError> {
    board.flash().ok_or(FlashFileError::None { board: &board.name })
}

#[cfg(test)]
mod tests {
    use super::{FlashFile, FlashFileError};
    use crate::Board;

    #[test]
    fn a_new_flash_holds_its_model_and_is_erased_else() {
        let board = Board::find("rv32").unwrap();
        let map = board.flash().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rv32.flash");
        let flash = FlashFile::make(board, &path, b"model").unwrap();
        assert_eq!(FlashFile::open(board, &path).unwrap(), flash);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len() as u64, map.bytes);
        let (before, rest) = bytes.split_at(map.first_slot as usize);
        let (model, behind) = rest.split_at(5);
        assert_eq!(model, b"model");
        assert!(before.iter().chain(behind).all(|&byte| byte == 0xff));
        // What is there is not overwritten.
        let error = FlashFile::make(board, &path, b"other").unwrap_err();
        assert!(matches!(error, FlashFileError::File { .. }), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }

    #[test]
    fn what_is_no_flash_is_refused_with_both_figures() {
        let board = Board::find("rv32").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rv32.flash");
        let room = board.flash().unwrap().slot_bytes;
        let error = FlashFile::make(board, &path, &vec![0; room as usize + 1]).unwrap_err();
        let message = format!("the model has {} bytes, and a slot of the board {room}", room + 1);
        assert_eq!(error.to_string(), message);
        std::fs::write(&path, "short").unwrap();
        let error = FlashFile::open(board, &path).unwrap_err();
        assert!(matches!(error, FlashFileError::Length { found: 5, .. }), "{error}");
        let other = Board::find("microbit").unwrap();
        let error = FlashFile::open(other, &path).unwrap_err().to_string();
        assert!(error.contains("microbit") && error.contains("rv32 has"), "{error}");
    }
}
