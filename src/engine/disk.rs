//! Looks at the disk and the database once a second: new calls are held while the disk is nearly full or the database
//! is away, and go on by themselves.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Orders;
use crate::config::Settings;
use crate::control::{HoldCause, Order};
use crate::events;
use crate::store::{self, Absence, Disk, Room, Store, Writing};

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A lock that somebody's tool holds for a moment is not worth an alarm; a claim that meets it is asked again.
const PASSES: Duration = Duration::from_secs(1);

/// The watch over the disk and the database. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct DiskWatch {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl DiskWatch {
    /// Starts the watch.
    pub(super) fn start(settings: &Settings, store: Store, orders: Orders) -> std::io::Result<Self> {
        let place = &settings.place;
        let disk = Disk::new(&place.data, place.keep_free, place.reserve);
        let (stop, stopped) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("disk".to_owned())
            .spawn(move || look_on(disk, &store, &orders, &stopped))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
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

fn look_on(mut disk: Disk, store: &Store, orders: &Orders, stopped: &Receiver<()>) {
    let mut full = Cause::new(HoldCause::DiskFull);
    let mut away = Cause::new(HoldCause::DatabaseAway);
    loop {
        let absence = store.absence();
        match disk.look(writing(absence.as_ref())) {
            Ok(room) => full.tell(orders, why_of(room)),
            Err(error) => events::disk_unread(tracing::field::display(error)),
        }
        let lasting = absence.filter(|absence| absence.lasts() >= PASSES);
        away.tell(orders, lasting.map(|absence| absence.why.to_string()));
        match stopped.recv_timeout(LOOK_EVERY) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn writing(absence: Option<&Absence>) -> Writing {
    match absence {
        Some(absence) if matches!(absence.why, store::Error::DiskFull) => Writing::Full,
        Some(_) | None => Writing::Works,
    }
}

fn why_of(room: Room) -> Option<String> {
    match room {
        Room::Enough => None,
        Room::Low { free } => Some(format!(
            "the disk of the data folder is nearly full ({} MB free): free some room; running calls go on",
            free / 1_000_000
        )),
    }
}

/// One cause, and whether the control core was told of it.
struct Cause {
    cause: HoldCause,
    is_told: bool,
}

impl Cause {
    const fn new(cause: HoldCause) -> Self {
        Self { cause, is_told: false }
    }

    /// Tells a change; what finds no room is told in a second.
    fn tell(&mut self, orders: &Orders, why: Option<String>) {
        let cause = self.cause;
        let order = match why {
            Some(why) if !self.is_told => Order::Hold { cause, why },
            None if self.is_told => Order::Go { cause },
            Some(_) | None => return,
        };
        if orders.give(order).is_ok() {
            self.is_told = !self.is_told;
        }
    }
}
