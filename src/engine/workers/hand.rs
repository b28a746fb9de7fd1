//! Control's way to one worker: a command that finds no room is refused, a close is kept and goes before all that is
//! said later.

use std::collections::VecDeque;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::thread::JoinHandle;

use super::{Order, SendError};
use crate::events;
use crate::ids::LegId;
use crate::media::Command;

/// A worker as control holds it.
#[derive(Debug)]
pub(super) struct Hand {
    pub(super) inbox: Inbox,
    /// Closes that found no room, one for each leg at most: no leg opens here before they are through.
    owed: VecDeque<LegId>,
    pub(super) legs: usize,
    thread: JoinHandle<()>,
    death: Death,
}

/// Whether it is known that the worker has died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Death {
    Unnoticed,
    Noticed,
}

/// The way to a worker.
#[derive(Clone, Debug)]
pub(super) struct Inbox {
    pub(super) orders: SyncSender<Order>,
}

impl Hand {
    pub(super) const fn new(inbox: Inbox, thread: JoinHandle<()>) -> Self {
        Self {
            inbox,
            owed: VecDeque::new(),
            legs: 0,
            thread,
            death: Death::Unnoticed,
        }
    }

    /// Gives a command. Want of room never refuses a close.
    pub(super) fn give(&mut self, leg: LegId, command: Command) -> Result<(), SendError> {
        if command == Command::Close {
            self.owed.push_back(leg);
            return self.press();
        }
        self.press()?;
        if self.owed.is_empty() {
            self.inbox.offer(Order::Command(leg, command))
        } else {
            Err(SendError::Full)
        }
    }

    /// Hands over the closes that found no room, as far as there is some now.
    pub(super) fn press(&mut self) -> Result<(), SendError> {
        while let Some(leg) = self.owed.front() {
            match self.inbox.offer(Order::Command(*leg, Command::Close)) {
                Ok(()) => self.owed.pop_front(),
                Err(SendError::Full) => return Ok(()),
                Err(error) => {
                    self.owed.clear();
                    return Err(error);
                }
            };
        }
        Ok(())
    }

    /// Whether it should be spared new legs: it does not take what it is told, or has died.
    pub(super) fn is_behind(&self) -> bool {
        !self.owed.is_empty() || self.thread.is_finished()
    }

    /// Whether the worker has died; says so once.
    pub(super) fn has_just_died(&mut self) -> bool {
        let is_news = self.death == Death::Unnoticed && self.thread.is_finished();
        if is_news {
            self.death = Death::Noticed;
            events::media_worker_died();
        }
        is_news
    }

    /// Waits until the worker has ended.
    pub(super) fn join(self) {
        drop(self.inbox);
        if self.thread.join().is_err() && self.death == Death::Unnoticed {
            events::media_worker_died();
        }
    }
}

impl Inbox {
    fn offer(&self, order: Order) -> Result<(), SendError> {
        self.orders.try_send(order).map_err(|error| match error {
            TrySendError::Full(_) => SendError::Full,
            TrySendError::Disconnected(_) => SendError::Gone,
        })
    }

    /// The recorder may wait for a worker, because no worker ever waits for the recorder.
    pub(super) fn put(&self, order: Order) {
        // A worker that has ended needs no news.
        drop(self.orders.send(order));
    }
}
