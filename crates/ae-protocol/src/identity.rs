//! What a board says of itself.

use serde::{Deserialize, Serialize};

/// A board, and the blob that it has loaded.
///
/// ```
/// use ae_protocol::Identity;
///
/// let board = Identity { board: "mps2", core: "Cortex-M4", kernel: "dsp", bytes: 579, checksum: 7, model_id: [1; 16] };
/// let mut buffer = [0; Identity::MAX_LEN];
/// let bytes = board.to_bytes(&mut buffer).unwrap();
/// assert_eq!(Identity::from_bytes(bytes), Some(board));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity<'a> {
    /// Name of the firmware's board.
    pub board: &'a str,
    /// The core it runs on, as the core says.
    pub core: &'a str,
    /// The kernel that computes the model.
    pub kernel: &'a str,
    /// Length of the blob.
    pub bytes: u32,
    /// The blob's checksum.
    pub checksum: u32,
    /// The model's id.
    pub model_id: [u8; 16],
}

impl<'a> Identity<'a> {
    /// A buffer of this size holds any identity of this project's firmware.
    pub const MAX_LEN: usize = 96;

    /// The identity in postcard, at the front of `buffer`; `None` if that is too small.
    pub fn to_bytes<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        postcard::to_slice(self, buffer).ok().map(|bytes| &*bytes)
    }

    /// Reads an identity; `None` if `bytes` is anything else or anything more.
    #[must_use]
    pub fn from_bytes(bytes: &'a [u8]) -> Option<Self> {
        match postcard::take_from_bytes(bytes) {
            Ok((identity, [])) => Some(identity),
            _ => None,
        }
    }
}
