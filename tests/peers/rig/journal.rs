//! What a peer said, in order, for as many readers as like: lines of a process, events of a phone.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A growing list that can be waited on. Clones share it.
#[derive(Debug)]
pub(crate) struct Journal<T> {
    shared: Arc<(Mutex<Pages<T>>, Condvar)>,
}

#[derive(Debug)]
struct Pages<T> {
    entries: Vec<T>,
    has_ended: bool,
}

impl<T> Clone for Journal<T> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T: Clone> Journal<T> {
    pub(crate) fn new() -> Self {
        Self {
            shared: Arc::new((
                Mutex::new(Pages {
                    entries: Vec::new(),
                    has_ended: false,
                }),
                Condvar::new(),
            )),
        }
    }

    pub(crate) fn push(&self, entry: T) {
        self.shared
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entries
            .push(entry);
        self.shared.1.notify_all();
    }

    /// Nothing will be added any more.
    pub(crate) fn end(&self) {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner).has_ended = true;
        self.shared.1.notify_all();
    }

    /// Everything so far.
    pub(crate) fn all(&self) -> Vec<T> {
        self.shared
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entries
            .clone()
    }

    /// How much has been said; a place to wait from.
    pub(crate) fn len(&self) -> usize {
        self.shared
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entries
            .len()
    }

    /// The first entry from place `from` on that is wanted, and the place behind it. `None` when the limit passes or
    /// the journal ends first.
    pub(crate) fn wait(
        &self,
        from: usize,
        limit: Duration,
        mut is_wanted: impl FnMut(&T) -> bool,
    ) -> Option<(T, usize)> {
        let deadline = deadline(limit);
        let mut place = from;
        let mut pages = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            while let Some(entry) = pages.entries.get(place) {
                place += 1;
                if is_wanted(entry) {
                    return Some((entry.clone(), place));
                }
            }
            let left = remaining(deadline)?;
            if pages.has_ended {
                return None;
            }
            pages = self
                .shared
                .1
                .wait_timeout(pages, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Waits for the end; false when the limit passes first.
    pub(crate) fn wait_for_end(&self, limit: Duration) -> bool {
        let pages = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.shared.1.wait_timeout_while(pages, limit, |pages| !pages.has_ended);
        waited.unwrap_or_else(PoisonError::into_inner).0.has_ended
    }
}

/// This moment.
#[expect(
    clippy::disallowed_methods,
    reason = "peers live in real time; this file holds their only clock"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A moment that far from now.
#[expect(
    clippy::disallowed_methods,
    reason = "peers live in real time; this file holds their only clock"
)]
pub(crate) fn deadline(limit: Duration) -> Instant {
    Instant::now() + limit
}

/// What is left until a deadline; `None` when it has passed.
#[expect(
    clippy::disallowed_methods,
    reason = "peers live in real time; this file holds their only clock"
)]
pub(crate) fn remaining(deadline: Instant) -> Option<Duration> {
    deadline
        .checked_duration_since(Instant::now())
        .filter(|left| !left.is_zero())
}
