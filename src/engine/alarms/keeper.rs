//! Writes alarms down. While the database is away they wait in order; of too many the oldest go.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::mpsc;

use super::Notice;
use crate::store::{AlarmRecord, Error, Store};

/// So many wait for the database at most.
const WAITING: usize = 1_000;
/// How soon a write that failed is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// Runs until nobody is left who raises alarms, or the store is closed.
pub(super) async fn run(store: Store, mut changes: mpsc::Receiver<Notice>) {
    let mut waiting: VecDeque<AlarmRecord> = VecDeque::new();
    loop {
        let Some(record) = waiting.front() else {
            match changes.recv().await {
                Some(notice) => waiting.push_back(record_of(notice)),
                None => return,
            }
            continue;
        };
        match store.note_alarm(record.clone()).await {
            Ok(()) => drop(waiting.pop_front()),
            Err(Error::Closed) => return,
            Err(_) => {
                // The board shows it meanwhile; what was raised since then waits behind it.
                tokio::time::sleep(AGAIN).await;
                while let Ok(notice) = changes.try_recv() {
                    if waiting.len() >= WAITING {
                        waiting.pop_front();
                    }
                    waiting.push_back(record_of(notice));
                }
            }
        }
    }
}

fn record_of(notice: Notice) -> AlarmRecord {
    AlarmRecord {
        alarm: notice.id,
        severity: notice.severity.as_str().to_owned(),
        subject: notice.subject,
        raised_at: notice.since,
        cleared_at: notice.until,
        detail: notice.detail,
    }
}
