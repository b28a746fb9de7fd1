//! Looks at the disk and the database once a second: new calls are held while the disk has too little room or the
//! database is away, and go on by themselves. Whoever tells people of the disk goes by the same look.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Orders;
use crate::config::Settings;
use crate::control::{HoldCause, Order};
use crate::events;
use crate::store::{self, Absence, Disk, Room, Seen, Store, Writing};

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A lock that somebody's tool holds for a moment is not worth an alarm; a claim that meets it is asked again.
const PASSES: Duration = Duration::from_secs(1);

/// What the last look found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Glance {
    /// The disk of the data folder; none if it cannot be measured.
    pub(crate) disk: Option<Seen>,
    /// Why new calls are held for the disk; none while they are not.
    pub(crate) held: Option<String>,
}

impl Glance {
    /// What is free, in words.
    pub(crate) fn room(&self) -> String {
        self.disk.map_or_else(
            || "it cannot be measured".to_owned(),
            |disk| format!("{} MB of {} MB are free", disk.free >> 20, disk.size >> 20),
        )
    }
}

/// The watch over the disk and the database. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct DiskWatch {
    glance: Arc<Mutex<Glance>>,
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl DiskWatch {
    /// Starts the watch; the first look is over when it answers.
    pub(super) fn start(settings: &Settings, store: Store, orders: Orders) -> std::io::Result<Self> {
        let place = &settings.place;
        let disk = Disk::new(&place.data, place.keep_free, place.reserve);
        let glance = Arc::new(Mutex::new(Glance::default()));
        let mut look = Look {
            disk,
            store,
            orders,
            full: Cause::new(HoldCause::DiskFull),
            away: Cause::new(HoldCause::DatabaseAway),
            glance: Arc::clone(&glance),
        };
        look.look();
        let (stop, stopped) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("disk".to_owned())
            .spawn(move || look.go_on(&stopped))?;
        Ok(Self {
            glance,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where what was last seen is left.
    pub(super) fn glance(&self) -> Arc<Mutex<Glance>> {
        Arc::clone(&self.glance)
    }
}

impl Drop for DiskWatch {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that broke down has nothing left to end.
            drop(thread.join());
        }
    }
}

/// The looks.
struct Look {
    disk: Disk,
    store: Store,
    orders: Orders,
    full: Cause,
    away: Cause,
    glance: Arc<Mutex<Glance>>,
}

impl Look {
    fn go_on(&mut self, stopped: &Receiver<()>) {
        while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
            self.look();
        }
    }

    fn look(&mut self) {
        let absence = self.store.absence();
        let seen = self.disk.look(writing(absence.as_ref()));
        match &seen {
            Ok(seen) => self.full.tell(&self.orders, why_of(*seen)),
            Err(error) => events::disk_unread(tracing::field::display(error)),
        }
        *self.glance.lock().unwrap_or_else(PoisonError::into_inner) = Glance {
            disk: seen.ok(),
            held: self.full.told.clone(),
        };
        let lasting = absence.filter(|absence| absence.lasts() >= PASSES);
        self.away
            .tell(&self.orders, lasting.map(|absence| absence.why.to_string()));
    }
}

fn writing(absence: Option<&Absence>) -> Writing {
    match absence {
        Some(absence) if matches!(absence.why, store::Error::DiskFull) => Writing::Full,
        Some(_) | None => Writing::Works,
    }
}

fn why_of(seen: Seen) -> Option<String> {
    match seen.room {
        Room::Enough | Room::Scarce => None,
        Room::Low => Some(format!(
            "the disk of the data folder is full but for what running calls need ({} MB free): free some room",
            seen.free >> 20
        )),
    }
}

/// One cause, and what the control core was told of it.
struct Cause {
    cause: HoldCause,
    told: Option<String>,
}

impl Cause {
    const fn new(cause: HoldCause) -> Self {
        Self { cause, told: None }
    }

    /// Tells a change; what finds no room is told in a second.
    fn tell(&mut self, orders: &Orders, why: Option<String>) {
        let cause = self.cause;
        let order = match (&self.told, &why) {
            (None, Some(why)) => Order::Hold {
                cause,
                why: why.clone(),
            },
            (Some(_), None) => Order::Go { cause },
            (Some(_), Some(_)) | (None, None) => return,
        };
        if orders.give(order).is_ok() {
            self.told = why;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_control_could_not_be_told_is_told_again() {
        let poll = mio::Poll::new().unwrap();
        let (queue, given) = sync_channel(1);
        let orders = Orders {
            queue,
            waker: Arc::new(mio::Waker::new(poll.registry(), mio::Token(0)).unwrap()),
        };
        let mut full = Cause::new(HoldCause::DiskFull);
        full.tell(&orders, Some("full".to_owned()));
        full.tell(&orders, None);
        assert_eq!(full.told.as_deref(), Some("full"));
        assert!(matches!(given.try_recv(), Ok(Order::Hold { .. })));
        full.tell(&orders, None);
        assert!(matches!(given.try_recv(), Ok(Order::Go { .. })));
        assert_eq!(full.told, None);
    }
}
