//! The one line of operators from the input to the output.

use std::collections::HashMap;

use crate::{Codes, Function, Operation, Operator};

use super::{Extent, Limits, ONE_LINE, Pending, Refusal, Shape, Understood};

/// What an operator is called in its file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: &'a str,
}

/// Operators in a line.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) operators: Vec<Operator>,
    /// The dimensions of the last value, as the file has them, without the batch.
    pub(crate) shape: Shape,
    /// What the integers of the last value stand for.
    pub(crate) codes: Option<Codes>,
    /// What those do that the last operator took.
    pub(crate) codes_before: Option<Codes>,
    /// What those of the input do.
    pub(crate) input_codes: Option<Codes>,
    /// Samples in the batch that the file has; 1 where it leaves them open.
    pub(crate) samples: usize,
    /// Whether the channels are the last value's first dimension, if that is a map.
    pub(crate) channels_first: bool,
    /// Whether they are that of the input.
    pub(crate) input_channels_first: bool,
    /// Whether some operator has told on which side of a map the channels are.
    pub(crate) sides_known: bool,
    /// Whether the format's layers ask for it.
    pub(crate) layers_first: bool,
    pub(crate) pending: Option<Pending>,
    pub(crate) limits: Limits,
    head: usize,
    before: Option<usize>,
    shapes: HashMap<usize, Shape>,
}

impl Chain {
    pub(crate) fn new(input: usize, shape: Shape, channels_first: bool, limits: Limits) -> Self {
        let shapes = HashMap::from([(input, shape.clone())]);
        Self {
            operators: Vec::new(),
            shape,
            codes: None,
            codes_before: None,
            input_codes: None,
            samples: 1,
            channels_first,
            input_channels_first: channels_first,
            sides_known: false,
            layers_first: channels_first,
            pending: None,
            limits,
            head: input,
            before: None,
            shapes,
        }
    }

    /// The last value.
    pub(crate) fn head(&self) -> usize {
        self.head
    }

    /// What the last operator took.
    pub(crate) fn before(&self) -> Option<usize> {
        self.before
    }

    /// The shape of a value of the line.
    pub(crate) fn shape_of(&self, value: usize) -> Option<&Shape> {
        self.shapes.get(&value)
    }

    /// Says what the shape of the last value is for operators that ask for it.
    pub(crate) fn seen_as(&mut self, shape: Shape) {
        self.shapes.insert(self.head, shape);
    }

    /// Keeps the shape of a value that is not of the line.
    pub(crate) fn note(&mut self, value: usize, shape: Shape) {
        self.shapes.entry(value).or_insert(shape);
    }

    /// Whether the values of an operator, constants aside, are the last value of the line alone.
    pub(crate) fn takes(&self, values: &[usize], name: impl Fn(usize) -> String) -> Understood<()> {
        match values {
            [one] if *one == self.head => Ok(()),
            [one] if self.shapes.contains_key(one) => Err(Refusal::new(
                format!("it takes `{}`, which another operator takes too", name(*one)),
                ONE_LINE,
            )),
            [one] => Err(Refusal::damaged(format!("nothing before it gives `{}`", name(*one)))),
            [] => Err(Refusal::new(
                "it takes constants alone",
                "fold the constants of the model when it is exported, or with an optimizer",
            )),
            [first, second, ..] => Err(Refusal::new(
                format!("it joins `{}` and `{}`", name(*first), name(*second)),
                ONE_LINE,
            )),
        }
    }

    /// Puts an operator at the end. It gives `value` of a shape.
    pub(crate) fn push(
        &mut self,
        step: Step<'_>,
        operation: Operation,
        value: usize,
        shape: Shape,
    ) -> Understood<()> {
        self.append(step, operation)?;
        self.advance(value, shape)
    }

    /// Puts an operator at the end that is a part of what its file has as one.
    pub(crate) fn append(&mut self, step: Step<'_>, operation: Operation) -> Understood<()> {
        self.limits.take(step.name.len().saturating_add(step.kind.len()))?;
        let of_each_value = matches!(
            operation,
            Operation::Identity | Operation::Reshape(_) | Operation::Function(_)
        );
        self.sides_known |= self.shape.len() > 1 && !of_each_value;
        self.operators.push(Operator {
            name: step.name.to_owned(),
            kind: step.kind.to_owned(),
            operation,
            codes: None,
        });
        Ok(())
    }

    /// Goes on to a value without an operator: what is done stands in one that comes, or in the last.
    pub(crate) fn advance(&mut self, value: usize, shape: Shape) -> Understood<()> {
        if self.shapes.insert(value, shape.clone()).is_some() {
            return Err(Refusal::damaged("what it gives is given by another operator too"));
        }
        self.before = Some(self.head);
        self.codes_before = self.codes;
        self.head = value;
        self.shape = shape;
        Ok(())
    }

    /// Whether nothing waits for its operator.
    pub(crate) fn settled(&self) -> Understood<()> {
        self.pending.as_ref().map_or(Ok(()), |pending| Err(pending.refused()))
    }

    /// Says what the integers that come out of the last operator stand for. Operators before it that
    /// only choose among values, and have not been told of integers, work on the same ones.
    pub(crate) fn set_codes(&mut self, codes: Option<Codes>) {
        self.codes = codes;
        let Some(codes) = codes else { return };
        for operator in self.operators.iter_mut().rev() {
            if operator.codes.is_some() {
                return;
            }
            operator.codes = Some(codes);
            if !operator.operation.keeps_codes() && !operator.operation.limits() {
                return;
            }
        }
        self.input_codes.get_or_insert(codes);
    }

    /// The map's dimension that holds the channels; a flat value's only one.
    pub(crate) fn channel_axis(&self) -> usize {
        if self.channels_first { 0 } else { self.shape.len().saturating_sub(1) }
    }

    /// Height and width, and channels. A signal's height is 1.
    pub(crate) fn map(&self) -> Understood<([Extent; 2], Extent)> {
        if self.channels_first != self.layers_first {
            let place = if self.channels_first { "first" } else { "last" };
            return Err(Refusal::new(
                format!("it works on a map whose channels were put {place}"),
                "leave out the transposition before it",
            ));
        }
        match (self.shape.as_slice(), self.channels_first) {
            ([c, h, w], true) | ([h, w, c], false) => Ok(([*h, *w], *c)),
            ([c, w], true) | ([w, c], false) => Ok(([Some(1), *w], *c)),
            (other, _) => Err(Refusal::new(
                format!(
                    "it works on a map, and what comes in has {} dimensions beside the batch",
                    other.len()
                ),
                "a map has height, width and channels, and a signal samples and channels",
            )),
        }
    }

    /// The shape of a map, with as many dimensions as the last value has.
    pub(crate) fn map_shape(&self, places: [Extent; 2], channels: Extent) -> Shape {
        let [height, width] = places;
        let signal = self.shape.len() == 2;
        let places = if signal { vec![width] } else { vec![height, width] };
        if self.channels_first {
            [vec![channels], places].concat()
        } else {
            [places, vec![channels]].concat()
        }
    }
}

impl Operation {
    /// Whether it gives some of the values that come in, as they are.
    pub(crate) fn keeps_codes(&self) -> bool {
        matches!(
            self,
            Self::Maximum(_)
                | Self::Upsampling(_)
                | Self::Reshape(_)
                | Self::ChannelsFirst
                | Self::ChannelsLast
                | Self::Identity
        )
    }

    /// Whether it gives what comes in within limits.
    fn limits(&self) -> bool {
        matches!(self, Self::Function(Function::Relu | Function::Relu6))
    }
}
