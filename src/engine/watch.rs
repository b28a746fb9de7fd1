//! What other parts of the daemon may see of the running control core: the present, and the stream of what happens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;

use crate::control::{Snapshot, Told};

/// How many happenings a slow watcher may fall behind before it misses some; nothing waits for a watcher.
const BACKLOG: usize = 4096;

/// The control thread's side.
#[derive(Debug)]
pub(super) struct Watch {
    picture: Arc<Mutex<Snapshot>>,
    told: broadcast::Sender<Told>,
    turns: Arc<AtomicU64>,
    drained: Drained,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drained {
    No,
    Yes,
}

/// The watchers' side.
#[derive(Clone, Debug)]
pub struct Watcher {
    picture: Arc<Mutex<Snapshot>>,
    told: broadcast::Sender<Told>,
    turns: Arc<AtomicU64>,
}

/// Both sides of a new watch.
pub(super) fn watch() -> (Watch, Watcher) {
    let picture = Arc::new(Mutex::new(Snapshot::default()));
    let (told, _) = broadcast::channel(BACKLOG);
    let turns = Arc::new(AtomicU64::new(0));
    let watch = Watch {
        picture: Arc::clone(&picture),
        told: told.clone(),
        turns: Arc::clone(&turns),
        drained: Drained::No,
    };
    (watch, Watcher { picture, told, turns })
}

impl Watch {
    /// The control thread has come round once more.
    pub(super) fn turn(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn picture(&self, snapshot: Snapshot) {
        *self.picture.lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }

    pub(super) fn tell(&mut self, told: Told) {
        if told == Told::Drained {
            self.drained = Drained::Yes;
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

    /// How often the control thread has come round: at least four times a second while it lives. One that hangs in
    /// anything stands still here.
    pub fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    /// Everything that happens from now on.
    pub fn follow(&self) -> broadcast::Receiver<Told> {
        self.told.subscribe()
    }
}
