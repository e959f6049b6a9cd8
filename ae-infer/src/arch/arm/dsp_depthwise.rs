//! Depthwise convolutions on Arm cores with DSP instructions: four channels side by side.
//!
//! A word holds the weights of a tap for four channels, another word their values. `SXTB16` takes two
//! of either, so a tap takes thirteen instructions for four products. What a position reads outside its
//! map is added in front, with the biases: only taps inside the map are walked over.

#![allow(unsafe_code, reason = "a kernel in assembly, and the memory it works on")]

use core::arch::naked_asm;

use ae_core::{Axis, Int8, Layer, Spatial};

use crate::arch::Input;

/// Its name.
pub(crate) const NAME: &str = "dsp";

/// Channels of a group.
const GROUP: usize = 4;
/// Channels whose sums are prepared at a time.
const CHUNK: usize = 16;

/// Whether the channels come in whole groups, on boundaries of 4 bytes, and the kernel has no holes.
pub(crate) fn takes(layer: &Layer<'_, Int8<'_>>, spatial: &Spatial) -> bool {
    usize::from(spatial.channels_in).is_multiple_of(GROUP)
        && spatial.height.dilation == 1
        && spatial.width.dilation == 1
        && layer.data().as_ptr().addr().is_multiple_of(4)
        && layer.arithmetic().tables().len() < 2
}

/// Taps of an axis that lie inside the map at a position.
#[derive(Clone, Copy)]
struct Inside {
    /// The first of them, and how many there are.
    tap: usize,
    count: usize,
    /// The input that the first of them reads.
    input: usize,
}

impl Inside {
    fn of(axis: &Axis, position: usize) -> Self {
        let start = position.wrapping_mul(axis.stride.into());
        let (before, kernel) = (usize::from(axis.before), usize::from(axis.kernel));
        let tap = before.saturating_sub(start);
        let input = start.saturating_sub(before);
        let left = usize::from(axis.inputs).saturating_sub(input);
        Self { tap, count: kernel.saturating_sub(tap).min(left), input }
    }
}

/// Computes a depthwise convolution that the kernel [`takes`]. Gives `false`, and computes nothing,
/// where a length is not the layer's or `x` lies on no boundary of 4 bytes.
#[inline(never)]
pub(crate) fn depthwise(
    layer: &Layer<'_, Int8<'_>>,
    spatial: &Spatial,
    x: Input<'_>,
    y: &mut [u8],
) -> bool {
    let (x, flipped) = x.bytes();
    let channels = usize::from(spatial.channels_in);
    let taps = layer.taps();
    let weights = taps.weights();
    let Some((biases, multipliers, shifts)) = taps.parameters().block_parameters(0, channels)
    else {
        return false;
    };
    let fits = x.len() == spatial.inputs()
        && y.len() == spatial.outputs()
        && weights.len() == spatial.taps().wrapping_mul(channels)
        && x.as_ptr().addr().is_multiple_of(4);
    if !fits || !takes(layer, spatial) {
        return false;
    }
    let arithmetic = layer.arithmetic();
    let table = arithmetic.tables().first();
    let padding = i32::from(arithmetic.padding());
    let (kernel, across) = (usize::from(spatial.width.kernel), usize::from(spatial.width.inputs));
    let mut job = Job {
        sums: core::ptr::null(),
        weights: core::ptr::null(),
        x: core::ptr::null(),
        span: 0,
        rows: 0,
        gaps: [kernel.wrapping_mul(channels), across.wrapping_mul(channels)],
        channels,
        flipped: u32::from_le_bytes([flipped; 4]),
        multipliers: core::ptr::null(),
        shifts: core::ptr::null(),
        rounding: i32::from(arithmetic.zero_point()).wrapping_mul(2).wrapping_add(1),
        table: table.map_or(core::ptr::null(), |table| table.as_ptr().wrapping_add(128)),
        out: core::ptr::null_mut(),
        groups: 0,
    };
    let mut outputs = y.chunks_exact_mut(channels.max(1));
    for row in 0..spatial.height.positions() {
        let down = Inside::of(&spatial.height, row);
        for column in 0..spatial.width.positions() {
            let right = Inside::of(&spatial.width, column);
            let Some(y) = outputs.next() else { return true };
            if down.count == 0 || right.count == 0 {
                continue;
            }
            let tap = down.tap.wrapping_mul(kernel).wrapping_add(right.tap);
            let place = down.input.wrapping_mul(across).wrapping_add(right.input);
            let is_whole = down.count.wrapping_mul(right.count) == spatial.taps();
            job.rows = down.count;
            job.span = right.count.wrapping_mul(channels);
            for (chunk, y) in y.chunks_mut(CHUNK).enumerate() {
                let first = chunk.wrapping_mul(CHUNK);
                let mut sums = [0; CHUNK];
                for (sum, bias) in sums.iter_mut().zip(biases.get(first..).unwrap_or_default()) {
                    *sum = i32::from_le_bytes(*bias);
                }
                if !is_whole && padding != 0 {
                    add_padding(&mut sums, weights, first, spatial, [down, right], padding);
                }
                let offset = |tap: usize| tap.wrapping_mul(channels).wrapping_add(first);
                job.sums = sums.as_ptr();
                job.weights = weights.as_ptr().wrapping_add(offset(tap));
                job.x = x.as_ptr().wrapping_add(offset(place));
                job.multipliers = multipliers.as_ptr().wrapping_add(first);
                job.shifts = shifts.as_ptr().wrapping_add(first);
                job.out = y.as_mut_ptr();
                job.groups = y.len() / GROUP;
                // SAFETY: the taps lie inside the kernel and the map, whose bytes are there for all
                // channels; `y` has the bytes of these groups, and each array an entry for each of
                // their channels.
                unsafe { run(&mut job) };
            }
        }
    }
    true
}

/// Adds what the taps outside the map read to the sums of the channels from `first` on.
#[inline(never)]
fn add_padding(
    sums: &mut [i32; CHUNK],
    weights: &[u8],
    first: usize,
    spatial: &Spatial,
    [down, right]: [Inside; 2],
    padding: i32,
) {
    let channels = usize::from(spatial.channels_in).max(1);
    let (height, width) = (usize::from(spatial.height.kernel), usize::from(spatial.width.kernel));
    let mut taps = weights.chunks_exact(channels);
    for row in 0..height {
        for column in 0..width {
            let is_inside = row.wrapping_sub(down.tap) < down.count
                && column.wrapping_sub(right.tap) < right.count;
            let Some(tap) = taps.next().and_then(|tap| tap.get(first..)).filter(|_| !is_inside)
            else {
                continue;
            };
            for (sum, &weight) in sums.iter_mut().zip(tap) {
                *sum = sum.wrapping_add(i32::from(weight as i8).wrapping_mul(padding));
            }
        }
    }
}

/// Products of four channels' weights in r8 and values in r9.
macro_rules! products {
    () => {
        concat!(
            "eor r9, r9, lr\n",
            "sxtb16 r10, r8\n",
            "sxtb16 r11, r9\n",
            "sxtb16 r8, r8, ror #8\n",
            "sxtb16 r9, r9, ror #8\n",
            "smlabb r4, r10, r11, r4\n",
            "smlatt r6, r10, r11, r6\n",
            "smlabb r5, r8, r9, r5\n",
            "smlatt r7, r8, r9, r7\n",
        )
    };
}

/// A tap that lies so many bytes behind r0 and r1.
macro_rules! tap {
    ($offset:literal) => {
        concat!("ldr r8, [r0, ", $offset, "]\n", "ldr r9, [r1, ", $offset, "]\n", products!())
    };
}

/// What the assembly works on; it knows the fields by their offsets.
#[repr(C)]
struct Job {
    /// What the next group's sums start from.
    sums: *const i32,
    /// The next group's weights and values of the first tap inside.
    weights: *const u8,
    x: *const u8,
    /// Bytes from the first tap of a row to behind the last; rows of taps.
    span: usize,
    rows: usize,
    /// Bytes from a row of weights and of values to the next.
    gaps: [usize; 2],
    /// Bytes from a tap to the next.
    channels: usize,
    flipped: u32,
    multipliers: *const [u8; 4],
    shifts: *const u8,
    /// `2 · zero_point + 1`; see [`dsp`](super::dsp).
    rounding: i32,
    /// The entry of 0 in the table behind the requantisation; null for none.
    table: *const u8,
    out: *mut u8,
    /// Groups to compute, at least 1.
    groups: usize,
}

/// Computes `job.groups` groups of channels.
///
/// # Safety
/// `weights` and `x` are aligned to 4 bytes, `span` is a multiple of `channels` and not 0, there is at
/// least one row, all that the taps reach is there for all groups, and `table` is null or the middle of
/// 256 bytes.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0, r1 | behind a row's weights, its values; with three taps a row, their beginning | a shift − 1, its constant |
/// | r2 | the job | the job |
/// | r3 | bytes to the end of the row, negative; with three taps a row, rows left | |
/// | r4–r7 | sums | outputs |
/// | r8, r10 | weights of channels 1 and 3, 0 and 2 | r8–r11: multipliers |
/// | r9, r11 | values of channels 1 and 3, 0 and 2 | |
/// | r12 | bytes of a tap | shifts − 1 |
/// | lr | `flipped` | rounding |
#[unsafe(naked)]
unsafe extern "C" fn run(job: *mut Job) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "mov r2, r0",
        "1:",
        "ldr r3, [r2, #{SUMS}]",
        "ldmia r3!, {{r4-r7}}",
        "str r3, [r2, #{SUMS}]",
        "ldr r3, [r2, #{SPAN}]",
        "ldrd r0, r1, [r2, #{WEIGHTS}]",
        "add r8, r0, #4",
        "add r9, r1, #4",
        "strd r8, r9, [r2, #{WEIGHTS}]",
        "add r0, r0, r3",
        "add r1, r1, r3",
        "ldrd r12, lr, [r2, #{CHANNELS}]",
        "add r8, r12, r12, lsl #1",
        "cmp r3, r8",
        "beq 5f",
        "ldr r8, [r2, #{ROWS}]",
        "2:",
        "push {{r8}}",
        "ldr r3, [r2, #{SPAN}]",
        "rsb r3, r3, #0",
        "3:",
        tap!("r3"),
        "adds r3, r3, r12",
        "bne 3b",
        "ldrd r8, r9, [r2, #{GAPS}]",
        "add r0, r0, r8",
        "add r1, r1, r9",
        "pop {{r8}}",
        "subs r8, r8, #1",
        "bne 2b",
        "b 7f",
        // Rows of three taps, as most are, without a loop.
        "5:",
        "sub r0, r0, r3",
        "sub r1, r1, r3",
        "ldr r3, [r2, #{ROWS}]",
        "6:",
        tap!("r12, lsl #1"),
        tap!("r12"),
        "ldr r8, [r0]",
        "ldr r9, [r1]",
        products!(),
        "ldrd r8, r9, [r2, #{GAPS}]",
        "add r0, r0, r8",
        "add r1, r1, r9",
        "subs r3, r3, #1",
        "bne 6b",
        "7:",
        "ldr r0, [r2, #{MULTIPLIERS}]",
        "ldmia r0!, {{r8-r11}}",
        "str r0, [r2, #{MULTIPLIERS}]",
        "ldr r1, [r2, #{SHIFTS}]",
        "ldr r12, [r1], #4",
        "str r1, [r2, #{SHIFTS}]",
        "sub r12, r12, #0x01010101",
        "ldr lr, [r2, #{ROUNDING}]",
        // (sum · multiplier >> 32) + constant, shifted by shift − 1, then by 1, and saturated.
        "uxtb r0, r12",
        "lsl r1, lr, r0",
        "smmla r4, r4, r8, r1",
        "asr r4, r4, r0",
        "ssat r4, #8, r4, asr #1",
        "uxtb r0, r12, ror #8",
        "lsl r1, lr, r0",
        "smmla r5, r5, r9, r1",
        "asr r5, r5, r0",
        "ssat r5, #8, r5, asr #1",
        "uxtb r0, r12, ror #16",
        "lsl r1, lr, r0",
        "smmla r6, r6, r10, r1",
        "asr r6, r6, r0",
        "ssat r6, #8, r6, asr #1",
        "uxtb r0, r12, ror #24",
        "lsl r1, lr, r0",
        "smmla r7, r7, r11, r1",
        "asr r7, r7, r0",
        "ssat r7, #8, r7, asr #1",
        "ldr r0, [r2, #{TABLE}]",
        "cbz r0, 4f",
        "ldrb r4, [r0, r4]",
        "ldrb r5, [r0, r5]",
        "ldrb r6, [r0, r6]",
        "ldrb r7, [r0, r7]",
        "4:",
        "ldr r0, [r2, #{OUT}]",
        "strb r4, [r0], #1",
        "strb r5, [r0], #1",
        "strb r6, [r0], #1",
        "strb r7, [r0], #1",
        "str r0, [r2, #{OUT}]",
        "ldr r0, [r2, #{GROUPS}]",
        "subs r0, r0, #1",
        "str r0, [r2, #{GROUPS}]",
        "bne.w 1b",
        "pop {{r4-r11, pc}}",
        SUMS = const core::mem::offset_of!(Job, sums),
        WEIGHTS = const core::mem::offset_of!(Job, weights),
        SPAN = const core::mem::offset_of!(Job, span),
        ROWS = const core::mem::offset_of!(Job, rows),
        GAPS = const core::mem::offset_of!(Job, gaps),
        CHANNELS = const core::mem::offset_of!(Job, channels),
        MULTIPLIERS = const core::mem::offset_of!(Job, multipliers),
        SHIFTS = const core::mem::offset_of!(Job, shifts),
        ROUNDING = const core::mem::offset_of!(Job, rounding),
        TABLE = const core::mem::offset_of!(Job, table),
        OUT = const core::mem::offset_of!(Job, out),
        GROUPS = const core::mem::offset_of!(Job, groups),
    )
}

// The assembly loads them together.
const _: () = assert!(
    core::mem::offset_of!(Job, x) == core::mem::offset_of!(Job, weights).wrapping_add(4)
        && core::mem::offset_of!(Job, flipped)
            == core::mem::offset_of!(Job, channels).wrapping_add(4)
);
