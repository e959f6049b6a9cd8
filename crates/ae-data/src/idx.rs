//! IDX files: two zero bytes, an element type, a rank, big-endian u32 dimensions, then the
//! elements, row-major. Format: <http://yann.lecun.com/exdb/mnist/>, end of page.
//!
//! Read are elements of type u8 in 1 to 3 dimensions, plain or gzip-compressed. Compression is
//! told by the first two bytes, not by the file's name.

use std::io::{self, BufRead, Read};

use ae_files::hex;
use flate2::bufread::MultiGzDecoder;
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Elements a file may announce. A compressed file of 1 MB can unpack to as much; without a
/// limit, a larger one could take all memory although its header is honest. While the elements
/// arrive, memory is at most twice theirs, so at most 2 GiB.
pub const MAX_ELEMENTS: u64 = 1 << 30;

/// Elements that are read at a time.
const CHUNK: u64 = 1 << 20;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const TYPE_U8: u8 = 0x08;

/// Contents of an IDX file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idx {
    /// One to three dimensions, none of them zero.
    pub dims: Vec<usize>,
    /// As many elements as the product of the dimensions, row-major.
    pub elements: Vec<u8>,
}

impl Idx {
    /// SHA-256, in hex, of the decompressed file that this was read from.
    pub fn content_sha256(&self) -> String {
        let hash = Sha256::new_with_prefix(header(&self.dims));
        hex(&hash.chain_update(&self.elements).finalize())
    }
}

/// Why bytes are not an IDX file that can be read here.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IdxError {
    /// The system refused.
    #[error("reading failed: {0}")]
    Read(#[source] io::Error),
    /// Compressed data ends too early.
    #[error("the gzip data ends early, after {decompressed} decompressed bytes")]
    GzipTooShort {
        /// Bytes had until then, with those of the header.
        decompressed: u64,
    },
    /// Compressed data is damaged, or something follows it.
    #[error("the gzip data is damaged: {0}")]
    Gzip(#[source] io::Error),
    /// The file ends inside the header.
    #[error("it ends after {found} bytes, inside the header of {expected}")]
    HeaderTooShort {
        /// Bytes the header needs, as far as is known.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// The first two bytes are not zero.
    #[error("it begins with {0:02x} {1:02x}, expected 00 00: this is not an IDX file", found[0], found[1])]
    Magic {
        /// The two bytes.
        found: [u8; 2],
    },
    /// The elements are not bytes.
    #[error("its element type is 0x{code:02x}, expected 0x08 (unsigned byte)")]
    ElementType {
        /// The code in the header.
        code: u8,
    },
    /// Too few or too many dimensions.
    #[error("it has rank {rank}, expected 1 to 3 dimensions")]
    Rank {
        /// Number of dimensions.
        rank: usize,
    },
    /// A dimension is zero.
    #[error("dimension {axis} is zero")]
    ZeroDimension {
        /// Which, from 0.
        axis: usize,
    },
    /// The dimensions announce more than can be read.
    #[error(
        "its dimensions {dims:?} announce {} elements, and the limit is {limit}; give fewer images",
        dims.iter().fold(1_u128, |product, &size| product.saturating_mul(size as u128))
    )]
    TooLarge {
        /// The dimensions.
        dims: Vec<usize>,
        /// [`MAX_ELEMENTS`], or less where the file is known.
        limit: u64,
    },
    /// Fewer elements than announced.
    #[error("its header announces {expected} elements, but {found} are there")]
    TooShort {
        /// Elements announced.
        expected: u64,
        /// Elements there are.
        found: u64,
    },
    /// More elements than announced.
    #[error("its header announces {expected} elements, but more bytes follow")]
    TooLong {
        /// Elements announced.
        expected: u64,
    },
    /// What should be written has not the length its dimensions say.
    #[error("{found} elements cannot be written as {dims:?}")]
    Shape {
        /// The dimensions.
        dims: Vec<usize>,
        /// Number of elements.
        found: usize,
    },
}

/// Reads one IDX file, plain or gzip-compressed, to its end.
///
/// Memory grows with the bytes that arrive, never with what a header only announces.
///
/// # Errors
///
/// Every [`IdxError`] but [`IdxError::Shape`].
///
/// ```
/// use ae_data::idx;
/// let file = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 11, 12, 20, 21, 22];
/// let idx = idx::read(&file[..]).unwrap();
/// assert_eq!(idx.dims, [2, 3]);
/// assert_eq!(idx.elements, [10, 11, 12, 20, 21, 22]);
/// ```
pub fn read(input: impl BufRead) -> Result<Idx, IdxError> {
    read_at_most(MAX_ELEMENTS, input)
}

/// As [`read`], but refuses a header that announces more than `limit` elements.
pub(super) fn read_at_most(limit: u64, mut input: impl BufRead) -> Result<Idx, IdxError> {
    // Two bytes by `read`, as `fill_buf` may show only one.
    let mut first = [0; 2];
    let got = fill(&mut input, &mut first).map_err(IdxError::Read)?;
    let whole = first[..got].chain(input);
    if first == GZIP_MAGIC {
        read_elements(limit, MultiGzDecoder::new(whole), true)
    } else {
        read_elements(limit, whole, false)
    }
}

fn read_elements(limit: u64, mut input: impl Read, gzip: bool) -> Result<Idx, IdxError> {
    let failed = |error: io::Error, decompressed: u64| match (gzip, error.kind()) {
        (false, _) => IdxError::Read(error),
        (true, io::ErrorKind::UnexpectedEof) => IdxError::GzipTooShort { decompressed },
        // The decoder's own complaints; anything else is the disk's.
        (true, io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => IdxError::Gzip(error),
        (true, _) => IdxError::Read(error),
    };

    let mut start = [0; 4];
    let found = fill(&mut input, &mut start).map_err(|e| failed(e, 0))?;
    if found < 4 {
        return Err(IdxError::HeaderTooShort { expected: 4, found });
    }
    let [zero0, zero1, code, rank] = start;
    if [zero0, zero1] != [0, 0] {
        return Err(IdxError::Magic { found: [zero0, zero1] });
    }
    if code != TYPE_U8 {
        return Err(IdxError::ElementType { code });
    }
    let rank = usize::from(rank);
    if !(1..=3).contains(&rank) {
        return Err(IdxError::Rank { rank });
    }

    let mut sizes = [0; 12];
    let sizes = &mut sizes[..4 * rank];
    let found = fill(&mut input, sizes).map_err(|e| failed(e, 4))?;
    if found < sizes.len() {
        return Err(IdxError::HeaderTooShort { expected: 4 + sizes.len(), found: 4 + found });
    }
    let dims: Vec<usize> = sizes
        .chunks_exact(4)
        .map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize)
        .collect();
    let expected = element_count(&dims, limit)?;

    // One byte more than announced is asked for: it shows trailing data, and without any it
    // makes the decoder reach and check the checksum at the end.
    let mut elements = Vec::new();
    let header = (4 + sizes.len()) as u64;
    let mut input = input.take(expected + 1);
    loop {
        // What is there doubles at most, and is never more than what was announced.
        let more = (elements.len() as u64).max(CHUNK).min(input.limit());
        elements.reserve_exact(more as usize);
        let outcome = input.by_ref().take(more).read_to_end(&mut elements);
        if outcome.map_err(|e| failed(e, header + elements.len() as u64))? == 0 {
            break;
        }
    }
    let found = elements.len() as u64;
    if found < expected {
        return Err(IdxError::TooShort { expected, found });
    }
    if found > expected {
        return Err(IdxError::TooLong { expected });
    }
    elements.shrink_to_fit();
    Ok(Idx { dims, elements })
}

fn element_count(dims: &[usize], limit: u64) -> Result<u64, IdxError> {
    if let Some(axis) = dims.iter().position(|&size| size == 0) {
        return Err(IdxError::ZeroDimension { axis });
    }
    dims.iter()
        .try_fold(1_u64, |product, &size| product.checked_mul(size as u64))
        .filter(|&count| count <= limit)
        .ok_or_else(|| IdxError::TooLarge { dims: dims.to_vec(), limit })
}

/// Reads until `buffer` is full or the input ends; returns the bytes read.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The bytes of an uncompressed IDX file of u8 elements.
///
/// # Errors
///
/// [`IdxError::Rank`], [`IdxError::ZeroDimension`], [`IdxError::TooLarge`], or
/// [`IdxError::Shape`] if `elements` is not as long as the product of `dims`.
pub fn write(dims: &[usize], elements: &[u8]) -> Result<Vec<u8>, IdxError> {
    if !(1..=3).contains(&dims.len()) {
        return Err(IdxError::Rank { rank: dims.len() });
    }
    if element_count(dims, MAX_ELEMENTS)? != elements.len() as u64 {
        return Err(IdxError::Shape { dims: dims.to_vec(), found: elements.len() });
    }
    let mut bytes = header(dims);
    bytes.extend(elements);
    Ok(bytes)
}

/// The header of a file of one to three dimensions. None of them is above [`MAX_ELEMENTS`], so
/// each fits 32 bits.
fn header(dims: &[usize]) -> Vec<u8> {
    let mut bytes = vec![0, 0, TYPE_U8, dims.len() as u8];
    for &size in dims {
        bytes.extend((size as u32).to_be_bytes());
    }
    bytes
}

/// Compresses with the highest level and without a time or a name, so that the same bytes give
/// the same file.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().mtime(0).read(bytes, Compression::best());
    let mut compressed = Vec::new();
    encoder.read_to_end(&mut compressed).expect("compressing from memory to memory does no I/O");
    compressed
}

#[cfg(test)]
mod tests;
