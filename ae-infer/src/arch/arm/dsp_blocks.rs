//! Blocks of four outputs of the kernel [`dsp`](super::dsp).
//!
//! A pair of quads shares a load of x, so 27 instructions make 32 products. All that a block begins with
//! stands in the frame, and one `LDM` loads it: the inputs, sums of zero, and the place in the inner loop
//! where the first chunk enters. What comes behind a chunk is an address in the frame too, so layers that
//! are summed in one chunk do not ask whether there is another, nor any block how it is rounded.

#![allow(unsafe_code, reason = "a kernel in assembly, and the memory it works on")]

use core::arch::naked_asm;

use ae_core::{Int8, Layer, Rounding, RowPairs};

use super::dsp::QUAD;
use super::dsp_requantise::where_twice;

/// Quads whose sums fit 24 bits.
const CHUNK: usize = 512 / QUAD;
/// Quads of a lap of the inner loop, an even number.
const LAP: usize = 16;
/// Bytes of a quad's inputs.
const QUAD_BYTES: usize = size_of::<[u32; 2]>();
/// Bytes of the code of a pair of quads, all of it words, and from its start to its second quad.
const PAIR_BYTES: usize = 27 * 4;
const ODD_QUAD: usize = 14 * 4;

/// What the assembly works on. It loads all fields together, in this order, and knows of `block` that it is
/// the first.
#[repr(C)]
pub(super) struct Job {
    /// The next block of the layer's data.
    block: *const u8,
    x: *const [u32; 2],
    /// Behind the quads.
    x_end: *const [u32; 2],
    /// Behind those of the first chunk. Each other chunk is full.
    first_end: *const [u32; 2],
    /// The entry of 0 in the table behind the requantisation; null for none.
    table: *const u8,
    /// The next block's outputs, and behind the last block's.
    outputs: *mut u8,
    outputs_end: *mut u8,
    /// `2 · zero_point + 1`: half of it is the zero point, and what rounds to the nearest.
    rounding: i32,
    /// Whether sums are rounded twice: 1 or 0.
    is_twice: u32,
    /// Quads that the first lap leaves out.
    skipped: usize,
}

impl Job {
    /// Of a layer in row pairs, and its inputs, of which there is a quad at least.
    pub(super) fn new(layer: &Layer<'_, Int8<'_>>, words: &[[u32; 2]]) -> Self {
        let quads = words.len();
        let full = quads.saturating_sub(1) / CHUNK;
        let first = quads.wrapping_sub(full.wrapping_mul(CHUNK));
        let x = words.as_ptr();
        Self {
            block: layer.data().as_ptr(),
            x,
            x_end: x.wrapping_add(quads),
            first_end: x.wrapping_add(first),
            table: core::ptr::null(),
            outputs: core::ptr::null_mut(),
            outputs_end: core::ptr::null_mut(),
            rounding: i32::from(layer.arithmetic().zero_point()).wrapping_mul(2).wrapping_add(1),
            is_twice: (layer.arithmetic().rounding() != Rounding::Once).into(),
            skipped: first.wrapping_neg() % LAP,
        }
    }

    /// Computes the next outputs of the layer, which have one table: whole blocks, or all that are
    /// left.
    pub(super) fn compute(&mut self, outputs: &mut [u8], table: Option<&[u8; 256]>) {
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
        let outputs = blocks.as_mut_ptr_range();
        (self.outputs, self.outputs_end) = (outputs.start.cast(), outputs.end.cast());
        if !blocks.is_empty() {
            // SAFETY: the data has a block for every four outputs of the layer, as `takes` has
            // seen, and they are computed once, from the first block to the last; `outputs` has a
            // place for each of their bytes.
            unsafe { run(self) };
        }
    }
}

/// Products of a quad whose inputs are in `$one` and `$other`.
macro_rules! quad {
    ($one:literal, $other:literal) => {
        concat!(
            "ldmia.w r0!, {{r3-r6}}\n",
            concat!("smlad r9, r3, ", $one, ", r9\n"),
            "sxtb16 r3, r3\n",
            concat!("smlad r10, r3, ", $one, ", r10\n"),
            concat!("smlad r9, r4, ", $other, ", r9\n"),
            "sxtb16 r4, r4\n",
            concat!("smlad r10, r4, ", $other, ", r10\n"),
            concat!("smlad r11, r5, ", $one, ", r11\n"),
            "sxtb16 r5, r5\n",
            concat!("smlad r12, r5, ", $one, ", r12\n"),
            concat!("smlad r11, r6, ", $other, ", r11\n"),
            "sxtb16 r6, r6\n",
            concat!("smlad r12, r6, ", $other, ", r12\n"),
        )
    };
}

/// Adds the biases to the sums of the only chunk.
macro_rules! bias {
    () => {
        "ldmia r0!, {{r3-r6}}\n\
         sub r9, r9, r10\n\
         sub r11, r11, r12\n\
         add r10, r10, r3\n\
         add r12, r12, r5\n\
         add r9, r4, r9, asr #8\n\
         add r11, r6, r11, asr #8\n"
    };
}

/// A value in `$sum` from the high word of a product, whose shift − 1 is in the low byte of r7. r8 holds the
/// rounding: shifting by 1 less, adding twice the zero point and 1, and halving
/// rounds to the
/// nearest and adds the zero point.
macro_rules! shifted {
    ($sum:literal, $high:literal) => {
        concat!(
            concat!("asr ", $sum, ", ", $high, ", r7\n"),
            concat!("add ", $sum, ", ", $sum, ", r8\n"),
            concat!("ssat ", $sum, ", #8, ", $sum, ", asr #1\n"),
        )
    };
}

/// Brings the sum in `$sum` to its value, whose multiplier is in `$multiplier`.
macro_rules! once {
    ($sum:literal, $multiplier:literal) => {
        concat!(concat!("smmul ", $sum, ", ", $sum, ", ", $multiplier, "\n"), shifted!($sum, $sum),)
    };
}

/// The same rounded twice: to the product a step of 2^30 with the sum's sign is added. 2^30 is in r1, and
/// r2 and lr are lost.
#[cfg(feature = "double-rounding")]
macro_rules! twice {
    ($sum:literal, $multiplier:literal) => {
        concat!(
            concat!("asr r2, ", $sum, ", #31\n"),
            "eor lr, r1, r2, lsl #31\n",
            concat!("smlal lr, r2, ", $sum, ", ", $multiplier, "\n"),
            shifted!($sum, "r2"),
        )
    };
}

/// Four of them.
macro_rules! values {
    ($value:ident) => {
        concat!(
            $value!("r10", "r3"),
            "lsr r7, r7, #8\n",
            $value!("r9", "r4"),
            "lsr r7, r7, #8\n",
            $value!("r12", "r5"),
            "lsr r7, r7, #8\n",
            $value!("r11", "r6"),
        )
    };
}

/// Computes the blocks up to `job.outputs_end`, at least one, and moves `job.block` behind them.
///
/// # Safety
/// `block` is aligned to 4 bytes and the blocks are there, `x` has all quads, `outputs` room for
/// four bytes a block, and `table` is null or the middle of 256 bytes.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0 | next weights | next parameters |
/// | r1 | next inputs | 2^30, then table |
/// | r2, r7 | four inputs | r2: a product's high word, then outputs; r7: shifts − 1 |
/// | r8, lr | the next four | r8: rounding; lr: a product's low word |
/// | r3–r6 | weights: outputs 0 and 1 in r3, r4; 2 and 3 in r5, r6 | biases, then multipliers |
/// | r9, r11 | `256·Σodd + Σeven` of outputs 0 and 1, and of 2 and 3 | outputs 1 and 3 |
/// | r10, r12 | `Σeven`: outputs 0 and 2 | the same |
///
/// | sp + | what |
/// | --- | --- |
/// | 0–20 | what r1, r9–r12 and pc are when a block begins |
/// | 24 | where the first chunk enters the inner loop |
/// | 28 | behind the chunk's inputs |
/// | 32, 36 | what comes behind a chunk; the requantisation |
/// | 40, 44 | sums of the odd outputs over the chunks that are done, where there are several |
/// | 48–56 | table, outputs, behind the outputs |
/// | 60, 64 | rounding, 2^30 |
/// | 68, 72, 76 | behind all inputs, and those of the first chunk; the job |
#[unsafe(naked)]
unsafe extern "C" fn run(job: *mut Job) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "mov r1, r0",
        "ldm r1, {{r3-r12}}",
        "push {{r0}}",
        "push {{r5, r6}}",
        "mov lr, #0x40000000",
        "push {{r7-r10, lr}}",
        // How a chunk ends, and how sums are brought to values. Addresses of code are odd.
        "adr.w r0, 21f + 1",
        "adr.w r2, 11f + 1",
        where_twice!("cmp r11, #0\nbeq 2f\nadr.w r0, 22f + 1\nadr.w r2, 12f + 1\n2:"),
        "cmp r5, r6",
        "beq 2f",
        "adr.w r2, 13f + 1",
        "2:",
        "mov r7, #0",
        "mov r8, r7",
        "push {{r7, r8}}",
        "push {{r0}}",
        "push {{r2}}",
        // Where the first chunk enters. An odd quad has its inputs loaded before.
        "movs r2, #{PAIR_BYTES}",
        "lsr r11, r12, #1",
        "mul r11, r11, r2",
        "adr.w r2, 4f + 1",
        "add r11, r11, r2",
        "lsls r2, r12, #31",
        "mov r12, r11",
        "itt ne",
        "addne r12, r12, #{ODD_QUAD}",
        "adrne.w r11, 3f + 1",
        "mov r9, r7",
        "mov r10, r7",
        "mov lr, r6",
        "push {{r4, r7-r12, lr}}",
        "mov r0, r3",
        "1:",
        "ldm sp, {{r1, r9-r12, pc}}",
        "3:",
        "ldmia.w r1!, {{r8, lr}}",
        "ldr pc, [sp, #24]",
        "4:",
        ".rept {LAP} / 2",
        "ldmia.w r1!, {{r2, r7, r8, lr}}",
        quad!("r2", "r7"),
        quad!("r8", "lr"),
        ".endr",
        "ldr r3, [sp, #28]",
        "cmp r1, r3",
        "bne.w 4b",
        "ldr pc, [sp, #32]",
        // Behind one of several chunks.
        "13:",
        "ldrd r3, r4, [sp, #40]",
        "sub r9, r9, r10",
        "sub r11, r11, r12",
        "add r3, r3, r9, asr #8",
        "add r4, r4, r11, asr #8",
        "ldr r5, [sp, #68]",
        "cmp r1, r5",
        "beq 5f",
        "strd r3, r4, [sp, #40]",
        "mov r9, r10",
        "mov r11, r12",
        "add r3, r1, #{CHUNK_BYTES}",
        "str r3, [sp, #28]",
        "b.w 4b",
        // Behind the last of them. The next block begins with the first one.
        "5:",
        "ldr r5, [sp, #72]",
        "str r5, [sp, #28]",
        "mov r5, #0",
        "mov r6, r5",
        "strd r5, r6, [sp, #40]",
        "ldmia r0!, {{r5-r8}}",
        "add r10, r10, r5",
        "add r9, r3, r6",
        "add r12, r12, r7",
        "add r11, r4, r8",
        "ldr pc, [sp, #36]",
        // Behind the only chunk.
        "11:",
        bias!(),
        "21:",
        "ldmia r0!, {{r3-r6}}",
        "ldr r7, [r0], #4",
        "sub r7, r7, #0x01010101",
        "ldr r8, [sp, #60]",
        values!(once),
        "7:",
        "ldrd r1, r2, [sp, #48]",
        "cbz r1, 8f",
        "ldrb r10, [r1, r10]",
        "ldrb r9, [r1, r9]",
        "ldrb r12, [r1, r12]",
        "ldrb r11, [r1, r11]",
        "8:",
        "strb r10, [r2], #1",
        "strb r9, [r2], #1",
        "strb r12, [r2], #1",
        "strb r11, [r2], #1",
        "str r2, [sp, #52]",
        "ldr r3, [sp, #56]",
        "cmp r2, r3",
        "bne.w 1b",
        "ldr r1, [sp, #76]",
        "str r0, [r1]",
        "add sp, sp, #80",
        "pop {{r4-r11, pc}}",
        where_twice!(
            "12:\n",
            bias!(),
            "22:\n",
            "ldmia r0!, {{r3-r6}}\n",
            "ldr r7, [r0], #4\n",
            "sub r7, r7, #0x01010101\n",
            "ldrd r8, r1, [sp, #60]\n",
            values!(twice),
            "b.w 7b\n",
        ),
        LAP = const LAP,
        PAIR_BYTES = const PAIR_BYTES,
        ODD_QUAD = const ODD_QUAD,
        CHUNK_BYTES = const CHUNK * QUAD_BYTES,
    )
}
