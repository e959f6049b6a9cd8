//! The kernels for x86-64, of which the processor's instructions choose one.

use core::arch::x86_64::{__cpuid, __cpuid_count};
use core::sync::atomic::{AtomicU8, Ordering};

use ae_core::Activation;

use super::{avx_vnni, avx2, avx512, turn, vnni};
use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::{Kernel, PANEL, QUADS, Quad, ROW};

cpufeatures::new!(cpu_avx2, "avx2");
cpufeatures::new!(cpu_avx512, "avx2", "avx512f", "avx512bw", "avx512dq", "avx512vl");
cpufeatures::new!(cpu_vbmi, "avx512vbmi");

/// What the processor has. There is a value of each only where it has all that the value stands for, and
/// the system keeps the registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum X86 {
    /// AVX2.
    Avx2,
    /// AVX2, and its instructions for dot products of bytes.
    AvxVnni,
    /// AVX2, AVX-512F, BW, DQ and VL, and their instructions for dot products of bytes.
    Avx512Vnni {
        /// Whether there are AVX-512's instructions that put bytes in another order, VBMI.
        has_vbmi: bool,
    },
}

/// Whether a bit of leaf 7 of the processor's description of itself is set.
fn leaf_7(subleaf: u32, word: impl Fn(core::arch::x86_64::CpuidResult) -> u32, bit: u32) -> bool {
    let is_there = || __cpuid(0).eax >= 7 && __cpuid_count(7, 0).eax >= subleaf;
    is_there() && word(__cpuid_count(7, subleaf)) & 1 << bit != 0
}

/// What [`X86::detect`] has found before: a virtual machine takes longer to answer what the processor
/// has than a small layer takes.
static CHOSEN: AtomicU8 = AtomicU8::new(0);
/// Where there is no kernel.
const NONE: u8 = u8::MAX;

impl X86 {
    #[cold]
    fn choose() -> Option<Self> {
        let chosen = Self::all().find(|it| it.is_wanted());
        let number = match chosen {
            Some(Self::Avx2) => 1,
            Some(Self::AvxVnni) => 2,
            Some(Self::Avx512Vnni { has_vbmi: false }) => 3,
            Some(Self::Avx512Vnni { has_vbmi: true }) => 4,
            None => NONE,
        };
        CHOSEN.store(number, Ordering::Relaxed);
        chosen
    }

    /// Every kernel that the processor can run, the fastest first.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let has_avx512_vnni = || cpu_avx512::get() && leaf_7(0, |it| it.ecx, 11);
        let has_avx_vnni = || cpu_avx2::get() && leaf_7(1, |it| it.eax, 4);
        let with_vbmi = || has_avx512_vnni() && cpu_vbmi::get();
        [
            with_vbmi().then_some(Self::Avx512Vnni { has_vbmi: true }),
            has_avx512_vnni().then_some(Self::Avx512Vnni { has_vbmi: false }),
            has_avx_vnni().then_some(Self::AvxVnni),
            cpu_avx2::get().then_some(Self::Avx2),
        ]
        .into_iter()
        .flatten()
    }

    /// Whether a program that was built for a kernel by name may use this one.
    fn is_wanted(self) -> bool {
        match self {
            Self::Avx2 => true,
            Self::AvxVnni => cfg!(not(ae_kernel = "avx2")),
            Self::Avx512Vnni { .. } => cfg!(not(any(ae_kernel = "avx2", ae_kernel = "avx-vnni"))),
        }
    }
}

#[allow(
    unsafe_code,
    reason = "functions with these instructions are called where there is a proof"
)]
// Of each call: there is an `X86` only where the processor has what it stands for.
impl Kernel for X86 {
    /// All multiply unsigned bytes by signed ones.
    const OFFSET: i32 = 128;

    fn detect() -> Option<Self> {
        match CHOSEN.load(Ordering::Relaxed) {
            1 => Some(Self::Avx2),
            2 => Some(Self::AvxVnni),
            3 => Some(Self::Avx512Vnni { has_vbmi: false }),
            4 => Some(Self::Avx512Vnni { has_vbmi: true }),
            NONE => None,
            _ => Self::choose(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Avx2 => "avx2",
            Self::AvxVnni => "avx-vnni",
            Self::Avx512Vnni { .. } => "avx512-vnni",
        }
    }

    fn chain_limit(self) -> i32 {
        match self {
            // 255 · 128 < 2^15.
            Self::Avx2 => 128,
            // Dot products are summed in 32 bits.
            Self::AvxVnni | Self::Avx512Vnni { .. } => i32::MAX,
        }
    }

    fn outputs(self, quads: &[Quad<'_>; QUADS], x: &[Line], y: &mut [Line]) {
        match self {
            // SAFETY: as above.
            Self::Avx2 => unsafe { avx2::outputs(quads, x, y) },
            // SAFETY: as above.
            Self::AvxVnni => unsafe { avx_vnni::outputs(quads, x, y) },
            // SAFETY: as above.
            Self::Avx512Vnni { .. } => unsafe { vnni::outputs(quads, x, y) },
        }
    }

    fn look_up(self, bytes: &mut Line, table: &[u8; 256]) {
        match self {
            // SAFETY: as above.
            Self::Avx512Vnni { has_vbmi: true } => unsafe { vnni::look_up(bytes, table) },
            // SAFETY: as above.
            _ => unsafe { avx2::look_up(bytes, table) },
        }
    }

    fn panel(self, weights: &[[u32; PANEL]], x: &[Line], sums: &mut [Line; PANEL]) {
        match self {
            // SAFETY: as above.
            Self::Avx512Vnni { .. } => unsafe { avx512::panel(weights, x, sums) },
            // SAFETY: as above.
            _ => unsafe { avx2::panel(weights, x, sums) },
        }
    }

    fn peak(self, rounds: u32) -> Option<u64> {
        Some(match self {
            // SAFETY: as above.
            Self::Avx512Vnni { .. } => unsafe { avx512::peak(rounds) },
            // SAFETY: as above.
            _ => unsafe { avx2::peak(rounds) },
        })
    }

    fn activate(self, activation: Activation, lines: &mut [Line]) {
        match self {
            // SAFETY: as above.
            Self::Avx512Vnni { .. } => unsafe { avx512::activate(activation, lines) },
            // SAFETY: as above.
            _ => unsafe { avx2::activate(activation, lines) },
        }
    }

    fn to_lines(self, rows: &[[u32; ROW]; SAMPLES], changed: u32, lines: &mut [Line; ROW]) {
        // SAFETY: as above.
        unsafe { turn::to_lines(rows, changed, lines) }
    }

    fn to_rows(self, lines: &[Line; ROW], changed: u32, rows: &mut [[u32; ROW]; SAMPLES]) {
        // SAFETY: as above.
        unsafe { turn::to_rows(lines, changed, rows) }
    }

    fn to_reals(self, bytes: &Line, reals: &mut [Line; 4]) {
        // SAFETY: as above.
        unsafe { avx2::to_reals(bytes, reals) }
    }

    fn to_pixels(self, reals: &[Line; 4], bytes: &mut Line) {
        match self {
            // SAFETY: as above.
            Self::Avx512Vnni { .. } => unsafe { avx512::to_pixels(reals, bytes) },
            // SAFETY: as above.
            _ => unsafe { avx2::to_pixels(reals, bytes) },
        }
    }
}
