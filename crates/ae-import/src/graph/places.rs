//! A tensor's numbers in another order.

use super::{Refusal, Understood};

/// The places of a tensor's numbers, in the order that they have after its dimensions are reordered.
pub(super) struct Places {
    /// Extent, step from an index to the next, and index, of each dimension in the new order.
    dims: Vec<(usize, usize, usize)>,
    next: Option<usize>,
}

impl Places {
    pub(super) fn new(dims: &[usize], order: &[usize]) -> Understood<Self> {
        let mut steps = vec![1usize; dims.len()];
        let mut step = 1usize;
        for (to, &dim) in steps.iter_mut().zip(dims).rev() {
            *to = step;
            step = step.saturating_mul(dim);
        }
        let reordered: Option<Vec<_>> =
            order.iter().map(|&from| Some((*dims.get(from)?, *steps.get(from)?, 0))).collect();
        match reordered.filter(|_| order.len() == dims.len()) {
            Some(reordered) => Ok(Self { dims: reordered, next: (step > 0).then_some(0) }),
            None => Err(Refusal::damaged(format!(
                "a constant of {} dimensions where {} are expected",
                dims.len(),
                order.len()
            ))),
        }
    }
}

impl Iterator for Places {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let place = self.next?;
        let mut following = place;
        self.next = None;
        for (extent, step, index) in self.dims.iter_mut().rev() {
            *index += 1;
            following += *step;
            if *index < *extent {
                self.next = Some(following);
                break;
            }
            // A place below the tensor's count, so the products and differences fit.
            following -= *step * *extent;
            *index = 0;
        }
        Some(place)
    }
}
