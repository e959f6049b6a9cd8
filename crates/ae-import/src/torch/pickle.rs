//! A pickle, as far as a state dict needs it.
//!
//! A pickle is a program for a machine with a stack. Nothing that it names is looked up or called
//! here: a call stays a note of what was to be called with what.

use super::machine::{Machine, Step};

/// The number of an object.
pub(super) type Id = u32;

/// Most bytes of a pickle. Each may make an object, and an object takes up to a hundred bytes. A
/// tensor's entry in a state dict takes about 150.
const MOST_BYTES: usize = 512 << 10;

/// What a pickle makes.
#[derive(Debug)]
pub(super) enum Object<'a> {
    /// A value that no state dict needs.
    Other,
    /// A whole number from 0 on.
    Number(u64),
    /// A text.
    Text(&'a str),
    /// A tuple, a list or a set.
    Sequence(Vec<Id>),
    /// A dictionary.
    Table(Vec<(Id, Id)>),
    /// A class or a function, by its module and name.
    Global(&'a str, &'a str),
    /// Something beside the pickle, described by an object.
    Beside(Id),
    /// A call, or an object of a class.
    Call {
        /// What would be called.
        callable: Id,
        /// A sequence of what it would be given.
        arguments: Id,
        /// What was put into the dictionary that it gives.
        items: Vec<(Id, Id)>,
    },
}

/// The objects of a pickle.
#[derive(Debug)]
pub(super) struct Pickle<'a> {
    objects: Vec<Object<'a>>,
    root: Id,
}

impl<'a> Pickle<'a> {
    /// Reads a pickle; in words what is wrong with it.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, String> {
        if bytes.len() > MOST_BYTES {
            let found = bytes.len();
            return Err(format!("it has {found} bytes; at most {MOST_BYTES} were expected"));
        }
        let mut machine = Machine::new(bytes);
        loop {
            let place = bytes.len() - machine.left();
            match machine.step() {
                Some(Step::More) => {}
                Some(Step::End(root)) => return Ok(Self { objects: machine.into_objects(), root }),
                None => return Err(format!("the instruction at byte {place} is not understood")),
            }
        }
    }

    /// What the pickle as a whole is.
    pub(super) fn root(&self) -> Id {
        self.root
    }

    /// An object.
    pub(super) fn object(&self, id: Id) -> &Object<'a> {
        usize::try_from(id).ok().and_then(|id| self.objects.get(id)).unwrap_or(&Object::Other)
    }

    /// The text that an object is.
    pub(super) fn text(&self, id: Id) -> Option<&'a str> {
        match self.object(id) {
            Object::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The size that an object is.
    pub(super) fn size(&self, id: Id) -> Option<usize> {
        match self.object(id) {
            Object::Number(number) => usize::try_from(*number).ok(),
            _ => None,
        }
    }

    /// The objects in a tuple or a list.
    pub(super) fn sequence(&self, id: Id) -> Option<&[Id]> {
        match self.object(id) {
            Object::Sequence(ids) => Some(ids),
            _ => None,
        }
    }

    /// The module and the name of a class or a function.
    pub(super) fn global(&self, id: Id) -> Option<(&'a str, &'a str)> {
        match self.object(id) {
            Object::Global(module, name) => Some((module, name)),
            _ => None,
        }
    }

    /// The keys and values of a dictionary, ordered or not.
    pub(super) fn table(&self, id: Id) -> Option<&[(Id, Id)]> {
        match self.object(id) {
            Object::Table(items) => Some(items),
            Object::Call { callable, items, .. } => {
                (self.global(*callable) == Some(("collections", "OrderedDict"))).then_some(items)
            }
            _ => None,
        }
    }
}
