//! Unsafe code is in the files that are listed here, each for its reason, and in no other.
//!
//! Lints see to the rest: `unsafe_code` is denied but where a file or an item allows it, and each
//! block has its `SAFETY:`. This shows that no file has begun to allow it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// The files with unsafe code, and why they have it.
const ALLOWED: &[(&str, &str)] = &[
    // Kernels: all there is in the crates that run on boards.
    ("ae-infer/src/arch/aarch64/neon.rs", "vector instructions, loads and stores"),
    ("ae-infer/src/arch/all/depthwise.rs", "pointers that a job has"),
    ("ae-infer/src/arch/all/pooling.rs", "pointers that a job has"),
    ("ae-infer/src/arch/all/pooling_words.rs", "pointers that a job has"),
    ("ae-infer/src/arch/arm/convolution.rs", "pointers that kernels write to"),
    ("ae-infer/src/arch/arm/dsp.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_blocks.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_convolution/fields.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_convolution/gather.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_convolution/line.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_convolution/short.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_convolution/single.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_convolution/sums.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_depthwise.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_fourier/gather.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_fourier/split.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_fourier/steps.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_pooling.rs", "assembly"),
    ("ae-infer/src/arch/arm/dsp_widen.rs", "assembly"),
    ("ae-infer/src/arch/arm/mve.rs", "assembly"),
    ("ae-infer/src/arch/arm/mve_blocks.rs", "assembly"),
    ("ae-infer/src/arch/arm/mve_convolution/copy.rs", "assembly"),
    ("ae-infer/src/arch/arm/mve_convolution/fields.rs", "assembly"),
    ("ae-infer/src/arch/arm/mve_convolution/runs.rs", "assembly"),
    ("ae-infer/src/arch/arm/mve_convolution/short.rs", "assembly"),
    ("ae-infer/src/arch/arm/mve_convolution/single.rs", "assembly"),
    ("ae-infer/src/arch/arm/mve_convolution/sums.rs", "assembly"),
    ("ae-infer/src/arch/arm/mve_depthwise.rs", "assembly"),
    ("ae-infer/src/arch/arm/mve_pooling.rs", "assembly"),
    ("ae-infer/src/arch/arm/thumbv6m.rs", "assembly"),
    ("ae-infer/src/arch/arm/thumbv6m_copy.rs", "assembly"),
    ("ae-infer/src/arch/arm/thumbv6m_dense.rs", "assembly"),
    ("ae-infer/src/arch/arm/thumbv6m_depthwise.rs", "assembly"),
    ("ae-infer/src/arch/arm/thumbv6m_pairs.rs", "assembly"),
    ("ae-infer/src/arch/arm/thumbv6m_single.rs", "assembly"),
    ("ae-infer/src/arch/arm/thumbv7m.rs", "assembly"),
    ("ae-infer/src/arch/arm/thumbv7m_depthwise.rs", "assembly"),
    ("ae-infer/src/arch/arm/thumbv7m_pairs.rs", "assembly"),
    ("ae-infer/src/arch/arm/thumbv7m_single.rs", "assembly"),
    ("ae-infer/src/arch/arm/vfp.rs", "assembly"),
    ("ae-infer/src/arch/depthwise.rs", "jobs for kernels"),
    ("ae-infer/src/arch/line.rs", "a scratch of numbers as the lines of kernels"),
    ("ae-infer/src/arch/pooling.rs", "jobs for kernels"),
    ("ae-infer/src/arch/riscv/rv32.rs", "assembly"),
    ("ae-infer/src/arch/riscv/rv32_depthwise.rs", "assembly"),
    ("ae-infer/src/arch/riscv/rv32_pairs.rs", "assembly"),
    ("ae-infer/src/arch/riscv/rv32_single.rs", "assembly"),
    ("ae-infer/src/arch/x86_64/avx2.rs", "vector loads and stores"),
    ("ae-infer/src/arch/x86_64/avx512.rs", "vector loads and stores"),
    ("ae-infer/src/arch/x86_64/columns.rs", "calls of functions with vector instructions"),
    ("ae-infer/src/arch/x86_64/columns_avx2.rs", "vector loads and stores"),
    ("ae-infer/src/arch/x86_64/columns_avx512.rs", "vector loads and stores"),
    ("ae-infer/src/arch/x86_64/dense.rs", "vector loads, and a call"),
    ("ae-infer/src/arch/x86_64/gelu.rs", "vector loads"),
    ("ae-infer/src/arch/x86_64/kernel.rs", "calls of functions with vector instructions"),
    ("ae-infer/src/arch/x86_64/rows.rs", "calls of functions with vector instructions"),
    ("ae-infer/src/arch/x86_64/rows_avx2.rs", "vector loads and stores"),
    ("ae-infer/src/arch/x86_64/rows_avx512.rs", "vector loads"),
    ("ae-infer/src/arch/x86_64/tests.rs", "calls of functions with vector instructions"),
    ("ae-infer/src/arch/x86_64/turn.rs", "vector loads and stores"),
    ("ae-infer/src/arch/x86_64/vnni.rs", "vector loads and stores"),
    // An attribute, and no code.
    ("ae-infer/src/include.rs", "a section that the program names for its model"),
    ("ae-infer/tests/float_mode.rs", "a register of the processor"),
    ("ae-infer/tests/include.rs", "the attribute in a program's text"),
    // Functions for C: pointers from programs that no compiler checked.
    ("bindings/c/src/companions.rs", "pointers from C, and names that C finds"),
    ("bindings/c/src/detector.rs", "pointers from C"),
    ("bindings/c/src/f32/detector.rs", "pointers from C, and names that C finds"),
    ("bindings/c/src/f32/judge.rs", "pointers from C, and names that C finds"),
    ("bindings/c/src/f32/model.rs", "pointers from C, and names that C finds"),
    ("bindings/c/src/int8/detector.rs", "pointers from C, and names that C finds"),
    ("bindings/c/src/int8/judge.rs", "pointers from C, and names that C finds"),
    ("bindings/c/src/int8/model.rs", "pointers from C, and names that C finds"),
    ("bindings/c/src/judge.rs", "pointers from C"),
    ("bindings/c/src/memory.rs", "pointers from C"),
    ("bindings/c/src/model.rs", "pointers from C"),
    ("bindings/c/src/sampler.rs", "pointers from C, and names that C finds"),
    ("bindings/c/src/signature.rs", "pointers from C, and a name that C finds"),
    ("bindings/c/src/sizes.rs", "pointers from C, and a name that C finds"),
    ("bindings/c/src/storage.rs", "structs that C hands over"),
    ("bindings/c/src/text.rs", "a name that C finds"),
    ("bindings/c/tests/cases/memory.rs", "functions that take pointers"),
    ("bindings/c/tests/cases/through_c.rs", "functions that take pointers"),
    ("bindings/c/tests/companions.rs", "functions that take pointers"),
    ("bindings/c/tests/refused.rs", "functions that take pointers"),
    ("bindings/c/tests/saved.rs", "functions that take pointers"),
    ("bindings/c/tests/signed.rs", "functions that take pointers"),
    // Boards: registers, and memory that the linker knows.
    ("firmware/boards/arm/src/lib.rs", "what the runtime calls"),
    ("firmware/boards/esp32-c3/src/lib.rs", "what the bootloader finds, and memory there is once"),
    ("firmware/boards/nrf52840-dk/src/lib.rs", "memory there is once"),
    ("firmware/boards/pico2/src/lib.rs", "what the boot ROM finds, and memory there is once"),
    ("firmware/boards/stm32f405/src/lib.rs", "memory there is once"),
    ("firmware/sampling/src/clock.rs", "registers"),
    ("firmware/emulated/src/cortex_m.rs", "what the runtime calls"),
    ("firmware/emulated/src/lib.rs", "memory there is once"),
    ("firmware/emulated/src/pflash.rs", "a flash that is memory and a device"),
    ("firmware/emulated/src/riscv.rs", "what the runtime calls"),
    ("firmware/emulated/src/uart.rs", "registers"),
    ("firmware/emulated/src/watchdog.rs", "registers, and what the runtime calls"),
    ("firmware/footprint/src/bin/companions.rs", "a symbol that the linker keeps"),
    ("firmware/footprint/src/bin/detector-values.rs", "a symbol that the linker keeps"),
    ("firmware/footprint/src/bin/detector.rs", "a symbol that the linker keeps"),
    ("firmware/footprint/src/bin/float.rs", "a symbol that the linker keeps"),
    ("firmware/footprint/src/bin/forward.rs", "a symbol that the linker keeps"),
    ("firmware/footprint/src/bin/loader.rs", "a symbol that the linker keeps"),
    ("firmware/footprint/src/bin/planted.rs", "a symbol that the linker keeps"),
    ("firmware/footprint/src/bin/signed.rs", "a symbol that the linker keeps"),
    ("firmware/footprint/src/bin/store.rs", "a symbol that the linker keeps"),
    ("firmware/footprint/src/bin/update.rs", "a symbol that the linker keeps"),
    ("firmware/support/src/arena.rs", "a buffer that is handed out once"),
    ("firmware/support/src/board.rs", "a register of the core"),
    ("firmware/support/src/fault.rs", "what the runtime calls, and registers"),
    ("firmware/support/src/gate/signed.rs", "symbols that a tool which flashes looks up"),
    ("firmware/support/src/last_words.rs", "memory that no start clears"),
    ("firmware/support/src/mark.rs", "a symbol that the emulator's plugin finds"),
    ("firmware/support/src/model.rs", "the model's place, which the linker knows"),
    ("firmware/support/src/planted.rs", "a fault on purpose"),
    ("firmware/support/src/stack.rs", "memory below the stack pointer"),
    // For the host alone.
    ("ae-train/src/train/product.rs", "a library that takes pointers and strides"),
    ("tools/counter/src/plugin.rs", "the interface of QEMU's plugins"),
    ("tools/fuzz/src/c.rs", "functions for C that take pointers"),
    ("tools/fuzz/src/c/along.rs", "functions for C that take pointers"),
    ("tools/fuzz/src/c/halves.rs", "functions for C that take pointers"),
    ("tools/fuzz/src/c/saved.rs", "functions for C that take pointers"),
    ("tools/fuzz/src/family.rs", "functions for C that take pointers"),
    ("tools/fuzz/readers/src/limited.rs", "an allocator that refuses large requests"),
    ("tools/fuzz/src/tally.rs", "counters that are printed when the fuzzer ends"),
    ("tools/xtask/src/test/unsafe_code.rs", "the word alone, which it looks for"),
];

pub(super) fn run() -> Result<String> {
    let mut found = BTreeMap::new();
    look_into(workspace::root(), &mut found)?;
    let allowed: Vec<_> = ALLOWED.iter().map(|(path, _)| *path).collect();
    let faults = faults(&found, &allowed);
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    let in_kernels = found.keys().filter(|path| path.starts_with("ae-infer/src/arch/")).count();
    Ok(format!("{} files, {in_kernels} of them kernels", found.len()))
}

/// Paths of the sources with unsafe code below a folder, with the number of its lines.
fn look_into(folder: &Path, found: &mut BTreeMap<String, usize>) -> Result<()> {
    for path in workspace::files(folder, "rs")? {
        let source = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        let lines = source.lines().filter(|line| is_unsafe(line)).count();
        if lines > 0 {
            let path = path.strip_prefix(workspace::root())?;
            let names = path.iter().map(|name| name.to_string_lossy());
            found.insert(names.collect::<Vec<_>>().join("/"), lines);
        }
    }
    Ok(())
}

/// Whether a line that is not a comment has the word. What looks like code in a string counts.
fn is_unsafe(line: &str) -> bool {
    !line.trim_start().starts_with("//")
        // A policy of a page has a word with a hyphen, which is none of the language's.
        && line
            .split(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '-'))
            .any(|word| word == "unsafe")
}

/// What differs from the list: files that are not on it, and such as need not be.
fn faults(found: &BTreeMap<String, usize>, allowed: &[&str]) -> Vec<String> {
    let unknown = found.iter().filter(|(path, _)| !allowed.contains(&&***path));
    let unknown = unknown.map(|(path, lines)| {
        format!("{path} has unsafe code in {lines} lines, and is not among the files that may")
    });
    let needless = allowed.iter().filter(|path| !found.contains_key(**path));
    unknown.chain(needless.map(|path| format!("{path} has no unsafe code any more"))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{faults, is_unsafe, look_into};
    use crate::workspace;

    #[test]
    fn the_word_is_seen_in_code_and_not_in_comments() {
        for line in
            ["unsafe { f() }", "  x = unsafe{*p};", "#[unsafe(naked)]", "unsafe impl A for B {}"]
        {
            assert!(is_unsafe(line), "{line}");
        }
        for line in ["// unsafe", "    //! an unsafe block", "#![forbid(unsafe_code)]"] {
            assert!(!is_unsafe(line), "{line}");
        }
    }

    #[test]
    fn a_file_that_is_not_listed_is_a_fault_and_so_is_a_listed_one_without() {
        let found = BTreeMap::from([("a.rs".to_owned(), 1), ("b.rs".to_owned(), 2)]);
        assert_eq!(faults(&found, &["a.rs", "b.rs"]), Vec::<String>::new());
        assert!(faults(&found, &["a.rs"])[0].starts_with("b.rs has unsafe code in 2 lines"));
        assert_eq!(faults(&found, &["a.rs", "b.rs", "c.rs"]), ["c.rs has no unsafe code any more"]);
    }

    #[test]
    fn of_the_crates_on_boards_one_has_unsafe_code() {
        let mut found = BTreeMap::new();
        for (name, files) in [("ae-core", 0), ("crates/ae-protocol", 0), ("ae-infer/src", 62)] {
            look_into(&workspace::root().join(name), &mut found).unwrap();
            assert_eq!(found.len(), files, "{name}: {found:?}");
        }
    }
}
