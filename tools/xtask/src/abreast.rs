//! Pieces of work that run side by side.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does `work` for each of `items`, as many at a time as this machine has cores. They begin in their
/// order, and so are the results.
///
/// # Panics
/// Where `work` does.
pub(crate) fn abreast<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    thread::scope(|scope| {
        for _ in 0..cores.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(item);
                    done.lock().expect("pushing does not panic").push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("pushing does not panic");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::abreast;

    #[test]
    fn results_come_in_the_order_of_the_items_and_each_item_is_done_once() {
        let calls = AtomicUsize::new(0);
        let items: Vec<u64> = (0..20).collect();
        let results = abreast(&items, |item| {
            calls.fetch_add(1, Ordering::Relaxed);
            // The first take the longest.
            std::thread::sleep(Duration::from_millis(20 - item));
            item * item
        });
        assert_eq!(results, items.iter().map(|item| item * item).collect::<Vec<_>>());
        assert_eq!(calls.into_inner(), items.len());
        assert_eq!(abreast(&[0; 0], |_| ()), []);
    }
}
