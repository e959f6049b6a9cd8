//! Row pairs on Arm cores with DSP instructions: Cortex-M4, M7, M33.
//!
//! A 16-bit lane holds `256·odd + even`, the weights of two outputs for one input, and a word two
//! inputs. `SMLAD` of a word and two inputs adds `256·Σodd + Σeven` of both to a sum; `SXTB16`
//! keeps the even weights, and a second `SMLAD` adds `Σeven` alone. The difference of the two sums
//! is `256·Σodd`: exact in 32 bits as long as `Σodd` fits 24. With weights of at most 127 and
//! inputs of at most 128 in magnitude that holds for up to 516 inputs, so the sums are split every
//! 512. Fourteen instructions make sixteen products.
//!
//! Words are read on word boundaries alone: inputs that lie on none are read byte by byte. So it runs
//! where a program has set `CCR.UNALIGN_TRP`, and on Device memory.

#![allow(unsafe_code, reason = "a kernel in assembly, and the memory it works on")]

use core::arch::naked_asm;

use ae_core::{Int8, Layer, Layout, Rounding, RowPairs};

#[cfg(feature = "double-rounding")]
use super::dsp_requantise::twice;
use super::dsp_requantise::where_twice;
use crate::arch::Input;

/// Its name.
pub(crate) const NAME: &str = "dsp";

/// Inputs that are handled together: a block's weights for them are 16 bytes.
const QUAD: usize = 4;
/// Quads whose sums fit 24 bits.
const CHUNK: usize = 512 / QUAD;
/// Quads of a lap of the inner loop.
const LAP: usize = 16;

/// Whether the layer is in row pairs, and its data, which is as long as its shape says, on a
/// boundary of 4 bytes.
pub(crate) fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    let (inputs, data) = (layer.inputs(), layer.data());
    layer.arithmetic().layout() == Layout::RowPairs
        && inputs > 0
        && data.len() == RowPairs::data_len(inputs, layer.outputs())
        && data.as_ptr().addr().is_multiple_of(4)
}

/// Computes a layer that the kernel [`takes`]. Gives `false`, and computes nothing, where `x` or `y`
/// has another length than the layer, or `room` is too small.
#[inline(never)]
pub(crate) fn whole_layer(
    layer: &Layer<'_, Int8<'_>>,
    x: Input<'_>,
    y: &mut [u8],
    room: &mut [i8],
) -> bool {
    let quads = layer.inputs().div_ceil(QUAD);
    // SAFETY: every bit pattern is a number, in both types.
    let (_, words, _) = unsafe { room.align_to_mut::<[u32; 2]>() };
    let Some(words) = words.get_mut(..quads) else { return false };
    let fits = x.bytes().0.len() == layer.inputs() && y.len() == layer.outputs();
    if !takes(layer) || !fits {
        return false;
    }
    widen(x, words);

    let full = quads.saturating_sub(1) / CHUNK;
    let last = quads.wrapping_sub(full.wrapping_mul(CHUNK));
    let mut job = Job {
        block: layer.data().as_ptr(),
        x: words.as_ptr(),
        outputs: core::ptr::null_mut(),
        table: core::ptr::null(),
        blocks: 0,
        rounding: i32::from(layer.arithmetic().zero_point()).wrapping_mul(2).wrapping_add(1),
        is_twice: (layer.arithmetic().rounding() != Rounding::Once).into(),
        chunks: full.wrapping_add(1),
        last_laps: last.div_ceil(LAP),
        last_skipped: last.wrapping_neg() % LAP,
        chunks_left: 0,
        odd: [0; 2],
    };
    let (tables, span) = (layer.arithmetic().tables(), layer.table_span());
    // Where tables change within blocks, they come after the sums.
    let is_split = tables.len() > 1 && !span.is_multiple_of(RowPairs::BLOCK);
    let (fused, after) = if is_split { (&[][..], tables) } else { (tables, &[][..]) };
    let mut fused = fused.iter();
    let step = if is_split { y.len() } else { span };
    for outputs in y.chunks_mut(step.max(1)) {
        job.compute(outputs, fused.next());
    }
    for (outputs, table) in y.chunks_mut(span.max(1)).zip(after) {
        for output in outputs {
            *output = *table.get(usize::from(*output ^ 0x80)).unwrap_or(output);
        }
    }
    true
}

/// `x` as 16-bit numbers, two in a word, a quad in each of `words`; what stands behind the last
/// meets weights of zero.
fn widen(x: Input<'_>, words: &mut [[u32; 2]]) {
    let (x, flipped) = x.bytes();
    let flipped = u32::from_le_bytes([flipped; 4]);
    let (quads, rest) = x.as_chunks::<QUAD>();
    let last = [core::array::from_fn(|place| rest.get(place).copied().unwrap_or_default())];
    let (whole, behind) = words.split_at_mut_checked(quads.len()).unwrap_or_default();
    let behind = behind.get_mut(..usize::from(!rest.is_empty())).unwrap_or_default();
    for (quads, words) in [(quads, whole), (&last, behind)] {
        if !words.is_empty() {
            let (from, to, count) = (quads.as_ptr(), words.as_mut_ptr(), words.len());
            // Two calls and no pointer to a function, so that a call graph shows what is called.
            if from.addr().is_multiple_of(4) {
                // SAFETY: there is a quad for each of the words, and at least one, on a word boundary.
                unsafe { widen_words(from, to, count, flipped) };
            } else {
                // SAFETY: there is a quad for each of the words, and at least one.
                unsafe { widen_bytes(from, to, count, flipped) };
            }
        }
    }
}

/// Widens `count` quads, at least 1, of bytes that differ from integers by `flipped`. They lie on a
/// word boundary.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | next quad, next words |
/// | r2, r3 | quads left, `flipped` |
/// | r4, r12 | a quad's bytes 0 and 2, 1 and 3 |
#[unsafe(naked)]
unsafe extern "C" fn widen_words(
    quads: *const [u8; QUAD],
    words: *mut [u32; 2],
    count: usize,
    flipped: u32,
) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4, r5, r6, lr}}",
        "1:",
        "ldr r4, [r0], #4",
        "eor r4, r4, r3",
        "sxtb16 r12, r4, ror #8",
        "sxtb16 r4, r4",
        "pkhbt r5, r4, r12, lsl #16",
        "pkhtb r6, r12, r4, asr #16",
        "strd r5, r6, [r1], #8",
        "subs r2, r2, #1",
        "bne 1b",
        "pop {{r4, r5, r6, pc}}",
    )
}

/// The same wherever they lie, four instructions a quad more. Bytes 0 and 1 come to r5, 2 and 3 to
/// r6.
#[unsafe(naked)]
unsafe extern "C" fn widen_bytes(
    quads: *const [u8; QUAD],
    words: *mut [u32; 2],
    count: usize,
    flipped: u32,
) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4, r5, r6, lr}}",
        "1:",
        "ldrb r5, [r0], #4",
        "ldrb r4, [r0, #-3]",
        "ldrb r6, [r0, #-2]",
        "ldrb r12, [r0, #-1]",
        "orr r5, r5, r4, lsl #16",
        "orr r6, r6, r12, lsl #16",
        "eor r5, r5, r3",
        "eor r6, r6, r3",
        // The bytes between are dropped.
        "sxtb16 r5, r5",
        "sxtb16 r6, r6",
        "strd r5, r6, [r1], #8",
        "subs r2, r2, #1",
        "bne 1b",
        "pop {{r4, r5, r6, pc}}",
    )
}

/// What the assembly works on; it knows the fields by their offsets.
#[repr(C)]
struct Job {
    /// The next block of the layer's data.
    block: *const u8,
    x: *const [u32; 2],
    /// The next block's outputs.
    outputs: *mut u8,
    /// The entry of 0 in the table behind the requantisation; null for none.
    table: *const u8,
    /// Blocks to compute, at least 1.
    blocks: usize,
    /// `2 · zero_point + 1`: shifted left by `shift − 1` it is the constant of the requantisation.
    rounding: i32,
    /// Whether sums are rounded twice: 1 or 0.
    is_twice: u32,
    /// Chunks that a block's sums are split into.
    chunks: usize,
    /// Laps of the inner loop in the last chunk, and quads that its first lap leaves out.
    last_laps: usize,
    last_skipped: usize,
    chunks_left: usize,
    /// Sums of the odd outputs over the chunks that are done.
    odd: [i32; 2],
}

impl Job {
    /// Computes the next outputs of the layer, which have one table: whole blocks, or all that are
    /// left.
    fn compute(&mut self, outputs: &mut [u8], table: Option<&[u8; 256]>) {
        self.table = table.map_or(core::ptr::null(), |table| table.as_ptr().wrapping_add(128));
        let (blocks, rest) = outputs.as_chunks_mut();
        self.run(blocks);
        let mut last = [[0; RowPairs::BLOCK]];
        self.run(last.get_mut(usize::from(rest.is_empty())..).unwrap_or_default());
        // Not a loop: a compiler would call for a copy of any length.
        match (rest, last) {
            ([x], [[a, ..]]) => *x = a,
            ([x, y], [[a, b, ..]]) => (*x, *y) = (a, b),
            ([x, y, z, ..], [[a, b, c, _]]) => (*x, *y, *z) = (a, b, c),
            ([], _) => {}
        }
    }

    fn run(&mut self, blocks: &mut [[u8; RowPairs::BLOCK]]) {
        (self.outputs, self.blocks) = (blocks.as_mut_ptr().cast(), blocks.len());
        if self.blocks > 0 {
            // SAFETY: the data has a block for every four outputs of the layer, as `takes` has
            // seen, and they are computed once, from the first block to the last; `outputs` has a
            // place for each of their bytes.
            unsafe { run(self) };
        }
    }
}

/// Computes `job.blocks` blocks and moves `job.block` and `job.outputs` behind them.
///
/// # Safety
/// `block` is aligned to 4 bytes and the blocks are there, `x` has all quads, `outputs` room for
/// four bytes a block, and `table` is null or the middle of 256 bytes.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0 | next weights | next parameters |
/// | r1 | next inputs | constant, then table |
/// | r2 | the job | the job; the low word of a product that is rounded twice |
/// | r3–r6 | weights: outputs 0 and 1 in r3, r4; 2 and 3 in r5, r6 | r3, r4: outputs 1 and 3 |
/// | r7, r8 | four inputs | r5–r8: biases, then multipliers |
/// | r9, r11 | `256·Σodd + Σeven` of outputs 0 and 1, and of 2 and 3 | r9: shifts − 1, r11: rounding |
/// | r10, r12 | `Σeven`: outputs 0 and 2 | the same |
/// | lr | laps left | a shift − 1 |
#[unsafe(naked)]
unsafe extern "C" fn run(job: *mut Job) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "mov r2, r0",
        // Where the last chunk enters the loop.
        "ldr r3, [r2, #{LAST_SKIPPED}]",
        "movs r4, #56",
        "muls r3, r4, r3",
        "adr.w r4, 4f",
        "add r3, r3, r4",
        "add r3, r3, #1",
        "push {{r3}}",
        "ldr r0, [r2, #{BLOCK}]",
        "1:",
        "ldr r1, [r2, #{X}]",
        "mov r10, #0",
        "mov r12, #0",
        "strd r10, r12, [r2, #{ODD}]",
        "ldr r3, [r2, #{CHUNKS}]",
        "2:",
        "mov r9, r10",
        "mov r11, r12",
        "subs r3, r3, #1",
        "str r3, [r2, #{CHUNKS_LEFT}]",
        "beq 3f",
        "mov lr, #{CHUNK_LAPS}",
        "b 4f",
        "3:",
        "ldr lr, [r2, #{LAST_LAPS}]",
        "ldr pc, [sp]",
        "4:",
        ".rept {LAP}",
        "ldmia.w r0!, {{r3-r6}}",
        "ldmia.w r1!, {{r7, r8}}",
        "smlad r9, r3, r7, r9",
        "sxtb16 r3, r3",
        "smlad r10, r3, r7, r10",
        "smlad r9, r4, r8, r9",
        "sxtb16 r4, r4",
        "smlad r10, r4, r8, r10",
        "smlad r11, r5, r7, r11",
        "sxtb16 r5, r5",
        "smlad r12, r5, r7, r12",
        "smlad r11, r6, r8, r11",
        "sxtb16 r6, r6",
        "smlad r12, r6, r8, r12",
        ".endr",
        "subs lr, lr, #1",
        "bne.w 4b",
        // The chunk's sums of the odd outputs.
        "sub r9, r9, r10",
        "sub r11, r11, r12",
        "ldrd r3, r4, [r2, #{ODD}]",
        "add r3, r3, r9, asr #8",
        "add r4, r4, r11, asr #8",
        "ldr r5, [r2, #{CHUNKS_LEFT}]",
        "cbz r5, 5f",
        "strd r3, r4, [r2, #{ODD}]",
        "mov r3, r5",
        "b 2b",
        "5:",
        "ldmia r0!, {{r5-r8}}",
        "add r10, r10, r5",
        "add r3, r3, r6",
        "add r12, r12, r7",
        "add r4, r4, r8",
        "ldmia r0!, {{r5-r8}}",
        "ldr r9, [r0], #4",
        "sub r9, r9, #0x01010101",
        "ldrd r11, r1, [r2, #{ROUNDING}]",
        where_twice!("cmp r1, #0\nbne.w 7f\n"),
        // (sum · multiplier >> 32) + constant, shifted by shift − 1, then by 1, and saturated.
        "uxtb lr, r9",
        "lsl r1, r11, lr",
        "smmla r10, r10, r5, r1",
        "asr r10, r10, lr",
        "ssat r10, #8, r10, asr #1",
        "uxtb lr, r9, ror #8",
        "lsl r1, r11, lr",
        "smmla r3, r3, r6, r1",
        "asr r3, r3, lr",
        "ssat r3, #8, r3, asr #1",
        "uxtb lr, r9, ror #16",
        "lsl r1, r11, lr",
        "smmla r12, r12, r7, r1",
        "asr r12, r12, lr",
        "ssat r12, #8, r12, asr #1",
        "uxtb lr, r9, ror #24",
        "lsl r1, r11, lr",
        "smmla r4, r4, r8, r1",
        "asr r4, r4, lr",
        "ssat r4, #8, r4, asr #1",
        "8:",
        "ldr r1, [r2, #{TABLE}]",
        "cbz r1, 6f",
        "ldrb r10, [r1, r10]",
        "ldrb r3, [r1, r3]",
        "ldrb r12, [r1, r12]",
        "ldrb r4, [r1, r4]",
        "6:",
        "ldr r5, [r2, #{OUTPUTS}]",
        "strb r10, [r5], #1",
        "strb r3, [r5], #1",
        "strb r12, [r5], #1",
        "strb r4, [r5], #1",
        "str r5, [r2, #{OUTPUTS}]",
        "ldr r5, [r2, #{BLOCKS}]",
        "subs r5, r5, #1",
        "str r5, [r2, #{BLOCKS}]",
        "bne.w 1b",
        "str r0, [r2, #{BLOCK}]",
        "pop {{r3-r11, pc}}",
        where_twice!(
            "7:\npush {{r2}}\n",
            "uxtb lr, r9\nlsl r1, r11, lr\n",
            twice!("r10", "r5", "r1", "lr", "r2", "r1"),
            "uxtb lr, r9, ror #8\nlsl r1, r11, lr\n",
            twice!("r3", "r6", "r1", "lr", "r2", "r1"),
            "uxtb lr, r9, ror #16\nlsl r1, r11, lr\n",
            twice!("r12", "r7", "r1", "lr", "r2", "r1"),
            "uxtb lr, r9, ror #24\nlsl r1, r11, lr\n",
            twice!("r4", "r8", "r1", "lr", "r2", "r1"),
            "pop {{r2}}\nb.w 8b\n",
        ),
        BLOCK = const core::mem::offset_of!(Job, block),
        X = const core::mem::offset_of!(Job, x),
        OUTPUTS = const core::mem::offset_of!(Job, outputs),
        TABLE = const core::mem::offset_of!(Job, table),
        BLOCKS = const core::mem::offset_of!(Job, blocks),
        ROUNDING = const core::mem::offset_of!(Job, rounding),
        CHUNKS = const core::mem::offset_of!(Job, chunks),
        LAST_LAPS = const core::mem::offset_of!(Job, last_laps),
        LAST_SKIPPED = const core::mem::offset_of!(Job, last_skipped),
        CHUNKS_LEFT = const core::mem::offset_of!(Job, chunks_left),
        ODD = const core::mem::offset_of!(Job, odd),
        CHUNK_LAPS = const CHUNK / LAP,
        LAP = const LAP,
    )
}

// The assembly loads both together.
const _: () = assert!(
    core::mem::offset_of!(Job, is_twice) == core::mem::offset_of!(Job, rounding).wrapping_add(4)
);
