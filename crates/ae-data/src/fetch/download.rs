//! One file: its part file, the request, the bytes, the check.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use ae_files::{hex, sync_folder};
use sha2::{Digest, Sha256};
use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body};

use super::{Event, FetchError, RemoteFile};

/// One file on its way.
pub(super) struct Download<'a> {
    pub(super) agent: &'a Agent,
    pub(super) url: &'a str,
    pub(super) file: &'a RemoteFile,
    pub(super) stall: Duration,
}

impl Download<'_> {
    /// Brings the file to `target`, by way of its part file.
    pub(super) fn run(
        &self,
        target: &Path,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), FetchError> {
        let path = target.with_added_extension("part");
        let mut part = self.open_part(&path)?;
        if let Err(error) = self.receive(&mut part, &path, on_event) {
            // What is there is for the next call to continue; an empty file is of no use to it.
            if part.metadata().is_ok_and(|part| part.len() == 0) {
                fs::remove_file(&path).map_err(|e| FetchError::io(&path, e))?;
            }
            return Err(error);
        }
        part.sync_all().map_err(|e| FetchError::io(&path, e))?;
        self.check(&mut part, &path)?;
        drop(part);
        fs::rename(&path, target).map_err(|e| FetchError::io(target, e))?;
        let folder = target.parent().unwrap_or(Path::new("."));
        sync_folder(folder).map_err(|e| FetchError::io(folder, e))
    }

    /// Opens the part file, without truncating it, and holds it against a second process.
    fn open_part(&self, path: &Path) -> Result<File, FetchError> {
        let part = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|e| FetchError::io(path, e))?;
        match part.try_lock() {
            Ok(()) => Ok(part),
            Err(TryLockError::WouldBlock) => Err(FetchError::Busy { file: path.into() }),
            // Some network file systems have no locks. The checksum still stands.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(part)
            }
            Err(TryLockError::Error(error)) => Err(FetchError::io(path, error)),
        }
    }

    /// Brings the part file to its full length, from where it is if the server lets us.
    fn receive(
        &self,
        part: &mut File,
        path: &Path,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), FetchError> {
        let io_error = |error| FetchError::io(path, error);
        let kept = part.metadata().map_err(io_error)?.len();
        if kept == self.file.bytes {
            return Ok(());
        }
        // A part that is too long is of another file: from the beginning then.
        let mut from = if kept < self.file.bytes { kept } else { 0 };
        let mut response = self.request(from)?;
        if from > 0 && !self.continues(&response, from) {
            from = 0;
            // With status 200 the range was ignored and the whole file is coming.
            if response.status() != StatusCode::OK {
                response = self.request(from)?;
            }
        }
        if from == 0 {
            self.expect_whole(&response)?;
            part.set_len(0).map_err(io_error)?;
        }
        on_event(Event::Started { name: &self.file.name, received: from, total: self.file.bytes });
        part.seek(SeekFrom::Start(from)).map_err(io_error)?;
        self.copy(response, part, path, from, on_event)
    }

    fn request(&self, from: u64) -> Result<Response<Body>, FetchError> {
        let mut request = self.agent.get(self.url);
        if from > 0 {
            request = request.header(header::RANGE, format!("bytes={from}-"));
        }
        request.call().map_err(|error| self.failed(error, from))
    }

    /// Whether a response bears the bytes from `from` to the end, and says so.
    fn continues(&self, response: &Response<Body>, from: u64) -> bool {
        let range = format!("bytes {from}-{}/{}", self.file.bytes - 1, self.file.bytes);
        response.status() == StatusCode::PARTIAL_CONTENT
            && response
                .headers()
                .get(header::CONTENT_RANGE)
                .is_some_and(|given| given.as_bytes() == range.as_bytes())
    }

    /// Checks that a response bears the whole file, before any of it is taken.
    fn expect_whole(&self, response: &Response<Body>) -> Result<(), FetchError> {
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status {
                url: self.url.into(),
                status: response.status().as_u16(),
            });
        }
        match response.body().content_length() {
            Some(found) if found != self.file.bytes => {
                Err(FetchError::Length { url: self.url.into(), expected: self.file.bytes, found })
            }
            _ => Ok(()),
        }
    }

    /// Appends what comes to the part file, no more than the file's length.
    fn copy(
        &self,
        response: Response<Body>,
        part: &mut File,
        path: &Path,
        mut received: u64,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), FetchError> {
        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = match body.read(&mut buffer) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failed(error.into(), received)),
            };
            if count == 0 {
                break;
            }
            if received + count as u64 > self.file.bytes {
                // Not the known file, so there is nothing to continue.
                part.set_len(0).map_err(|e| FetchError::io(path, e))?;
                return Err(FetchError::Length {
                    url: self.url.into(),
                    expected: self.file.bytes,
                    found: received + count as u64,
                });
            }
            part.write_all(&buffer[..count]).map_err(|e| FetchError::io(path, e))?;
            received += count as u64;
            on_event(Event::Advanced { received });
        }
        if received < self.file.bytes {
            let cut = io::Error::from(io::ErrorKind::UnexpectedEof);
            return Err(self.failed(cut.into(), received));
        }
        Ok(())
    }

    /// Removes the part file unless it has the right SHA-256.
    fn check(&self, part: &mut File, path: &Path) -> Result<(), FetchError> {
        let io_error = |error| FetchError::io(path, error);
        let mut bytes = Vec::new();
        part.rewind().map_err(io_error)?;
        part.read_to_end(&mut bytes).map_err(io_error)?;
        let found = hex(&Sha256::digest(&bytes));
        if found == self.file.sha256 {
            return Ok(());
        }
        fs::remove_file(path).map_err(io_error)?;
        Err(FetchError::Checksum {
            url: self.url.into(),
            expected: self.file.sha256.clone(),
            found,
        })
    }

    /// Names a failure of the connection; `received` bytes are kept.
    fn failed(&self, error: ureq::Error, received: u64) -> FetchError {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};

        let url = self.url.to_string();
        let total = self.file.bytes;
        match error {
            ureq::Error::Timeout(phase)
                if !matches!(phase, ureq::Timeout::Resolve | ureq::Timeout::Connect) =>
            {
                FetchError::Stalled { url, seconds: self.stall.as_secs_f64(), received, total }
            }
            ureq::Error::Io(source)
                if matches!(
                    source.kind(),
                    BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
                ) =>
            {
                FetchError::Cut { url, received, total }
            }
            error => FetchError::Connect { url, source: Box::new(error) },
        }
    }
}
