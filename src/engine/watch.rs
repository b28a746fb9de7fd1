//! What other parts of the daemon may see of the running control core: the present, and the stream of what happens.

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
}

/// Both sides of a new watch.
pub(super) fn watch() -> (Watch, Watcher) {
    let picture = Arc::new(Mutex::new(Snapshot::default()));
    let (told, _) = broadcast::channel(BACKLOG);
    let watch = Watch {
        picture: Arc::clone(&picture),
        told: told.clone(),
        drained: Drained::No,
    };
    (watch, Watcher { picture, told })
}

impl Watch {
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

    /// Everything that happens from now on.
    pub fn follow(&self) -> broadcast::Receiver<Told> {
        self.told.subscribe()
    }
}
