//! A folder that is held by a handle, and whose links nobody follows.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Component, Path};

use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, FileType, OpenOptions};

use crate::access::Access;
use crate::atomic::{self, Disk};

/// Permissions of an ordinary file.
pub(crate) const ORDINARY: u32 = 0o644;

/// A folder that is held by a handle: it stays the same one wherever its path leads later. What is
/// in it is read, made and replaced by its name alone. Links in it are never followed, and nothing
/// but a plain file is opened: what else is there is [`NotPlain`], and is neither read nor waited
/// for.
#[derive(Debug)]
pub struct Folder(Dir);

/// What lies in a folder where a plain file was expected. It is the cause of an [`io::Error`] of the
/// kind `InvalidInput`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotPlain {
    /// What it is, such as `a link`.
    pub found: &'static str,
}

impl fmt::Display for NotPlain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is {}, expected a plain file", self.found)
    }
}

impl std::error::Error for NotPlain {}

impl Folder {
    /// Opens the folder at `path`, which is followed.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        Dir::open_ambient_dir(path, ambient_authority()).map(Self)
    }

    /// Opens the folder `name` in this one, and makes it first where there is none.
    ///
    /// # Errors
    /// What the operating system says. It is no folder, or a link to one.
    pub fn make_folder(&self, name: &str) -> io::Result<Self> {
        match self.0.create_dir(plain_name(name.as_ref())?) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Err(_) => {}
            Ok(()) => self.sync_names()?,
        }
        self.folder(name)
    }

    /// Opens the folder `name` in this one.
    ///
    /// # Errors
    /// What the operating system says. It is no folder, or a link to one.
    pub fn folder(&self, name: &str) -> io::Result<Self> {
        let name = plain_name(name.as_ref())?;
        match kind(&self.0.symlink_metadata(name)?.file_type()) {
            "a folder" => self.0.open_dir_nofollow(name).map(Self),
            found => Err(io::Error::other(format!("it is {found}, expected a folder"))),
        }
    }

    /// Whether there is anything called `name`. A link is, wherever it leads.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn has(&self, name: impl AsRef<OsStr>) -> io::Result<bool> {
        match self.0.symlink_metadata(plain_name(name.as_ref())?) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The bytes of a file that has at most `most` of them.
    ///
    /// # Errors
    /// What the operating system says. It is no plain file, or too large.
    pub fn read(&self, name: impl AsRef<OsStr>, most: u64) -> io::Result<Vec<u8>> {
        let file = self.open_file(name)?;
        let len = file.metadata()?.len();
        if len > most {
            let text = format!("it has {len} bytes, expected at most {most}");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Opens a file to read it.
    ///
    /// # Errors
    /// What the operating system says. It is no plain file.
    pub fn open_file(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        self.open_with(name.as_ref(), OpenOptions::new().read(true))
    }

    /// Opens a file to read and to write it where it lies, and makes an empty one first where there
    /// is none.
    ///
    /// # Errors
    /// What the operating system says. It is no plain file, or it is known by a second name, which
    /// may be anywhere.
    pub fn open_to_hold(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        let file = self.open_with(
            name.as_ref(),
            OpenOptions::new().read(true).write(true).create(true).truncate(false),
        )?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;

            if file.metadata()?.nlink() > 1 {
                return Err(not_plain("a file with a second name"));
            }
        }
        Ok(file)
    }

    fn open_with(&self, name: &OsStr, options: &mut OpenOptions) -> io::Result<File> {
        let name = plain_name(name)?;
        // Before it is opened: that of a device may have effects.
        self.plain(name)?;
        options.follow(FollowSymlinks::No).nonblock(true);
        let file = self.0.open_with(name, options)?.into_std();
        // Once more, should it have been changed in the meantime.
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(not_plain("something else")),
        }
    }

    /// Who may read and write the plain file `name`, if there is such a file.
    fn plain(&self, name: &OsStr) -> io::Result<Option<Access>> {
        match self.0.symlink_metadata(name) {
            Ok(found) if found.is_file() => Ok(Some(Access::of(&found))),
            Ok(found) => Err(not_plain(kind(&found.file_type()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes `bytes` to a file beside `name`, syncs it, and gives it that name: at every moment
    /// there is the old file, or the new one whole. It may be read and written by whoever might
    /// before.
    ///
    /// # Errors
    /// What the operating system says, or there is something that is no plain file; then all is as it
    /// was.
    pub fn replace(&self, name: impl AsRef<OsStr>, bytes: &[u8]) -> io::Result<()> {
        atomic::replace(self, plain_name(name.as_ref())?, bytes, ORDINARY)
    }

    /// Makes a file that must not be there yet, whole or not at all, with the permissions `mode`
    /// where there are such. At no moment has it more.
    ///
    /// # Errors
    /// What the operating system says: `AlreadyExists` where there is anything of that name.
    pub fn create(&self, name: impl AsRef<OsStr>, bytes: &[u8], mode: u32) -> io::Result<()> {
        atomic::create(self, plain_name(name.as_ref())?, bytes, mode)
    }

    /// Gives the file `name` the second name `also`: the next [`replace`](Self::replace) of `name`
    /// leaves it there.
    ///
    /// # Errors
    /// What the operating system says, or either is no plain file.
    pub fn keep_as(&self, name: &str, also: &str) -> io::Result<()> {
        let [name, also] = [plain_name(name.as_ref())?, plain_name(also.as_ref())?];
        for it in [name, also] {
            self.plain(it)?;
        }
        atomic::keep_as(self, name, also, ORDINARY)
    }

    /// Removes a file or a link.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        self.0.remove_file(plain_name(name.as_ref())?)
    }

    /// The names in it, and what is neither a file nor a folder among them.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn entries(&self) -> io::Result<Vec<(std::ffi::OsString, Option<NotPlain>)>> {
        let entries = self.0.entries()?.map(|entry| {
            let entry = entry?;
            let found = kind(&entry.file_type()?);
            let odd = !["a file", "a folder"].contains(&found);
            Ok((entry.file_name(), odd.then_some(NotPlain { found })))
        });
        entries.collect()
    }
}

impl Disk for Folder {
    type File = (File, Access);

    fn create(&self, name: &str, instead_of: &OsStr, mode: u32) -> io::Result<Self::File> {
        let before = if instead_of.is_empty() { None } else { self.plain(instead_of)? };
        let access = before.unwrap_or(Access::new(mode));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).follow(FollowSymlinks::No);
        access.restrict(&mut options);
        Ok((self.0.open_with(name, &options)?.into_std(), access))
    }

    fn write(&self, (file, access): &mut Self::File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)?;
        access.give(file)
    }

    fn sync(&self, (file, _): &Self::File) -> io::Result<()> {
        file.sync_all()
    }

    fn sync_names(&self) -> io::Result<()> {
        // Opened again: the handle itself is one that can only be walked from.
        #[cfg(unix)]
        match self.0.open(".")?.sync_all() {
            // Some file systems, mostly of networks, have no such thing as a folder to sync.
            Err(error) if !syncs_no_folders(&error) => return Err(error),
            _ => {}
        }
        Ok(())
    }

    fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        self.0.rename(from, &self.0, to)
    }

    fn link(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        self.0.hard_link(from, &self.0, to)
    }

    fn remove(&self, name: &OsStr) -> io::Result<()> {
        self.0.remove_file(name)
    }

    fn read(&self, name: &OsStr) -> io::Result<Vec<u8>> {
        self.read(name, u64::MAX)
    }

    fn has(&self, name: &OsStr) -> io::Result<bool> {
        self.has(name)
    }
}

#[cfg(unix)]
fn syncs_no_folders(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}

/// A name and no path, so that it is in the folder.
fn plain_name(name: &OsStr) -> io::Result<&OsStr> {
    let mut parts = Path::new(name).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(part)), None) if part == name => Ok(name),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "expected a name without a folder")),
    }
}

fn not_plain(found: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, NotPlain { found })
}

fn kind(kind: &FileType) -> &'static str {
    if kind.is_symlink() {
        "a link"
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_file() {
        "a file"
    } else {
        "a pipe, a socket or a device"
    }
}

#[cfg(test)]
mod tests;
