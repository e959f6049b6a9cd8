//! What cannot be lowered is refused by a text that says where, why, and what can be done.

#[path = "../common/mod.rs"]
mod common;
mod integers;
mod numbers;
mod shapes;

use ae_import::{Convolution, Operation, PixelMap, Pool, SourceModel, Transposed};
use common::made::{self, MAKING};
use common::parts::{convolution, dense, model, pool, transposed};

/// What is said of a model that is not lowered, or of which no blob is made.
pub(crate) fn refused(model: &SourceModel) -> String {
    let made = match model.input.codes {
        Some(_) => made::integers(model)
            .and_then(|integers| integers.blob(&MAKING).map_err(|error| error.to_string())),
        None => made::real(model).and_then(|real| made::float(&real, &[PixelMap::PLAIN])),
    };
    made.expect_err("a refusal")
}

pub(crate) fn of(shape: &[usize], operations: Vec<Operation>) -> String {
    refused(&model(shape, operations))
}

pub(crate) fn d(inputs: usize, outputs: usize) -> Operation {
    Operation::Dense(dense(inputs, outputs))
}

pub(crate) fn c(change: impl Fn(&mut Convolution)) -> Operation {
    let mut it = convolution(2, 2);
    change(&mut it);
    Operation::Convolution(it)
}

pub(crate) fn t(change: impl Fn(&mut Transposed)) -> Operation {
    let mut it = transposed(2, 2);
    change(&mut it);
    Operation::Transposed(it)
}

pub(crate) fn p(change: impl Fn(&mut Pool)) -> Pool {
    let mut it = pool();
    change(&mut it);
    it
}
