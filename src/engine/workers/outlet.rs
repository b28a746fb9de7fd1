//! A worker's way to control: facts that cannot be handed over now are kept, in order, and tried again.

use std::collections::VecDeque;
use std::sync::mpsc::{SyncSender, TrySendError};

use super::Wake;
use crate::ids::LegId;
use crate::media::Fact;

/// Facts that may wait for control. A leg has a few a second at most, so this is control asleep for minutes.
const KEPT_MAX: usize = 16_384;

pub(super) struct Outlet {
    facts: SyncSender<(LegId, Fact)>,
    wake: Wake,
    kept: VecDeque<(LegId, Fact)>,
    lost: u64,
}

impl Outlet {
    pub(super) const fn new(facts: SyncSender<(LegId, Fact)>, wake: Wake) -> Self {
        Self {
            facts,
            wake,
            kept: VecDeque::new(),
            lost: 0,
        }
    }

    /// Takes a fact, to be handed over by the next `flush`. The newest is lost, and counted, when too many wait.
    pub(super) fn tell(&mut self, leg: LegId, fact: Fact) {
        if self.kept.len() < KEPT_MAX {
            self.kept.push_back((leg, fact));
        } else {
            self.lost += 1;
        }
    }

    /// Hands over what control takes, and wakes it once.
    pub(super) fn flush(&mut self) {
        let before = self.kept.len();
        while let Some(fact) = self.kept.pop_front() {
            match self.facts.try_send(fact) {
                Ok(()) => {}
                Err(TrySendError::Full(fact)) => {
                    self.kept.push_front(fact);
                    break;
                }
                Err(TrySendError::Disconnected(_)) => self.lost += 1,
            }
        }
        if before > 0 {
            (self.wake)();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// How many were lost since the last time it was asked.
    pub(super) const fn take_lost(&mut self) -> u64 {
        std::mem::replace(&mut self.lost, 0)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[test]
    fn facts_that_control_does_not_take_now_keep_their_order() {
        let (sender, receiver) = sync_channel(2);
        let wakes = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&wakes);
        let wake: Wake = Arc::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let mut outlet = Outlet::new(sender, wake);
        for play in 0..5 {
            outlet.tell(LegId(1), Fact::PromptDone { play });
        }
        let mut taken = Vec::new();
        while !outlet.is_empty() {
            outlet.flush();
            taken.extend(receiver.try_iter().map(|(_, fact)| fact));
        }
        assert_eq!(taken, [0, 1, 2, 3, 4].map(|play| Fact::PromptDone { play }));
        assert_eq!(wakes.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn too_many_facts_are_lost_and_counted() {
        let (sender, _receiver) = sync_channel(1);
        let mut outlet = Outlet::new(sender, Arc::new(|| {}));
        for _ in 0..KEPT_MAX + 3 {
            outlet.tell(LegId(1), Fact::Opened);
        }
        assert_eq!((outlet.take_lost(), outlet.take_lost()), (3, 0));
    }
}
