//! What QEMU calls, and what is called of it: the few functions of its public plugin API
//! (`qemu-plugin.h`, <https://www.qemu.org/docs/master/devel/tcg-plugins.html>) that are needed.
//! They are the same in version 1 (QEMU 6 to 8) and later ones (QEMU 9 on).

#![allow(unsafe_code, reason = "QEMU's interface is C")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::count::{Block, Counts, Instruction};

/// The version of the API that QEMU is told this is made for. QEMU refuses what is too old or too
/// new for it, so whoever builds for QEMU 9 or later says `AE_PLUGIN_API=2`.
#[unsafe(export_name = "qemu_plugin_version")]
static VERSION: c_int = match option_env!("AE_PLUGIN_API") {
    Some(version) if matches!(version.as_bytes(), b"2") => 2,
    _ => 1,
};

/// `qemu_plugin_tb`, a block that is being translated.
#[repr(C)]
struct RawBlock {
    _private: [u8; 0],
}

/// `qemu_plugin_insn`, an instruction of such a block.
#[repr(C)]
struct RawInstruction {
    _private: [u8; 0],
}

/// `QEMU_PLUGIN_CB_NO_REGS`: the callback looks at no register.
const NO_REGISTERS: c_int = 0;

type OnTranslation = extern "C" fn(id: u64, block: *mut RawBlock);
type OnExecution = extern "C" fn(cpu: c_uint, data: *mut c_void);
type OnExit = extern "C" fn(id: u64, data: *mut c_void);

unsafe extern "C" {
    fn qemu_plugin_register_vcpu_tb_trans_cb(id: u64, callback: OnTranslation);
    fn qemu_plugin_register_vcpu_tb_exec_cb(
        block: *mut RawBlock,
        callback: OnExecution,
        flags: c_int,
        data: *mut c_void,
    );
    fn qemu_plugin_register_atexit_cb(id: u64, callback: OnExit, data: *mut c_void);
    fn qemu_plugin_tb_n_insns(block: *const RawBlock) -> usize;
    fn qemu_plugin_tb_get_insn(block: *const RawBlock, index: usize) -> *mut RawInstruction;
    fn qemu_plugin_insn_vaddr(instruction: *const RawInstruction) -> u64;
    fn qemu_plugin_insn_size(instruction: *const RawInstruction) -> usize;
    fn qemu_plugin_insn_disas(instruction: *const RawInstruction) -> *mut c_char;
    /// Of GLib, which QEMU is linked with.
    fn g_free(memory: *mut c_void);
}

/// None until QEMU has loaded the plugin.
static STATE: Mutex<Option<State>> = Mutex::new(None);

struct State {
    counts: Counts,
    out: PathBuf,
}

fn state() -> MutexGuard<'static, Option<State>> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// QEMU calls this once, with the arguments behind the plugin's name. Anything but 0 is failure.
#[unsafe(no_mangle)]
extern "C" fn qemu_plugin_install(
    id: u64,
    _: *const c_void,
    count: c_int,
    arguments: *const *const c_char,
) -> c_int {
    let (mut mark, mut out) = (None, None);
    for index in 0..usize::try_from(count).unwrap_or(0) {
        // SAFETY: QEMU gives `count` pointers to strings that end with zero, and keeps them.
        let argument = unsafe { CStr::from_ptr(*arguments.add(index)) };
        match argument.to_str().ok().and_then(|argument| argument.split_once('=')) {
            Some(("mark", value)) => mark = value.parse().ok(),
            Some(("out", value)) => out = Some(PathBuf::from(value)),
            _ => {}
        }
    }
    let (Some(mark), Some(out)) = (mark, out) else {
        eprintln!("the plugin wants mark=ADDRESS,out=FILE");
        return 1;
    };
    *state() = Some(State { counts: Counts::new(mark), out });
    // SAFETY: the id is that of this plugin, and the callbacks have the types that QEMU calls them
    // with.
    unsafe {
        qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
        qemu_plugin_register_atexit_cb(id, on_exit, std::ptr::null_mut());
    }
    0
}

extern "C" fn on_translation(_: u64, raw: *mut RawBlock) {
    // SAFETY: QEMU gives a block that lives until this returns.
    let count = unsafe { qemu_plugin_tb_n_insns(raw) };
    let instructions = (0..count).map(|index| {
        // SAFETY: the block lives and has so many instructions.
        instruction(unsafe { qemu_plugin_tb_get_insn(raw, index) })
    });
    let block = Block { instructions: instructions.collect() };
    let Some(state) = &mut *state() else { return };
    let index = state.counts.add(block);
    let data = std::ptr::without_provenance_mut(index);
    // SAFETY: the block lives; the callback has the type that QEMU calls it with, and takes `data`
    // for the number that it is.
    unsafe { qemu_plugin_register_vcpu_tb_exec_cb(raw, on_execution, NO_REGISTERS, data) }
}

fn instruction(raw: *const RawInstruction) -> Instruction {
    // SAFETY: the instruction belongs to a block that lives. Its text is a string of ours, which
    // ends with zero and was allocated by GLib; it is copied before it is freed.
    unsafe {
        let text = qemu_plugin_insn_disas(raw);
        let copy = if text.is_null() {
            String::new()
        } else {
            CStr::from_ptr(text).to_string_lossy().replace('\n', " ")
        };
        g_free(text.cast());
        Instruction {
            address: qemu_plugin_insn_vaddr(raw),
            len_bytes: qemu_plugin_insn_size(raw) as u64,
            text: copy,
        }
    }
}

extern "C" fn on_execution(_: c_uint, data: *mut c_void) {
    if let Some(state) = &mut *state() {
        state.counts.execute(data.addr());
    }
}

extern "C" fn on_exit(_: u64, _: *mut c_void) {
    if let Some(State { counts, out }) = &*state()
        && let Err(error) = std::fs::write(out, counts.to_string())
    {
        eprintln!("cannot write {}: {error}", out.display());
    }
}
