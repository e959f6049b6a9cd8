//! Dimensions in another order, where that moves a map's channels.

use crate::Operation;

use super::{Chain, Refusal, Shape, Understood};

/// What a reordering of all dimensions, the batch the first of them, does with the last value. What
/// comes out is known to have its channels on the other side.
pub(crate) fn transposed(order: &[usize], chain: &mut Chain) -> Understood<(Operation, Shape)> {
    let from = &chain.shape;
    let shape: Option<Shape> =
        order.iter().skip(1).map(|at| from.get(at.checked_sub(1)?).copied()).collect();
    let whole = order.len() == from.len().saturating_add(1) && order.first() == Some(&0);
    let permutes = (0..order.len()).all(|dim| order.contains(&dim));
    let Some(shape) = shape.filter(|_| whole && permutes) else {
        return Err(Refusal::new(
            format!("it puts the dimensions in the order {order:?}, the batch among them"),
            "only a map's channels may be moved",
        ));
    };
    if order.is_sorted() {
        return Ok((Operation::Identity, shape));
    }
    let last = order.len().saturating_sub(1);
    let to_front = order.get(1) == Some(&last) && order.iter().skip(2).copied().eq(1..last);
    let to_back = order.last() == Some(&1) && order.iter().copied().take(last).skip(1).eq(2..=last);
    // A map before all layers is whatever its first move says. One that may be either comes to what
    // the layers ask for.
    if !chain.sides_known && (to_front || to_back) {
        chain.channels_first = if to_front { to_back && !chain.layers_first } else { to_back };
        chain.input_channels_first = chain.channels_first;
    }
    // Dimensions of 1 do not tell where they stand.
    let wide = |at: &&usize| at.checked_sub(1).is_some_and(|at| from.get(at) != Some(&Some(1)));
    let same_values = order.iter().filter(wide).is_sorted();
    let known = shape.iter().copied().collect::<Option<Vec<usize>>>().filter(|_| same_values);
    match (chain.channels_first, known) {
        (true, _) if to_back => Ok((Operation::ChannelsLast, shape)),
        (false, _) if to_front => Ok((Operation::ChannelsFirst, shape)),
        (_, Some(known)) => Ok((Operation::Reshape(known), shape)),
        _ => Err(Refusal::new(
            format!("it puts the dimensions in the order {order:?}"),
            "only a map's channels may be moved",
        )),
    }
}
