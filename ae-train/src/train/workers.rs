//! Threads that share the work of a step.

use rayon::{ThreadPool, ThreadPoolBuilder};

/// A fixed set of threads.
///
/// Each is a pool of one thread, because Burn's matrix product spreads itself
/// over the pool that it is called in: in a pool of one it stays on its
/// thread, while the others do their own part of the work.
pub(super) struct Workers {
    pools: Vec<ThreadPool>,
}

/// One piece of work and, later, its result.
struct Slot<T, R> {
    item: Option<T>,
    result: Option<R>,
}

impl Workers {
    /// Starts `threads` threads, at least one.
    ///
    /// # Panics
    ///
    /// When the system refuses to start a thread.
    pub(super) fn new(threads: usize) -> Self {
        let start = |index| {
            ThreadPoolBuilder::new()
                .num_threads(1)
                .thread_name(move |_| format!("train-{index}"))
                .build()
                .expect("the system starts a thread")
        };
        Self { pools: (0..threads.max(1)).map(start).collect() }
    }

    /// The number of threads.
    pub(super) fn threads(&self) -> usize {
        self.pools.len()
    }

    /// Calls `work` on each item, each thread taking an equal run of
    /// neighbours, and gives the results in the order of the items.
    pub(super) fn map<T, R>(&self, items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R>
    where
        T: Send,
        R: Send,
    {
        let slot = |item| Slot { item: Some(item), result: None };
        let mut slots: Vec<Slot<T, R>> = items.into_iter().map(slot).collect();
        let share = slots.len().div_ceil(self.pools.len()).max(1);
        let runs: Vec<&mut [Slot<T, R>]> = slots.chunks_mut(share).collect();
        fan_out(&self.pools, runs, &work);
        let results = slots.into_iter().filter_map(|slot| slot.result);
        results.collect()
    }
}

/// Starts one run on each pool and waits for all of them.
fn fan_out<T, R>(
    pools: &[ThreadPool],
    mut runs: Vec<&mut [Slot<T, R>]>,
    work: &(impl Fn(T) -> R + Sync),
) where
    T: Send,
    R: Send,
{
    let Some(run) = runs.pop() else { return };
    let Some((pool, rest)) = pools.split_last() else { return };
    pool.in_place_scope(|scope| {
        scope.spawn(move |_| {
            for slot in run {
                slot.result = slot.item.take().map(work);
            }
        });
        fan_out(rest, runs, work);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_on_any_number_of_threads() {
        for threads in 1..=4 {
            let workers = Workers::new(threads);
            for count in 0..9 {
                let squares = workers.map((0..count).collect(), |item: u32| item * item);
                let expected: Vec<u32> = (0..count).map(|item| item * item).collect();
                assert_eq!(squares, expected, "{threads} threads, {count} items");
            }
        }
    }

    #[test]
    fn a_thread_sees_a_pool_of_one_and_items_run_side_by_side() {
        use std::sync::Barrier;
        let barrier = Barrier::new(2);
        let sizes = Workers::new(2).map(vec![(), ()], |()| {
            // Returns only when both items have come here.
            barrier.wait();
            rayon::current_num_threads()
        });
        assert_eq!(sizes, [1, 1]);
    }
}
