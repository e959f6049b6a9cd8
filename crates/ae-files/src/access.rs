//! Who may read and write a file.

use std::fs::File;
use std::io;

use cap_std::fs::{Metadata, OpenOptions};

/// Who may read and write a file. Where the system has no such numbers, it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Access {
    /// Permission bits.
    mode: u32,
    /// Those of the file that is replaced: number of its owner and of its group.
    kept: Option<(u32, u32)>,
}

impl Access {
    /// That of a file that was not there. The user's mask takes away from `mode`.
    pub(crate) fn new(mode: u32) -> Self {
        Self { mode, kept: None }
    }

    /// That of a file that is there.
    #[cfg(unix)]
    pub(crate) fn of(found: &Metadata) -> Self {
        use cap_std::fs::MetadataExt;

        Self { mode: found.mode() & 0o777, kept: Some((found.uid(), found.gid())) }
    }

    /// That of a file that is there.
    #[cfg(not(unix))]
    pub(crate) fn of(_: &Metadata) -> Self {
        Self::new(0)
    }

    /// So that nobody ever has more than this. A file that replaces another belongs to its owner
    /// alone until it has the same group.
    pub(crate) fn restrict(self, options: &mut OpenOptions) {
        #[cfg(unix)]
        {
            use cap_std::fs::OpenOptionsExt;

            options.mode(if self.kept.is_some() { 0o600 } else { self.mode });
        }
        #[cfg(not(unix))]
        let _ = options;
    }

    /// Gives a file, made as [`restrict`](Self::restrict) says, all that the one before it had.
    #[cfg(unix)]
    pub(crate) fn give(self, file: &File) -> io::Result<()> {
        use std::fs::Permissions;
        use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

        let Some((owner, group)) = self.kept else { return Ok(()) };
        let made = file.metadata()?;
        let mut mode = self.mode;
        if (made.uid(), made.gid()) != (owner, group)
            && fchown(file, Some(owner), Some(group)).is_err()
            && made.gid() != group
            && fchown(file, None, Some(group)).is_err()
        {
            // What one group might do is not for another.
            mode &= 0o707;
        }
        file.set_permissions(Permissions::from_mode(mode))
    }

    /// Gives a file all that the one before it had.
    #[cfg(not(unix))]
    pub(crate) fn give(self, _: &File) -> io::Result<()> {
        Ok(())
    }
}
