//! The power of one or more chips.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::random::SplitMix64;

/// What a cut leaves of the operation in which it falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Torn {
    /// Nothing was done.
    Undone,
    /// All was done.
    Done,
    /// The first part was, of so many 256ths.
    Prefix(u8),
    /// The last part was.
    Suffix(u8),
    /// Every bit that would have changed reads as [`Reads`] says.
    Unstable,
}

/// How bits that a cut left between 0 and 1 read in one life of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// As before the operation.
    Before,
    /// As behind it.
    After,
    /// As one or the other, drawn again each time.
    Random,
}

/// A supply that chips share.
#[derive(Debug, Clone)]
pub struct Supply(Rc<RefCell<State>>);

#[derive(Debug)]
struct State {
    operations: u64,
    cuts: VecDeque<(u64, Torn)>,
    is_off: bool,
    reads: Reads,
    random: SplitMix64,
    fault: Option<String>,
}

impl Supply {
    /// A supply that is on, and the seed of what [`Reads::Random`] draws.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Rc::new(RefCell::new(State {
            operations: 0,
            cuts: VecDeque::new(),
            is_off: false,
            reads: Reads::Before,
            random: SplitMix64::new(seed),
            fault: None,
        })))
    }

    /// Cuts the power in the operation of this number, counted from 0 and over all lives. Numbers
    /// are given in their order.
    pub fn cut_in(&self, operation: u64, torn: Torn) {
        self.0.borrow_mut().cuts.push_back((operation, torn));
    }

    /// Takes back the cuts that have not fallen yet.
    pub fn hold(&self) {
        self.0.borrow_mut().cuts.clear();
    }

    /// Operations that were begun.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.0.borrow().operations
    }

    /// Whether the power is off.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.0.borrow().is_off
    }

    /// A new life, in which torn bits read so. Each chip has to [settle](super::Nor::settle).
    pub fn switch_on(&self, reads: Reads) {
        let mut state = self.0.borrow_mut();
        (state.is_off, state.reads) = (false, reads);
    }

    /// The first rule that was broken, if one was.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        self.0.borrow().fault.clone()
    }

    /// Keeps what breaks a rule, if nothing did before.
    pub fn broken(&self, rule: impl FnOnce() -> String) {
        self.0.borrow_mut().fault.get_or_insert_with(rule);
    }

    /// Begins an operation: whether it is cut, and how; `Err` where the power is off.
    pub(super) fn begin(&self) -> Result<Option<Torn>, ()> {
        let mut state = self.0.borrow_mut();
        if state.is_off {
            return Err(());
        }
        let number = state.operations;
        state.operations += 1;
        let cut = state.cuts.front().copied().filter(|(at, _)| *at <= number);
        if cut.is_some() {
            state.cuts.pop_front();
            state.is_off = true;
        }
        Ok(cut.map(|(_, torn)| torn))
    }

    /// A byte of which some bits are torn, as it reads now.
    pub(super) fn read(&self, before: u8, after: u8) -> u8 {
        if before == after {
            return before;
        }
        let mut state = self.0.borrow_mut();
        match state.reads {
            Reads::Before => before,
            Reads::After => after,
            Reads::Random => {
                let mask = state.random.bits() as u8;
                before & mask | after & !mask
            }
        }
    }
}
