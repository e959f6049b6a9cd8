//! The lock of a run folder, and who holds it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ae_files::Folder;

use super::super::error::{RunError, io_error};
use super::super::file;

/// How long a held lock is tried again: its holder may only be looking, or writing one file.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long the holder's number is waited for. It is written as soon as the lock is taken; until
/// then there is none, or that of the holder before, which is dead.
const NUMBER: Duration = Duration::from_secs(3);

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// The lock of a folder, held until it is dropped or the process dies.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    file: File,
    /// False where the file system has no locks.
    pub(super) binds: bool,
}

impl Lock {
    /// Takes the lock of `folder`, which is at `path`, and leaves this process's number in it for
    /// others to read.
    pub(super) fn take(path: &Path, folder: &Folder) -> Result<Self, RunError> {
        Self::take_within(PATIENCE, path, folder)
    }

    fn take_within(patience: Duration, run: &Path, folder: &Folder) -> Result<Self, RunError> {
        let (path, file) = open(run, folder)?;
        let start = Instant::now();
        loop {
            if let Some(binds) = tried(file.try_lock(), &path)? {
                return Self { path, file, binds }.signed();
            }
            let waited = start.elapsed();
            if waited >= patience
                && let Some(holder) = named(&file, waited)
            {
                return Err(RunError::Locked { path: run.to_owned(), holder });
            }
            sleep(PAUSE);
        }
    }

    /// The same, but waits for whoever holds it, whom `tell` is told of.
    pub(super) fn wait(run: &Path, folder: &Folder, tell: &dyn Fn(&str)) -> Result<Self, RunError> {
        match Self::take(run, folder) {
            Err(RunError::Locked { path, holder }) => {
                tell(&format!("waiting for {holder}, which works in {}", path.display()));
            }
            taken => return taken,
        }
        let (path, file) = open(run, folder)?;
        file.lock().map_err(|source| io_error("lock", &path, source))?;
        Self { path, file, binds: true }.signed()
    }

    /// With this process's number in it.
    fn signed(mut self) -> Result<Self, RunError> {
        let number = format!("{}\n", std::process::id());
        self.file
            .set_len(0)
            .and_then(|()| self.file.write_all(number.as_bytes()))
            .map_err(|source| io_error("write", &self.path, source))?;
        Ok(self)
    }

    /// Whether it is still this lock that others find in the folder.
    pub(super) fn is_in_place(&self) -> io::Result<bool> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;

            let of = |found: fs::Metadata| (found.dev(), found.ino());
            match fs::symlink_metadata(&self.path) {
                Ok(found) => Ok(of(found) == of(self.file.metadata()?)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(error) => Err(error),
            }
        }
        #[cfg(not(unix))]
        self.path.try_exists()
    }
}

/// The process that holds the lock of `folder`, if one does.
pub(super) fn holder(folder: &Path) -> Option<String> {
    let file = Folder::open(folder).ok()?.open_file(file::LOCK).ok()?;
    let start = Instant::now();
    while let Err(TryLockError::WouldBlock) = file.try_lock_shared() {
        if let Some(holder) = named(&file, start.elapsed()) {
            return Some(holder);
        }
        sleep(PAUSE);
    }
    None
}

fn open(run: &Path, folder: &Folder) -> Result<(PathBuf, File), RunError> {
    let path = run.join(file::LOCK);
    match folder.open_to_hold(file::LOCK) {
        Ok(file) => Ok((path, file)),
        Err(source) => Err(io_error("open", &path, source)),
    }
}

/// What a try gave: a lock that binds or, where there are none, does not; `None` if it is held.
fn tried(result: Result<(), TryLockError>, path: &Path) -> Result<Option<bool>, RunError> {
    match result {
        Ok(()) => Ok(Some(true)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) if has_no_locks(&source) => Ok(Some(false)),
        Err(TryLockError::Error(source)) => Err(io_error("lock", path, source)),
    }
}

/// Whether the file system has no locks, or the server of a network's.
fn has_no_locks(error: &io::Error) -> bool {
    const ENOLCK: i32 = 37;
    error.kind() == io::ErrorKind::Unsupported
        || cfg!(target_os = "linux") && error.raw_os_error() == Some(ENOLCK)
}

/// As messages name the process whose number is in the lock, that has been `waited` for so long;
/// `None` while its number may yet come.
fn named(mut file: &File, waited: Duration) -> Option<String> {
    let mut number = String::new();
    let _ = file.rewind().and_then(|()| file.read_to_string(&mut number));
    match number.trim() {
        number if is_alive(number) => Some(format!("process {number}")),
        _ if waited < NUMBER => None,
        "" => Some("another process".to_owned()),
        number => Some(format!("process {number} of another machine or container")),
    }
}

/// Whether a process of this number is here; any number counts where that cannot be seen.
fn is_alive(number: &str) -> bool {
    let processes = Path::new("/proc");
    let seen = !processes.join("self").exists() || processes.join(number).exists();
    number.parse::<u32>().is_ok() && seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(path: &Path) -> Result<Lock, RunError> {
        Lock::take(path, &Folder::open(path).unwrap())
    }

    #[test]
    fn the_second_process_is_told_who_holds_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        // Of a process that is long dead.
        fs::write(folder.path().join(file::LOCK), "4194304\n").unwrap();
        assert_eq!(holder(folder.path()), None);
        let held = take(folder.path()).unwrap();
        assert!(held.binds);
        let expected = format!("process {}", std::process::id());
        match take(folder.path()) {
            Err(RunError::Locked { holder, .. }) => assert_eq!(holder, expected),
            other => panic!("{other:?}"),
        }
        assert_eq!(holder(folder.path()), Some(expected));
        drop(held);
        assert_eq!(holder(folder.path()), None);
        take(folder.path()).unwrap();
    }

    #[test]
    fn a_lock_that_is_soon_free_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let held = take(folder.path()).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                sleep(PATIENCE / 3);
                drop(held);
            });
            let opened = Folder::open(folder.path()).unwrap();
            Lock::take_within(100 * PATIENCE, folder.path(), &opened).unwrap();
        });
        let held = take(folder.path()).unwrap();
        let told = std::sync::Mutex::new(String::new());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while told.lock().unwrap().is_empty() {
                    sleep(PAUSE);
                }
                drop(held);
            });
            let opened = Folder::open(folder.path()).unwrap();
            Lock::wait(folder.path(), &opened, &|line| line.clone_into(&mut told.lock().unwrap()))
                .unwrap();
        });
        let told = told.into_inner().unwrap();
        assert!(told.contains(&format!("process {}", std::process::id())), "{told}");
    }

    #[test]
    fn a_number_that_nobody_here_has_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file::LOCK);
        let named = |text: &str, waited: Duration| {
            fs::write(&path, text).unwrap();
            named(&File::open(&path).unwrap(), waited)
        };
        let own = std::process::id();
        let expected = Some(format!("process {own}"));
        assert_eq!(named(&format!("{own}\n"), Duration::ZERO), expected);
        assert_eq!(named("", Duration::ZERO), None);
        assert_eq!(named("", NUMBER).unwrap(), "another process");
        #[cfg(target_os = "linux")]
        {
            assert_eq!(named("4194304\n", Duration::ZERO), None);
            let elsewhere = named("4194304\n", NUMBER).unwrap();
            assert_eq!(elsewhere, "process 4194304 of another machine or container");
        }
    }

    #[test]
    fn a_lock_that_was_removed_or_replaced_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let held = take(folder.path()).unwrap();
        assert!(held.is_in_place().unwrap());
        fs::remove_file(folder.path().join(file::LOCK)).unwrap();
        assert!(!held.is_in_place().unwrap());
        let other = take(folder.path()).unwrap();
        assert!(!held.is_in_place().unwrap() && other.is_in_place().unwrap());
    }

    #[test]
    fn a_file_system_without_locks_is_no_reason_not_to_train() {
        let tried =
            |error: io::Error| tried(Err(TryLockError::Error(error)), Path::new("run.lock"));
        assert_eq!(tried(io::ErrorKind::Unsupported.into()).unwrap(), Some(false));
        #[cfg(target_os = "linux")]
        assert_eq!(tried(io::Error::from_raw_os_error(37)).unwrap(), Some(false));
        let message = tried(io::ErrorKind::PermissionDenied.into()).unwrap_err().to_string();
        assert!(message.contains("cannot lock run.lock"), "{message}");
    }
}
