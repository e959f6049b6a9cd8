//! The order of steps by which a file is there whole or not at all, whatever ends the program or the
//! machine.

use std::ffi::OsStr;
use std::io;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// How the names of files begin that are still being written.
pub const UNFINISHED: &str = ".writing-";

/// What a folder can do. The tests have one that loses what was not synced.
pub(crate) trait Disk {
    /// A file that is being written.
    type File;

    /// A new file, in place of that called `instead_of` if there is one, whose permissions it takes;
    /// `mode` are those of a file that stands in for none.
    fn create(&self, name: &str, instead_of: &OsStr, mode: u32) -> io::Result<Self::File>;
    /// Puts all bytes into a new file.
    fn write(&self, file: &mut Self::File, bytes: &[u8]) -> io::Result<()>;
    /// Puts a file's bytes on the disk.
    fn sync(&self, file: &Self::File) -> io::Result<()>;
    /// Puts the names of the folder on the disk.
    fn sync_names(&self) -> io::Result<()>;
    /// Takes a file's name for another, in place of what was called so.
    fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()>;
    /// Gives a file a second name: `AlreadyExists` where there is such a name.
    fn link(&self, from: &OsStr, to: &OsStr) -> io::Result<()>;
    /// Removes a name.
    fn remove(&self, name: &OsStr) -> io::Result<()>;
    /// All of a file.
    fn read(&self, name: &OsStr) -> io::Result<Vec<u8>>;
    /// Whether there is such a name.
    fn has(&self, name: &OsStr) -> io::Result<bool>;
}

/// Puts `bytes` in place of the file `name`, or makes it: at every moment there is the old file or
/// the new one, whole.
pub(crate) fn replace<D: Disk>(disk: &D, name: &OsStr, bytes: &[u8], mode: u32) -> io::Result<()> {
    let beside = Beside::write(disk, name, bytes, mode)?;
    beside.take_place_of(name)?;
    disk.sync_names()
}

/// Makes a file that must not be there yet, whole or not at all.
pub(crate) fn create<D: Disk>(disk: &D, name: &OsStr, bytes: &[u8], mode: u32) -> io::Result<()> {
    let beside = Beside::write(disk, OsStr::new(""), bytes, mode)?;
    match disk.link(beside.name(), name) {
        Ok(()) => drop(beside),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        // A file system without second names. Between look and rename another may make the file.
        Err(_) if disk.has(name)? => return Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => beside.take_place_of(name)?,
    }
    disk.sync_names()
}

/// Gives the file `name` the second name `also`, in place of what was called so: the next
/// [`replace`] of `name` leaves it there. Where a file system has no second names, it is copied.
pub(crate) fn keep_as<D: Disk>(disk: &D, name: &OsStr, also: &OsStr, mode: u32) -> io::Result<()> {
    let beside = Beside { disk, name: unfinished() };
    match disk.link(name, beside.name()) {
        // Where `also` is a name of that file already nothing is renamed, and `beside` is removed.
        Ok(()) => disk.rename(beside.name(), also),
        Err(_) => replace(disk, also, &disk.read(name)?, mode),
    }
}

/// A file beside the one that it is to become. It is removed if it does not.
struct Beside<'d, D: Disk> {
    disk: &'d D,
    name: String,
}

impl<'d, D: Disk> Beside<'d, D> {
    /// With these bytes, on the disk.
    fn write(disk: &'d D, instead_of: &OsStr, bytes: &[u8], mode: u32) -> io::Result<Self> {
        let (beside, mut file) = loop {
            let name = unfinished();
            match disk.create(&name, instead_of, mode) {
                Ok(file) => break (Self { disk, name }, file),
                // Of a process of this number that was killed.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        };
        disk.write(&mut file, bytes)?;
        disk.sync(&file)?;
        Ok(beside)
    }

    fn name(&self) -> &OsStr {
        OsStr::new(&self.name)
    }

    fn take_place_of(self, name: &OsStr) -> io::Result<()> {
        self.disk.rename(self.name(), name)
    }
}

impl<D: Disk> Drop for Beside<'_, D> {
    fn drop(&mut self) {
        // There is none where it was renamed; and no more can be done where it cannot be removed.
        let _ = self.disk.remove(self.name());
    }
}

/// A name that no other thread of this process has.
fn unfinished() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{UNFINISHED}{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod power_cut;
#[cfg(test)]
mod tests;
