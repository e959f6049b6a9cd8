//! The UART of QEMU's machine `virt`, a 16550.
//!
//! While nothing comes the core sleeps. A core that asks again and again leaves the emulator no time to
//! bring what has come, on a host with other work to do.

#![allow(unsafe_code, reason = "registers")]

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};

/// Where its registers lie, a byte each.
const BASE: usize = 0x1000_0000;
/// What was received, or is to be sent.
const DATA: usize = 0;
/// Which interrupts it raises.
const INTERRUPTS: usize = 1;
/// How many bytes it holds.
const FIFO: usize = 2;
/// What the line can do.
const LINE_STATUS: usize = 5;
/// The machine's controller of interrupts: the priority of the UART's, which is the tenth; the word of
/// those that wake this core; and what is raised and dealt with.
const PRIORITY: usize = 0x0c00_0000 + 4 * 10;
const ENABLED: usize = 0x0c00_2000;
const RAISED: usize = 0x0c20_0004;

/// A byte has come.
const HAS_COME: u8 = 1;
/// A byte can be sent.
const CAN_SEND: u8 = 1 << 5;

/// The line to the host.
pub struct Uart(());

impl Uart {
    pub(crate) fn new() -> Self {
        let word = core::ptr::with_exposed_provenance_mut::<u32>;
        // SAFETY: registers of the machine. Interrupts stay off, so none is taken: one that is raised
        // ends the core's sleep, and no more.
        unsafe {
            Self::register(FIFO).write_volatile(1);
            Self::register(INTERRUPTS).write_volatile(1);
            word(PRIORITY).write_volatile(1);
            word(ENABLED).write_volatile(1 << 10);
            riscv::register::mie::set_mext();
        }
        Self(())
    }

    /// Sleeps until something has come, or has come before.
    fn sleep() {
        riscv::asm::wfi();
        let raised = core::ptr::with_exposed_provenance_mut::<u32>(RAISED);
        // SAFETY: a register of the machine: what is raised is read, and said to be dealt with.
        unsafe { raised.write_volatile(raised.read_volatile()) }
    }

    fn register(number: usize) -> *mut u8 {
        core::ptr::with_exposed_provenance_mut(BASE + number)
    }

    fn status(&self) -> u8 {
        // SAFETY: a register of the machine that can always be read.
        unsafe { Self::register(LINE_STATUS).read_volatile() }
    }
}

impl ErrorType for Uart {
    type Error = Infallible;
}

impl Read for Uart {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let Some(place) = buffer.first_mut() else { return Ok(0) };
        while self.status() & HAS_COME == 0 {
            Self::sleep();
        }
        // SAFETY: a byte has come, and reading takes it.
        *place = unsafe { Self::register(DATA).read_volatile() };
        Ok(1)
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let Some(byte) = bytes.first() else { return Ok(0) };
        while self.status() & CAN_SEND == 0 {
            core::hint::spin_loop();
        }
        // SAFETY: the register is free, and writing sends the byte.
        unsafe { Self::register(DATA).write_volatile(*byte) }
        Ok(1)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
