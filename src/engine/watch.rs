//! What other parts of the daemon may see of the running control core: the present, and the stream of what happens.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;

use super::workers::Counts;
use crate::control::{Snapshot, Told};
use crate::moment::Moment;

/// How many happenings a slow watcher may fall behind before it misses some; nothing waits for a watcher.
const BACKLOG: usize = 4096;

/// Ends of calls by hand that are kept for who missed them: people ask for few at a time.
const ENDS: usize = 256;

/// The control thread's side.
#[derive(Debug)]
pub(super) struct Watch {
    picture: Arc<Mutex<Snapshot>>,
    pulse: Arc<Pulse>,
    told: broadcast::Sender<Told>,
    drained: Drained,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drained {
    No,
    Yes,
}

/// That the control thread lives, what its workers dropped, and what is told once and must not be missed.
#[derive(Debug, Default)]
struct Pulse {
    turned: AtomicU64,
    media: Mutex<Counts>,
    ends: Mutex<VecDeque<Told>>,
}

/// The watchers' side.
#[derive(Clone, Debug)]
pub struct Watcher {
    picture: Arc<Mutex<Snapshot>>,
    pulse: Arc<Pulse>,
    told: broadcast::Sender<Told>,
}

/// Both sides of a new watch.
pub(super) fn watch() -> (Watch, Watcher) {
    let picture = Arc::new(Mutex::new(Snapshot::default()));
    let pulse = Arc::new(Pulse::default());
    let (told, _) = broadcast::channel(BACKLOG);
    let watch = Watch {
        picture: Arc::clone(&picture),
        pulse: Arc::clone(&pulse),
        told: told.clone(),
        drained: Drained::No,
    };
    (watch, Watcher { picture, pulse, told })
}

impl Watch {
    pub(super) fn picture(&self, snapshot: Snapshot) {
        *self.picture.lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }

    /// The loop turns.
    pub(super) fn turned(&self, now: Moment) {
        self.pulse.turned.store(now.nanos(), Ordering::Relaxed);
    }

    pub(super) fn media(&self, counts: Counts) {
        *self.pulse.media.lock().unwrap_or_else(PoisonError::into_inner) = counts;
    }

    pub(super) fn tell(&mut self, told: Told) {
        if told == Told::Drained {
            self.drained = Drained::Yes;
        }
        if ends_a_call(&told, None) {
            // Before it is told: who missed it finds it here.
            let mut ends = self.pulse.ends.lock().unwrap_or_else(PoisonError::into_inner);
            if ends.len() >= ENDS {
                ends.pop_front();
            }
            ends.push_back(told.clone());
        }
        // Without a watcher there is nobody to tell.
        drop(self.told.send(told));
    }

    pub(super) fn drained(&self) -> bool {
        self.drained == Drained::Yes
    }
}

impl Watcher {
    /// The present, at most a quarter of a second old.
    pub fn snapshot(&self) -> Snapshot {
        self.picture.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A part of the same, without a copy of the rest.
    pub fn look<T>(&self, part: impl FnOnce(&Snapshot) -> T) -> T {
        part(&self.picture.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// When the control thread last turned; it does so every quarter of a second at the least. One that hangs in
    /// anything stands still here.
    pub fn turned_at(&self) -> Moment {
        Moment::from_nanos(self.pulse.turned.load(Ordering::Relaxed))
    }

    /// What the media workers dropped so far, at most a quarter of a second old.
    pub fn media(&self) -> Counts {
        *self.pulse.media.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The end of a call by hand, among the latest ones, for a watcher who fell so far behind that it was missed: that of
    /// the call, or of the daemon.
    pub(super) fn missed(&self, token: u64) -> Option<Told> {
        let ends = self.pulse.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.iter().find(|told| ends_a_call(told, Some(token))).cloned()
    }

    /// Everything that happens from now on.
    pub fn follow(&self) -> broadcast::Receiver<Told> {
        self.told.subscribe()
    }
}

/// Whether nothing more is told of a call by hand after this: of this one, or of any.
fn ends_a_call(told: &Told, token: Option<u64>) -> bool {
    let ended = match Some(told) {
        Some(Told::Ended { who, .. }) => who.token,
        Some(Told::HandCallFailed { token, .. }) => Some(*token),
        Some(_) | None => None,
    };
    *told == Told::Drained || ended.is_some_and(|ended| token.is_none_or(|token| token == ended))
}
