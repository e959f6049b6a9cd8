//! The machine that a pickle is a program for.

use std::collections::HashMap;

use super::pickle::{Id, Object};

/// What follows an instruction.
pub(super) enum Step {
    /// Another instruction.
    More,
    /// Nothing: this is what the pickle makes.
    End(Id),
}

/// The machine that a pickle is written for.
#[derive(Default)]
pub(super) struct Machine<'a> {
    rest: &'a [u8],
    objects: Vec<Object<'a>>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl<'a> Machine<'a> {
    /// A machine for this pickle.
    pub(super) fn new(pickle: &'a [u8]) -> Self {
        Self { rest: pickle, ..Self::default() }
    }

    /// Bytes that are not read yet.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The objects that were made, in this order.
    pub(super) fn into_objects(self) -> Vec<Object<'a>> {
        self.objects
    }

    /// One instruction, as Python's pickletools describes it; `None` where it is not known, or its
    /// operands are not there.
    pub(super) fn step(&mut self) -> Option<Step> {
        match self.byte()? {
            b'.' => return Some(Step::End(self.pop()?)),
            // Protocol, frame: nothing that matters here.
            0x80 => drop(self.take(1)?),
            0x95 => drop(self.take(8)?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.pop_to_mark()?),
            b'2' => self.stack.push(*self.stack.last()?),
            // None, true, false and a real number.
            b'N' | 0x88 | 0x89 => self.push(Object::Other)?,
            b'G' => self.skip(8)?,
            b'J' => self.number(4)?,
            b'K' => self.number(1)?,
            b'M' => self.number(2)?,
            0x8a => self.long()?,
            b'X' => self.text(4)?,
            0x8c => self.text(1)?,
            0x8d => self.text(8)?,
            // Bytes.
            b'B' | b'T' => self.bytes(4)?,
            b'C' | b'U' => self.bytes(1)?,
            b')' | b']' | 0x8f => self.push(Object::Sequence(Vec::new()))?,
            b't' | b'l' | 0x91 => {
                let items = self.pop_to_mark()?;
                self.push(Object::Sequence(items))?;
            }
            0x85 => self.tuple(1)?,
            0x86 => self.tuple(2)?,
            0x87 => self.tuple(3)?,
            b'}' => self.push(Object::Table(Vec::new()))?,
            b'd' => {
                let items = self.pop_to_mark()?;
                self.push(Object::Table(Vec::new()))?;
                self.set(items)?;
            }
            b'a' => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            b'e' | 0x90 => {
                let items = self.pop_to_mark()?;
                self.append(items)?;
            }
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.set(vec![key, value])?;
            }
            b'u' => {
                let items = self.pop_to_mark()?;
                self.set(items)?;
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.push(Object::Global(module, name))?;
            }
            0x93 => {
                let (name, module) = (self.pop_text()?, self.pop_text()?);
                self.push(Object::Global(module, name))?;
            }
            b'h' => self.recall(1)?,
            b'j' => self.recall(4)?,
            b'q' => self.keep(1)?,
            b'r' => self.keep(4)?,
            0x94 => {
                let next = u32::try_from(self.memo.len()).ok()?;
                self.memo.insert(next, *self.stack.last()?);
            }
            b'Q' => {
                let id = self.pop()?;
                self.push(Object::Beside(id))?;
            }
            // A call, and an object of a class.
            b'R' | 0x81 => self.call()?,
            0x92 => {
                self.pop()?;
                self.call()?;
            }
            // The attributes of an object; those of a state dict are versions of its modules.
            b'b' => drop(self.pop()?),
            _ => return None,
        }
        Some(Step::More)
    }

    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// An unsigned number of so many bytes, the lowest first.
    fn unsigned(&mut self, len: usize) -> Option<u64> {
        lowest_first(self.take(len)?)
    }

    fn sized(&mut self, width: usize) -> Option<&'a [u8]> {
        let len = usize::try_from(self.unsigned(width)?).ok()?;
        self.take(len)
    }

    fn line(&mut self) -> Option<&'a str> {
        let len = self.rest.iter().position(|&byte| byte == b'\n')?;
        let line = self.take(len)?;
        self.take(1)?;
        std::str::from_utf8(line).ok()
    }

    fn push(&mut self, object: Object<'a>) -> Option<()> {
        self.stack.push(Id::try_from(self.objects.len()).ok()?);
        self.objects.push(object);
        Some(())
    }

    /// What is on top, if it is above the last mark.
    fn pop(&mut self) -> Option<Id> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() > floor { self.stack.pop() } else { None }
    }

    fn pop_text(&mut self) -> Option<&'a str> {
        let id = usize::try_from(self.pop()?).ok()?;
        match self.objects.get(id)? {
            Object::Text(text) => Some(text),
            _ => None,
        }
    }

    fn pop_to_mark(&mut self) -> Option<Vec<Id>> {
        let mark = self.marks.pop()?;
        (mark <= self.stack.len()).then(|| self.stack.split_off(mark))
    }

    fn skip(&mut self, len: usize) -> Option<()> {
        self.take(len)?;
        self.push(Object::Other)
    }

    fn bytes(&mut self, width: usize) -> Option<()> {
        self.sized(width)?;
        self.push(Object::Other)
    }

    fn text(&mut self, width: usize) -> Option<()> {
        let text = std::str::from_utf8(self.sized(width)?);
        self.push(text.map_or(Object::Other, Object::Text))
    }

    /// A number of so many bytes, of which that of four has a sign.
    fn number(&mut self, len: usize) -> Option<()> {
        let number = self.unsigned(len)?;
        let is_negative = len == 4 && number > 0x7fff_ffff;
        self.push(if is_negative { Object::Other } else { Object::Number(number) })
    }

    /// A number of any length, with a sign.
    fn long(&mut self) -> Option<()> {
        let bytes = self.sized(1)?;
        let is_negative = bytes.last().is_some_and(|&last| last >= 0x80);
        let number = lowest_first(bytes).filter(|_| !is_negative);
        self.push(number.map_or(Object::Other, Object::Number))
    }

    fn tuple(&mut self, len: usize) -> Option<()> {
        let mut items = Vec::with_capacity(len);
        for _ in 0..len {
            items.push(self.pop()?);
        }
        items.reverse();
        self.push(Object::Sequence(items))
    }

    fn call(&mut self) -> Option<()> {
        let arguments = self.pop()?;
        let callable = self.pop()?;
        self.push(Object::Call { callable, arguments, items: Vec::new() })
    }

    fn top(&mut self) -> Option<&mut Object<'a>> {
        let id = usize::try_from(*self.stack.last()?).ok()?;
        self.objects.get_mut(id)
    }

    /// Puts keys and values into what is on top.
    fn set(&mut self, items: Vec<Id>) -> Option<()> {
        let pairs = items.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?)));
        match self.top()? {
            Object::Table(items) | Object::Call { items, .. } => items.extend(pairs),
            _ => return None,
        }
        Some(())
    }

    /// Puts items behind those of what is on top.
    fn append(&mut self, items: Vec<Id>) -> Option<()> {
        match self.top()? {
            Object::Sequence(before) => before.extend(items),
            // A list of a class of its own, which no state dict is.
            Object::Call { .. } => {}
            _ => return None,
        }
        Some(())
    }

    fn recall(&mut self, width: usize) -> Option<()> {
        let index = u32::try_from(self.unsigned(width)?).ok()?;
        self.stack.push(*self.memo.get(&index)?);
        Some(())
    }

    fn keep(&mut self, width: usize) -> Option<()> {
        let index = u32::try_from(self.unsigned(width)?).ok()?;
        self.memo.insert(index, *self.stack.last()?);
        Some(())
    }
}

/// The number of these bytes; `None` where it has more than eight.
fn lowest_first(bytes: &[u8]) -> Option<u64> {
    let add = |all: u64, &byte: &u8| all.checked_mul(256)?.checked_add(byte.into());
    bytes.iter().rev().try_fold(0, add)
}
