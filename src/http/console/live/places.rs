//! Places of those who listen: so many in all, and so many of one account, of which the oldest makes way for the next.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Those who have a place.
#[derive(Clone, Debug)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    each: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    /// Counts the places that were ever given.
    given: u64,
    /// Of each account, the oldest first.
    by_account: BTreeMap<i64, VecDeque<(u64, Arc<Notify>)>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    account: i64,
    number: u64,
    wanted: Arc<Notify>,
    taken: Arc<Mutex<Taken>>,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    /// So many in all, so many of one account.
    pub(super) fn new(all: usize, each: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            each,
            taken: Arc::default(),
        }
    }

    /// A place; none if all are taken. Of an account that has all of its own, the oldest is told to make way.
    pub(super) fn take(&self, account: i64) -> Option<Place> {
        let permit = Arc::clone(&self.all).try_acquire_owned().ok()?;
        let mut taken = lock(&self.taken);
        taken.given += 1;
        let number = taken.given;
        let wanted = Arc::new(Notify::new());
        let own = taken.by_account.entry(account).or_default();
        own.push_back((number, Arc::clone(&wanted)));
        if own.len() > self.each
            && let Some((_, oldest)) = own.pop_front()
        {
            oldest.notify_one();
        }
        Some(Place {
            account,
            number,
            wanted,
            taken: Arc::clone(&self.taken),
            _permit: permit,
        })
    }
}

impl Place {
    /// Waits until another of the same account wants this place.
    pub(super) async fn wanted(&self) {
        self.wanted.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        if let Some(own) = taken.by_account.get_mut(&self.account) {
            own.retain(|(number, _)| *number != self.number);
            if own.is_empty() {
                taken.by_account.remove(&self.account);
            }
        }
    }
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn is_wanted(place: &Place) -> bool {
        pin!(place.wanted()).poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
    }

    #[test]
    fn the_oldest_of_an_account_makes_way_and_nobody_elses() {
        let places = Places::new(8, 2);
        let other = places.take(7).unwrap();
        let first = places.take(1).unwrap();
        let second = places.take(1).unwrap();
        assert!(!is_wanted(&first));
        let third = places.take(1).unwrap();
        assert!(is_wanted(&first));
        assert!(![&other, &second, &third].into_iter().any(is_wanted));
        // A place that is free again is taken before anybody makes way.
        drop((first, second));
        let fourth = places.take(1).unwrap();
        assert!(![&third, &fourth].into_iter().any(is_wanted));
        drop((third, fourth, other));
        assert!(lock(&places.taken).by_account.is_empty());
    }

    #[test]
    fn where_all_are_taken_nobody_makes_way() {
        let places = Places::new(2, 2);
        let (first, second) = (places.take(1).unwrap(), places.take(1).unwrap());
        assert!(places.take(1).is_none() && places.take(2).is_none());
        assert!(![&first, &second].into_iter().any(is_wanted));
        drop(first);
        assert!(places.take(2).is_some());
    }
}
