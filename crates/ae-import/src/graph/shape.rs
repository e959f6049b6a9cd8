//! Shapes as far as reading needs them: to tell what a reshaping means.

use crate::Padding;

use super::{Refusal, Understood};

/// A dimension; none where it is not known.
pub(crate) type Extent = Option<usize>;

/// Dimensions without the batch.
pub(crate) type Shape = Vec<Extent>;

/// Values in a shape; none where a dimension is not known or the product is too large for a number.
pub(crate) fn elements(shape: &[Extent]) -> Extent {
    shape.iter().try_fold(1usize, |product, &extent| product.checked_mul(extent?))
}

/// The dimensions of a shape that are not 1, in order.
pub(crate) fn longer_than_one(shape: &[Extent]) -> impl Iterator<Item = Extent> {
    shape.iter().copied().filter(|extent| *extent != Some(1))
}

/// A shape in words, with `?` for what is not known.
pub(crate) fn in_words(shape: &[Extent]) -> String {
    let extents =
        shape.iter().map(|extent| extent.map_or_else(|| "?".to_owned(), |n| n.to_string()));
    format!("[{}]", extents.collect::<Vec<_>>().join(", "))
}

/// Positions of a window over `input` places, and none where they are not known.
pub(crate) fn places(
    input: Extent,
    kernel: usize,
    stride: usize,
    dilation: usize,
    padding: Padding,
    axis: usize,
) -> Extent {
    let input = input?;
    let (before, after) = match padding {
        Padding::Same => return Some(input.div_ceil(stride.max(1))),
        Padding::Valid => (0, 0),
        Padding::Explicit { before, after } => (*before.get(axis)?, *after.get(axis)?),
    };
    let reach = kernel.checked_sub(1)?.checked_mul(dilation)?.checked_add(1)?;
    let room = input.checked_add(before)?.checked_add(after)?.checked_sub(reach)?;
    room.checked_div(stride)?.checked_add(1)
}

/// The target of a reshaping without the batch. A number of a target is none where it is the batch;
/// −1 stands for what is left. `samples` is how many samples a file's batch has, where it says so.
pub(crate) fn fitted(
    target: &[Option<i64>],
    from: &[Extent],
    samples: usize,
) -> Understood<Vec<usize>> {
    let unknown = || {
        Refusal::new(
            format!(
                "the shape that it gives cannot be told from the file: {}",
                target_in_words(target)
            ),
            "convert the model with a fixed shape of its input",
        )
    };
    let Some((batch, rest)) = target.split_first() else {
        return Err(Refusal::new("it gives a single number", ONE_BATCH));
    };
    let whole = batch.is_none_or(|batch| {
        batch == -1 || usize::try_from(batch).is_ok_and(|batch| batch == samples)
    });
    if !whole {
        return Err(Refusal::new(
            format!(
                "it makes {} of the batch: {}",
                batch.unwrap_or_default(),
                target_in_words(target)
            ),
            ONE_BATCH,
        ));
    }
    let all = elements(from);
    let known = rest.iter().filter(|n| **n != Some(-1));
    let known = known
        .map(|n| n.and_then(|n| usize::try_from(n).ok()))
        .try_fold(1usize, |product, n| product.checked_mul(n?))
        .ok_or_else(unknown)?;
    let left = all.and_then(|all| all.checked_div(known));
    let open = rest.iter().filter(|n| **n == Some(-1)).count();
    let shape: Option<Vec<usize>> = rest
        .iter()
        .map(|n| match n {
            Some(-1) => left,
            n => n.and_then(|n| usize::try_from(n).ok()),
        })
        .collect();
    let shape = shape.filter(|_| open <= 1).ok_or_else(unknown)?;
    match all {
        Some(all) if elements(&shape.iter().copied().map(Some).collect::<Shape>()) != Some(all) => {
            Err(Refusal::new(
                format!("it makes {shape:?} of {all} values, so it moves some into the batch"),
                ONE_BATCH,
            ))
        }
        _ => Ok(shape),
    }
}

const ONE_BATCH: &str =
    "the first dimension must stay the batch; change the model so that it reshapes each sample";

/// A target in words.
pub(crate) fn target_in_words(target: &[Option<i64>]) -> String {
    let numbers = target.iter().map(|n| n.map_or_else(|| "batch".to_owned(), |n| n.to_string()));
    format!("[{}]", numbers.collect::<Vec<_>>().join(", "))
}

/// Some of the numbers of a shape, as a slice with a step of 1 takes them. Negative bounds count
/// from the end.
pub(crate) fn sliced(numbers: &[Option<i64>], from: i64, to: i64) -> Vec<Option<i64>> {
    let length = i64::try_from(numbers.len()).unwrap_or(i64::MAX);
    let bound = |at: i64| {
        let at = if at < 0 { at.saturating_add(length) } else { at };
        usize::try_from(at.clamp(0, length)).unwrap_or_default()
    };
    numbers.get(bound(from)..bound(to)).unwrap_or_default().to_vec()
}

/// Numbers of shapes one behind the other, at most as many as any shape has.
pub(crate) fn concatenated(parts: Vec<Vec<Option<i64>>>) -> Understood<Vec<Option<i64>>> {
    let numbers: Vec<_> = parts.into_iter().flatten().take(LONGEST + 1).collect();
    if numbers.len() > LONGEST {
        return Err(Refusal::new(
            format!("it computes more than {LONGEST} numbers of a shape"),
            "convert the model with a fixed shape of its input",
        ));
    }
    Ok(numbers)
}

const LONGEST: usize = 64;
