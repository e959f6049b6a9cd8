//! Products of more than 32 bits, on cores whose multiplication gives 32 bits: of halves.

/// The floor of `number · by / 2^16`.
pub(crate) fn scaled(number: i32, by: i16) -> i32 {
    let by = i32::from(by);
    let low = i32::from(number as u16).wrapping_mul(by) >> 16;
    (number >> 16).wrapping_mul(by).wrapping_add(low)
}

/// The square.
pub(crate) fn square(number: i32) -> u64 {
    let magnitude = number.unsigned_abs();
    let (low, high) = (magnitude & 0xffff, magnitude >> 16);
    let outer = u64::from(high.wrapping_mul(high)) << 32 | u64::from(low.wrapping_mul(low));
    // Both inner products, of which each is below 2^31.
    outer.wrapping_add(u64::from(low.wrapping_mul(high)) << 17)
}

/// The product.
pub(crate) fn product(number: u32, by: u16) -> u64 {
    let by = u32::from(by);
    let (low, high) = ((number & 0xffff).wrapping_mul(by), (number >> 16).wrapping_mul(by));
    u64::from(low).wrapping_add(u64::from(high) << 16)
}
