//! Looks at the disk once a second: new calls are held while it is nearly full, and go on by themselves.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Orders;
use crate::events;
use crate::config::Settings;
use crate::control::{HoldCause, Order};
use crate::store::{self, Disk, Room, Store, Writing};

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The watch over the disk. It ends when it is dropped.
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
    let mut held = false;
    loop {
        let is_full = store
            .absence()
            .is_some_and(|absence| matches!(absence.why, store::Error::DiskFull));
        let writing = if is_full { Writing::Full } else { Writing::Works };
        let order = match disk.look(writing) {
            Ok(Room::Low { free }) if !held => Some(Order::Hold {
                cause: HoldCause::DiskFull,
                why: format!(
                    "the disk of the data folder is nearly full ({} MB free): no new call begins before there is room \
                     again; running calls go on",
                    free / 1_000_000
                ),
            }),
            Ok(Room::Enough) if held => Some(Order::Go {
                cause: HoldCause::DiskFull,
            }),
            Ok(_) => None,
            Err(error) => {
                events::disk_unread(tracing::field::display(error));
                None
            }
        };
        if let Some(order) = order {
            let holds = matches!(order, Order::Hold { .. });
            if orders.give(order).is_ok() {
                held = holds;
            }
        }
        match stopped.recv_timeout(LOOK_EVERY) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
