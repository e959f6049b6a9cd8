//! Numbers of the format that several modules need, errors among them.

/// The first eight bytes of every blob. The high bit and the line ends show a transfer that took
/// the file for text, as in PNG.
pub(crate) const MAGIC: [u8; 8] = *b"\x89AEB\r\n\x1a\n";

/// Most layers that one part (encoder or decoder) may have.
pub const MAX_LAYERS: usize = 32;
/// Most inputs or outputs that one layer may have.
pub const MAX_WIDTH: usize = 65_535;
/// Most products, or values read, of a layer that works position by position. Of such a layer the
/// blob's length is no bound of the time that it takes.
pub const MAX_PRODUCTS: u64 = 1 << 30;
/// Boundary, counted from the start of the blob, on which every layer's data begins.
pub const DATA_ALIGNMENT: usize = 16;
/// Largest magnitude of an int8 weight. −128 is left out so that two rows can share a 16-bit lane.
pub const WEIGHT_LIMIT: i8 = 127;

/// Most windows that an alarm looks back on.
pub(crate) const MAX_DEBOUNCE_WINDOWS: u8 = 32;
